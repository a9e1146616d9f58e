use super::*;
use crate::fakes::{
    Env, FakeInvoices, FakeMail, FakeStore, RECOGNISED, URL, enrolment_email, job, later, purchase, refused, start,
    unknown,
};
use crate::{EnrolmentId, PaymentStatus, Status};
use futures::executor::block_on;

/// An invoice job that is held, and the world it is delivered in.
struct World {
    store: FakeStore,
    invoices: FakeInvoices,
    mail: FakeMail,
    env: Env,
}

impl World {
    fn new(payload: Payload) -> Self {
        let store = FakeStore::default();
        store.add(Status::Active, PaymentStatus::Paid);
        store.owe(1, payload);
        let world = Self { store, invoices: FakeInvoices::default(), mail: FakeMail::default(), env: Env::new() };
        world.env.advance(TimeDelta::zero());
        world
    }

    fn claim(&self) -> Job {
        let lease = crate::ports::new_lease(&self.env);
        block_on(self.store.claim(&lease, 1, self.env.now())).unwrap().remove(0)
    }

    fn invoice(&self) -> (Fate, Option<Invoiced>) {
        let job = self.claim();
        block_on(deliver_invoice(&self.store, &self.invoices, &self.env, &job, &purchase())).unwrap()
    }

    fn mail(&self) -> Fate {
        let job = self.claim();
        block_on(deliver_mail(&self.store, &self.mail, &self.env, &job)).unwrap()
    }

    fn url(&self) -> Option<String> {
        block_on(crate::ports::Enrolments::get(&self.store, EnrolmentId::new(1).unwrap())).unwrap().unwrap().invoice_url
    }

    fn unknown_since(&self) -> Option<DateTime<Utc>> {
        self.store.row(0).job.unknown_since
    }
}

fn invoicing() -> World {
    World::new(Payload::Invoice(purchase()))
}

fn found(gross: f64) -> Found {
    Found { gross: Money::from_float(gross), url: Some("https://account.example/invoice/found".to_owned()) }
}

const PUT_OFF: Fate = Fate::PutOff { whole_system: false };

#[test]
fn an_issued_invoice_is_linked_and_its_mail_owed() {
    let world = invoicing();
    let (fate, invoiced) = world.invoice();
    assert_eq!(fate, Fate::Delivered);
    let invoiced = invoiced.unwrap();
    assert_eq!(invoiced.url.as_deref(), Some(URL));
    assert_eq!(world.url().as_deref(), Some(URL));
    assert!(world.store.row(0).done && !world.store.row(1).done);
    let Payload::PaymentEmail { recipient, course_name, invoice_url } = &invoiced.mail.payload else {
        panic!("{:?}", invoiced.mail.payload)
    };
    assert_eq!((recipient, course_name.as_str()), (&purchase().buyer, "Rust"));
    assert_eq!(invoice_url.as_deref(), Some(URL));
    assert_eq!(*world.invoices.created.borrow(), [(1, "2026-06-01".to_owned())]);
    assert_eq!(world.invoices.looked_up.get(), 0);
}

#[test]
fn an_invoice_that_was_refused_is_dead() {
    let world = invoicing();
    world.invoices.create.borrow_mut().push_back(Err(refused()));
    assert_eq!(world.invoice(), (Fate::GivenUp, None));
    assert!(world.store.row(0).dead());
    assert_eq!(world.url(), None);
}

#[test]
fn what_may_have_been_issued_is_looked_up_first() {
    let world = invoicing();
    world.invoices.create.borrow_mut().push_back(Err(unknown()));
    assert_eq!(world.invoice(), (PUT_OFF, None));
    assert_eq!(world.unknown_since(), Some(start()));

    world.env.advance(TimeDelta::seconds(10));
    world.invoices.find.borrow_mut().push_back(Ok(vec![found(1.0), found(199.99)]));
    let (fate, invoiced) = world.invoice();
    assert_eq!(fate, Fate::Delivered);
    assert_eq!(invoiced.unwrap().url.as_deref(), Some("https://account.example/invoice/found"));
    assert_eq!(world.invoices.created.borrow().len(), 1, "asked for once only");
}

