use super::*;
use crate::fakes::ksef_number;
use crate::fakes::{
    Directory, Env, FakeInvoices, FakeMail, FakeStore, FakeWebhooks, Fakes, company, correction, enrolment_email, id,
    invoice_data, lease, mail_data, note, parts, ports, purchase, resolution, start, user, whole_refund,
};
use crate::jobs::outbox::{AttemptOutcome, Counts};
use crate::jobs::{
    CancellationEmail, Correction, DocumentEmail, InvoiceData, JobId, KsefNumber, Notification, Purchase, Withheld,
};
use crate::model::asked::Asked;
use crate::model::note::MailTo;
use crate::ports::{Outbox as _, Resolutions as _};
use crate::usecases::deliver::deliver;
use crate::usecases::run::{Limits, deliver_due};
use crate::{PaymentStatus, Status};
use futures::executor::block_on;

fn erased(store: &FakeStore, user_id: &str) {
    block_on(erase(store, &Env::new(), &UserId::new(user_id).unwrap())).unwrap();
}

#[test]
fn mails_are_withdrawn_and_documents_keep_what_they_need() {
    let canceled = CancellationEmail { recipient: user(), course_name: "Rust".to_owned(), reason: None };
    for email in [
        enrolment_email(),
        purchase().email(None),
        correction().email(None).unwrap(),
        Payload::CancellationEmail(canceled),
        Payload::MailData(mail_data()),
    ] {
        assert_eq!(after_erasure(email.kind(), Some(&email)), ErasedJob::Withdrawn);
        assert_eq!(after_erasure(email.kind(), None), ErasedJob::Withdrawn, "with any payload");
    }
    let event = Payload::Event(Notification { event_id: 1 });
    assert_eq!(after_erasure(Kind::Event, Some(&event)), ErasedJob::Unchanged);
    let withheld = |email| Some(Withheld { url: Some("https://a.example/1".to_owned()), email });
    let email = DocumentEmail::of(crate::fakes::purchase().email(None));
    let number = KsefNumber { withheld: withheld(email), ..ksef_number() };
    let without_mail = KsefNumber { erased: true, withheld: withheld(None), ..ksef_number() };
    let purchase = Purchase { buyer: company(), ..purchase() };
    let silent = Payload::Invoice(Purchase { erased: true, ..purchase.clone() });
    let look_up_silent = Payload::InvoiceData(InvoiceData { erased: true, ..invoice_data() });
    let bare = Payload::Correction(Correction { mail_to: MailTo::NoRecipient, reason: None, ..correction() });
    for (payload, kept) in [
        (Payload::Invoice(purchase), silent),
        (Payload::InvoiceData(invoice_data()), look_up_silent),
        (Payload::Correction(correction()), bare),
        (Payload::KsefNumber(number), Payload::KsefNumber(without_mail)),
    ] {
        assert_eq!(after_erasure(payload.kind(), Some(&payload)), ErasedJob::Replaced(Box::new(kept.clone())));
        assert_eq!(after_erasure(kept.kind(), Some(&kept)), ErasedJob::Unchanged, "a second time");
        assert_eq!(kept.document_email(None), None, "no mail is sent");
        assert_eq!(after_erasure(kept.kind(), None), ErasedJob::Emptied);
    }
}

#[test]
fn one_random_id_replaces_the_users_everywhere() {
    let store = FakeStore::default();
    for _ in 0..3 {
        store.add(Status::Active, PaymentStatus::Paid);
    }
    store.edit(1, |record| record.enrolment.user_id = UserId::new("user-1").unwrap());
    store.edit(1, |record| record.reason = crate::fakes::reason("she moved"));
    block_on(crate::usecases::remove::remove(&store, &Env::new(), id(1), None)).unwrap();
    store.enqueue(2, enrolment_email());
    store.enqueue(3, enrolment_email());
    store.enqueue(1, purchase().email(None));
    block_on(crate::usecases::resolve::resolve(&store, &Env::new(), JobId(3), &resolution(None, None), None, "PLN"))
        .unwrap();
    erased(&store, "user-1");
    let instead = store.record(0).enrolment.user_id;
    assert_eq!(instead.as_str(), "erased-00000000000000010000000000000002");
    assert_eq!((store.record(0).enrolment.id, store.record(0).reason), (id(2), None));
    assert_eq!(store.events.borrow()[0].enrolment.user_id, instead, "the event of a deleted enrolment");
    assert_eq!(block_on(store.resolutions(id(1))).unwrap()[0].note, "");
    assert_eq!((store.row(0).done, store.row(1).done), (true, false));
    assert_eq!(store.record(1).enrolment.user_id.as_str(), "user-3");
    // A second time, and for an unknown user.
    erased(&store, "user-1");
    erased(&store, "unknown");
    assert_eq!(store.record(0).enrolment.user_id, instead);
    store.down.set(true);
    assert!(block_on(erase(&store, &Env::new(), &instead)).is_err());
}

