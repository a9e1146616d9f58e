use super::super::tests::{PUT_OFF, World};
use super::*;
use crate::fakes::{DOWN, id, invoice, ksef_number, later, look, out_of_reach};
use crate::jobs::outbox::AttemptOutcome;
use crate::jobs::outbox::FailedAttempt;
use crate::jobs::{Kind, Payload};
use crate::model::invoice::DocumentKind;
use crate::model::ksef::Ksef;
use crate::model::note::MailTo;
use crate::model::terms::Account;
use chrono::TimeDelta;
use futures::executor::block_on;

/// An issued invoice that waits for its number.
fn world(looks: impl IntoIterator<Item = Look>) -> World {
    let world = World::new(Payload::KsefNumber(ksef_number())).invoiced();
    world.invoices.looks.borrow_mut().extend(looks.into_iter().map(Ok));
    world
}

fn failed(status: &str) -> Look {
    Look { reasons: "because".to_owned(), ..look(status, None) }
}

fn because(code: ReasonCode, status: &str) -> FailureReason {
    FailureReason { quoted: "because".to_owned(), ..code.with(status) }
}

fn noted(world: &World) -> (String, Option<String>) {
    let Ksef { status, number } = world.store.documents.borrow()[0].1.ksef.clone().unwrap();
    (status.as_str().to_owned(), number)
}

/// Delivers the job. Returns how long it waits then.
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
fn its_state_is_read_until_it_has_a_number() {
    let world = world([look("processing", None), look("ok", None), look("ok", Some("K1"))]);
    assert_eq!(deliver(&world).0, PUT_OFF);
    assert_eq!(
        (noted(&world), world.store.row(0).reason()),
        (("processing".to_owned(), None), Some(&ReasonCode::KsefUnderWay.with("processing")))
    );
    assert_eq!(deliver(&world).0, PUT_OFF);
    assert_eq!(world.deliver().0, AttemptOutcome::Delivered);
    assert_eq!(noted(&world), ("ok".to_owned(), Some("K1".to_owned())));
    assert_eq!(sent_again(&world), 0);
}

#[test]
fn it_waits_for_its_number_without_a_limit() {
    let world = world((0..200).map(|_| look("processing", None)));
    for _ in 0..200 {
        assert_eq!(deliver(&world).0, PUT_OFF);
    }
    assert_eq!(deliver(&world).0, AttemptOutcome::Delivered);
}

#[test]
fn a_failed_document_is_sent_again_three_times_with_growing_waits() {
    for status in ["server_error", "send_error", "requested"] {
        // Each time it is sent, it is in progress and fails later.
        let again = [look("processing", None), failed(status)];
        let looks = [failed(status), failed(status)].into_iter().chain([again.clone(), again.clone(), again].concat());
        let world = world(looks);
        let waits: Vec<_> = (0..4).map(|_| deliver(&world)).collect();
        let expected = [60, 300, 600, 1200].map(|seconds| (PUT_OFF, TimeDelta::seconds(seconds)));
        assert_eq!((waits.as_slice(), sent_again(&world)), (expected.as_slice(), 3));
        assert_eq!(world.store.row(0).reason(), Some(&because(ReasonCode::KsefSentAgain, status)));
        assert_eq!(world.deliver().0, AttemptOutcome::GivenUp);
        assert_eq!(world.store.row(0).reason(), Some(&because(ReasonCode::KsefSentInVain, status)));
        assert_eq!((noted(&world).0.as_str(), sent_again(&world)), (status, 3));
    }
}

#[test]
fn failed_looks_and_documents_in_progress_are_not_attempts() {
    let world = world([]);
    let looks = [Err(out_of_reach()), Ok(look("processing", None)), Ok(failed("server_error")), Err(later())];
    world.invoices.looks.borrow_mut().extend(looks);
    assert_eq!(deliver(&world).0, DOWN);
    assert!(matches!(world.store.row(0).failed, Some(FailedAttempt::Snoozed { .. })));
    assert_eq!(deliver(&world).0, PUT_OFF);
    assert_eq!((deliver(&world).1, sent_again(&world)), (TimeDelta::seconds(60), 0));
    assert_eq!(deliver(&world).0, PUT_OFF);
    assert_eq!(world.deliver().0, AttemptOutcome::Delivered);
}

