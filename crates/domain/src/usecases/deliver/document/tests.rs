//! Invoices.

mod correction;

use super::*;
use crate::fakes::{DOWN, SILENT, URL, id, invoice, out_of_reach, purchase, refused, silent, start, unknown};
use crate::jobs::outbox::AttemptOutcome;
use crate::model::invoice::Difference;
use crate::usecases::deliver::Delivered;
use crate::usecases::deliver::tests::{PUT_OFF, World};

fn invoicing() -> World {
    World::new(Payload::Invoice(purchase()))
}

fn found(difference: Option<Difference>) -> Found {
    let url = Some("https://account.example/invoice/found".to_owned());
    Found { number: "enrolment-1".to_owned(), difference, issued: Document { url, ..invoice(77) }.into() }
}

#[test]
fn an_issued_invoice_is_linked_and_its_mail_follows() {
    let world = invoicing();
    let (outcome, delivered) = world.deliver();
    assert_eq!(outcome, AttemptOutcome::Delivered);
    let delivered = delivered.unwrap();
    assert_eq!(delivered.url.as_deref(), Some(URL));
    assert_eq!(world.url().as_deref(), Some(URL));
    assert!(world.store.row(0).done && !world.store.row(1).done);
    let jobs: Vec<_> = delivered.jobs.iter().map(|job| &job.payload).collect();
    assert_eq!(jobs, [&purchase().email(Some(URL.to_owned()))]);
    let created = world.invoices.created.borrow();
    let [asked] = created.as_slice() else { panic!("{created:?}") };
    assert_eq!((asked.enrolment_id, asked.issued_on.as_str(), &asked.corrects), (1, "2026-06-01", &None));
    assert_eq!(asked.content, Payload::Invoice(purchase()));
    assert_eq!(*world.store.documents.borrow(), [(id(1), invoice(1))]);
    assert_eq!(world.invoices.looked_up.get(), 0);
}

#[test]
fn an_invoice_of_another_account_waits_for_that_account() {
    let mut world = invoicing();
    world.invoices.create.borrow_mut().push_back(Err(unknown()));
    world.deliver();
    world.invoices.terms.account = Account::new("https://other.example");
    for _ in 0..200 {
        world.env.advance(TimeDelta::hours(1));
        assert_eq!(world.deliver(), (PUT_OFF, None));
        let row = world.store.row(0);
        let reason = ReasonCode::OtherAccount.with("https://account.example");
        assert_eq!((row.job.attempts, row.reason()), (1, Some(&reason)));
        assert_eq!(world.unknown_since(), Some(start()), "it stays unknown");
    }
    assert_eq!((world.invoices.created.borrow().len(), world.invoices.looked_up.get()), (1, 0));
    world.invoices.terms.account = Account::new("https://account.example");
    world.env.advance(TimeDelta::hours(1));
    assert_eq!(world.deliver().0, AttemptOutcome::Delivered);
    assert_eq!((world.invoices.created.borrow().len(), world.invoices.looked_up.get()), (2, 1));
}

#[test]
fn an_invoice_that_was_refused_is_dead() {
    let world = invoicing();
    world.invoices.create.borrow_mut().push_back(Err(refused()));
    assert_eq!(world.deliver(), (AttemptOutcome::GivenUp, None));
    assert!(world.store.row(0).dead());
    assert_eq!(world.url(), None);
}

#[test]
fn an_unknown_invoice_is_looked_up_first() {
    let world = invoicing();
    world.invoices.create.borrow_mut().push_back(Err(unknown()));
    assert_eq!(world.deliver(), (PUT_OFF, None));
    assert_eq!(world.unknown_since(), Some(start()));

    world.env.advance(TimeDelta::seconds(10));
    world.invoices.find.borrow_mut().push_back(Ok(vec![found(Some(Difference::Canceled)), found(None)]));
    let (outcome, delivered) = world.deliver();
    assert_eq!(outcome, AttemptOutcome::Delivered);
    assert_eq!(delivered.unwrap().url.as_deref(), Some("https://account.example/invoice/found"));
    assert_eq!(world.invoices.created.borrow().len(), 1, "created once only");
}

#[test]
fn a_look_up_proves_nothing_during_the_grace() {
    let world = invoicing();
    world.invoices.create.borrow_mut().push_back(Err(unknown()));
    world.deliver();
    world.env.advance(GRACE - TimeDelta::seconds(1));
    assert_eq!(world.deliver().0, PUT_OFF);
    assert_eq!(world.invoices.created.borrow().len(), 1);
    assert_eq!(world.unknown_since(), Some(start()), "since the first time");

    world.env.advance(TimeDelta::seconds(1) + TimeDelta::seconds(20));
    assert_eq!(world.deliver().0, AttemptOutcome::Delivered);
    assert_eq!(world.invoices.created.borrow().len(), 2);
    assert_eq!(world.invoices.looked_up.get(), 2);
}

