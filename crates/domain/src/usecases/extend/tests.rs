use super::*;
use crate::fakes::{Directory, Env, FakeStore, course_terms, id, ports, start, under};
use crate::jobs::{Kind, Notice, Payload, Topic};
use crate::model::seats::HoldTimes;
use crate::{Kept, Status};
use chrono::TimeDelta;
use futures::executor::block_on;
use std::time::Duration;

const HOUR: TimeDelta = TimeDelta::hours(1);

fn extend_by(store: &FakeStore, env: &Env, hours: i32) -> Result<Enrolment, Error> {
    let directory = Directory::with_price(1.0);
    let extension = Extension { enrolment_id: id(1), user_id: None, pay_until: start() + HOUR * hours };
    block_on(extend(&ports(store, &directory, &directory, env), Asked::default(), &extension))
        .map(|done| done.enrolment)
}

#[test]
fn a_seat_is_held_until_another_time() {
    let (store, env) = (FakeStore::default(), Env::new());
    store.add(Status::Active, PaymentStatus::Failed);
    for hours in [2, 5, 3] {
        extend_by(&store, &env, hours).unwrap();
        assert_eq!(store.record(0).pay_until, Some(start() + HOUR * hours));
    }
    let kinds = store.events.borrow().iter().map(|event| event.kind).collect::<Vec<_>>();
    assert_eq!(kinds, [EventKind::Extended; 3]);
    assert_eq!(extend_by(&store, &env, 0), Err(Error::PayUntil));
}

#[test]
fn only_what_is_active_and_not_paid_is_extended() {
    for (status, payment, error) in [
        (Status::Canceled, PaymentStatus::Pending, Error::Canceled),
        (Status::Completed, PaymentStatus::Pending, Error::Completed),
        (Status::Active, PaymentStatus::Paid, Error::AlreadyPaid),
    ] {
        let store = FakeStore::default();
        store.add(status, payment);
        assert_eq!(extend_by(&store, &Env::new(), 1), Err(error));
    }
    let store = FakeStore::default();
    assert_eq!(extend_by(&store, &Env::new(), 1), Err(Error::NotFound));
    store.add(Status::Active, PaymentStatus::Pending);
    store.kept.borrow_mut().insert(1, Kept { terms: Some(course_terms(0.0)), ..Kept::default() });
    assert_eq!(extend_by(&store, &Env::new(), 1), Err(Error::NothingToPay));
}

#[test]
fn each_time_has_one_reminder() {
    let (store, env) = (FakeStore::default(), Env::new());
    store.add(Status::Active, PaymentStatus::Pending);
    let remind_before = Some(Duration::from_secs(60 * 60));
    env.times.set(HoldTimes { remind_before, ..env.times.get() });
    for hours in [1, 3, 5] {
        extend_by(&store, &env, hours).unwrap();
    }
    let reminder =
        |hours: i32| (Payload::Notice(Notice::new(Topic::Reminder, Some(start() + HOUR * hours))), hours - 1);
    let rows = store.outbox.borrow();
    let found = rows.iter().map(|row| (row.job.payload.clone(), (row.due_at - start()).num_hours()));
    let wanted = [reminder(3), reminder(5)].map(|(payload, hours)| (payload, i64::from(hours)));
    assert_eq!(found.collect::<Vec<_>>(), wanted, "none comes in time for the first");
}

#[test]
fn a_repeated_request_gets_the_first_answer() {
    let (store, env, directory) = (FakeStore::default(), Env::new(), Directory::with_price(1.0));
    store.add(Status::Active, PaymentStatus::Pending);
    let extension = Extension { enrolment_id: id(1), user_id: None, pay_until: start() + HOUR };
    for _ in 0..2 {
        let ports = ports(&store, &directory, &directory, &env);
        let done = block_on(extend(&ports, under("k"), &extension)).unwrap();
        assert_eq!(done.enrolment.id, id(1));
    }
    assert_eq!(store.events.borrow().len(), 1);
    assert!(store.jobs().iter().all(|(_, kind)| *kind != Kind::Notice));
}
