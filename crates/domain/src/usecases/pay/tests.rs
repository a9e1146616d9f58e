mod buyers;
mod kept;
mod late;
mod record;
mod reference;
mod without_invoice;

use super::*;
use crate::fakes::unusable;
use crate::fakes::{
    ChangeDuringLookup, Directory, Env, FakeStore, billing, company, currency, invoice_data, look_up_failures, money,
    payment, ports, purchase, terms, user,
};
use crate::jobs::{InvoiceData, Kind, MailContent, MailData, PaymentEmail, Purchase, Reference};
use crate::{Buyer, System, Terms, UserId};
use futures::executor::block_on;

fn pay_with(store: &FakeStore, directory: &Directory, payment: &Payment) -> Result<(Enrolment, Vec<Job>), Error> {
    let marked = block_on(pay(&ports(store, directory, directory, &Env::new()), &billing(), payment, (None, None)))?;
    Ok((marked.enrolment, marked.jobs))
}

/// An enrolment that can be paid.
fn pending() -> FakeStore {
    let store = FakeStore::default();
    store.add(Status::Active, PaymentStatus::Pending);
    store
}

/// The jobs for the invoice and its mail. Jobs of other kinds may follow from a payment, too.
fn of_payment(jobs: &[Job]) -> Vec<&Payload> {
    let kinds = [Kind::InvoiceData, Kind::Invoice, Kind::PaymentEmail];
    jobs.iter().map(|job| &job.payload).filter(|payload| kinds.contains(&payload.kind())).collect()
}

/// The job for the invoice or its mail that follows from a payment, if any, and the stored amount.
fn next_job(directory: &Directory, payment: &Payment) -> (Option<Payload>, Option<Money>) {
    let store = pending();
    let (enrolment, jobs) = pay_with(&store, directory, payment).unwrap();
    assert_eq!(enrolment.payment_status, PaymentStatus::Paid);
    let jobs = of_payment(&jobs);
    assert!(jobs.len() <= 1);
    (jobs.first().map(|payload| (*payload).clone()), store.record(0).paid)
}

/// A payment of this amount.
fn over(amount: &str) -> Payment {
    Payment { amount: Some(money(amount)), ..payment(1) }
}

/// An invoice with the first random number as its reference.
fn invoice(gross: &str, buyer: Buyer) -> Payload {
    Payload::Invoice(Purchase { gross: money(gross), buyer, reference: Reference(1), ..purchase() })
}

fn lookup_job(gross: Option<&str>) -> Payload {
    Payload::InvoiceData(InvoiceData { gross: gross.map(money), reference: Reference(1), ..invoice_data() })
}

fn mail_alone(course_name: &str) -> Payload {
    let (recipient, course_name) = (user(), course_name.to_owned());
    Payload::PaymentEmail(PaymentEmail { recipient, course_name, invoice_url: None, paid: None, rebilled: false })
}

#[test]
fn marks_as_paid_and_an_invoice_follows() {
    for (status, payment_status) in [
        (Status::Active, PaymentStatus::Pending),
        (Status::Completed, PaymentStatus::Pending),
        (Status::Active, PaymentStatus::Failed),
    ] {
        let store = FakeStore::default();
        store.add(status, payment_status);
        let (enrolment, jobs) = pay_with(&store, &Directory::with_price(199.99), &payment(1)).unwrap();
        assert_eq!((enrolment.status, enrolment.payment_status), (status, PaymentStatus::Paid));
        assert_eq!(jobs.iter().map(|job| &job.payload).collect::<Vec<_>>(), [&invoice("199.99", Buyer::default())]);
        assert_eq!(store.record(0).paid, Some(money("199.99")));
    }
}

#[test]
fn without_a_price_there_is_no_invoice() {
    assert_eq!(next_job(&Directory::with_price(0.0), &payment(1)), (Some(mail_alone("Rust")), Some(money("0"))));
}

