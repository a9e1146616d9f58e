use super::*;
use crate::UserId;
use crate::fakes::{
    Env, FakeStore, currency, enrolment_email, id, invoice, invoice_data, lease, money, purchase, refund, resolution,
    start, terms,
};
use crate::jobs::Lease;
use crate::jobs::outbox::FailedAttempt;
use crate::jobs::{InvoiceData, Notification, Purchase};
use crate::model::event::EventKind;
use crate::model::reason::ReasonCode;
use crate::ports::Outbox as _;
use crate::{PaymentStatus, Status, Terms};
use futures::executor::block_on;

const PAGE: &str = "https://account.example/invoice/by-hand";

/// One job of enrolment 1, which is paid.
fn owing(payload: Payload) -> FakeStore {
    let store = FakeStore::default();
    store.add(Status::Active, PaymentStatus::Paid);
    store.enqueue(1, payload);
    store
}

fn settle_first(store: &FakeStore, resolution: &Resolution) -> Result<(JobSummary, Vec<Job>), ResolveError> {
    block_on(resolve(store, &Env::new(), JobId(1), resolution, Some(&Author("anna".to_owned())), "PLN"))
}

fn documents(store: &FakeStore) -> Vec<Document> {
    store.documents.borrow().iter().map(|(_, document)| document.clone()).collect()
}

#[test]
fn an_invoice_made_by_hand_is_as_one_that_was_issued() {
    let store = owing(Payload::Invoice(purchase()));
    let (job, following) = settle_first(&store, &resolution(Some("7/2026"), Some(PAGE))).unwrap();
    assert_eq!((job.state, job.kind.as_str()), (State::Done, "invoice"));
    let document = Document {
        kind: DocumentKind::Invoice,
        vendor_id: None,
        number: Some("7/2026".to_owned()),
        url: Some(PAGE.to_owned()),
        gross: Some(Balance(19999)),
        currency: Some("PLN".to_owned()),
        issued_on: None,
        ksef: None,
    };
    assert_eq!(documents(&store), [document]);
    assert_eq!(
        following.iter().map(|job| job.payload.clone()).collect::<Vec<_>>(),
        [purchase().email(Some(PAGE.to_owned()))]
    );
    assert_eq!(store.record(0).enrolment.invoice_url.as_deref(), Some(PAGE));
    assert_eq!(store.events.borrow().last().unwrap().kind, EventKind::Invoiced);
    let resolved = store.resolved.borrow()[0].1.clone();
    assert_eq!((resolved.kind.as_str(), resolved.note.as_str()), ("invoice", "made by hand"));
    assert_eq!((resolved.settled_by.as_deref(), resolved.settled_at), (Some("anna"), start()));
    assert_eq!(settle_first(&store, &resolution(None, None)), Err(ResolveError::AlreadyResolved));
    assert_eq!(store.resolved.borrow().len(), 1);
}

#[test]
fn a_number_or_a_page_is_enough_and_a_note_alone_ends_it() {
    for (number, url, follows) in [(Some("7"), None, true), (None, Some(PAGE), true), (None, None, false)] {
        let store = owing(Payload::Invoice(purchase()));
        let (_, following) = settle_first(&store, &resolution(number, url)).unwrap();
        assert_eq!((documents(&store).len(), following.len()), (usize::from(follows), usize::from(follows)));
        assert_eq!(store.record(0).enrolment.invoice_url.as_deref(), url);
        assert_eq!(store.resolved.borrow().len(), 1);
    }
}

#[test]
fn a_correction_takes_back_what_the_invoice_says_or_what_was_paid() {
    let made = resolution(Some("K/1"), Some(PAGE));
    for (invoiced, paid, gross, currency) in [
        (true, None, Some(Balance(-19999)), "EUR"),
        (false, Some(money("5.00")), Some(Balance(-500)), "PLN"),
        (false, None, None, "PLN"),
    ] {
        let store = owing(Payload::Correction(refund()));
        store.edit(0, |record| record.paid = paid);
        if invoiced {
            let invoice = Document { currency: Some("EUR".to_owned()), ..invoice(5) };
            store.documents.borrow_mut().push((id(1), invoice));
        }
        let (_, following) = settle_first(&store, &made).unwrap();
        let correction = documents(&store).pop().unwrap();
        assert_eq!((correction.kind, correction.gross), (DocumentKind::Correction, gross));
        assert_eq!(correction.currency.as_deref(), Some(currency));
        assert_eq!(following[0].payload, refund().email(Some(PAGE.to_owned())).unwrap());
        assert_eq!(store.events.borrow().last().unwrap().kind, EventKind::Corrected);
        assert_eq!(store.record(0).enrolment.invoice_url, None);
    }
}

#[test]
fn a_payment_without_its_user_counts_as_its_invoice_and_nobody_is_mailed() {
    for gross in [None, Some(money("1.00"))] {
        let store = owing(Payload::InvoiceData(InvoiceData { gross, ..invoice_data() }));
        store.edit(0, |record| record.paid = Some(money("2.00")));
        let (_, following) = settle_first(&store, &resolution(Some("7"), Some(PAGE))).unwrap();
        assert_eq!((following.len(), documents(&store)[0].kind), (0, DocumentKind::Invoice));
        let over = gross.map_or(Balance(200), |_| Balance(100));
        assert_eq!(documents(&store)[0].gross, Some(over));
        assert_eq!(store.record(0).enrolment.invoice_url.as_deref(), Some(PAGE));
    }
}

