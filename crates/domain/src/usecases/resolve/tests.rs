use super::*;
use crate::UserId;
use crate::fakes::{
    Env, FakeStore, correction, currency, enrolment_email, id, invoice, invoice_data, lease, money, purchase,
    resolution, start, terms,
};
use crate::jobs::Lease;
use crate::jobs::outbox::FailedAttempt;
use crate::jobs::{InvoiceData, Notification, Purchase};
use crate::model::chain::ChainNo;
use crate::model::event::EventKind;
use crate::model::reason::ReasonCode;
use crate::ports::Outbox as _;
use crate::{PaymentStatus, Status, Terms};
use futures::executor::block_on;

const PAGE: &str = "https://account.example/invoice/manual";

/// One job of enrolment 1, which is paid.
fn with_jobs(payload: Payload) -> FakeStore {
    let store = FakeStore::default();
    store.add(Status::Active, PaymentStatus::Paid);
    store.enqueue(1, payload);
    store
}

fn resolve_first(store: &FakeStore, resolution: &Resolution) -> Result<(JobSummary, Vec<Job>), ResolveError> {
    block_on(resolve(store, &Env::new(), JobId(1), resolution, Some(&Author("anna".to_owned())), "PLN"))
}

fn documents(store: &FakeStore) -> Vec<Document> {
    store.documents.borrow().iter().map(|(_, document)| document.clone()).collect()
}

