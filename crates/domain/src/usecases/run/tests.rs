mod events;
mod outages;
mod records;

use super::*;
use crate::fakes::{
    Directory, Env, FakeInvoices, FakeMail, FakeStore, FakeWebhooks, Fakes, correction, enrolment_email, issued, later,
    out_of_reach, purchase, refused, silent, start, terms,
};
use crate::jobs::outbox::Failure;
use crate::jobs::{KsefNumber, Payload};
use crate::model::invoice::{Created, Document, Found};
use crate::model::mail::MailKind;
use crate::model::terms::{Account, Terms};
use crate::ports::Order;
use crate::ports::Repeats;
use crate::ports::{Invoices, Mail, Users};
use crate::{PaymentStatus, Status};
use futures::executor::block_on;

struct World {
    store: FakeStore,
    directory: Directory,
    invoices: FakeInvoices,
    mail: FakeMail,
    /// Without a receiver by default.
    webhooks: FakeWebhooks,
    env: Env,
}

impl World {
    fn with_jobs(payloads: impl IntoIterator<Item = Payload>) -> Self {
        let store = FakeStore::default();
        for (number, payload) in payloads.into_iter().enumerate() {
            store.add(Status::Active, PaymentStatus::Paid);
            store.enqueue(i64::try_from(number).unwrap() + 1, payload);
        }
        let (directory, env) = (Directory::with_price(199.99), Env::new());
        let (invoices, mail) = (FakeInvoices::default(), FakeMail::default());
        Self { store, directory, invoices, mail, webhooks: FakeWebhooks { deaf: true, ..FakeWebhooks::default() }, env }
    }

    fn run(&self, limits: Limits) -> Counts {
        self.try_run(&self.directory, &self.invoices, &self.mail, limits).unwrap()
    }

    fn run_with(&self, invoices: &impl Invoices, mail: &impl Mail) -> Counts {
        self.try_run(&self.directory, invoices, mail, Limits::RUN).unwrap()
    }

    fn try_run(
        &self,
        users: &impl Users,
        invoices: &impl Invoices,
        mail: &impl Mail,
        limits: Limits,
    ) -> Result<Counts, Unavailable> {
        block_on(deliver_due(&self.ports(users, invoices, mail), limits))
    }

    fn ports<'a, U, I, M>(&'a self, users: &'a U, invoices: &'a I, mail: &'a M) -> Fakes<'a, U, I, M> {
        let Self { store, directory, webhooks, env, .. } = self;
        let (invoices, mail, webhooks) = (Some(invoices), Some(mail), Some(webhooks));
        Fakes { store, users, courses: directory, invoices, mail, webhooks, env }
    }

    /// Makes the jobs due one after the other, the last one first.
    fn last_first(&self) {
        for (number, row) in self.store.outbox.borrow_mut().iter_mut().enumerate() {
            row.due_at -= chrono::TimeDelta::seconds(i64::try_from(number).unwrap());
        }
    }

    fn held(&self) -> usize {
        self.store.outbox.borrow().iter().filter(|row| row.leased).count()
    }
}

fn mails(number: usize) -> impl Iterator<Item = Payload> {
    std::iter::repeat_with(enrolment_email).take(number)
}

fn payment_mails(number: usize) -> impl Iterator<Item = Payload> {
    let payload = || purchase().email(None);
    std::iter::repeat_with(payload).take(number)
}

fn invoices(number: usize) -> impl Iterator<Item = Payload> {
    std::iter::repeat_with(|| Payload::Invoice(purchase())).take(number)
}

#[test]
fn one_poisoned_job_does_not_stop_999_good_ones() {
    let world = World::with_jobs(mails(1000));
    world.mail.script.borrow_mut().extend((0..7).map(|_| Ok(())));
    world.mail.script.borrow_mut().push_back(Err(refused()));
    assert_eq!(world.run(Limits::RUN), Counts { delivered: 999, put_off: 0, given_up: 1 });
    assert!(world.store.row(7).dead());
    assert_eq!(world.held(), 0);
    assert_eq!(world.run(Limits::RUN), Counts::default(), "nothing is left");
}

