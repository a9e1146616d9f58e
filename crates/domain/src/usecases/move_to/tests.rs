use super::*;
use crate::fakes::{Directory, Env, FakeStore, course, id, new_enrolment, note, ports, start};
use crate::model::asked::Asked;
use crate::model::event::EventKind;
use crate::model::seats::NewWaiting;
use crate::usecases::addressee::look_up;
use crate::usecases::enrol::enrol;
use crate::usecases::seats::wait;
use crate::{Course, CourseId, Money, Status, UserId};
use chrono::TimeDelta;
use futures::executor::block_on;

/// The user `u` is in course 7, which has one seat.
fn world() -> (FakeStore, Env) {
    let (store, env) = (FakeStore::default(), Env::new());
    enrol_in(&store, &env, "u", 7, Some(1)).unwrap();
    (store, env)
}

fn enrol_in(store: &FakeStore, env: &Env, user: &str, course: i64, seats: Option<u32>) -> Result<(), Error> {
    let directory = Directory::with_seats(seats);
    let ports = ports(store, &directory, &directory, env);
    block_on(enrol(&ports, Asked::default(), &new_enrolment(user, course))).map(drop)
}

fn other() -> Course {
    Course { name: Ok("Go".to_owned()), ends_at: Ok(Some(start() + TimeDelta::days(9))), ..course(50.0) }
}

fn move_with(store: &FakeStore, env: &Env, to: i64, course: Course) -> Result<Enrolment, Error> {
    let directory = Directory::without_course();
    let moving = Moving { note: note("moved"), course_id: CourseId::new(to).unwrap(), course: Some(course) };
    block_on(move_to(&ports(store, &directory, &directory, env), Asked::default(), &moving)).map(|done| done.enrolment)
}

#[test]
fn what_is_not_paid_gets_the_terms_of_the_other_course() {
    let (store, env) = world();
    store.edit(0, |record| record.pay_until = Some(start() + TimeDelta::days(1)));
    let moved = move_with(&store, &env, 9, other()).unwrap();
    assert_eq!((moved.course_id.get(), store.record(0).pay_until), (9, Some(start() + TimeDelta::days(1))));
    let terms = store.kept.borrow()[&1].terms.clone().unwrap();
    assert_eq!((terms.name.as_str(), terms.price.to_string()), ("Go", "50.00".to_owned()));
    assert_eq!(store.enrolments.borrow()[0].1, terms.ends_at);
    assert_eq!(store.events.borrow().last().unwrap().kind, EventKind::Moved);
    env.advance(TimeDelta::seconds(1));
    move_with(&store, &env, 8, Course { price: Ok(Money::from_hundredths(0).unwrap()), ..other() }).unwrap();
    assert_eq!(store.record(0).pay_until, None, "nothing is to be paid");
}

#[test]
fn what_is_paid_keeps_its_terms_and_mails_name_the_other_course() {
    let (store, env) = world();
    store.edit(0, |record| record.enrolment.payment_status = PaymentStatus::Paid);
    move_with(&store, &env, 9, other()).unwrap();
    let kept = store.kept_of(id(1)).unwrap();
    let terms = kept.terms.clone().unwrap();
    assert_eq!((terms.name.as_str(), terms.price.to_string()), ("Rust", "1.00".to_owned()));
    assert_eq!(terms.ends_at, Some(start() + TimeDelta::days(9)));
    let directory = Directory::with_price(1.0);
    let ports = ports(&store, &directory, &directory, &env);
    let to = block_on(look_up(&ports, &store.record(0).enrolment, &kept)).unwrap().unwrap();
    assert_eq!(to.course_name, "Go");
}

#[test]
fn the_seat_that_is_left_goes_to_who_waits() {
    let (store, env) = world();
    let directory = Directory::with_seats(Some(1));
    let new = NewWaiting { user_id: UserId::new("w").unwrap(), user: None, course_id: CourseId::new(7).unwrap() };
    block_on(wait(&ports(&store, &directory, &directory, &env), &new, None)).unwrap();
    move_with(&store, &env, 9, other()).unwrap();
    let users: Vec<_> = (0..2).map(|place| store.record(place).enrolment).collect();
    assert_eq!((users[0].course_id.get(), users[1].course_id.get(), users[1].user_id.as_str()), (9, 7, "w"));
}

#[test]
fn a_refused_move_changes_nothing() {
    let (store, env) = world();
    enrol_in(&store, &env, "other", 9, Some(1)).unwrap();
    let before = store.record(0);
    let over = Course { ends_at: Ok(Some(start())), ..other() };
    for (to, course, error) in [
        (9, Course { seats: Ok(Some(1)), ..other() }, Error::CourseFull),
        (7, other(), Error::AlreadyEnrolled),
        (8, over, Error::CourseClosed(crate::model::window::Closed::Over(start()))),
    ] {
        assert_eq!(move_with(&store, &env, to, course), Err(error));
        assert_eq!(store.record(0), before);
    }
    enrol_in(&store, &env, "u", 8, None).unwrap();
    assert_eq!(move_with(&store, &env, 8, other()), Err(Error::AlreadyEnrolled));
    for (status, error) in [(Status::Canceled, Error::Canceled), (Status::Completed, Error::Completed)] {
        store.edit(0, |record| record.enrolment.status = status);
        assert_eq!(move_with(&store, &env, 10, other()), Err(error));
    }
}

#[test]
fn an_unknown_course_is_told() {
    let (store, env) = world();
    let directory = Directory::without_course();
    let to = CourseId::new(9).unwrap();
    let moving = Moving { note: note("moved"), course_id: to, course: None };
    let ports = ports(&store, &directory, &directory, &env);
    assert_eq!(block_on(move_to(&ports, Asked::default(), &moving)), Err(Error::CourseNotFound(to)));
}
