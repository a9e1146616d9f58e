//! Corrections.

use super::*;
use crate::System;
use crate::fakes::{Directory, FakeStore, correction, down, mail_data};
use crate::jobs::outbox::FailedAttempt;
use crate::jobs::{Finished, Kind};
use crate::model::chain::ChainNo;
use crate::model::invoice::{DocumentKind, IssuedInvoice};
use crate::model::note::MailTo;
use chrono::{DateTime, Utc};
use futures::executor::block_on;

/// A due correction, without an invoice in the database.
fn correcting() -> World {
    World::new(Payload::Correction(correction()))
}

fn email(correction_url: Option<&str>) -> Payload {
    correction().email(correction_url.map(str::to_owned)).unwrap()
}

/// Claims the correction and delivers it.
fn correct(world: &World) -> (AttemptOutcome, Option<Delivered>) {
    world.deliver_job(&world.claim_of(&[Kind::Correction]))
}

fn state(store: &FakeStore) -> InvoiceState {
    block_on(store.invoice_state(id(1), ChainNo::SECOND)).unwrap()
}

fn waits_until(world: &World) -> Option<DateTime<Utc>> {
    match world.store.row(0).failed {
        Some(FailedAttempt::Snoozed { due_at, .. }) => Some(due_at),
        _ => None,
    }
}

#[test]
fn the_issued_invoice_is_corrected_and_the_mail_follows() {
    let world = correcting().invoiced();
    let (outcome, delivered) = world.deliver();
    let Delivered { url, jobs } = delivered.unwrap();
    assert_eq!((outcome, url.as_deref()), (AttemptOutcome::Delivered, Some(URL)));
    assert_eq!(jobs.iter().map(|job| &job.payload).collect::<Vec<_>>(), [&email(Some(URL))]);
    assert!(world.store.row(0).done && !world.store.row(1).done);
    assert_eq!(world.url(), None, "only an invoice sets the link");

    let created = world.invoices.created.borrow();
    let [asked] = created.as_slice() else { panic!("{created:?}") };
    let invoice = IssuedInvoice {
        vendor_id: 9,
        gross: purchase().gross,
        currency: "PLN".to_owned(),
        tax: Some("23".to_owned()),
        account: Some(world.invoices.terms.account.clone()),
        issued_on: Some(start().date_naive()),
        ksef_number: None,
    };
    assert_eq!((asked.enrolment_id, asked.issued_on.as_str(), &asked.corrects), (1, "2026-06-01", &Some(invoice)));
    assert_eq!(asked.content, Payload::Correction(correction()));
    let kept = world.store.documents.borrow()[1].1.clone();
    assert_eq!((kept.kind, kept.gross.unwrap().to_string()), (DocumentKind::Correction, "-199.99".to_owned()));
    assert_eq!(kept.tax.as_deref(), Some("23"), "that of the invoice");
    assert_eq!((kept.vendor_id, world.invoices.looked_up.get()), (Some(1), 0));
}

#[test]
fn without_a_recipient_there_is_no_mail() {
    let world = World::new(Payload::Correction(Correction { mail_to: MailTo::NoRecipient, ..correction() })).invoiced();
    let delivered = world.deliver().1.unwrap();
    assert_eq!((delivered.url.as_deref(), delivered.jobs), (Some(URL), Vec::new()));
    assert_eq!((world.store.jobs().len(), world.store.documents.borrow().len()), (1, 2));
}

#[test]
fn it_waits_for_the_invoice_without_a_limit() {
    for payload in [Payload::Invoice(purchase()), Payload::InvoiceData(crate::fakes::invoice_data())] {
        let world = correcting();
        world.store.enqueue(1, payload);
        let mut waited = TimeDelta::zero();
        for round in 0..500 {
            assert_eq!(correct(&world), (PUT_OFF, None), "{round}");
            let row = world.store.row(0);
            assert_eq!((row.job.attempts, row.job.unknown_since, row.leased), (0, None, false));
            assert_eq!(row.reason(), Some(&ReasonCode::InvoiceNotIssued.into()));
            let wait = waits_until(&world).unwrap() - world.env.now();
            assert!(wait >= TimeDelta::milliseconds(7500) && wait <= TimeDelta::hours(1), "{wait}");
            assert_eq!(row.due_at, world.env.now() + wait);
            world.env.advance(wait);
            waited += wait;
        }
        assert!(waited > TimeDelta::days(14) && world.untouched());

        let mut jobs = vec![world.claim_of(&[Kind::InvoiceData, Kind::Invoice])];
        while state(&world.store) == InvoiceState::NotIssued {
            let (outcome, delivered) = world.deliver_job(&jobs.remove(0));
            assert_eq!(outcome, AttemptOutcome::Delivered);
            jobs.extend(delivered.unwrap().jobs);
        }
        assert_eq!(correct(&world).0, AttemptOutcome::Delivered);
        let created = world.invoices.created.borrow();
        assert_eq!(
            created.iter().map(|asked| asked.content.kind()).collect::<Vec<_>>(),
            [Kind::Invoice, Kind::Correction]
        );
        assert_eq!(created[1].corrects.as_ref().map(|invoice| invoice.vendor_id), Some(1));
    }
}

