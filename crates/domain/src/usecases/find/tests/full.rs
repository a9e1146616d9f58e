//! Enrolments in full.

use super::*;
use crate::fakes::{
    Directory, Env, course_terms, money, new_enrolment, note, payment, ports, reason, start, whole_refund,
};
use crate::model::asked::{Asked, Author};
use crate::model::full::{CanceledInFull, PaidInFull, RefundInFull};
use crate::usecases::cancel::cancel;
use crate::usecases::enrol::enrol;
use crate::usecases::pay::record_payment;
use crate::usecases::refund::refund;
use chrono::TimeDelta;
use std::rc::Rc;

fn ann() -> Option<Author> {
    Some(Author("ann".to_owned()))
}

/// An enrolment that Ann makes, and what she does with it.
fn of_ann(change: impl FnOnce(&FakeStore, &dyn Fn() -> Asked)) -> FullEnrolment {
    let (store, directory, env) = (FakeStore::default(), Directory::with_price(149.0), Env::new());
    let asked = || Asked { key: None, by: ann() };
    block_on(enrol(&ports(&store, &directory, &directory, &env), asked(), &new_enrolment("u", 7))).unwrap();
    change(&store, &asked);
    assert!(store.events.borrow().iter().all(|event| event.by == ann()), "{:?}", store.events);
    block_on(find_full(&store, id(1))).unwrap()
}

#[test]
fn a_full_enrolment_has_its_terms_and_nothing_that_did_not_happen() {
    let full = of_ann(|_, _| {});
    assert_eq!(
        (full.terms.clone(), full.paid.clone(), full.canceled.clone()),
        (Some(Rc::new(course_terms(149.0))), None, None)
    );
    assert_eq!((full.refunds.len(), full.refunded()), (0, Some(money("0"))));
}

#[test]
fn a_full_enrolment_says_what_was_paid_and_refunded_and_who_canceled_it() {
    let (directory, env) = (Directory::with_price(149.0), Env::new());
    let full = of_ann(|store, asked| {
        let ports = ports(store, &directory, &directory, &env);
        block_on(record_payment(&ports, asked(), &payment(1))).unwrap();
        block_on(refund(&ports, asked(), &whole_refund(note("ill")))).unwrap();
    });
    let (amount, on) = (Some(money("149")), Some(start().date_naive()));
    assert_eq!(full.paid, Some(PaidInFull { amount, on, reference: None, method: None }));
    assert_eq!(
        (full.refunds.as_slice(), full.refunded()),
        (&[RefundInFull { amount, at: start(), reference: None }][..], amount)
    );
    let canceled = CanceledInFull { at: Some(start()), reason: reason("ill"), by: ann() };
    assert_eq!(full.canceled, Some(canceled));
}

#[test]
fn a_later_refund_leaves_the_cancellation_as_it_was() {
    let (directory, env) = (Directory::with_price(149.0), Env::new());
    let full = of_ann(|store, asked| {
        let ports = ports(store, &directory, &directory, &env);
        block_on(record_payment(&ports, asked(), &payment(1))).unwrap();
        block_on(cancel(&ports, asked(), &note("moved"))).unwrap();
        env.advance(TimeDelta::hours(1));
        block_on(refund(&ports, asked(), &whole_refund(note("goodwill")))).unwrap();
    });
    assert_eq!(full.canceled, Some(CanceledInFull { at: Some(start()), reason: reason("moved"), by: ann() }));
    assert_eq!(full.refunds[0].at, start() + TimeDelta::hours(1));
}

#[test]
fn a_full_enrolment_of_an_earlier_release_says_what_is_known() {
    let store = FakeStore::default();
    store.add(Status::Canceled, PaymentStatus::Paid);
    store.edit(0, |record| record.refunded_at = Some(start()));
    let full = block_on(find_full_of_user(&store, id(1), "user-1")).unwrap();
    assert_eq!(
        (full.paid.clone(), full.refunded()),
        (Some(PaidInFull { amount: None, on: None, reference: None, method: None }), None)
    );
    assert_eq!(full.canceled, Some(CanceledInFull { at: None, reason: None, by: None }));
    assert_eq!(block_on(find_full_of_user(&store, id(1), "user-2")), Err(Error::NotFound));
    assert_eq!(block_on(find_full(&store, id(2))), Err(Error::NotFound));
    store.down.set(true);
    assert!(matches!(block_on(find_full(&store, id(1))), Err(Error::Unavailable(_))));
}