#[test]
fn only_after_the_grace_does_not_found_mean_not_issued() {
    let world = invoicing();
    world.invoices.create.borrow_mut().push_back(Err(unknown()));
    world.invoice();
    world.env.advance(GRACE - TimeDelta::seconds(1));
    assert_eq!(world.invoice().0, PUT_OFF);
    assert_eq!(world.invoices.created.borrow().len(), 1);
    assert_eq!(world.unknown_since(), Some(start()), "since the first doubt");

    world.env.advance(TimeDelta::seconds(1) + TimeDelta::seconds(20));
    assert_eq!(world.invoice().0, Fate::Delivered);
    assert_eq!(world.invoices.created.borrow().len(), 2);
    assert_eq!(world.invoices.looked_up.get(), 2);
}

#[test]
fn exactly_at_the_end_of_the_grace_it_may_be_issued() {
    let world = invoicing();
    world.invoices.create.borrow_mut().push_back(Err(unknown()));
    world.invoice();
    world.env.advance(GRACE);
    assert_eq!(world.invoice().0, Fate::Delivered);
}

#[test]
fn a_look_up_that_fails_keeps_the_doubt() {
    let world = invoicing();
    world.invoices.create.borrow_mut().push_back(Err(unknown()));
    world.invoice();
    world.env.advance(TimeDelta::hours(1));
    world.invoices.find.borrow_mut().push_back(Err(later(true)));
    assert_eq!(world.invoice().0, Fate::PutOff { whole_system: true });
    assert_eq!(world.unknown_since(), Some(start()));
    assert_eq!(world.invoices.created.borrow().len(), 1);
}

#[test]
fn an_invoice_over_another_amount_is_for_a_person() {
    let world = invoicing();
    world.invoices.create.borrow_mut().push_back(Ok(Created::Taken));
    world.invoices.find.borrow_mut().push_back(Ok(vec![found(200.0), Found { gross: None, url: None }]));
    assert_eq!(world.invoice().0, Fate::GivenUp);
    let Some(Setback::GivenUp { reason }) = world.store.row(0).setback else { panic!() };
    assert_eq!(reason, "an invoice over another amount exists");
}

#[test]
fn a_taken_number_leads_to_the_invoice_that_has_it() {
    let world = invoicing();
    world.invoices.create.borrow_mut().push_back(Ok(Created::Taken));
    world.invoices.find.borrow_mut().push_back(Ok(vec![found(199.99)]));
    assert_eq!(world.invoice().0, Fate::Delivered);
    assert!(world.url().unwrap().ends_with("/found"));
}

#[test]
fn a_taken_number_that_cannot_be_found_stays_unknown() {
    for answer in [Ok(Vec::new()), Err(later(true)), Err(refused())] {
        let world = invoicing();
        world.invoices.create.borrow_mut().push_back(Ok(Created::Taken));
        world.invoices.find.borrow_mut().push_back(answer);
        assert_eq!(world.invoice().0, PUT_OFF);
        assert_eq!(world.unknown_since(), Some(start()));
    }
}

#[test]
fn a_worker_whose_lease_ran_out_does_nothing() {
    let world = invoicing();
    let held = world.claim();
    world.env.advance(TimeDelta::seconds(60));
    let late = block_on(deliver_invoice(&world.store, &world.invoices, &world.env, &held, &purchase())).unwrap();
    assert_eq!(late, (PUT_OFF, None));
    assert!(world.invoices.created.borrow().is_empty());

    let world = World::new(enrolment_email());
    let held = world.claim();
    world.env.advance(TimeDelta::seconds(60));
    assert_eq!(block_on(deliver_mail(&world.store, &world.mail, &world.env, &held)).unwrap(), PUT_OFF);
    assert!(world.mail.sent.borrow().is_empty());
}

#[test]
fn a_worker_that_was_overtaken_changes_nothing() {
    let world = invoicing();
    let mut held = world.claim();
    held.lease.token = "another".to_owned();
    let late = block_on(deliver_invoice(&world.store, &world.invoices, &world.env, &held, &purchase())).unwrap();
    assert_eq!(late, (Fate::Delivered, None));
    assert_eq!(world.url(), None);
    assert!(!world.store.row(0).done);
}