#[test]
fn a_persons_invoice_has_the_same_effects_as_an_issued_one() {
    let store = with_jobs(Payload::Invoice(purchase()));
    let (job, following) = resolve_first(&store, &resolution(Some("7/2026"), Some(PAGE))).unwrap();
    assert_eq!((job.state, job.kind.as_str()), (State::Done, "invoice"));
    let document = Document {
        kind: DocumentKind::Invoice,
        chain_no: ChainNo::FIRST,
        vendor_id: None,
        number: Some("7/2026".to_owned()),
        url: Some(PAGE.to_owned()),
        gross: Some(Balance(19999)),
        currency: Some("PLN".to_owned()),
        tax: None,
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
    assert_eq!((resolved.kind.as_str(), resolved.note.as_str()), ("invoice", "made manually"));
    assert_eq!((resolved.settled_by.as_deref(), resolved.settled_at), (Some("anna"), start()));
    assert_eq!(resolve_first(&store, &resolution(None, None)), Err(ResolveError::AlreadyResolved));
    assert_eq!(store.resolved.borrow().len(), 1);
}

#[test]
fn a_number_or_a_page_makes_a_document_and_a_note_alone_does_not() {
    for (number, url, follows) in [(Some("7"), None, true), (None, Some(PAGE), true), (None, None, false)] {
        let store = with_jobs(Payload::Invoice(purchase()));
        let (_, following) = resolve_first(&store, &resolution(number, url)).unwrap();
        assert_eq!((documents(&store).len(), following.len()), (usize::from(follows), usize::from(follows)));
        assert_eq!(store.record(0).enrolment.invoice_url.as_deref(), url);
        assert_eq!(store.resolved.borrow().len(), 1);
    }
}

#[test]
fn a_correction_has_the_negative_total_of_the_invoice_or_payment() {
    let made = resolution(Some("K/1"), Some(PAGE));
    for (invoiced, paid, gross, currency) in [
        (true, None, Some(Balance(-19999)), "EUR"),
        (false, Some(money("5.00")), Some(Balance(-500)), "PLN"),
        (false, None, None, "PLN"),
    ] {
        let store = with_jobs(Payload::Correction(correction()));
        store.edit(0, |record| record.paid = paid);
        if invoiced {
            let invoice = Document { currency: Some("EUR".to_owned()), ..invoice(5) };
            store.documents.borrow_mut().push((id(1), invoice));
        }
        let (_, following) = resolve_first(&store, &made).unwrap();
        let correction = documents(&store).pop().unwrap();
        assert_eq!((correction.kind, correction.gross), (DocumentKind::Correction, gross));
        assert_eq!(correction.currency.as_deref(), Some(currency));
        assert_eq!(following[0].payload, crate::fakes::correction().email(Some(PAGE.to_owned())).unwrap());
        assert_eq!(store.events.borrow().last().unwrap().kind, EventKind::Corrected);
        assert_eq!(store.record(0).enrolment.invoice_url, None);
    }
}

#[test]
fn a_resolved_look_up_stores_an_invoice_and_sends_no_mail() {
    for gross in [None, Some(money("1.00"))] {
        let store = with_jobs(Payload::InvoiceData(InvoiceData { gross, ..invoice_data() }));
        store.edit(0, |record| record.paid = Some(money("2.00")));
        let (_, following) = resolve_first(&store, &resolution(Some("7"), Some(PAGE))).unwrap();
        assert_eq!((following.len(), documents(&store)[0].kind), (0, DocumentKind::Invoice));
        let over = gross.map_or(Balance(200), |_| Balance(100));
        assert_eq!(documents(&store)[0].gross, Some(over));
        assert_eq!(store.record(0).enrolment.invoice_url.as_deref(), Some(PAGE));
    }
}

#[test]
fn a_document_has_the_currency_of_the_sale() {
    let agreed = Box::new(Terms { currency: currency("EUR"), ..terms() });
    for (payload, expected) in [
        (Payload::Invoice(Purchase { terms: agreed.clone(), ..purchase() }), "EUR"),
        (Payload::InvoiceData(InvoiceData { terms: agreed, ..invoice_data() }), "EUR"),
        (Payload::Invoice(purchase()), "PLN"),
    ] {
        let store = with_jobs(payload);
        resolve_first(&store, &resolution(Some("7"), None)).unwrap();
        assert_eq!(documents(&store)[0].currency.as_deref(), Some(expected));
    }
}

#[test]
fn a_job_without_a_document_takes_neither_number_nor_page() {
    for payload in [enrolment_email(), Payload::Event(Notification { event_id: 1 })] {
        let store = with_jobs(payload);
        for (number, url, fields) in [
            (Some("7"), None, vec!["number"]),
            (None, Some(PAGE), vec!["url"]),
            (Some("7"), Some(PAGE), vec!["number", "url"]),
        ] {
            assert_eq!(resolve_first(&store, &resolution(number, url)), Err(ResolveError::NoDocument(fields)));
        }
        assert!(store.resolved.borrow().is_empty() && !store.row(0).done);
        resolve_first(&store, &resolution(None, None)).unwrap();
        assert!(store.row(0).done);
    }
}

#[test]
fn a_job_cannot_be_resolved_during_its_lease() {
    let store = with_jobs(enrolment_email());
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
fn a_job_of_a_later_release_cannot_be_resolved() {
    let job = JobToResolve {
        kind: None,
        payload: None,
        chain_no: ChainNo::FIRST,
        state: State::Due,
        held_until: None,
        invoice: None,
        paid: None,
        user_id: None,
    };
    assert_eq!(resolved(&job, &resolution(None, None), "PLN", start()), Err(ResolveError::OfLaterRelease));
}

#[test]
fn a_job_that_cannot_be_read_can_be_resolved() {
    let paid = Some(money("5.00"));
    let job = JobToResolve {
        kind: Some(Kind::Invoice),
        payload: None,
        chain_no: ChainNo::FIRST,
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
fn the_next_event_is_due_after_one_is_resolved() {
    let store = with_jobs(Payload::Event(Notification { event_id: 1 }));
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
fn notes_about_an_erased_user_are_not_stored() {
    let resolution = resolution(None, None);
    let note = |user_id: Option<UserId>| {
        let job = JobToResolve {
            kind: None,
            payload: None,
            chain_no: ChainNo::FIRST,
            state: State::Due,
            held_until: None,
            invoice: None,
            paid: None,
            user_id,
        };
        job.kept_note(&resolution).to_owned()
    };
    assert_eq!((note(None), note(Some(UserId::erased(1, 2)))), ("made manually".to_owned(), String::new()));
    assert_eq!(note(Some(UserId::stored("0f".repeat(16)))), "made manually");
}