#[test]
fn the_given_amount_counts_and_not_the_price() {
    let paid = Some(money("149"));
    for price in [0.0, 149.0, 199.99] {
        assert_eq!(
            next_job(&Directory::with_price(price), &over("149")),
            (Some(invoice("149", Buyer::default())), paid)
        );
    }
    for price in [0.0, 199.99] {
        assert_eq!(next_job(&Directory::with_price(price), &over("0")), (Some(mail_alone("Rust")), Some(money("0"))));
    }
}

#[test]
fn an_amount_with_decimals_is_refused_if_the_currency_has_none() {
    let (store, directory) = (pending(), Directory::with_price(149.0));
    let yen = Terms { currency: currency("JPY"), ..terms() };
    let billing = Billing::Invoice(yen.clone().into());
    let pay_yen = |amount: Option<&str>| {
        let payment = Payment { amount: amount.map(money), ..payment(1) };
        block_on(pay(&ports(&store, &directory, &directory, &Env::new()), &billing, &payment, (None, None)))
    };
    assert_eq!(pay_yen(Some("149.50")), Err(Error::Decimals(yen.currency)));
    assert!(store.jobs().is_empty() && store.record(0).enrolment.payment_status == PaymentStatus::Pending);
    let RecordedPayment { jobs, .. } = pay_yen(Some("150")).unwrap();
    let Payload::Invoice(invoice) = of_payment(&jobs)[0] else { panic!("{jobs:?}") };
    assert_eq!((invoice.gross, &*invoice.terms), (money("150"), &yen));
}

/// The payment is recorded, and its invoice waits for a price.
#[test]
fn a_price_with_decimals_is_not_used_if_the_currency_has_none() {
    let yen = Terms { currency: currency("JPY"), ..terms() };
    let (store, env, directory) = (pending(), Env::new(), Directory::with_price(149.5));
    let ports = ports(&store, &directory, &directory, &env);
    let RecordedPayment { jobs, .. } =
        block_on(pay(&ports, &Billing::Invoice(yen.clone().into()), &payment(1), (None, None))).unwrap();
    let waits = InvoiceData { gross: None, terms: yen.into(), reference: Reference(1), ..invoice_data() };
    assert_eq!((of_payment(&jobs), store.record(0).paid), (vec![&Payload::InvoiceData(waits)], None));
}

#[test]
fn a_company_is_the_buyer_on_the_invoice() {
    let payment = Payment { buyer: company(), ..payment(1) };
    assert_eq!(next_job(&Directory::with_price(1.0), &payment).0, Some(invoice("1", company())));
    let Some(Payload::InvoiceData(invoice_data)) = next_job(&Directory::empty(), &payment).0 else {
        panic!("no invoice")
    };
    assert_eq!(invoice_data.buyer, company());
}

#[test]
fn a_payment_is_recorded_without_its_user_or_course() {
    let without_user = || Directory::without_user(199.99);
    for (directory, payment, gross) in [
        (without_user(), payment(1), Some("199.99")),
        (without_user(), over("149"), Some("149")),
        (Directory::without_course(), payment(1), None),
        (Directory::without_course(), over("149"), Some("149")),
        (Directory::empty(), payment(1), None),
        (Directory::empty(), over("149"), Some("149")),
    ] {
        assert_eq!(next_job(&directory, &payment), (Some(lookup_job(gross)), gross.map(money)));
    }
}

#[test]
fn for_a_free_course_nothing_waits_for_a_missing_user() {
    let nothing = Some(money("0"));
    assert_eq!(next_job(&Directory::without_course(), &over("0")), (Some(mail_alone("7")), nothing));
    assert_eq!(next_job(&Directory::without_user(199.99), &over("0")), (None, nothing));
    assert_eq!(next_job(&Directory::without_user(0.0), &payment(1)), (None, nothing));
    assert_eq!(next_job(&Directory::empty(), &over("0")), (None, nothing));
}

