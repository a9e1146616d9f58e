//! Tests of all deliveries, and of mails.

use super::*;
use crate::fakes::{
    DOWN, Directory, Env, FakeInvoices, FakeMail, FakeStore, FakeWebhooks, Fakes, RECOGNISED, SILENT, correction,
    enrolment_email, id, invoice, invoice_data, ksef_number, mail_data, out_of_reach, purchase, start, unknown,
};
use crate::jobs::outbox::FailedAttempt;
use crate::jobs::{EnrolmentEmail, Kind, Notification, Target};
use crate::model::event::EventKind;
use crate::model::invoice::Found;
use crate::model::language::Language;
use crate::model::mail::MailKind;
use crate::usecases::mail_texts::set_mail_text;
use crate::{PaymentStatus, Status, System};
use chrono::{DateTime, TimeDelta, Utc};
use futures::executor::block_on;

/// A due job, and all ports for its delivery.
pub(super) struct World {
    pub(super) store: FakeStore,
    pub(super) directory: Directory,
    pub(super) invoices: FakeInvoices,
    pub(super) mail: FakeMail,
    pub(super) webhooks: FakeWebhooks,
    pub(super) env: Env,
}

impl World {
    pub(super) fn new(payload: Payload) -> Self {
        let store = FakeStore::default();
        store.add(Status::Active, PaymentStatus::Paid);
        store.enqueue(1, payload);
        let (directory, env) = (Directory::with_price(199.99), Env::new());
        let (invoices, mail, webhooks) = (FakeInvoices::default(), FakeMail::default(), FakeWebhooks::default());
        Self { store, directory, invoices, mail, webhooks, env }
    }

    /// Adds an issued invoice.
    pub(super) fn invoiced(self) -> Self {
        self.store.documents.borrow_mut().push((id(1), invoice(9)));
        self
    }

    /// Claims the job that is longest due.
    pub(super) fn claim(&self) -> Job {
        self.claim_of(Kind::ALL)
    }

    pub(super) fn claim_of(&self, kinds: &[Kind]) -> Job {
        let lease = crate::ports::new_lease(&self.env);
        block_on(self.store.claim(&lease, kinds, 1, self.env.now())).unwrap().jobs.remove(0)
    }

    /// Claims a job and delivers it.
    pub(super) fn deliver(&self) -> (AttemptOutcome, Option<Delivered>) {
        self.deliver_job(&self.claim())
    }

    pub(super) fn deliver_job(&self, job: &Job) -> (AttemptOutcome, Option<Delivered>) {
        self.try_deliver(job).unwrap()
    }

    pub(super) fn try_deliver(&self, job: &Job) -> Result<(AttemptOutcome, Option<Delivered>), Unavailable> {
        let Self { store, directory, invoices, mail, webhooks, env } = self;
        let (invoices, mail, webhooks) = (Some(invoices), Some(mail), Some(webhooks));
        let ports = Fakes { store, users: directory, courses: directory, invoices, mail, webhooks, env };
        block_on(deliver(&ports, job))
    }

    fn mail(&self) -> AttemptOutcome {
        self.deliver().0
    }

    pub(super) fn url(&self) -> Option<String> {
        self.store.record(0).enrolment.invoice_url
    }

    pub(super) fn unknown_since(&self) -> Option<DateTime<Utc>> {
        self.store.row(0).job.unknown_since
    }

    /// Whether no request was sent to a system.
    pub(super) fn untouched(&self) -> bool {
        let Self { invoices, mail, .. } = self;
        invoices.created.borrow().is_empty() && invoices.looked_up.get() == 0 && mail.sent.borrow().is_empty()
    }
}

pub(super) const PUT_OFF: AttemptOutcome = AttemptOutcome::PutOff(SystemAction::Continue);

/// One job for each way to deliver.
fn one_of_each() -> [Payload; 4] {
    let invoice_data = Payload::InvoiceData(invoice_data());
    [enrolment_email(), Payload::Invoice(purchase()), Payload::Correction(correction()), invoice_data]
}

#[test]
fn a_delivered_job_whose_result_cannot_be_stored_is_unknown_and_finally_dead() {
    let reason = ReasonCode::NotWrittenDown.with("value too long");
    for payload in one_of_each() {
        let world = World::new(payload).invoiced();
        world.store.unfinishable.borrow_mut().push(1);
        assert_eq!(world.deliver(), (PUT_OFF, None));
        let Some(FailedAttempt::PutOff { unknown_since, reason: kept, .. }) = world.store.row(0).failed else {
            panic!()
        };
        assert_eq!((unknown_since, &kept), (Some(start()), &reason));

        world.env.advance(TimeDelta::minutes(1));
        let found = Found { number: "1".to_owned(), difference: None, issued: invoice(9).into() };
        world.invoices.find.borrow_mut().push_back(Ok(vec![found]));
        world.store.outbox.borrow_mut()[0].job.attempts = backoff::MAX_ATTEMPTS - 1;
        assert_eq!(world.deliver(), (AttemptOutcome::GivenUp, None));
        assert!(world.invoices.created.borrow().len() <= 1, "created once only");
        assert_eq!(world.store.row(0).failed, Some(FailedAttempt::GivenUp { reason: reason.clone() }));
    }
}

