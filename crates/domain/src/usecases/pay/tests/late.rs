//! Payments for enrolments that lapsed.

use super::*;
use crate::fakes::{id, new_enrolment, start};
use crate::model::asked::Asked;
use crate::model::event::EventKind;
use crate::model::seats::HoldTimes;
use crate::usecases::enrol::enrol;
use crate::usecases::expire::settle;
use chrono::TimeDelta;

struct World {
    store: FakeStore,
    env: Env,
    directory: Directory,
}

/// A course with one seat, which lapsed.
fn lapsed() -> World {
    let world = World { store: FakeStore::default(), env: Env::new(), directory: Directory::with_seats(Some(1)) };
    world.env.times.set(HoldTimes { seats: Some(Duration::from_secs(60)), ..world.env.times.get() });
    world.enrol("u").unwrap();
    world.env.advance(TimeDelta::minutes(1));
    assert_eq!(block_on(settle(&world.store, &world.env, None)).unwrap().lapsed, 1);
    world
}

impl World {
    fn enrol(&self, user: &str) -> Result<(), Error> {
        let ports = ports(&self.store, &self.directory, &self.directory, &self.env);
        block_on(enrol(&ports, Asked::default(), &new_enrolment(user, 7))).map(drop)
    }

    fn pay(&self) -> Result<Enrolment, Error> {
        let ports = ports(&self.store, &self.directory, &self.directory, &self.env);
        block_on(pay(&ports, &billing(), &payment(1), (None, None))).map(|paid| paid.enrolment)
    }
}

#[test]
fn what_lapsed_is_active_again_if_its_seat_is_free() {
    let world = lapsed();
    let paid = world.pay().unwrap();
    assert_eq!((paid.id, paid.status, paid.payment_status), (id(1), Status::Active, PaymentStatus::Paid));
    let record = world.store.record(0);
    assert_eq!((record.lapsed, record.canceled, record.reason), (false, None, None));
    assert_eq!(world.store.events.borrow().last().unwrap().kind, EventKind::Paid);
    assert_eq!(world.pay(), Err(Error::AlreadyPaid));
}

#[test]
fn a_seat_that_is_gone_is_told_and_nothing_is_recorded() {
    let world = lapsed();
    world.enrol("other").unwrap();
    assert_eq!(world.pay(), Err(Error::CourseFull));
    assert!(world.store.record(0).lapsed && world.store.payments.borrow().is_empty());

    let world = lapsed();
    world.enrol("u").unwrap();
    assert_eq!(world.pay(), Err(Error::AlreadyEnrolled));

    let mut world = lapsed();
    let over = start() + TimeDelta::hours(1);
    world.directory.course.as_mut().unwrap().as_mut().unwrap().ends_at = Ok(Some(over));
    world.enrol("other").unwrap();
    world.store.edit(1, |record| record.enrolment.status = Status::Canceled);
    world.env.advance(TimeDelta::hours(1));
    assert!(matches!(world.pay(), Err(Error::CourseClosed(_))));
}

#[test]
fn until_the_run_it_is_an_ordinary_payment() {
    let world = World { store: FakeStore::default(), env: Env::new(), directory: Directory::with_seats(Some(1)) };
    world.env.times.set(HoldTimes { seats: Some(Duration::from_secs(60)), ..world.env.times.get() });
    world.enrol("u").unwrap();
    world.env.advance(TimeDelta::hours(1));
    assert_eq!(world.pay().unwrap().payment_status, PaymentStatus::Paid);
    assert_eq!(block_on(settle(&world.store, &world.env, None)).unwrap().lapsed, 0);
}

#[test]
fn what_lapses_while_its_data_is_looked_up_is_paid_late() {
    let world = lapsed();
    world.store.edit(0, |record| (record.enrolment.status, record.lapsed) = (Status::Active, false));
    let lapses =
        |store: &FakeStore| store.edit(0, |record| (record.enrolment.status, record.lapsed) = (Status::Canceled, true));
    let users = ChangeDuringLookup(&world.store, lapses);
    let ports = ports(&world.store, &users, &world.directory, &world.env);
    let paid = block_on(pay(&ports, &billing(), &payment(1), (None, None))).unwrap().enrolment;
    assert_eq!((paid.status, paid.payment_status), (Status::Active, PaymentStatus::Paid));
}

#[test]
fn what_a_person_canceled_stays_canceled() {
    let store = FakeStore::default();
    store.add(Status::Canceled, PaymentStatus::Pending);
    assert_eq!(pay_with(&store, &Directory::with_price(1.0), &payment(1)).unwrap_err(), Error::Canceled);
}