#[test]
fn a_refused_document_is_dead_with_its_reason() {
    let duplicate = Look { duplicate: true, ..failed("send_error") };
    for look in [duplicate, failed("duplicate_error"), failed("not_connected")] {
        let status = look.ksef.clone().unwrap().status.as_str().to_owned();
        let world = world([look]);
        assert_eq!(world.deliver().0, AttemptOutcome::GivenUp);
        assert_eq!(world.store.row(0).reason(), Some(&because(ReasonCode::KsefRefused, &status)));
        assert_eq!((noted(&world).0, sent_again(&world)), (status, 0));
    }
}

#[test]
fn for_an_erased_user_no_message_is_stored() {
    let world = World::new(Payload::KsefNumber(ksef_number()).erased()).invoiced();
    world.invoices.looks.borrow_mut().push_back(Ok(failed("duplicate_error")));
    assert_eq!(world.deliver().0, AttemptOutcome::GivenUp);
    assert_eq!(world.store.row(0).reason(), Some(&ReasonCode::KsefRefused.with("duplicate_error")));
}

#[test]
fn a_document_that_may_have_been_sent_counts_as_sent() {
    let world = world([failed("server_error"), failed("server_error")]);
    world.invoices.looks.borrow_mut().push_back(Err(later()));
    deliver(&world);
    let (_, waits) = deliver(&world);
    assert!(matches!(world.store.row(0).failed, Some(FailedAttempt::PutOff { .. })));
    assert_eq!((sent_again(&world), world.store.row(0).job.attempts), (1, 2));
    // The wait is the same as after sending.
    assert!(waits >= TimeDelta::minutes(5), "{waits}");
}

#[test]
fn if_its_state_cannot_be_stored_it_is_read_again() {
    let world = world([look("ok", Some("K1"))]);
    world.store.documents_unreadable.set(true);
    assert_eq!(world.deliver().0, PUT_OFF);
    assert_eq!(world.store.row(0).reason(), Some(&ReasonCode::Database.with("no such table")));
    assert_eq!(sent_again(&world), 0);
}

#[test]
fn a_document_with_errors_is_dead() {
    for unasked in [false, true] {
        let faulty = Look { ksef: None, reasons: "because".to_owned(), duplicate: false };
        let world = World::new(Payload::KsefNumber(KsefNumber { unasked, ..ksef_number() })).invoiced();
        world.invoices.looks.borrow_mut().push_back(Ok(faulty));
        assert_eq!(world.deliver().0, AttemptOutcome::GivenUp);
        assert_eq!(
            (world.store.row(0).reason(), sent_again(&world)),
            (Some(&because(ReasonCode::KsefRefused, "no status")), 0)
        );
    }
}

#[test]
fn a_document_of_another_account_waits() {
    let number = KsefNumber { account: Account::new("https://other.example"), ..ksef_number() };
    let world = World::new(Payload::KsefNumber(number)).invoiced();
    world.invoices.looks.borrow_mut().push_back(Ok(failed("duplicate_error")));
    assert_eq!(world.deliver().0, PUT_OFF);
    let reason = ReasonCode::OtherAccount.with("https://other.example");
    assert_eq!((world.store.row(0).reason(), world.invoices.looks.borrow().len()), (Some(&reason), 1));
}

/// The vendor may use words that are not documented.
#[test]
fn an_unknown_status_is_stored_and_it_waits() {
    for word in ["status_check_error", "offline", "offline_error", "unknown"] {
        let number = KsefNumber { unasked: true, ..ksef_number() };
        let world = World::new(Payload::KsefNumber(number)).invoiced();
        for _ in 0..50 {
            world.env.advance(TimeDelta::hours(1));
            let said = Look { reasons: "said".to_owned(), ..look(word, None) };
            world.invoices.looks.borrow_mut().push_back(Ok(said));
            assert_eq!(world.deliver().0, PUT_OFF, "{word}");
            let row = world.store.row(0);
            let reason = FailureReason { quoted: "said".to_owned(), ..ReasonCode::KsefUnderWay.with(word) };
            assert_eq!((row.reason(), row.job.attempts), (Some(&reason), 0));
        }
        assert_eq!((noted(&world).0, sent_again(&world)), (word.to_owned(), 0));
    }
}

mod withheld {
    use super::*;
    use crate::fakes::{URL, company, correction, purchase, resolution};
    use crate::jobs::{JobId, Purchase};
    use crate::model::event::EventKind;
    use crate::model::invoice::{Created, Document, Issued, Numbering};
    use crate::ports::ResolveError;
    use crate::usecases::resolve::resolve;

