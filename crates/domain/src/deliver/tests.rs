use super::*;
use crate::fakes::{
    Env, FakeInvoices, FakeMail, FakeStore, RECOGNISED, URL, enrolment_email, job, later, purchase, refused, silent,
    start, unknown,
};
use crate::invoice::Difference;
use crate::job::{EnrolmentEmail, Kind, Payload};
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
        block_on(self.store.claim(&lease, Kind::ALL, 1, self.env.now())).unwrap().jobs.remove(0)
    }

    fn invoice(&self) -> (AttemptOutcome, Option<Invoiced>) {
        let job = self.claim();
        block_on(deliver_invoice(&self.store, &self.invoices, &self.env, &job)).unwrap()
    }

    fn mail(&self) -> AttemptOutcome {
        let job = self.claim();
        block_on(deliver_email(&self.store, &self.mail, &self.env, &job)).unwrap()
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

fn found(difference: Option<Difference>) -> Found {
    let url = Some("https://account.example/invoice/found".to_owned());
    Found { number: "enrolment-1".to_owned(), difference, url }
}

const PUT_OFF: AttemptOutcome = AttemptOutcome::PutOff { whole_system: false };

#[test]
fn an_issued_invoice_is_linked_and_its_mail_owed() {
    let world = invoicing();
    let (outcome, invoiced) = world.invoice();
    assert_eq!(outcome, AttemptOutcome::Delivered);
    let invoiced = invoiced.unwrap();
    assert_eq!(invoiced.url.as_deref(), Some(URL));
    assert_eq!(world.url().as_deref(), Some(URL));
    assert!(world.store.row(0).done && !world.store.row(1).done);
    let jobs: Vec<_> = invoiced.jobs.iter().map(|job| &job.payload).collect();
    assert_eq!(jobs, [&purchase().email(Some(URL.to_owned()))]);
    assert_eq!(*world.invoices.created.borrow(), [(1, "2026-06-01".to_owned())]);
    assert_eq!(world.invoices.looked_up.get(), 0);
}

#[test]
fn an_invoice_that_was_refused_is_dead() {
    let world = invoicing();
    world.invoices.create.borrow_mut().push_back(Err(refused()));
    assert_eq!(world.invoice(), (AttemptOutcome::GivenUp, None));
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
    world.invoices.find.borrow_mut().push_back(Ok(vec![found(Some(Difference::Canceled)), found(None)]));
    let (outcome, invoiced) = world.invoice();
    assert_eq!(outcome, AttemptOutcome::Delivered);
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
    assert_eq!(world.invoice().0, AttemptOutcome::Delivered);
    assert_eq!(world.invoices.created.borrow().len(), 2);
    assert_eq!(world.invoices.looked_up.get(), 2);
}

#[test]
fn exactly_at_the_end_of_the_grace_it_may_be_issued() {
    let world = invoicing();
    world.invoices.create.borrow_mut().push_back(Err(unknown()));
    world.invoice();
    world.env.advance(GRACE);
    assert_eq!(world.invoice().0, AttemptOutcome::Delivered);
}

#[test]
fn a_look_up_that_fails_keeps_the_doubt() {
    let world = invoicing();
    world.invoices.create.borrow_mut().push_back(Err(unknown()));
    world.invoice();
    world.env.advance(TimeDelta::hours(1));
    world.invoices.find.borrow_mut().push_back(Err(later(true)));
    assert_eq!(world.invoice().0, AttemptOutcome::PutOff { whole_system: true });
    assert_eq!(world.unknown_since(), Some(start()));
    assert_eq!(world.invoices.created.borrow().len(), 1);
}

#[test]
fn what_is_not_the_invoice_is_for_a_person() {
    for (difference, reason) in [
        (Difference::Kind, "a document of another kind exists with this number (enrolment-1)"),
        (Difference::Canceled, "the invoice with this number is canceled (enrolment-1)"),
        (Difference::Buyer, "an invoice with this number exists for another buyer (enrolment-1)"),
        (Difference::Amount, "an invoice with this number exists over another amount (enrolment-1)"),
        (Difference::Currency, "an invoice with this number exists in another currency (enrolment-1)"),
    ] {
        // Whether it shows when the number is taken or after a doubt.
        for since in [None, Some(start())] {
            let world = invoicing();
            world.store.outbox.borrow_mut()[0].job.unknown_since = since;
            world.invoices.create.borrow_mut().push_back(Ok(Created::Taken));
            world.invoices.find.borrow_mut().push_back(Ok(vec![found(Some(difference))]));
            assert_eq!(world.invoice(), (AttemptOutcome::GivenUp, None));
            let Some(FailedAttempt::GivenUp { reason: kept }) = world.store.row(0).failed else { panic!() };
            assert_eq!(kept, reason);
            assert_eq!(world.url(), None);
        }
    }
}

#[test]
fn a_buyer_with_a_control_character_gets_no_invoice() {
    for bad in ["Ann\r\nx", "\0", "\u{1b}[2J"] {
        let mut purchase = purchase();
        purchase.buyer.last_name = bad.to_owned();
        let world = World::new(Payload::Invoice(purchase));
        let job = world.claim();
        let done = block_on(deliver_invoice(&world.store, &world.invoices, &world.env, &job)).unwrap();
        assert_eq!(done, (AttemptOutcome::GivenUp, None));
        assert!(world.invoices.created.borrow().is_empty());
        let Some(FailedAttempt::GivenUp { reason }) = world.store.row(0).failed else { panic!() };
        assert_eq!(reason, "control character in the buyer's name or address");
    }
}

#[test]
fn what_is_delivered_and_cannot_be_written_down_is_in_doubt_and_dies_in_the_end() {
    let reason = "delivered, but not written down: value too long".to_owned();
    for payload in [Payload::Invoice(purchase()), enrolment_email()] {
        let world = World::new(payload.clone());
        world.store.unfinishable.borrow_mut().push(1);
        let deliver = || if payload.kind() == Kind::Invoice { world.invoice().0 } else { world.mail() };
        assert_eq!(deliver(), PUT_OFF);
        let Some(FailedAttempt::PutOff { unknown_since, reason: kept, .. }) = world.store.row(0).failed else {
            panic!()
        };
        assert_eq!((unknown_since, &kept), (Some(start()), &reason));

        world.env.advance(TimeDelta::minutes(1));
        world.invoices.find.borrow_mut().push_back(Ok(vec![found(None)]));
        world.store.outbox.borrow_mut()[0].job.attempts = backoff::MAX_ATTEMPTS - 1;
        assert_eq!(deliver(), AttemptOutcome::GivenUp);
        assert_eq!(world.store.row(0).failed, Some(FailedAttempt::GivenUp { reason: reason.clone() }));
    }
}

#[test]
fn a_job_whose_workers_die_comes_to_an_end() {
    for payload in [Payload::Invoice(purchase()), enrolment_email()] {
        let world = World::new(payload.clone());
        world.store.outbox.borrow_mut()[0].job.attempts = backoff::MAX_ATTEMPTS;
        let outcome = if payload.kind() == Kind::Invoice { world.invoice().0 } else { world.mail() };
        assert_eq!(outcome, AttemptOutcome::GivenUp);
        assert!(world.invoices.created.borrow().is_empty() && world.mail.sent.borrow().is_empty());
    }
}

#[test]
fn a_taken_number_leads_to_the_invoice_that_has_it() {
    let world = invoicing();
    world.invoices.create.borrow_mut().push_back(Ok(Created::Taken));
    world.invoices.find.borrow_mut().push_back(Ok(vec![found(None)]));
    assert_eq!(world.invoice().0, AttemptOutcome::Delivered);
    assert!(world.url().unwrap().ends_with("/found"));
}

#[test]
fn a_taken_number_that_cannot_be_found_stays_unknown() {
    for (answer, whole_system) in
        [(Ok(Vec::new()), false), (Err(later(true)), true), (Err(silent()), true), (Err(refused()), false)]
    {
        let world = invoicing();
        world.invoices.create.borrow_mut().push_back(Ok(Created::Taken));
        world.invoices.find.borrow_mut().push_back(answer);
        assert_eq!(world.invoice().0, AttemptOutcome::PutOff { whole_system });
        assert_eq!(world.unknown_since(), Some(start()));
    }
}

#[test]
fn a_worker_whose_lease_ran_out_does_nothing() {
    let world = invoicing();
    let held = world.claim();
    world.env.advance(TimeDelta::seconds(60));
    let late = block_on(deliver_invoice(&world.store, &world.invoices, &world.env, &held)).unwrap();
    assert_eq!(late, (PUT_OFF, None));
    assert!(world.invoices.created.borrow().is_empty());

    let world = World::new(enrolment_email());
    let held = world.claim();
    world.env.advance(TimeDelta::seconds(60));
    assert_eq!(block_on(deliver_email(&world.store, &world.mail, &world.env, &held)).unwrap(), PUT_OFF);
    assert!(world.mail.sent.borrow().is_empty());
}

#[test]
fn a_worker_that_was_overtaken_changes_nothing() {
    let world = invoicing();
    let mut held = world.claim();
    held.lease.token = "another".to_owned();
    let late = block_on(deliver_invoice(&world.store, &world.invoices, &world.env, &held)).unwrap();
    assert_eq!(late, (AttemptOutcome::Delivered, None));
    assert_eq!(world.url(), None);
    assert!(!world.store.row(0).done);
}

#[test]
fn a_mail_is_sent_and_done() {
    let world = World::new(enrolment_email());
    assert_eq!(world.mail(), AttemptOutcome::Delivered);
    assert!(world.store.row(0).done);
    assert_eq!(world.mail.sent.borrow().len(), 1);
}

#[test]
fn a_mail_that_may_have_been_sent_is_repeated_under_its_key() {
    let world = World::new(enrolment_email());
    world.mail.script.borrow_mut().push_back(Err(unknown()));
    assert_eq!(world.mail(), PUT_OFF);
    world.env.advance(RECOGNISED);
    assert_eq!(world.mail(), AttemptOutcome::Delivered);
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
    assert_eq!(world.mail(), AttemptOutcome::GivenUp);
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
    assert_eq!((good.mail(), sent(&good)), (AttemptOutcome::Delivered, 2));

    let doubtful = world();
    doubtful.mail.script.borrow_mut().push_back(Err(unknown()));
    assert_eq!((doubtful.mail(), sent(&doubtful)), (AttemptOutcome::GivenUp, 2));
    assert_eq!(doubtful.store.row(0).failed, Some(FailedAttempt::GivenUp { reason: "timeout, twice".to_owned() }));

    // What was not sent for sure does not count.
    let unreachable = world();
    unreachable.mail.script.borrow_mut().push_back(Err(later(true)));
    assert_eq!(unreachable.mail(), AttemptOutcome::PutOff { whole_system: true });
    unreachable.env.advance(TimeDelta::hours(3));
    assert_eq!(unreachable.mail(), AttemptOutcome::Delivered);
}

#[test]
fn a_forged_header_is_never_sent() {
    let mut recipient = crate::fakes::user();
    recipient.email.push_str("\r\nBcc: x@example.com");
    let world = World::new(Payload::EnrolmentEmail(EnrolmentEmail { recipient, course_name: String::new() }));
    assert_eq!(world.mail(), AttemptOutcome::GivenUp);
    assert!(world.mail.sent.borrow().is_empty());
}

#[test]
fn waits_grow_with_the_attempts_and_end() {
    let put_off = |attempts, failure| judge(&Job { attempts, ..job(enrolment_email()) }, failure, start(), 0);
    let FailedAttempt::PutOff { due_at, unknown_since, reason } = put_off(3, later(false)).1 else { panic!() };
    assert_eq!((due_at - start(), unknown_since, reason.as_str()), (TimeDelta::seconds(40), None, "later"));

    let kept = "why; asked to wait for more than a day, waiting for a day";
    for (asked, waited, words) in
        [(90, 90, "why"), (7200, 7200, "why"), (86_400, 86_400, "why"), (86_401, 86_400, kept)]
    {
        let (reason, after) = ("why".to_owned(), Some(std::time::Duration::from_secs(asked)));
        for failure in [
            Failure::Later { reason: reason.clone(), after, whole_system: true },
            Failure::Unknown { reason, after, whole_system: true },
        ] {
            let (outcome, FailedAttempt::PutOff { due_at, reason, .. }) = put_off(1, failure) else { panic!() };
            assert_eq!(
                (outcome, due_at - start()),
                (AttemptOutcome::PutOff { whole_system: true }, TimeDelta::seconds(waited))
            );
            assert_eq!(reason, words);
        }
    }

    assert_eq!(put_off(backoff::MAX_ATTEMPTS - 1, unknown()).0, PUT_OFF);
    assert_eq!(put_off(backoff::MAX_ATTEMPTS, unknown()).0, AttemptOutcome::GivenUp);
    assert_eq!(put_off(1, refused()).0, AttemptOutcome::GivenUp);
}