#[test]
fn a_mail_is_sent_and_done() {
    let world = World::new(enrolment_email());
    assert_eq!(world.mail(), Fate::Delivered);
    assert!(world.store.row(0).done);
    assert_eq!(world.mail.sent.borrow().len(), 1);
}

#[test]
fn a_mail_that_may_have_been_sent_is_repeated_under_its_key() {
    let world = World::new(enrolment_email());
    world.mail.script.borrow_mut().push_back(Err(unknown()));
    assert_eq!(world.mail(), PUT_OFF);
    world.env.advance(RECOGNISED);
    assert_eq!(world.mail(), Fate::Delivered);
    let sent = world.mail.sent.borrow();
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0], sent[1]);
}

#[test]
fn a_mail_is_not_repeated_once_its_key_may_be_forgotten() {
    let world = World::new(enrolment_email());
    world.mail.script.borrow_mut().push_back(Err(unknown()));
    world.mail();
    world.env.advance(RECOGNISED + TimeDelta::seconds(1));
    assert_eq!(world.mail(), Fate::GivenUp);
    assert_eq!(world.mail.sent.borrow().len(), 1);
}

#[test]
fn to_a_relay_without_keys_a_mail_in_doubt_is_sent_once_more() {
    let world = || {
        let mut world = World::new(enrolment_email());
        world.mail.forgetful = true;
        world.mail.script.borrow_mut().push_back(Err(unknown()));
        assert_eq!(world.mail(), PUT_OFF);
        world.env.advance(TimeDelta::hours(3));
        world
    };
    let sent = |world: &World| world.mail.sent.borrow().len();

    let good = world();
    assert_eq!((good.mail(), sent(&good)), (Fate::Delivered, 2));

    let doubtful = world();
    doubtful.mail.script.borrow_mut().push_back(Err(unknown()));
    assert_eq!((doubtful.mail(), sent(&doubtful)), (Fate::GivenUp, 2));
    assert_eq!(doubtful.store.row(0).setback, Some(Setback::GivenUp { reason: "timeout, twice".to_owned() }));

    // What was not sent for sure does not count.
    let unreachable = world();
    unreachable.mail.script.borrow_mut().push_back(Err(later(true)));
    assert_eq!(unreachable.mail(), Fate::PutOff { whole_system: true });
    unreachable.env.advance(TimeDelta::hours(3));
    assert_eq!(unreachable.mail(), Fate::Delivered);
}

#[test]
fn a_forged_header_is_never_sent() {
    let mut recipient = crate::fakes::user();
    recipient.email.push_str("\r\nBcc: x@example.com");
    let world = World::new(Payload::EnrolmentEmail { recipient, course_name: String::new() });
    assert_eq!(world.mail(), Fate::GivenUp);
    assert!(world.mail.sent.borrow().is_empty());
}

#[test]
fn waits_grow_with_the_attempts_and_end() {
    let put_off = |attempts, failure| judge(&Job { attempts, ..job(enrolment_email()) }, failure, start(), 0);
    let Setback::PutOff { due_at, unknown_since, reason } = put_off(3, later(false)).1 else { panic!() };
    assert_eq!((due_at - start(), unknown_since, reason.as_str()), (TimeDelta::seconds(40), None, "later"));

    let asked =
        Failure::Later { reason: String::new(), after: Some(std::time::Duration::from_secs(90)), whole_system: true };
    let (fate, Setback::PutOff { due_at, .. }) = put_off(1, asked) else { panic!() };
    assert_eq!((fate, due_at - start()), (Fate::PutOff { whole_system: true }, TimeDelta::seconds(90)));

    assert_eq!(put_off(backoff::MAX_ATTEMPTS - 1, unknown()).0, PUT_OFF);
    assert_eq!(put_off(backoff::MAX_ATTEMPTS, unknown()).0, Fate::GivenUp);
    assert_eq!(put_off(1, refused()).0, Fate::GivenUp);
}
