mod parts;

use super::*;
use crate::UserId;
use crate::fakes::{
    ChangeDuringLookup, Directory, Env, FakeStore, enrolment_email, id, look_up_failures, mail_data, money, note,
    parts, ports, reason, start, under, user, whole_refund,
};
use crate::jobs::{Lease, MailContent, MailData, RefundEmail};
use crate::model::note::{Addressee, MailTo, Note};
use futures::executor::block_on;

/// A paid enrolment.
fn store(status: Status, paid: Option<&str>) -> FakeStore {
    let store = FakeStore::default();
    store.add(status, PaymentStatus::Paid);
    store.edit(0, |record| record.paid = paid.map(money));
    store
}

fn refund_with(store: &FakeStore, directory: &Directory) -> Result<(Enrolment, Vec<Job>), Error> {
    parts(block_on(refund(
        &ports(store, directory, directory, &Env::new()),
        Asked::default(),
        &whole_refund(note("moved")),
    )))
}

/// The only job.
fn next_job(store: &FakeStore, directory: &Directory) -> Payload {
    let (_, jobs) = refund_with(store, directory).unwrap();
    let [job] = <[Job; 1]>::try_from(jobs).unwrap();
    assert_eq!(job.lease.until, start() + Lease::LENGTH);
    job.payload
}

fn addressee(course_name: &str) -> MailTo {
    MailTo::Known(Addressee { recipient: user(), course_name: course_name.to_owned() })
}

fn correction(mail_to: MailTo, paid: Option<&str>) -> Payload {
    let (refunded_on, amounts) = ("2026-06-01".parse().unwrap(), paid.and_then(|paid| amounts(paid, "0")));
    Payload::Correction(Correction { mail_to, reason: reason("moved"), refunded_on, amounts, rebilled: false })
}

/// Of a payment without terms.
fn amounts(before: &str, after: &str) -> Option<Amounts> {
    Some(Amounts { before: money(before), after: money(after), currency: None })
}

fn nothing() -> Option<Amounts> {
    amounts("0", "0")
}

#[test]
fn a_correction_follows_for_a_paid_or_unknown_amount() {
    for paid in [Some("149.00"), Some("0.01"), None] {
        let store = store(Status::Active, paid);
        assert_eq!(next_job(&store, &Directory::with_price(0.0)), correction(addressee("Rust"), paid));
        let Record { enrolment, paid: kept, refunded_at, reason: why, .. } = store.record(0);
        assert_eq!((enrolment.status, enrolment.payment_status), (Status::Canceled, PaymentStatus::Paid));
        assert_eq!((kept, refunded_at, why), (paid.map(money), Some(start()), reason("moved")));
    }
}

#[test]
fn if_nothing_was_paid_only_a_mail_follows() {
    let (recipient, course_name) = (user(), "Rust".to_owned());
    let email =
        RefundEmail { recipient, course_name, reason: reason("moved"), correction_url: None, amounts: nothing() };
    let store = store(Status::Active, Some("0"));
    assert_eq!(next_job(&store, &Directory::with_price(199.99)), Payload::RefundEmail(email));
}

#[test]
fn if_no_invoice_was_agreed_on_only_a_mail_follows() {
    for paid in [Some("149"), Some("0"), None] {
        let store = store(Status::Active, paid);
        store.edit(0, |record| record.invoices_provider = Some(InvoicesProvider::NoInvoices));
        assert!(matches!(next_job(&store, &Directory::with_price(1.0)), Payload::RefundEmail(_)), "{paid:?}");
        assert_eq!(store.record(0).invoices_provider, Some(InvoicesProvider::NoInvoices));
    }
    let store = store(Status::Active, Some("149"));
    store.edit(0, |record| record.invoices_provider = Some(InvoicesProvider::Fakturownia));
    assert_eq!(next_job(&store, &Directory::with_price(1.0)), correction(addressee("Rust"), Some("149")));
}

#[test]
fn a_user_who_is_not_found_gets_no_mail() {
    for directory in [Directory::without_user(1.0), Directory::empty()] {
        assert_eq!(
            next_job(&store(Status::Active, Some("149")), &directory),
            correction(MailTo::NoRecipient, Some("149"))
        );
        let free = store(Status::Active, Some("0"));
        let (enrolment, jobs) = refund_with(&free, &directory).unwrap();
        assert_eq!((enrolment.status, jobs), (Status::Canceled, Vec::new()));
        assert_eq!(free.record(0).refunded_at, Some(start()));
    }
}

#[test]
fn the_id_of_a_missing_course_is_its_name() {
    assert_eq!(next_job(&store(Status::Active, None), &Directory::without_course()), correction(addressee("7"), None));
}

#[test]
fn a_completed_or_canceled_enrolment_stays_so() {
    for status in [Status::Completed, Status::Canceled] {
        let store = store(status, Some("149"));
        store.enqueue(1, enrolment_email());
        let (enrolment, jobs) = refund_with(&store, &Directory::with_price(1.0)).unwrap();
        assert_eq!((enrolment.status, enrolment.payment_status), (status, PaymentStatus::Paid));
        assert_eq!((jobs.len(), store.jobs()), (1, vec![(1, Kind::EnrolmentEmail), (1, Kind::Correction)]));
    }
}

#[test]
fn the_confirmation_of_an_active_enrolment_is_withdrawn() {
    for (paid, kind) in [("149", Kind::Correction), ("0", Kind::RefundEmail)] {
        let store = store(Status::Active, Some(paid));
        store.enqueue(1, enrolment_email());
        refund_with(&store, &Directory::with_price(1.0)).unwrap();
        assert_eq!(store.jobs(), [(1, kind)]);
    }
}