#[test]
fn every_invoice_has_its_own_reference_and_is_dated_in_warsaw() {
    let (store, env, directory) = (pending(), Env::new(), Directory::with_price(1.0));
    store.add(Status::Active, PaymentStatus::Pending);
    env.advance(chrono::TimeDelta::hours(10));
    let invoice_of = |number| {
        let ports = ports(&store, &directory, &directory, &env);
        let RecordedPayment { jobs, .. } = block_on(pay(&ports, &billing(), &payment(number), (None, None))).unwrap();
        let Payload::Invoice(invoice) = of_payment(&jobs)[0] else { panic!("{jobs:?}") };
        invoice.clone()
    };
    let (first, second) = (invoice_of(1), invoice_of(2));
    assert_ne!(first.reference, second.reference);
    assert_eq!(first.paid_on.to_string(), "2026-06-02");
}

#[test]
fn enrolments_that_cannot_be_paid_are_refused() {
    let store = FakeStore::default();
    store.add(Status::Active, PaymentStatus::Paid);
    store.add(Status::Canceled, PaymentStatus::Pending);
    store.add(Status::Canceled, PaymentStatus::Paid);
    // No other system is called.
    for (directory, _) in look_up_failures() {
        assert_eq!(pay_with(&store, &directory, &payment(1)), Err(Error::AlreadyPaid));
        assert_eq!(pay_with(&store, &directory, &payment(2)), Err(Error::Canceled));
        assert_eq!(pay_with(&store, &directory, &payment(3)), Err(Error::AlreadyPaid));
        assert_eq!(pay_with(&store, &directory, &payment(4)), Err(Error::NotFound));
    }
    assert!(store.outbox.borrow().is_empty());
}

#[test]
fn if_the_services_fail_the_payment_is_recorded_and_its_invoice_waits() {
    for (payment, gross) in [(payment(1), None), (over("0"), Some("0")), (over("149"), Some("149"))] {
        for (directory, _) in look_up_failures() {
            let gross = gross.or_else(|| matches!(directory.course, Ok(Some(_))).then_some("1"));
            assert_eq!(next_job(&directory, &payment), (Some(lookup_job(gross)), gross.map(money)));
        }
    }
}

#[test]
fn an_invoice_needs_the_name_of_a_course_and_without_an_amount_its_price() {
    let mut directory = Directory::with_price(1.0);
    let course = directory.course.as_mut().unwrap().as_mut().unwrap();
    course.ends_at = Err(unusable(System::Courses));
    course.seats = Err(unusable(System::Courses));
    assert_eq!(next_job(&directory, &payment(1)).0, Some(invoice("1", Buyer::default())));
    directory.course.as_mut().unwrap().as_mut().unwrap().price = Err(unusable(System::Courses));
    assert_eq!(next_job(&directory, &over("149")).0, Some(invoice("149", Buyer::default())));
    assert_eq!(next_job(&directory, &payment(1)), (Some(lookup_job(None)), None));
}

#[test]
fn the_loser_of_a_race_gets_an_error() {
    for (change, error) in [
        (
            (|store| store.edit(0, |record| record.enrolment.payment_status = PaymentStatus::Paid)) as fn(&FakeStore),
            Error::AlreadyPaid,
        ),
        (|store| store.edit(0, |record| record.enrolment.status = Status::Canceled), Error::Canceled),
        (|store| store.enrolments.borrow_mut().clear(), Error::NotFound),
    ] {
        let store = pending();
        let (users, directory) = (ChangeDuringLookup(&store, change), Directory::with_price(1.0));
        let result =
            block_on(pay(&ports(&store, &users, &directory, &Env::new()), &billing(), &payment(1), (None, None)));
        assert_eq!(result, Err(error));
        assert!(store.outbox.borrow().is_empty());
    }
}

#[test]
fn another_users_enrolment_is_not_found() {
    let (store, directory) = (pending(), Directory::with_price(1.0));
    let pay_as = |user: &str| {
        let payment = Payment { user_id: Some(UserId::new(user).unwrap()), ..payment(1) };
        pay_with(&store, &directory, &payment)
    };
    assert_eq!(pay_as("USER-1"), Err(Error::NotFound));
    assert_eq!(store.record(0).enrolment.payment_status, PaymentStatus::Pending);
    pay_as("user-1").unwrap();
}
