use super::*;
use crate::fakes::{Env, FakeStore, enrolment_email, id, note, parts, reason, under};
use crate::{Status, UserId};
use futures::executor::block_on;

fn fail_with(store: &FakeStore, note: &Note) -> Result<(Enrolment, Vec<Job>), Error> {
    parts(block_on(fail(store, &Env::new(), Asked::default(), note)))
}

#[test]
fn a_pending_payment_fails_and_can_still_be_paid() {
    for status in [Status::Active, Status::Completed] {
        let store = FakeStore::default();
        store.add(status, PaymentStatus::Pending);
        store.enqueue(1, enrolment_email());
        let (enrolment, jobs) = fail_with(&store, &note("card refused")).unwrap();
        assert_eq!((enrolment.status, enrolment.payment_status), (status, PaymentStatus::Failed));
        assert_eq!(jobs, []);
        assert_eq!((store.record(0).enrolment, store.record(0).reason), (enrolment.clone(), reason("card refused")));
        assert_eq!(store.jobs().len(), 1, "the confirmation stays");
        assert_eq!(check_payable(&enrolment, false), Ok(()));
    }
}

#[test]
fn a_second_failure_changes_nothing() {
    let store = FakeStore::default();
    store.add(Status::Active, PaymentStatus::Failed);
    store.edit(0, |record| record.reason = reason("first"));
    let before = store.record(0);
    assert_eq!(failed(&before, &note("second")), Ok(Change::none()));
    assert_eq!(fail_with(&store, &note("second")), Ok((before.enrolment.clone(), Vec::new())));
    assert_eq!(store.record(0), before);
}

#[test]
fn a_paid_or_canceled_enrolment_cannot_fail() {
    for (status, payment_status, error) in [
        (Status::Active, PaymentStatus::Paid, Error::AlreadyPaid),
        (Status::Canceled, PaymentStatus::Paid, Error::AlreadyPaid),
        (Status::Canceled, PaymentStatus::Pending, Error::Canceled),
        (Status::Canceled, PaymentStatus::Failed, Error::Canceled),
    ] {
        let store = FakeStore::default();
        store.add(status, payment_status);
        let before = store.record(0);
        assert_eq!(fail_with(&store, &note("-")), Err(error));
        assert_eq!(store.record(0), before);
    }
}

#[test]
fn another_users_enrolment_is_not_found() {
    let store = FakeStore::default();
    store.add(Status::Active, PaymentStatus::Pending);
    let by = |user: &str| Note { user_id: Some(UserId::new(user).unwrap()), ..note("-") };
    assert_eq!(fail_with(&store, &by("user-2")), Err(Error::NotFound));
    assert_eq!(fail_with(&store, &Note { enrolment_id: id(2), ..note("-") }), Err(Error::NotFound));
    assert_eq!(store.record(0).enrolment.payment_status, PaymentStatus::Pending);
    fail_with(&store, &by("user-1")).unwrap();
}

#[test]
fn the_stored_answer_is_final() {
    // With and without another change.
    for payment_status in [PaymentStatus::Pending, PaymentStatus::Failed] {
        let store = FakeStore::default();
        store.add(Status::Active, payment_status);
        let env = Env::new();
        let fail = || block_on(fail(&store, &env, under("k"), &note("-")));
        let first = fail().unwrap();
        assert_eq!(fail(), Ok(Done::before(first.enrolment)));
    }
}

#[test]
fn a_database_that_is_down_changes_nothing() {
    let store = FakeStore::default();
    store.add(Status::Active, PaymentStatus::Pending);
    store.down.set(true);
    assert!(matches!(fail_with(&store, &note("-")), Err(Error::Unavailable(_))));
    assert_eq!(store.record(0).enrolment.payment_status, PaymentStatus::Pending);
}