#[test]
fn a_run_delivers_an_invoice_and_its_mail() {
    let world = World::with_jobs(invoices(1));
    assert_eq!(world.run(Limits::RUN), Counts { delivered: 2, put_off: 0, given_up: 0 });
    assert_eq!(world.mail.sent.borrow().len(), 1);
    assert_eq!(world.held(), 0);
}

#[test]
fn a_run_has_a_limit_of_invoices_and_gives_the_others_back() {
    let world = World::with_jobs(invoices(5));
    let limits = limits(|target| if target == Target::Invoices { 2 } else { target.jobs_per_run() });
    let counts = world.run(limits);
    assert_eq!(counts.delivered, 4);
    assert_eq!(world.invoices.ordered(), [1, 2]);
    assert_eq!(world.held(), 0);
    assert_eq!(world.store.row(4).job.attempts, 0, "given back");
    assert_eq!(world.store.row(4).due_at, start(), "due since the same time");
    assert_eq!(world.run(Limits::RUN).delivered, 6);
}

#[test]
fn a_run_has_a_limit_of_jobs() {
    let world = World::with_jobs(mails(50));
    assert_eq!(world.run(limits(|_| 30)).delivered, 30);
    assert_eq!(world.run(Limits::RUN).delivered, 20);
}

#[test]
fn an_unreachable_system_gets_one_request() {
    let world = World::with_jobs(invoices(3).chain(mails(3)));
    world.invoices.create.borrow_mut().push_back(Err(out_of_reach()));
    world.mail.script.borrow_mut().push_back(Err(out_of_reach()));
    assert_eq!(world.run(Limits::RUN), Counts { delivered: 0, put_off: 2, given_up: 0 });
    assert_eq!(world.invoices.created.borrow().len(), 1);
    assert_eq!(world.mail.sent.borrow().len(), 1);
    assert_eq!(world.held(), 0);
}

#[test]
fn one_failed_job_does_not_pause_a_system() {
    let world = World::with_jobs(invoices(3));
    world.invoices.create.borrow_mut().push_back(Err(later()));
    assert_eq!(world.run(Limits::RUN), Counts { delivered: 4, put_off: 1, given_up: 0 });
}

#[test]
fn a_mail_is_not_tried_after_its_invoice_if_the_relay_is_down() {
    let world = World::with_jobs(mails(1).chain(invoices(1)));
    world.mail.script.borrow_mut().push_back(Err(out_of_reach()));
    assert_eq!(world.run(Limits::RUN), Counts { delivered: 1, put_off: 1, given_up: 0 });
    assert_eq!(world.held(), 0);
}

/// Limits with other numbers of jobs.
fn limits(jobs: fn(Target) -> u32) -> Limits {
    Limits { jobs, ..Limits::RUN }
}

/// A system that needs some time, and then succeeds or does not answer.
struct Slow<'a> {
    env: &'a Env,
    takes: chrono::TimeDelta,
    answers: bool,
    asked: std::cell::Cell<u32>,
    terms: Terms,
}

impl<'a> Slow<'a> {
    fn new(world: &'a World, seconds: i64, answers: bool) -> Self {
        Self { env: &world.env, takes: chrono::TimeDelta::seconds(seconds), answers, asked: 0.into(), terms: terms() }
    }

    fn ask(&self) -> Result<(), Failure> {
        self.asked.set(self.asked.get() + 1);
        self.env.advance(self.takes);
        if self.answers { Ok(()) } else { Err(silent()) }
    }
}

impl Mail for Slow<'_> {
    fn is_off(&self, _: MailKind) -> bool {
        false
    }

    fn repeats(&self) -> Repeats {
        Repeats::Sent
    }

    async fn send(&self, _: &crate::model::email::Email) -> Result<(), Failure> {
        self.ask()
    }

    async fn check(&self) -> Result<(), Failure> {
        self.ask()
    }
}