#[test]
fn it_waits_for_a_dead_invoice() {
    let world = correcting();
    world.store.enqueue(1, Payload::Invoice(purchase()));
    world.invoices.create.borrow_mut().push_back(Err(refused()));
    world.deliver_job(&world.claim_of(&[Kind::Invoice]));
    assert!(world.store.row(1).dead());
    assert_eq!(correct(&world), (PUT_OFF, None));
    assert!(waits_until(&world).is_some());
}

#[test]
fn an_unknown_correction_stays_unknown_while_it_waits() {
    let world = correcting();
    world.store.enqueue(1, Payload::Invoice(purchase()));
    let since = Some(start() - TimeDelta::minutes(1));
    world.store.outbox.borrow_mut()[0].job.unknown_since = since;
    assert_eq!(correct(&world), (PUT_OFF, None));
    assert_eq!((waits_until(&world).is_some(), world.unknown_since()), (true, since));
}

#[test]
fn an_invoice_without_an_id_needs_a_person() {
    let reason = ReasonCode::InvoiceUnidentified.into();
    let spoilt = [
        Document { vendor_id: None, ..invoice(9) },
        Document { currency: None, ..invoice(9) },
        Document { gross: None, ..invoice(9) },
        Document { gross: Some(crate::Balance(-1)), ..invoice(9) },
        Document::from_page(URL.to_owned()),
    ];
    // Only a link, and not even a link.
    let link = |url: Option<&str>| {
        let world = correcting();
        world.store.edit(0, |record| record.enrolment.invoice_url = url.map(str::to_owned));
        world
    };
    let documented = spoilt.map(|document| {
        let world = correcting();
        world.store.documents.borrow_mut().push((id(1), document));
        world
    });
    for world in documented.into_iter().chain([link(Some(URL)), link(None)]) {
        assert_eq!(state(&world.store), InvoiceState::Unidentified);
        assert_eq!(world.deliver(), (AttemptOutcome::GivenUp, None));
        assert_eq!((world.store.row(0).dead(), world.store.row(0).reason()), (true, Some(&reason)));
        assert!(world.untouched() && world.store.jobs().len() == 1);
    }
}

#[test]
fn the_recipient_is_looked_up_after_the_correction() {
    let mail_to = MailTo::NotKnownYet(mail_data().subject);
    let mut world = World::new(Payload::Correction(Correction { mail_to, ..correction() })).invoiced();
    let delivered = world.deliver().1.unwrap();
    assert_eq!((delivered.url.as_deref(), delivered.jobs), (Some(URL), Vec::new()));
    assert_eq!(world.store.jobs(), [(1, Kind::Correction), (1, Kind::MailData)]);
    assert!(!world.store.row(1).leased, "it has no lease");
    world.env.advance(Finished::LATER);
    world.directory = Directory { user: Err(down(System::Users).into()), ..Directory::with_price(1.0) };
    assert_eq!(world.deliver(), (DOWN, None));
    world.env.advance(TimeDelta::hours(2));
    world.directory = Directory::with_price(1.0);
    let delivered = world.deliver().1.unwrap();
    assert_eq!(delivered.jobs.into_iter().map(|job| job.payload).collect::<Vec<_>>(), [email(Some(URL))]);
}

#[test]
fn without_an_invoice_only_the_mail_follows() {
    for (mail_to, jobs) in [(correction().mail_to, vec![email(None)]), (MailTo::NoRecipient, Vec::new())] {
        let world = World::new(Payload::Correction(Correction { mail_to, ..correction() }));
        world.store.enqueue(1, purchase().email(None));
        assert_eq!(state(&world.store), InvoiceState::None);
        let (outcome, delivered) = correct(&world);
        let delivered = delivered.unwrap();
        assert_eq!((outcome, delivered.url), (AttemptOutcome::Delivered, None));
        assert_eq!(delivered.jobs.into_iter().map(|job| job.payload).collect::<Vec<_>>(), jobs);
        assert!(world.store.row(0).done && world.untouched() && world.store.documents.borrow().is_empty());
    }
}