    fn issued(status: Option<&str>, company: bool) -> Issued {
        let ksef = status.and_then(|status| look(status, None).ksef);
        Issued { company, ..Document { ksef, ..invoice(9) }.into() }
    }

    /// A payment by a company, whose invoice is `issued`.
    fn bought(issued: Issued) -> World {
        let world = World::new(Payload::Invoice(Purchase { buyer: company(), ..purchase() }));
        world.invoices.create.borrow_mut().push_back(Ok(Created::Issued(issued)));
        let (outcome, delivered) = world.deliver();
        assert_eq!((outcome, delivered.unwrap().jobs.len()), (AttemptOutcome::Delivered, 0));
        world.env.advance(Finished::LATER);
        world
    }

    fn events(world: &World) -> Vec<EventKind> {
        world.store.events.borrow().iter().map(|event| event.kind).collect()
    }

    /// What the customer has: the link, the page of the document, the mail.
    fn has(world: &World) -> [Option<String>; 3] {
        let page = world.store.documents.borrow()[0].1.url.clone();
        let outbox = world.store.outbox.borrow();
        let mail = outbox.iter().find_map(|row| match &row.job.payload {
            Payload::PaymentEmail(email) => email.invoice_url.clone(),
            _ => None,
        });
        [world.url(), page, mail]
    }

    const NOTHING: [Option<String>; 3] = [None, None, None];

    fn all() -> [Option<String>; 3] {
        [URL; 3].map(|url| Some(url.to_owned()))
    }

    #[test]
    fn which_documents_get_a_number() {
        use Numbering::{Complete, Expected, Possible};
        for (status, asked, of_person, of_company) in [
            (None, false, Complete, Possible),
            (None, true, Expected, Expected),
            (Some("processing"), false, Expected, Expected),
            (Some("send_error"), false, Expected, Expected),
            (Some("duplicate_error"), false, Expected, Expected),
            (Some("not_connected"), false, Complete, Possible),
            (Some("demo_not_connected"), true, Expected, Expected),
            (Some("not_applicable"), true, Complete, Complete),
        ] {
            let numbering = |company| Issued { asked, ..issued(status, company) }.numbering();
            assert_eq!((numbering(false), numbering(true)), (of_person, of_company), "{status:?} {asked}");
        }
        let faulty = Issued { faulty: true, ..issued(None, false) };
        assert_eq!(faulty.numbering(), Possible, "a person sees why it is not sent");
        let correction = Document { kind: DocumentKind::Correction, ..invoice(9) };
        assert_eq!(Issued { company: true, ..correction.into() }.numbering(), Complete, "the same as its invoice");
        let requested = Issued { asked: true, ..issued(None, true) }.ksef().unwrap();
        assert_eq!(requested.status.as_str(), "requested");
        assert_eq!(issued(Some("not_connected"), true).ksef(), None);
    }

    #[test]
    fn a_company_has_neither_link_nor_mail_before_the_number() {
        let world = bought(issued(Some("processing"), true));
        assert_eq!((has(&world), events(&world)), (NOTHING, vec![]));
        let kept = world.store.documents.borrow()[0].1.clone();
        assert_eq!((kept.vendor_id, kept.number.as_deref()), (Some(9), Some("9/06/2026")));
        world.invoices.looks.borrow_mut().push_back(Ok(look("processing", None)));
        assert_eq!(world.deliver().0, PUT_OFF);
        assert_eq!(has(&world), NOTHING);
        world.env.advance(TimeDelta::hours(1));
        assert_eq!(world.deliver().0, AttemptOutcome::Delivered);
        assert_eq!((has(&world), events(&world)), (all(), vec![EventKind::Invoiced]));
        let mail = world.store.outbox.borrow().last().cloned().unwrap();
        assert_eq!((mail.leased, mail.due_at - world.env.now()), (false, Finished::LATER));
    }

    #[test]
    fn a_number_that_was_asked_for_is_stored_as_requested() {
        let world = bought(Issued { asked: true, ..issued(None, true) });
        assert_eq!(noted(&world), ("requested".to_owned(), None));
    }