#[test]
fn at_the_end_of_the_grace_it_is_issued_again() {
    let world = invoicing();
    world.invoices.create.borrow_mut().push_back(Err(unknown()));
    world.deliver();
    world.env.advance(GRACE);
    assert_eq!(world.deliver().0, AttemptOutcome::Delivered);
}

#[test]
fn a_failed_look_up_keeps_the_job_unknown() {
    let world = invoicing();
    world.invoices.create.borrow_mut().push_back(Err(unknown()));
    world.deliver();
    world.env.advance(TimeDelta::hours(1));
    world.invoices.find.borrow_mut().push_back(Err(out_of_reach()));
    assert_eq!(world.deliver().0, DOWN);
    assert_eq!(world.unknown_since(), Some(start()));
    assert_eq!(world.invoices.created.borrow().len(), 1);
}

#[test]
fn a_different_document_needs_a_person() {
    for (difference, code) in [
        (Difference::Kind, ReasonCode::DocumentOfAnotherKind),
        (Difference::Canceled, ReasonCode::DocumentCanceled),
        (Difference::Buyer, ReasonCode::DocumentOfAnotherBuyer),
        (Difference::Amount, ReasonCode::DocumentOverAnotherAmount),
        (Difference::Currency, ReasonCode::DocumentInAnotherCurrency),
        (Difference::Corrects, ReasonCode::CorrectionOfAnotherInvoice),
        (Difference::Corrected, ReasonCode::AnotherCorrection),
    ] {
        // It is found because the number is taken, or because the job is unknown.
        for since in [None, Some(start())] {
            let world = invoicing();
            world.store.outbox.borrow_mut()[0].job.unknown_since = since;
            world.invoices.create.borrow_mut().push_back(Ok(Created::Taken));
            world.invoices.find.borrow_mut().push_back(Ok(vec![found(Some(difference))]));
            assert_eq!(world.deliver(), (AttemptOutcome::GivenUp, None));
            assert_eq!(world.store.row(0).reason(), Some(&code.with("enrolment-1, id 77, 77/06/2026")));
            assert_eq!((world.url(), world.store.documents.borrow().len()), (None, 0));
        }
    }
}

#[test]
fn a_buyer_with_a_control_character_gets_no_invoice() {
    for bad in ["Ann\r\nx", "\0", "\u{1b}[2J"] {
        let mut purchase = purchase();
        purchase.customer.last_name = bad.to_owned();
        let world = World::new(Payload::Invoice(purchase));
        assert_eq!(world.deliver(), (AttemptOutcome::GivenUp, None));
        assert!(world.invoices.created.borrow().is_empty());
        assert_eq!(world.store.row(0).reason(), Some(&ReasonCode::BuyerControlCharacter.into()));
    }
}

#[test]
fn a_taken_number_leads_to_the_invoice_that_has_it() {
    let world = invoicing();
    world.invoices.create.borrow_mut().push_back(Ok(Created::Taken));
    world.invoices.find.borrow_mut().push_back(Ok(vec![found(None)]));
    assert_eq!(world.deliver().0, AttemptOutcome::Delivered);
    assert!(world.url().unwrap().ends_with("/found"));
}

#[test]
fn a_taken_number_that_cannot_be_found_stays_unknown() {
    for (answer, outcome) in
        [(Ok(Vec::new()), PUT_OFF), (Err(out_of_reach()), SILENT), (Err(silent()), SILENT), (Err(refused()), PUT_OFF)]
    {
        let world = invoicing();
        world.invoices.create.borrow_mut().push_back(Ok(Created::Taken));
        world.invoices.find.borrow_mut().push_back(answer);
        assert_eq!(world.deliver().0, outcome);
        assert_eq!(world.unknown_since(), Some(start()));
    }
}

#[test]
fn a_document_without_a_page_is_stored_and_its_mail_has_no_link() {
    let world = invoicing();
    let document = Document { url: None, ..invoice(5) };
    world.invoices.create.borrow_mut().push_back(Ok(Created::Issued(document.clone().into())));
    let delivered = world.deliver().1.unwrap();
    assert_eq!((delivered.url, delivered.jobs[0].payload.clone()), (None, purchase().email(None)));
    assert_eq!((world.url(), world.store.documents.borrow().as_slice()), (None, [(id(1), document)].as_slice()));
}

#[test]
fn an_invoice_is_dated_in_warsaw() {
    let world = invoicing();
    world.env.advance(TimeDelta::hours(10));
    world.deliver();
    assert_eq!(world.invoices.created.borrow()[0].issued_on, "2026-06-02");
}