#[test]
fn a_document_is_in_the_currency_that_was_agreed() {
    let agreed = Box::new(Terms { currency: currency("EUR"), ..terms() });
    for (payload, expected) in [
        (Payload::Invoice(Purchase { terms: agreed.clone(), ..purchase() }), "EUR"),
        (Payload::InvoiceData(InvoiceData { terms: agreed, ..invoice_data() }), "EUR"),
        (Payload::Invoice(purchase()), "PLN"),
    ] {
        let store = owing(payload);
        settle_first(&store, &resolution(Some("7"), None)).unwrap();
        assert_eq!(documents(&store)[0].currency.as_deref(), Some(expected));
    }
}

#[test]
fn what_is_no_document_has_neither_number_nor_page() {
    for payload in [enrolment_email(), Payload::Event(Notification { event_id: 1 })] {
        let store = owing(payload);
        for (number, url, fields) in [
            (Some("7"), None, vec!["number"]),
            (None, Some(PAGE), vec!["url"]),
            (Some("7"), Some(PAGE), vec!["number", "url"]),
        ] {
            assert_eq!(settle_first(&store, &resolution(number, url)), Err(ResolveError::NoDocument(fields)));
        }
        assert!(store.resolved.borrow().is_empty() && !store.row(0).done);
        settle_first(&store, &resolution(None, None)).unwrap();
        assert!(store.row(0).done);
    }
}

#[test]
fn what_a_worker_holds_is_left_to_it_until_it_is_gone() {
    let store = owing(enrolment_email());
    let env = Env::new();
    block_on(store.claim(&lease(), &[Kind::EnrolmentEmail], 1, start())).unwrap();
    let resolve = || block_on(resolve(&store, &env, JobId(1), &resolution(None, None), None, "PLN"));
    assert_eq!(resolve(), Err(ResolveError::BeingDelivered));
    env.advance(chrono::TimeDelta::from_std(Lease::LENGTH).unwrap());
    assert!(resolve().is_ok());
    assert_eq!(
        block_on(super::resolve(&store, &env, JobId(2), &resolution(None, None), None, "PLN")),
        Err(ResolveError::NotFound)
    );
    store.down.set(true);
    assert!(matches!(resolve(), Err(ResolveError::Unavailable(_))));
}

#[test]
fn a_later_release_settles_what_it_owes() {
    let job = JobToResolve {
        kind: None,
        payload: None,
        state: State::Due,
        held_until: None,
        invoice: None,
        paid: None,
        user_id: None,
    };
    assert_eq!(resolved(&job, &resolution(None, None), "PLN", start()), Err(ResolveError::OfLaterRelease));
}

#[test]
fn one_that_cannot_be_read_is_settled_as_well() {
    let paid = Some(money("5.00"));
    let job = JobToResolve {
        kind: Some(Kind::Invoice),
        payload: None,
        state: State::Dead,
        held_until: None,
        invoice: None,
        paid,
        user_id: None,
    };
    let finished = resolved(&job, &resolution(Some("7"), None), "PLN", start()).unwrap();
    assert_eq!((finished.document.unwrap().gross, finished.jobs.len()), (Some(Balance(500)), 0));
}

#[test]
fn the_next_event_goes_on_when_one_is_left_out() {
    let store = owing(Payload::Event(Notification { event_id: 1 }));
    store.enqueue(1, Payload::Event(Notification { event_id: 2 }));
    let waits = start() + chrono::TimeDelta::minutes(5);
    let job = block_on(store.claim(&lease(), &[Kind::Event], 2, start())).unwrap().jobs.pop().unwrap();
    let waiting = FailedAttempt::Snoozed { due_at: waits, reason: ReasonCode::EarlierEventDue.into(), tried: false };
    block_on(store.record_failure(&job, &waiting, start())).unwrap();
    assert_eq!(store.row(1).due_at, waits);
    let env = Env::new();
    env.advance(chrono::TimeDelta::minutes(1));
    block_on(resolve(&store, &env, JobId(1), &resolution(None, None), None, "PLN")).unwrap();
    assert_eq!(store.row(1).due_at, env.now());
}

#[test]
fn what_is_said_of_a_user_who_is_erased_is_not_kept() {
    let resolution = resolution(None, None);
    let note = |user_id: Option<UserId>| {
        let job = JobToResolve {
            kind: None,
            payload: None,
            state: State::Due,
            held_until: None,
            invoice: None,
            paid: None,
            user_id,
        };
        job.kept_note(&resolution).to_owned()
    };
    assert_eq!((note(None), note(Some(UserId::erased(1, 2)))), ("made by hand".to_owned(), String::new()));
    assert_eq!(note(Some(UserId::stored("0f".repeat(16)))), "made by hand");
}
