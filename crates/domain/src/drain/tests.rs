use super::*;
use crate::fakes::{Env, FakeInvoices, FakeMail, FakeStore, enrolment_email, later, purchase, refused};
use crate::ports::Repeats;
use crate::{PaymentStatus, Status};
use futures::executor::block_on;

struct World {
    store: FakeStore,
    invoices: FakeInvoices,
    mail: FakeMail,
    env: Env,
}

impl World {
    fn owing(payloads: impl IntoIterator<Item = Payload>) -> Self {
        let store = FakeStore::default();
        for (number, payload) in payloads.into_iter().enumerate() {
            store.add(Status::Active, PaymentStatus::Paid);
            store.owe(i64::try_from(number).unwrap() + 1, payload);
        }
        Self { store, invoices: FakeInvoices::default(), mail: FakeMail::default(), env: Env::new() }
    }

    fn run(&self, limits: Limits) -> Counts {
        block_on(deliver_due(&self.store, &self.invoices, &self.mail, &self.env, limits)).unwrap()
    }

    fn held(&self) -> usize {
        self.store.outbox.borrow().iter().filter(|row| row.leased).count()
    }
}

fn mails(number: usize) -> impl Iterator<Item = Payload> {
    std::iter::repeat_with(enrolment_email).take(number)
}

fn invoices(number: usize) -> impl Iterator<Item = Payload> {
    std::iter::repeat_with(|| Payload::Invoice(purchase())).take(number)
}

#[test]
fn one_poisoned_job_does_not_stop_999_good_ones() {
    let world = World::owing(mails(1000));
    world.mail.script.borrow_mut().extend((0..7).map(|_| Ok(())));
    world.mail.script.borrow_mut().push_back(Err(refused()));
    assert_eq!(world.run(Limits::RUN), Counts { delivered: 999, put_off: 0, given_up: 1 });
    assert!(world.store.row(7).dead());
    assert_eq!(world.held(), 0);
    assert_eq!(world.run(Limits::RUN), Counts::default(), "nothing is left");
}

#[test]
fn an_invoice_brings_its_mail_along() {
    let world = World::owing(invoices(1));
    assert_eq!(world.run(Limits::RUN), Counts { delivered: 2, put_off: 0, given_up: 0 });
    assert_eq!(world.mail.sent.borrow().len(), 1);
    assert_eq!(world.held(), 0);
}

#[test]
fn a_run_asks_for_so_many_invoices_and_lets_the_others_go() {
    let world = World::owing(invoices(5));
    let counts = world.run(Limits { invoices: 2, ..Limits::RUN });
    assert_eq!(counts.delivered, 4);
    assert_eq!(world.invoices.created.borrow().iter().map(|(id, _)| *id).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(world.held(), 0);
    assert_eq!(world.store.row(4).job.attempts, 0, "as if it had not been claimed");
    assert_eq!(world.run(Limits::RUN).delivered, 0, "not before the first run's end");
    world.env.advance(chrono::TimeDelta::seconds(20));
    assert_eq!(world.run(Limits::RUN).delivered, 6);
}

#[test]
fn a_run_looks_at_so_many_jobs() {
    let world = World::owing(mails(50));
    assert_eq!(world.run(Limits { jobs: 30, ..Limits::RUN }).delivered, 30);
    assert_eq!(world.run(Limits::RUN).delivered, 20);
}

#[test]
fn a_system_out_of_reach_is_asked_once() {
    let world = World::owing(invoices(3).chain(mails(3)));
    world.invoices.create.borrow_mut().push_back(Err(later(true)));
    world.mail.script.borrow_mut().push_back(Err(later(true)));
    assert_eq!(world.run(Limits::RUN), Counts { delivered: 0, put_off: 2, given_up: 0 });
    assert_eq!(world.invoices.created.borrow().len(), 1);
    assert_eq!(world.mail.sent.borrow().len(), 1);
    assert_eq!(world.held(), 0);
}

#[test]
fn one_unlucky_job_does_not_make_a_system_unreachable() {
    let world = World::owing(invoices(3));
    world.invoices.create.borrow_mut().push_back(Err(later(false)));
    assert_eq!(world.run(Limits::RUN), Counts { delivered: 4, put_off: 1, given_up: 0 });
}

#[test]
fn a_mail_that_waits_for_its_relay_is_not_tried_behind_its_invoice() {
    let world = World::owing(mails(1).chain(invoices(1)));
    world.mail.script.borrow_mut().push_back(Err(later(true)));
    assert_eq!(world.run(Limits::RUN), Counts { delivered: 1, put_off: 1, given_up: 0 });
    assert_eq!(world.held(), 0);
}

/// A relay that takes its time.
struct Slow<'a>(&'a Env, chrono::TimeDelta);

impl Mail for Slow<'_> {
    fn repeats(&self) -> Repeats {
        Repeats::Sent
    }

    async fn send(&self, _: &crate::letter::Letter) -> Result<(), crate::outbox::Failure> {
        self.0.advance(self.1);
        Ok(())
    }
}

#[test]
fn a_run_ends_in_time() {
    // None is begun 20 s after the run began, or later.
    for (seconds, delivered) in [(8, 3), (10, 2)] {
        let world = World::owing(mails(10));
        let slow = Slow(&world.env, chrono::TimeDelta::seconds(seconds));
        let counts = block_on(deliver_due(&world.store, &world.invoices, &slow, &world.env, Limits::RUN)).unwrap();
        assert_eq!(counts.delivered, delivered);
        assert_eq!(world.held(), 0);
    }
}

#[test]
fn a_database_that_fails_ends_the_run() {
    let world = World::owing(mails(1));
    world.store.down.set(true);
    block_on(deliver_due(&world.store, &world.invoices, &world.mail, &world.env, Limits::RUN)).unwrap_err();
}