    #[test]
    fn a_consumer_does_not_wait() {
        let world = World::new(Payload::Invoice(purchase()));
        let sent = issued(Some("processing"), false);
        world.invoices.create.borrow_mut().push_back(Ok(Created::Issued(sent)));
        assert_eq!(world.deliver().1.unwrap().jobs.len(), 1);
        assert_eq!((has(&world), events(&world)), (all(), vec![EventKind::Invoiced]));
    }

    #[test]
    fn a_document_that_the_account_does_not_send_waits_ten_minutes() {
        let world = bought(issued(None, true));
        let unsent = Look { ksef: None, reasons: String::new(), duplicate: false };
        let mut waited = Finished::LATER;
        loop {
            world.invoices.looks.borrow_mut().push_back(Ok(unsent.clone()));
            let (outcome, wait) = {
                let outcome = world.deliver_job(&world.claim_of(&[Kind::KsefNumber])).0;
                (outcome, world.store.row(1).due_at - world.env.now())
            };
            if outcome == AttemptOutcome::Delivered {
                break;
            }
            assert_eq!((outcome, has(&world)), (PUT_OFF, NOTHING));
            assert_eq!(world.store.row(1).reason(), Some(&ReasonCode::KsefNotSent.with("no status")));
            world.env.advance(wait);
            waited += wait;
        }
        assert!(waited >= WATCHED_FOR && waited < WATCHED_FOR * 2, "{waited}");
        assert_eq!((has(&world), events(&world)), (all(), vec![EventKind::Invoiced]));
        let (_, invoice) = world.store.documents.borrow()[0].clone();
        assert_eq!((invoice.ksef, sent_again(&world)), (None, 0), "this service did not ask");
    }

    #[test]
    fn a_document_that_the_account_sends_gets_its_number() {
        let world = bought(issued(None, true));
        world.invoices.looks.borrow_mut().push_back(Ok(look("processing", None)));
        assert_eq!(world.deliver().0, PUT_OFF);
        world.env.advance(WATCHED_FOR * 2);
        world.invoices.looks.borrow_mut().push_back(Ok(look("processing", None)));
        assert_eq!((world.deliver().0, has(&world)), (PUT_OFF, NOTHING));
        world.env.advance(TimeDelta::hours(1));
        assert_eq!((world.deliver().0, has(&world)), (AttemptOutcome::Delivered, all()));
    }

    #[test]
    fn a_document_that_ksef_refuses_has_no_link_until_a_person_resolves_it() {
        let world = bought(issued(Some("duplicate_error"), true));
        world.invoices.looks.borrow_mut().push_back(Ok(failed("duplicate_error")));
        assert_eq!((world.deliver().0, has(&world)), (AttemptOutcome::GivenUp, NOTHING));
        // The correction needs a person too and is not tried.
        world.store.enqueue(1, Payload::Correction(correction()));
        let corrected = world.deliver_job(&world.claim_of(&[Kind::Correction])).0;
        assert_eq!(corrected, AttemptOutcome::GivenUp);
        assert_eq!(world.store.row(2).reason(), Some(&ReasonCode::InvoiceNotAccepted.into()));
        let replaced_by = resolution(Some("7/2026"), Some(URL));
        let (_, following) = block_on(resolve(&world.store, &world.env, JobId(2), &replaced_by, None, "PLN")).unwrap();
        assert_eq!(following[0].payload, purchase().email(Some(URL.to_owned())));
        assert_eq!((has(&world), events(&world)), (all(), vec![EventKind::Invoiced]));
        let made = world.store.documents.borrow()[0].1.clone();
        assert_eq!((made.number.as_deref(), made.vendor_id, made.ksef), (Some("7/2026"), None, None));
    }

    #[test]
    fn with_only_a_note_nothing_follows() {
        let world = bought(issued(Some("duplicate_error"), true));
        world.invoices.looks.borrow_mut().push_back(Ok(failed("duplicate_error")));
        world.deliver();
        let noted = block_on(resolve(&world.store, &world.env, JobId(2), &resolution(None, None), None, "PLN"));
        assert_eq!((noted.unwrap().1.len(), has(&world), events(&world)), (0, NOTHING, vec![]));

        let world = World::new(Payload::KsefNumber(ksef_number())).invoiced();
        let refused = block_on(resolve(&world.store, &world.env, JobId(1), &resolution(Some("7"), None), None, "PLN"));
        assert_eq!(refused, Err(ResolveError::NoDocument(vec!["number"])));
    }