/// Delivers all due jobs.
fn run(store: &FakeStore, env: &Env) -> (Counts, FakeInvoices, usize) {
    let (invoices, mail, webhooks) = (FakeInvoices::default(), FakeMail::default(), FakeWebhooks::default());
    let directory = Directory::with_price(199.99);
    let (users, courses) = (&directory, &directory);
    let ports =
        Fakes { store, users, courses, invoices: Some(&invoices), mail: Some(&mail), webhooks: Some(&webhooks), env };
    let counts = block_on(deliver_due(&ports, Limits::RUN)).unwrap();
    let sent = mail.sent.borrow().len();
    (counts, invoices, sent)
}

#[test]
fn an_invoice_is_still_issued_to_the_buyer_and_no_mail_is_sent() {
    for payload in [Payload::Invoice(purchase()), Payload::InvoiceData(invoice_data())] {
        let store = FakeStore::default();
        store.add(Status::Active, PaymentStatus::Paid);
        store.enqueue(1, payload);
        erased(&store, "user-1");
        let (counts, invoices, sent) = run(&store, &Env::new());
        assert_eq!((counts.put_off, counts.given_up, sent), (0, 0, 0));
        let asked = invoices.created.borrow();
        let Payload::Invoice(issued) = &asked[0].content else { panic!("{asked:?}") };
        assert_eq!((&issued.customer, asked.len()), (&user(), 1));
        assert!(store.outbox.borrow().iter().all(|row| row.done));
    }
}

#[test]
fn nothing_follows_for_a_free_course() {
    let erased = InvoiceData { gross: None, erased: true, ..invoice_data() };
    assert_eq!(erased.job(user(), "Rust".to_owned(), crate::fakes::money("0")), None);
}

#[test]
fn a_worker_loses_its_lease_and_its_document_is_found() {
    let (store, env) = (FakeStore::default(), Env::new());
    store.add(Status::Active, PaymentStatus::Paid);
    store.enqueue(1, Payload::Invoice(purchase()));
    let job = block_on(store.claim(&lease(), &[Kind::Invoice], 1, start())).unwrap().jobs.remove(0);
    erased(&store, "user-1");
    // It issues the document and cannot store the result.
    let invoices = FakeInvoices::default();
    let directory = Directory::with_price(1.0);
    let ports = Fakes { invoices: Some(&invoices), ..ports(&store, &directory, &directory, &env) };
    let (outcome, delivered) = block_on(deliver(&ports, &job)).unwrap();
    assert_eq!((outcome, delivered), (AttemptOutcome::Delivered, None));
    assert!(store.documents.borrow().is_empty() && !store.row(0).done);
    assert_eq!(store.row(0).job.unknown_since, Some(start()));
    assert_eq!(store.jobs().len(), 1, "no mail follows");
}

/// The user's data was looked up before the erasure.
#[test]
fn a_concurrent_change_does_not_store_the_erased_users_data() {
    let change = |store: &FakeStore| store.edit(0, |record| record.enrolment.user_id = UserId::erased(1, 2));
    let unavailable = |result: Result<(crate::Enrolment, Vec<crate::jobs::Job>), crate::Error>| {
        assert!(matches!(result, Err(crate::Error::Unavailable(_))), "{result:?}");
    };
    let directory = Directory::with_price(1.0);
    for (payment, refunds) in [(PaymentStatus::Pending, false), (PaymentStatus::Paid, true)] {
        let store = FakeStore::default();
        store.add(Status::Active, payment);
        let users = crate::fakes::ChangeDuringLookup(&store, change);
        let env = Env::new();
        let ports = ports(&store, &users, &directory, &env);
        if refunds {
            unavailable(parts(block_on(crate::usecases::refund::refund(
                &ports,
                Asked::default(),
                &whole_refund(note("moved")),
            ))));
        } else {
            let (billing, payment) = (crate::fakes::billing(), crate::fakes::payment(1));
            let paid = block_on(crate::usecases::pay::pay(&ports, &billing, &payment, (None, None)));
            unavailable(paid.map(|marked| (marked.enrolment, marked.jobs)));
        }
        assert!(store.outbox.borrow().is_empty() && store.record(0).reason.is_none());
    }
    let store = FakeStore::default();
    store.add(Status::Active, PaymentStatus::Pending);
    let (users, env) = (crate::fakes::ChangeDuringLookup(&store, change), Env::new());
    unavailable(parts(block_on(crate::usecases::cancel::cancel(
        &ports(&store, &users, &directory, &env),
        Asked::default(),
        &note("moved"),
    ))));
    assert!(store.outbox.borrow().is_empty() && store.record(0).reason.is_none());
}

#[test]
fn the_user_is_taken_off_waiting_lists() {
    let (store, env) = (FakeStore::default(), Env::new());
    let course = crate::CourseId::new(7).unwrap();
    for user in ["user-1", "other"] {
        let user_id = UserId::new(user).unwrap();
        let new = crate::model::seats::NewWaiting { user_id, user: None, course_id: course };
        block_on(store.wait(&new, &crate::fakes::seen_course(1.0, Some(0)), env.now())).unwrap();
    }
    block_on(erase(&store, &env, &UserId::new("user-1").unwrap())).unwrap();
    let left: Vec<_> = store.waiting.borrow().iter().map(|(entry, _)| entry.user_id.as_str().to_owned()).collect();
    assert_eq!(left, ["other"]);
}