impl Invoices for Slow<'_> {
    fn account(&self) -> &Account {
        &self.terms.account
    }

    fn terms(&self) -> Result<Terms, Unavailable> {
        Ok(self.terms.clone())
    }

    async fn create(&self, order: &Order<'_>) -> Result<Created, Failure> {
        self.ask().map(|()| Created::Issued(Document { url: None, ..issued(order, 1) }.into()))
    }

    async fn find(&self, _: &Order<'_>) -> Result<Vec<Found>, Failure> {
        self.ask().map(|()| Vec::new())
    }

    async fn listed(
        &self,
        _: crate::model::check::Listing<'_>,
    ) -> Result<Vec<crate::model::check::ListedDocument>, Failure> {
        Err(crate::fakes::out_of_reach())
    }

    async fn look_at_ksef(&self, _: i64) -> Result<crate::model::ksef::Look, Failure> {
        self.ask().map(|()| crate::fakes::look("processing", None))
    }

    async fn send_to_ksef(&self, id: i64) -> Result<crate::model::ksef::Look, Failure> {
        self.look_at_ksef(id).await
    }

    fn limit_to(&self, _: std::time::Duration) {}
}

impl Users for Slow<'_> {
    async fn user(&self, _: &crate::UserId) -> Result<Option<crate::User>, crate::LookUpError> {
        match self.ask() {
            Ok(()) => Ok(Some(crate::fakes::user())),
            Err(_) => Err(crate::fakes::down(crate::System::Users).into()),
        }
    }
}

#[test]
fn a_run_ends_in_time() {
    // None is begun 20 s after the run began, or later.
    for (seconds, delivered) in [(8, 3), (10, 2)] {
        let world = World::with_jobs(mails(10));
        let slow = Slow::new(&world, seconds, true);
        assert_eq!(world.run_with(&world.invoices, &slow).delivered, delivered);
        assert_eq!(world.held(), 0);
    }
}

#[test]
fn a_silent_invoicing_service_delays_no_mail() {
    // All invoices are longer due than all mails.
    let world = World::with_jobs(payment_mails(10).chain(mails(10)).chain(invoices(60)));
    world.last_first();
    let silent = Slow::new(&world, 10, false);
    assert_eq!(world.run_with(&silent, &world.mail), Counts { delivered: 20, put_off: 1, given_up: 0 });
    assert_eq!(silent.asked.get(), 1, "a timeout is enough for one run");
    assert_eq!(world.held(), 0);
    let untried: Vec<_> = (20..79).map(|index| world.store.row(index)).collect();
    assert!(untried.iter().all(|row| row.job.attempts == 0 && row.failed.is_none()));
    assert!(untried.windows(2).all(|pair| pair[0].due_at > pair[1].due_at), "the order is kept");

    // The system works again: the longest due jobs come first. The unknown one is not due yet.
    assert_eq!(world.run(Limits::RUN).delivered, 48, "24 invoices and their mails");
    assert_eq!(world.invoices.ordered(), (56..80).rev().collect::<Vec<_>>());
}

#[test]
fn missing_ksef_numbers_delay_no_invoice() {
    // All documents that wait for their number are due longer than all invoices.
    let number = |vendor_id| KsefNumber { vendor_id, ..crate::fakes::ksef_number() };
    let world = World::with_jobs(invoices(30).chain((1..=100).map(|id| Payload::KsefNumber(number(id)))));
    world.last_first();
    world.invoices.looks.borrow_mut().extend((0..200).map(|_| Ok(crate::fakes::look("processing", None))));
    for so_far in [24, 30] {
        let counts = world.run(Limits::RUN);
        assert_eq!((world.invoices.ordered().len(), counts.put_off), (so_far, Target::Ksef.jobs_per_run()));
        assert_eq!(world.held(), 0);
    }
}

#[test]
fn a_silent_relay_delays_no_invoice() {
    // All mails are due longer than all invoices.
    let world = World::with_jobs(invoices(10).chain(payment_mails(30)).chain(mails(30)));
    world.last_first();
    let silent = Slow::new(&world, 10, false);
    assert_eq!(world.run_with(&world.invoices, &silent), Counts { delivered: 10, put_off: 1, given_up: 0 });
    assert_eq!(silent.asked.get(), 1);
    assert_eq!(world.held(), 0, "also the mails that follow from the invoices");

    // The relay works again: all mails are sent except the unknown one, which is not due yet.
    assert_eq!(world.run(Limits::RUN), Counts { delivered: 69, put_off: 0, given_up: 0 });
    world.env.advance(chrono::TimeDelta::seconds(10));
    assert_eq!(world.run(Limits::RUN).delivered, 1);
}