    #[test]
    fn a_correction_waits_for_the_invoices_number_and_gets_its_own() {
        let world = bought(issued(Some("processing"), true));
        world.store.enqueue(1, Payload::Correction(correction()));
        let correct = || world.deliver_job(&world.claim_of(&[Kind::Correction])).0;
        for _ in 0..100 {
            assert_eq!(correct(), PUT_OFF);
            let row = world.store.row(2);
            assert_eq!((row.reason(), row.job.attempts), (Some(&ReasonCode::InvoiceNotNumbered.into()), 0));
            world.env.advance(TimeDelta::hours(1));
        }
        assert_eq!(world.deliver_job(&world.claim_of(&[Kind::KsefNumber])).0, AttemptOutcome::Delivered);
        let sent = Issued { company: true, ..Document { kind: DocumentKind::Correction, ..invoice(10) }.into() };
        let sent = Issued { document: Document { ksef: look("processing", None).ksef, ..sent.document }, ..sent };
        world.invoices.create.borrow_mut().push_back(Ok(Created::Issued(sent)));
        assert_eq!(correct(), AttemptOutcome::Delivered);
        let named = world.invoices.created.borrow()[1].corrects.as_ref().and_then(|own| own.ksef_number.clone());
        assert_eq!((named.as_deref(), events(&world)), (Some("K1"), vec![EventKind::Invoiced]));
        world.env.advance(Finished::LATER);
        assert_eq!(world.deliver_job(&world.claim_of(&[Kind::KsefNumber])).0, AttemptOutcome::Delivered);
        assert_eq!(events(&world), [EventKind::Invoiced, EventKind::Corrected]);
        let mail = world.store.outbox.borrow().last().cloned().unwrap().job.payload;
        assert_eq!((mail, world.url().as_deref()), (correction().email(Some(URL.to_owned())).unwrap(), Some(URL)));
    }
}

#[test]
fn a_document_without_a_recipient_stores_no_message() {
    for erased in [false, true] {
        let world = World::new(Payload::Invoice(crate::jobs::Purchase { erased, ..crate::fakes::purchase() }));
        let document = crate::model::invoice::Document { ksef: look("processing", None).ksef, ..invoice(9) };
        world.invoices.create.borrow_mut().push_back(Ok(crate::model::invoice::Created::Issued(document.into())));
        assert_eq!(world.deliver().0, AttemptOutcome::Delivered);
        let account = world.invoices.terms.account.clone();
        let number = Payload::KsefNumber(KsefNumber { erased, account, ..ksef_number() });
        assert!(world.store.outbox.borrow().iter().any(|row| row.job.payload == number));
    }
    for (mail_to, erased) in [(crate::fakes::correction().mail_to, false), (MailTo::NoRecipient, true)] {
        let refund = crate::jobs::Correction { mail_to, ..crate::fakes::correction() };
        let world = World::new(Payload::Correction(refund)).invoiced();
        let ksef = look("processing", None).ksef;
        let document = crate::model::invoice::Document { kind: DocumentKind::Correction, ksef, ..invoice(10) };
        world.invoices.create.borrow_mut().push_back(Ok(crate::model::invoice::Created::Issued(document.into())));
        assert_eq!(world.deliver().0, AttemptOutcome::Delivered);
        let of_number = |row: &crate::fakes::Row| match &row.job.payload {
            Payload::KsefNumber(number) => Some(number.erased),
            _ => None,
        };
        assert_eq!(world.store.outbox.borrow().iter().find_map(of_number), Some(erased));
    }
}

#[test]
fn the_job_for_the_number_has_no_lease() {
    let world = World::new(Payload::Invoice(crate::fakes::purchase()));
    let document = crate::model::invoice::Document { ksef: look("processing", None).ksef, ..invoice(9) };
    world.invoices.create.borrow_mut().push_back(Ok(crate::model::invoice::Created::Issued(document.into())));
    let (outcome, delivered) = world.deliver();
    assert_eq!((outcome, delivered.unwrap().jobs.len()), (AttemptOutcome::Delivered, 1), "the mail");
    let row = world.store.outbox.borrow().iter().find(|row| row.job.payload.kind() == Kind::KsefNumber).cloned();
    let row = row.unwrap();
    assert_eq!((row.leased, row.due_at - world.env.now(), row.job.enrolment_id), (false, Finished::LATER, id(1)));
    assert_eq!(row.job.key.as_str(), "ksef_number:invoice:1");
}