#[test]
fn an_unknown_correction_is_looked_up_before_it_is_sent_again() {
    let world = correcting().invoiced();
    world.invoices.create.borrow_mut().push_back(Err(unknown()));
    assert_eq!(correct(&world), (PUT_OFF, None));
    assert_eq!((world.unknown_since(), world.store.row(0).job.attempts), (Some(start()), 1));

    world.env.advance(TimeDelta::seconds(10));
    let Found { number, issued, .. } = found(None);
    let correction = Document { kind: DocumentKind::Correction, ..issued.document };
    let answer = vec![Found { number, difference: None, issued: correction.clone().into() }];
    world.invoices.find.borrow_mut().push_back(Ok(answer));
    let delivered = correct(&world).1.unwrap();
    assert_eq!(delivered.jobs[0].payload, email(correction.url.as_deref()));
    assert_eq!(world.store.documents.borrow()[1].1, correction);
    assert_eq!(world.invoices.created.borrow().len(), 1, "created once only");
}

#[test]
fn a_look_up_proves_nothing_during_the_grace() {
    let world = correcting().invoiced();
    world.invoices.create.borrow_mut().push_back(Err(unknown()));
    correct(&world);
    world.env.advance(GRACE - TimeDelta::seconds(1));
    assert_eq!(correct(&world), (PUT_OFF, None));
    assert_eq!(
        (world.store.row(0).reason(), world.unknown_since()),
        (Some(&ReasonCode::NotFoundYet.into()), Some(start()))
    );
    world.env.advance(TimeDelta::seconds(21));
    assert_eq!(correct(&world).0, AttemptOutcome::Delivered);
    assert_eq!((world.invoices.created.borrow().len(), world.invoices.looked_up.get()), (2, 2));
}

#[test]
fn a_taken_number_is_found_or_stays_unknown() {
    let taken = |answer| {
        let world = correcting().invoiced();
        world.invoices.create.borrow_mut().push_back(Ok(Created::Taken));
        world.invoices.find.borrow_mut().push_back(answer);
        let outcome = correct(&world).0;
        (outcome, world.unknown_since())
    };
    assert_eq!(taken(Ok(vec![found(None)])), (AttemptOutcome::Delivered, None));
    for (answer, outcome) in [
        (Ok(Vec::new()), PUT_OFF),
        (Err(out_of_reach()), SILENT),
        (Err(silent()), SILENT),
        (Err(refused()), PUT_OFF),
        (Err(Failure::Waiting { reason: ReasonCode::InvoiceNotIssued.into(), after: None }), PUT_OFF),
    ] {
        assert_eq!(taken(answer), (outcome, Some(start())));
    }
}

#[test]
fn a_different_correction_needs_a_person() {
    let world = correcting().invoiced();
    world.invoices.create.borrow_mut().push_back(Ok(Created::Taken));
    world.invoices.find.borrow_mut().push_back(Ok(vec![found(Some(Difference::Corrects))]));
    assert_eq!(correct(&world), (AttemptOutcome::GivenUp, None));
    let reason = ReasonCode::CorrectionOfAnotherInvoice.with("enrolment-1, id 77, 77/06/2026");
    assert_eq!((world.store.row(0).dead(), world.store.row(0).reason()), (true, Some(&reason)));
    assert_eq!(world.store.jobs().len(), 1);
}

#[test]
fn it_is_retried_while_the_invoice_cannot_be_read() {
    let world = correcting().invoiced();
    world.store.documents_unreadable.set(true);
    assert_eq!(correct(&world), (PUT_OFF, None));
    let row = world.store.row(0);
    assert_eq!((row.job.attempts, row.dead(), row.job.unknown_since), (1, false, None));
    assert_eq!(row.reason(), Some(&ReasonCode::Database.with("no such table")));
    assert!(waits_until(&world).is_none() && world.untouched());
    world.store.documents_unreadable.set(false);
    world.env.advance(TimeDelta::seconds(10));
    assert_eq!(correct(&world).0, AttemptOutcome::Delivered);
}

#[test]
fn a_control_character_in_the_name_does_not_stop_a_correction() {
    let mut refund = correction();
    let MailTo::Known(addressee) = &mut refund.mail_to else { panic!("known") };
    addressee.recipient.last_name = "a\nb".to_owned();
    let world = World::new(Payload::Correction(refund)).invoiced();
    assert_eq!(correct(&world).0, AttemptOutcome::Delivered);
}