#[test]
fn a_job_whose_workers_crash_is_finally_dead() {
    let attempted = |payload, attempts| {
        let world = World::new(payload).invoiced();
        world.store.outbox.borrow_mut()[0].job.attempts = attempts;
        world.deliver();
        world
    };
    for payload in one_of_each() {
        let world = attempted(payload.clone(), backoff::MAX_ATTEMPTS);
        assert!(world.untouched());
        assert_eq!(world.store.row(0).reason(), Some(&ReasonCode::TooManyAttempts.into()));
        assert!(world.store.row(0).dead());
        assert!(attempted(payload, backoff::MAX_ATTEMPTS - 1).store.row(0).done);
    }
}

#[test]
fn a_worker_whose_lease_has_ended_does_nothing() {
    for payload in one_of_each() {
        let world = World::new(payload).invoiced();
        let held = world.claim();
        world.env.advance(TimeDelta::seconds(60));
        assert_eq!(world.deliver_job(&held), (PUT_OFF, None));
        assert!(world.untouched());
        let row = world.store.row(0);
        assert_eq!((row.leased, row.done, row.failed), (true, false, None));
    }
}

#[test]
fn a_worker_that_lost_its_lease_changes_nothing() {
    for payload in one_of_each() {
        let world = World::new(payload).invoiced();
        let mut held = world.claim();
        held.lease.token = "another".to_owned();
        assert_eq!(world.deliver_job(&held), (AttemptOutcome::Delivered, None));
        assert_eq!((world.url(), world.store.row(0).done, world.store.jobs().len()), (None, false, 1));
        assert_eq!(world.store.documents.borrow().len(), 1, "only the earlier invoice");
    }
}

#[test]
fn a_mail_has_the_text_of_the_time_when_its_job_was_created() {
    let world = World::new(enrolment_email());
    let set = |subject: &str| {
        let text = MailText { subject: subject.to_owned(), text: "{course}".to_owned() };
        let of = (MailKind::Enrolment, Language::English);
        block_on(set_mail_text(&world.store, &world.env, of, text, None)).unwrap();
    };
    set("First");
    world.env.advance(TimeDelta::seconds(1));
    set("Second");
    world.mail.script.borrow_mut().push_back(Err(unknown()));
    for _ in 0..2 {
        world.deliver();
        world.env.advance(TimeDelta::minutes(1));
    }
    let sent = world.mail.sent.borrow();
    assert_eq!((sent[0].subject.as_str(), sent[0].text.as_str()), ("First", "Rust\n"));
    assert_eq!(sent[0], sent[1]);
}

#[test]
fn a_kind_that_is_off_is_done_without_a_mail() {
    for (off, sent) in [(MailKind::PaymentWithInvoice, 1), (MailKind::Payment, 0)] {
        let world = World::new(purchase().email(None));
        world.mail.off.set(Some(off));
        assert_eq!(world.mail(), AttemptOutcome::Delivered);
        assert_eq!((world.store.row(0).done, world.mail.sent.borrow().len()), (true, sent));
    }
}

#[test]
fn each_kind_is_delivered_by_its_system() {
    let (notification, number) = (Notification { event_id: 1 }, ksef_number());
    let others = [
        purchase().email(None),
        correction().email(None).unwrap(),
        Payload::MailData(mail_data()),
        Payload::Event(notification),
        Payload::KsefNumber(number),
    ];
    for payload in one_of_each().into_iter().chain(others) {
        let target = payload.kind().target();
        let failing = |without: Target| {
            let world = World::new(payload.clone()).invoiced();
            world.store.happened(EventKind::Paid, &world.store.record(0).enrolment, (start(), None));
            let World { store, directory, invoices, mail, webhooks, env } = &world;
            let down = Directory { user: Err(crate::fakes::down(System::Users).into()), course: Ok(None) };
            let directory = if without == Target::Records { &down } else { directory };
            let ports = Fakes {
                store,
                users: directory,
                courses: directory,
                invoices: Some(invoices).filter(|_| without != Target::Invoices),
                mail: Some(mail).filter(|_| without != Target::Mail),
                webhooks: Some(webhooks).filter(|_| without != Target::Webhooks),
                env,
            };
            block_on(deliver(&ports, &world.claim())).unwrap().0 == DOWN
        };
        for without in [Target::Records, Target::Invoices, Target::Mail, Target::Webhooks] {
            assert_eq!(failing(without), target.pace_name() == without.pace_name(), "{payload:?} {without:?}");
        }
    }
}