#[test]
fn an_outage_of_a_relay_without_keys_leaves_few_unknown_mails() {
    let mut world = World::with_jobs(mails(50));
    world.mail.forgetful = true;
    world.mail.down.set(true);
    for run in 1..=5 {
        assert_eq!(world.run(Limits::RUN), Counts { delivered: 0, put_off: 1, given_up: 0 });
        // The relay is paused, the second time also in later runs.
        world.env.advance(chrono::TimeDelta::minutes(run));
        let doubtful = (0..50).filter(|index| world.store.row(*index).job.unknown_since.is_some()).count();
        assert!((1..=usize::try_from(run).unwrap()).contains(&doubtful), "{doubtful} after {run} runs");
    }
    world.mail.down.set(false);
    world.env.advance(chrono::TimeDelta::hours(1));
    assert_eq!(world.run(Limits::RUN), Counts { delivered: 50, put_off: 0, given_up: 0 });
}

#[test]
fn a_database_that_fails_ends_the_run() {
    let world = World::with_jobs(mails(1));
    world.store.down.set(true);
    world.try_run(&world.directory, &world.invoices, &world.mail, Limits::RUN).unwrap_err();
}

#[test]
fn a_job_that_cannot_be_finished_stops_no_other() {
    let world = World::with_jobs(invoices(1).chain(mails(5)));
    world.store.unfinishable.borrow_mut().push(1);
    assert_eq!(world.run(Limits::RUN), Counts { delivered: 5, put_off: 1, given_up: 0 });
    assert_eq!(world.held(), 0);
}

#[test]
fn a_job_whose_result_cannot_be_stored_stops_no_other() {
    let world = World::with_jobs(mails(5).chain(invoices(5)));
    world.store.unwritable.borrow_mut().extend([2, 7]);
    assert_eq!(world.run(Limits::RUN), Counts { delivered: 12, put_off: 2, given_up: 0 });
    assert_eq!(world.held(), 2, "until their leases end");
    let noted = ["enrolment_email:2: value too long", "invoice:7: value too long"];
    assert_eq!(world.env.noted.borrow().iter().filter(|line| noted.contains(&line.as_str())).count(), 2);
}

#[test]
fn a_run_removes_old_keys_and_prunes_only_if_a_retention_is_set() {
    let world = World::with_jobs(mails(1));
    world.store.reserve();
    world.env.advance(TimeDelta::days(2));
    let run = |keep| block_on(super::run(&world.ports(&world.directory, &world.invoices, &world.mail), keep));
    assert_eq!(run(None), Ok(Counts { delivered: 1, put_off: 0, given_up: 0 }));
    assert_eq!((world.store.keys.borrow().len(), world.store.pruned.get()), (0, None));
    assert_eq!(run(Some(TimeDelta::days(1))), Ok(Counts::default()));
    assert_eq!(world.store.pruned.get(), Some(start() + TimeDelta::days(1)));
    assert_eq!(*world.store.ended.borrow(), [(Schedule::Deliveries, world.env.now()); 2]);
    world.store.down.set(true);
    assert!(run(None).is_err());
}

#[test]
fn a_system_that_cannot_be_used_stops_no_other() {
    let world = World::with_jobs(mails(3).chain(invoices(3)));
    let ports = Fakes { invoices: None, ..world.ports(&world.directory, &world.invoices, &world.mail) };
    assert_eq!(block_on(deliver_due(&ports, Limits::RUN)), Ok(Counts { delivered: 3, put_off: 1, given_up: 0 }));
    assert_eq!(
        world.store.row(3).reason().map(|reason| reason.code),
        Some(crate::model::reason::ReasonCode::Configuration)
    );
    assert_eq!(world.held(), 0);
}
