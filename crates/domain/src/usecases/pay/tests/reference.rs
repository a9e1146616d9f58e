//! Payments with a reference, a method or a day.

use super::*;
use crate::fakes::{id, start};
use crate::model::idempotency::{KeyState, RESERVED};
use crate::model::payment::{PaymentMethod, ReferredPayment};
use crate::model::reference::PlatformReference;
use crate::model::terms::{Exemption, Tax, TaxWord};

fn referred(number: i64) -> Payment {
    Payment {
        reference: PlatformReference::new("pi_1").ok(),
        method: PaymentMethod::new("card").ok(),
        ..payment(number)
    }
}

fn exempt() -> Tax {
    TaxWord::Exempt.with(Exemption::parse("art. 43"), None).unwrap()
}

fn two() -> (FakeStore, Directory) {
    let store = pending();
    store.add(Status::Active, PaymentStatus::Pending);
    (store, Directory::with_price(1.0))
}

#[test]
fn a_payment_is_recorded_once_whatever_became_of_it() {
    let (store, directory) = two();
    let (enrolment, jobs) = pay_with(&store, &directory, &referred(1)).unwrap();
    assert_eq!((enrolment.payment_status, jobs.len()), (PaymentStatus::Paid, 1));
    let (reference, method) = (PlatformReference::new("pi_1").ok(), PaymentMethod::new("card").ok());
    let recorded = ReferredPayment { reference, method, amount: Some(money("1")), buyer: String::new() };
    assert_eq!(*store.payments.borrow(), [(id(1), recorded)]);
    assert_eq!(pay_with(&store, &directory, &referred(1)).unwrap(), (enrolment, Vec::new()));
    store.edit(0, |record| record.enrolment.status = Status::Canceled);
    let (again, jobs) = pay_with(&store, &directory, &referred(1)).unwrap();
    assert_eq!((again.status, jobs.len()), (Status::Canceled, 0));
    // Without the reference, or with another one, it is a second payment.
    assert_eq!(pay_with(&store, &directory, &payment(1)), Err(Error::AlreadyPaid));
    let other = Payment { reference: PlatformReference::new("pi_2").ok(), ..referred(1) };
    assert_eq!(pay_with(&store, &directory, &other), Err(Error::AlreadyPaid));
}

#[test]
fn another_enrolment_amount_or_buyer_is_another_payment() {
    let (store, directory) = two();
    let first = Payment { amount: Some(money("1")), ..referred(1) };
    pay_with(&store, &directory, &first).unwrap();
    for other in [
        referred(2),
        Payment { amount: Some(money("2")), ..referred(1) },
        Payment { buyer: company(), ..referred(1) },
        Payment { tax: Some(exempt()), ..referred(1) },
    ] {
        assert_eq!(pay_with(&store, &directory, &other), Err(Error::PaymentRecorded(id(1))), "{other:?}");
    }
    assert_eq!(store.record(1).enrolment.payment_status, PaymentStatus::Pending);
    // The method and the day may differ.
    let on = day_in_warsaw(crate::fakes::start()).pred_opt();
    pay_with(&store, &directory, &Payment { method: None, on, ..first }).unwrap();
}

/// Another request records the payment of enrolment 1.
fn recorded_by_another(store: &FakeStore) {
    let (reference, amount) = (PlatformReference::new("pi_1").ok(), Some(money("1")));
    let recorded = ReferredPayment { reference, method: None, amount, buyer: String::new() };
    store.payments.borrow_mut().push((id(1), recorded));
    store.edit(0, |record| record.enrolment.payment_status = PaymentStatus::Paid);
}

#[test]
fn a_payment_that_another_request_records_first_is_recorded_once() {
    for (number, expected) in [(1, Ok(PaymentStatus::Paid)), (2, Err(Error::PaymentRecorded(id(1))))] {
        let (store, directory) = two();
        let users = ChangeDuringLookup(&store, recorded_by_another);
        let env = Env::new();
        let result =
            block_on(pay(&ports(&store, &users, &directory, &env), &billing(), &referred(number), (None, None)));
        assert_eq!(result.map(|recorded| recorded.enrolment.payment_status), expected);
    }
}

/// The answer that is stored under the key of a payment when its request is not concluded.
fn stored(store: &FakeStore, payment: &Payment, users: &impl crate::ports::Users) -> (Enrolment, KeyState) {
    let (env, directory, reservation) = (Env::new(), Directory::with_price(1.0), store.reserve());
    let ports = ports(store, users, &directory, &env);
    let answer = block_on(pay(&ports, &billing(), payment, (Some(&reservation), None))).unwrap().enrolment;
    store.edit(0, |record| record.enrolment.status = Status::Canceled);
    (answer, store.begun_at(start() + RESERVED))
}

#[test]
fn the_answer_about_a_recorded_payment_is_stored_under_its_key() {
    let (store, directory) = two();
    pay_with(&store, &directory, &referred(1)).unwrap();
    let (answer, state) = stored(&store, &referred(1), &directory);
    assert_eq!((answer.status, state), (Status::Active, KeyState::Answered(Box::new(Ok(answer)))));
}

#[test]
fn so_is_the_answer_about_a_payment_that_another_request_records_first() {
    let (store, _) = two();
    let users = ChangeDuringLookup(&store, recorded_by_another);
    let (answer, state) = stored(&store, &referred(1), &users);
    assert_eq!((answer.status, state), (Status::Active, KeyState::Answered(Box::new(Ok(answer)))));
}

#[test]
fn the_day_is_that_of_the_payment_and_not_in_the_future() {
    let today = day_in_warsaw(crate::fakes::start());
    let (store, directory) = two();
    for on in [today.succ_opt(), NaiveDate::from_ymd_opt(1999, 12, 31)] {
        assert_eq!(pay_with(&store, &directory, &Payment { on, ..payment(1) }), Err(Error::DayOfPayment));
    }
    let on = today.pred_opt();
    let (_, jobs) = pay_with(&store, &directory, &Payment { on, ..payment(1) }).unwrap();
    assert_eq!(store.record(0).paid_on, on);
    assert!(matches!(&jobs[0].payload, Payload::Invoice(purchase) if Some(purchase.paid_on) == on), "{jobs:?}");
    assert!(store.payments.borrow().is_empty(), "a day alone makes no row");
}

#[test]
fn a_payment_can_have_its_own_tax() {
    let (store, directory) = two();
    let (_, jobs) = pay_with(&store, &directory, &Payment { tax: Some(exempt()), ..payment(1) }).unwrap();
    assert!(matches!(&jobs[0].payload, Payload::Invoice(purchase) if purchase.terms.tax == exempt()), "{jobs:?}");
}