#[test]
fn an_error_is_returned_if_the_database_fails() {
    for payload in one_of_each() {
        let world = World::new(payload).invoiced();
        let held = world.claim();
        world.store.down.set(true);
        let told = world.try_deliver(&held).map(drop);
        assert_eq!(told.map_err(|error| error.cause), Err("down".to_owned()));
    }
}

#[test]
fn a_mail_is_sent_and_done() {
    let world = World::new(enrolment_email());
    assert_eq!(world.mail(), AttemptOutcome::Delivered);
    assert!(world.store.row(0).done);
    assert_eq!(world.mail.sent.borrow().len(), 1);
}

#[test]
fn an_unknown_mail_is_repeated_with_its_key() {
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
fn a_mail_is_not_repeated_after_the_relay_may_forget_its_key() {
    let world = World::new(enrolment_email());
    world.mail.script.borrow_mut().push_back(Err(unknown()));
    world.mail();
    world.env.advance(RECOGNISED + TimeDelta::seconds(1));
    assert_eq!(world.mail(), AttemptOutcome::GivenUp);
    assert_eq!(world.mail.sent.borrow().len(), 1);
}

/// An unknown mail, for a relay that does not recognise repeats.
fn unknown_without_keys() -> World {
    let mut world = World::new(enrolment_email());
    world.mail.forgetful = true;
    world.mail.script.borrow_mut().push_back(Err(unknown()));
    assert_eq!(world.mail(), SILENT, "one unknown mail is enough for a run");
    world.env.advance(TimeDelta::hours(3));
    world
}

fn copies(world: &World) -> usize {
    world.mail.sent.borrow().len()
}

#[test]
fn a_relay_without_keys_gets_an_unknown_mail_once_more() {
    let good = unknown_without_keys();
    assert_eq!((good.mail(), copies(&good)), (AttemptOutcome::Delivered, 2));

    let doubtful = unknown_without_keys();
    doubtful.mail.script.borrow_mut().push_back(Err(unknown()));
    assert_eq!((doubtful.mail(), copies(&doubtful)), (AttemptOutcome::GivenUp, 2));
    assert_eq!(
        doubtful.store.row(0).failed,
        Some(FailedAttempt::GivenUp { reason: ReasonCode::MaybeSentTwice.with("timeout") })
    );

    // A mail that was certainly not sent does not count.
    let unreachable = unknown_without_keys();
    unreachable.mail.script.borrow_mut().push_back(Err(out_of_reach()));
    assert_eq!(unreachable.mail(), DOWN);
    unreachable.env.advance(TimeDelta::hours(3));
    assert_eq!(unreachable.mail(), AttemptOutcome::Delivered);
}

#[test]
fn a_week_of_server_errors_does_not_use_up_the_repeat() {
    let world = unknown_without_keys();
    world.mail.down.set(true);
    for hour in 0..7 * 24 {
        assert_eq!(world.mail(), DOWN, "hour {hour}");
        world.env.advance(TimeDelta::hours(1));
    }
    assert_eq!((copies(&world), world.mail.looks.get()), (1, 7 * 24));
    assert!(world.store.row(0).job.attempts < 4, "it waits for the relay");
    world.mail.down.set(false);
    assert_eq!((world.mail(), copies(&world)), (AttemptOutcome::Delivered, 2));
}

#[test]
fn a_relay_with_keys_is_not_checked_first() {
    let world = World::new(enrolment_email());
    world.mail.script.borrow_mut().push_back(Err(unknown()));
    assert_eq!(world.mail(), PUT_OFF);
    world.env.advance(TimeDelta::minutes(1));
    assert_eq!((world.mail(), world.mail.looks.get()), (AttemptOutcome::Delivered, 0));
}

#[test]
fn a_mail_with_a_line_break_in_the_address_is_not_sent() {
    let mut recipient = crate::fakes::user();
    recipient.email.push_str("\r\nBcc: x@example.com");
    let world = World::new(Payload::EnrolmentEmail(EnrolmentEmail { recipient, course_name: String::new() }));
    assert_eq!(world.mail(), AttemptOutcome::GivenUp);
    assert!(world.mail.sent.borrow().is_empty());
}