#[test]
fn only_once() {
    for paid in [Some("149"), Some("0"), None] {
        let store = store(Status::Active, paid);
        next_job(&store, &Directory::with_price(1.0));
        let before = store.record(0);
        assert_eq!(refund_with(&store, &Directory::with_price(1.0)), Err(Error::AlreadyRefunded));
        assert_eq!((store.record(0), store.jobs().len()), (before, 1));
    }
}

#[test]
fn no_service_is_called_if_it_is_not_paid() {
    for (status, payment_status) in [
        (Status::Active, PaymentStatus::Pending),
        (Status::Active, PaymentStatus::Failed),
        (Status::Canceled, PaymentStatus::Pending),
        (Status::Completed, PaymentStatus::Failed),
    ] {
        let store = FakeStore::default();
        store.add(status, payment_status);
        for (directory, _) in look_up_failures() {
            assert_eq!(refund_with(&store, &directory), Err(Error::NotPaid));
        }
        assert_eq!((store.record(0).refunded_at, store.jobs().len()), (None, 0));
    }
}

#[test]
fn if_the_services_fail_it_is_refunded_and_the_recipient_is_looked_up_later() {
    let subject = || mail_data().subject;
    for (directory, _) in look_up_failures() {
        let paid = store(Status::Active, Some("149"));
        assert_eq!(next_job(&paid, &directory), correction(MailTo::NotKnownYet(subject()), Some("149")));
        assert_eq!(paid.record(0).refunded_at, Some(start()));
        let mail = MailContent::Refund { correction_url: None, amounts: nothing() };
        let mail_data = MailData { subject: subject(), mail, reason: reason("moved") };
        assert_eq!(next_job(&store(Status::Active, Some("0")), &directory), Payload::MailData(mail_data));
    }
}

#[test]
fn for_an_erased_user_no_reason_is_stored_and_no_service_is_called() {
    for (directory, _) in look_up_failures() {
        let store = store(Status::Active, Some("149"));
        store.edit(0, |record| record.enrolment.user_id = UserId::erased(1, 2));
        let Payload::Correction(refund) = next_job(&store, &directory) else { panic!("no correction") };
        assert_eq!((refund.mail_to, refund.reason, store.record(0).reason), (MailTo::NoRecipient, None, None));
    }
}

#[test]
fn another_users_enrolment_is_not_found() {
    let (store, env, directory) = (store(Status::Active, None), Env::new(), Directory::with_price(1.0));
    let ports = ports(&store, &directory, &directory, &env);
    let refund = |note: Note| parts(block_on(refund(&ports, Asked::default(), &whole_refund(note))));
    let by = |user: &str| Note { user_id: Some(UserId::new(user).unwrap()), ..note("-") };
    assert_eq!(refund(by("user-2")), Err(Error::NotFound));
    assert_eq!(refund(Note { enrolment_id: id(2), ..note("-") }), Err(Error::NotFound));
    assert_eq!(store.record(0).refunded_at, None);
    refund(by("user-1")).unwrap();
}

#[test]
fn the_loser_of_a_race_gets_an_error() {
    for (change, error) in [
        (
            (|store| store.edit(0, |record| record.refunded_at = Some(start()))) as fn(&FakeStore),
            Error::AlreadyRefunded,
        ),
        (|store| store.enrolments.borrow_mut().clear(), Error::NotFound),
    ] {
        let store = store(Status::Active, None);
        let (users, directory) = (ChangeDuringLookup(&store, change), Directory::with_price(1.0));
        let refunded = parts(block_on(refund(
            &ports(&store, &users, &directory, &Env::new()),
            Asked::default(),
            &whole_refund(note("-")),
        )));
        assert_eq!(refunded, Err(error));
        assert!(store.jobs().is_empty());
    }
}

#[test]
fn an_enrolment_that_is_completed_at_the_same_time_stays_completed() {
    let store = store(Status::Active, None);
    let users = ChangeDuringLookup(&store, |store| store.edit(0, |record| record.enrolment.status = Status::Completed));
    let directory = Directory::with_price(1.0);
    let done = parts(block_on(refund(
        &ports(&store, &users, &directory, &Env::new()),
        Asked::default(),
        &whole_refund(note("-")),
    )));
    assert_eq!(done.unwrap().0.status, Status::Completed);
}

#[test]
fn the_stored_answer_is_final() {
    let (store, directory) = (store(Status::Active, None), Directory::with_price(1.0));
    let env = Env::new();
    let ports = ports(&store, &directory, &directory, &env);
    let refund = || block_on(refund(&ports, under("k"), &whole_refund(note("-"))));
    let first = refund().unwrap();
    assert_eq!(refund(), Ok(Done::before(first.enrolment)));
}

#[test]
fn a_refund_is_dated_in_warsaw() {
    let (store, env, directory) = (store(Status::Active, None), Env::new(), Directory::with_price(1.0));
    env.advance(chrono::TimeDelta::hours(10));
    let (_, mut jobs) = parts(block_on(refund(
        &ports(&store, &directory, &directory, &env),
        Asked::default(),
        &whole_refund(note("-")),
    )))
    .unwrap();
    let Some(Payload::Correction(refund)) = jobs.pop().map(|job| job.payload) else { panic!("no correction") };
    assert_eq!(refund.refunded_on.to_string(), "2026-06-02");
}
