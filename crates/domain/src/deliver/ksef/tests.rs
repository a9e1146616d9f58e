use super::super::tests::{PUT_OFF, World};
use super::*;
use crate::fakes::{enrolment_email, id, invoice, later, look, out_of_reach};
use crate::invoice::DocumentKind;
use crate::job::{Kind, Payload};
use crate::ksef::Ksef;
use crate::outbox::FailedAttempt;
use chrono::TimeDelta;
use futures::executor::block_on;

/// An invoice that is issued, and on its way.
fn world(looks: impl IntoIterator<Item = Look>) -> World {
    let world =
        World::new(Payload::KsefNumber(KsefNumber { document: DocumentKind::Invoice, vendor_id: 9, erased: false }))
            .invoiced();
    world.invoices.looks.borrow_mut().extend(looks.into_iter().map(Ok));
    world
}

fn failed(status: &str) -> Look {
    Look { reasons: "because".to_owned(), ..look(status, None) }
}

fn noted(world: &World) -> (String, Option<String>) {
    let Ksef { status, number } = world.store.documents.borrow()[0].1.ksef.clone().unwrap();
    (status.as_str().to_owned(), number)
}

/// Delivers, and how long the job then waits.
fn deliver(world: &World) -> (AttemptOutcome, TimeDelta) {
    let outcome = world.deliver().0;
    let row = world.store.row(0);
    let wait = row.due_at - world.env.now();
    world.env.advance(wait.max(TimeDelta::zero()));
    (outcome, wait)
}

fn sent_again(world: &World) -> usize {
    world.invoices.sent_again.borrow().len()
}

#[test]
fn it_is_looked_at_until_it_has_its_number() {
    let world = world([look("processing", None), look("ok", None), look("ok", Some("K1"))]);
    assert_eq!(deliver(&world).0, PUT_OFF);
    assert_eq!(
        (noted(&world), world.store.row(0).reason()),
        (("processing".to_owned(), None), Some("KSeF: under way (processing)"))
    );
    assert_eq!(deliver(&world).0, PUT_OFF);
    assert_eq!(world.deliver().0, AttemptOutcome::Delivered);
    assert_eq!(noted(&world), ("ok".to_owned(), Some("K1".to_owned())));
    assert_eq!(sent_again(&world), 0);
}

#[test]
fn however_long_it_takes_it_is_not_given_up() {
    let world = world((0..200).map(|_| look("processing", None)));
    for _ in 0..200 {
        assert_eq!(deliver(&world).0, PUT_OFF);
    }
    assert_eq!(deliver(&world).0, AttemptOutcome::Delivered);
}

#[test]
fn what_failed_is_sent_again_three_times_with_growing_waits() {
    for status in ["server_error", "send_error", "requested"] {
        // Each time that it is sent it is under way, and fails later.
        let again = [look("processing", None), failed(status)];
        let looks = [failed(status), failed(status)].into_iter().chain([again.clone(), again.clone(), again].concat());
        let world = world(looks);
        let waits: Vec<_> = (0..4).map(|_| deliver(&world)).collect();
        let expected = [60, 300, 600, 1200].map(|seconds| (PUT_OFF, TimeDelta::seconds(seconds)));
        assert_eq!((waits.as_slice(), sent_again(&world)), (expected.as_slice(), 3));
        assert_eq!(world.store.row(0).reason().unwrap(), format!("KSeF: sent again ({status}): because"));
        assert_eq!(world.deliver().0, AttemptOutcome::GivenUp);
        assert_eq!(world.store.row(0).reason().unwrap(), format!("KSeF: sent again in vain ({status}): because"));
        assert_eq!((noted(&world).0.as_str(), sent_again(&world)), (status, 3));
    }
}

#[test]
fn looks_that_fail_or_find_it_under_way_do_not_count() {
    let world = world([]);
    let looks = [Err(out_of_reach()), Ok(look("processing", None)), Ok(failed("server_error")), Err(later())];
    world.invoices.looks.borrow_mut().extend(looks);
    assert_eq!(deliver(&world).0, AttemptOutcome::PutOff { whole_system: true });
    assert!(matches!(world.store.row(0).failed, Some(FailedAttempt::Waits { .. })));
    assert_eq!(deliver(&world).0, PUT_OFF);
    assert_eq!((deliver(&world).1, sent_again(&world)), (TimeDelta::seconds(60), 0));
    assert_eq!(deliver(&world).0, PUT_OFF);
    assert_eq!(world.deliver().0, AttemptOutcome::Delivered);
}

#[test]
fn what_is_refused_is_for_a_person_with_its_reason() {
    let duplicate = Look { duplicate: true, ..failed("send_error") };
    for look in [duplicate, failed("duplicate_error"), failed("not_connected")] {
        let status = look.ksef.status.as_str().to_owned();
        let world = world([look]);
        assert_eq!(world.deliver().0, AttemptOutcome::GivenUp);
        assert_eq!(world.store.row(0).reason().unwrap(), format!("KSeF: refused ({status}): because"));
        assert_eq!((noted(&world).0, sent_again(&world)), (status, 0));
    }
}

#[test]
fn of_a_buyer_who_was_erased_no_reason_is_kept() {
    let number = KsefNumber { document: DocumentKind::Invoice, vendor_id: 9, erased: true };
    let world = World::new(Payload::KsefNumber(number)).invoiced();
    world.invoices.looks.borrow_mut().push_back(Ok(failed("duplicate_error")));
    assert_eq!(world.deliver().0, AttemptOutcome::GivenUp);
    assert_eq!(world.store.row(0).reason(), Some("KSeF: refused (duplicate_error)"));
}

#[test]
fn one_that_may_have_been_sent_again_counts_as_sent() {
    let world = world([failed("server_error"), failed("server_error")]);
    world.invoices.looks.borrow_mut().push_back(Err(later()));
    deliver(&world);
    let (_, waits) = deliver(&world);
    assert!(matches!(world.store.row(0).failed, Some(FailedAttempt::PutOff { .. })));
    assert_eq!((sent_again(&world), world.store.row(0).job.attempts), (1, 2));
    // It is waited for as one that was.
    assert!(waits >= TimeDelta::minutes(5), "{waits}");
}

#[test]
fn what_cannot_be_noted_is_looked_at_again() {
    let world = world([look("ok", Some("K1"))]);
    world.store.illegible.set(true);
    assert_eq!(world.deliver().0, PUT_OFF);
    assert_eq!(world.store.row(0).reason(), Some("what KSeF says was not written down: no such table"));
    assert_eq!(sent_again(&world), 0);
}

#[test]
fn another_job_is_given_up() {
    let world = World::new(enrolment_email());
    let outcome = block_on(deliver_ksef_number(&world.store, &world.invoices, &world.env, &world.claim()));
    assert_eq!(outcome.unwrap(), AttemptOutcome::GivenUp);
    assert_eq!(world.store.row(0).reason(), Some("not a number to wait for"));
}

#[test]
fn a_document_is_followed_until_it_needs_nothing_more() {
    let with = |ksef: Option<Look>| crate::invoice::Document { ksef: ksef.map(|look| look.ksef), ..invoice(9) };
    let number = KsefNumber { document: DocumentKind::Invoice, vendor_id: 9, erased: false };
    for status in ["processing", "server_error", "not_connected", "requested"] {
        assert_eq!(with(Some(look(status, None))).ksef_number(), Some(number), "{status}");
    }
    for ended in [None, Some(look("not_applicable", None)), Some(look("ok", Some("K1")))] {
        assert_eq!(with(ended.clone()).ksef_number(), None, "{ended:?}");
    }
}

#[test]
fn a_document_of_nobody_is_followed_without_words() {
    for erased in [false, true] {
        let world = World::new(Payload::Invoice(crate::job::Purchase { erased, ..crate::fakes::purchase() }));
        let document = crate::invoice::Document { ksef: Some(look("processing", None).ksef), ..invoice(9) };
        world.invoices.create.borrow_mut().push_back(Ok(crate::invoice::Created::Issued(document)));
        assert_eq!(world.deliver().0, AttemptOutcome::Delivered);
        let number = KsefNumber { document: DocumentKind::Invoice, vendor_id: 9, erased };
        assert!(world.store.outbox.borrow().iter().any(|row| row.job.payload == Payload::KsefNumber(number)));
    }
}

#[test]
fn nobody_holds_the_job_that_follows_an_invoice() {
    let world = World::new(Payload::Invoice(crate::fakes::purchase()));
    let document = crate::invoice::Document { ksef: Some(look("processing", None).ksef), ..invoice(9) };
    world.invoices.create.borrow_mut().push_back(Ok(crate::invoice::Created::Issued(document)));
    let (outcome, delivered) = world.deliver();
    assert_eq!((outcome, delivered.unwrap().jobs.len()), (AttemptOutcome::Delivered, 1), "the mail");
    let row = world.store.outbox.borrow().iter().find(|row| row.job.payload.kind() == Kind::KsefNumber).cloned();
    let row = row.unwrap();
    assert_eq!((row.leased, row.due_at - world.env.now(), row.job.enrolment_id), (false, Finished::LATER, id(1)));
    assert_eq!(row.job.key.as_str(), "ksef_number:invoice:1");
}
