use super::*;
use crate::fakes::{
    Directory, Env, FakeStore, billing, course, key, look_up_failures, new_enrolment, payment, ports, seen_course,
    under,
};
use crate::model::asked::Asked;
use crate::model::idempotency::RESERVED;
use crate::model::window::Closed;
use crate::ports::change::Addition;
use crate::ports::{Answer, Commit};
use crate::usecases::enrol::enrol;
use crate::usecases::pay::pay;
use crate::{Course, CourseId, PaymentStatus, Status};
use chrono::TimeDelta;
use futures::executor::block_on;

fn enrolled(store: &FakeStore, env: &Env, key_text: &str, course: i64) -> Result<Done, Error> {
    enrolled_by(&Directory::with_price(1.0), store, env, key_text, course)
}

fn enrolled_by(
    directory: &Directory,
    store: &FakeStore,
    env: &Env,
    key_text: &str,
    course: i64,
) -> Result<Done, Error> {
    block_on(enrol(&ports(store, directory, directory, env), under(key_text), &new_enrolment("u", course)))
}

/// Whether this call executed the request.
fn is_now(done: &Result<Done, Error>) -> bool {
    matches!(done, Ok(Done { jobs, .. }) if !jobs.is_empty())
}

fn paid(store: &FakeStore, env: &Env) -> Result<Once<Enrolment>, Error> {
    let (key, directory) = (Some((key("p"), Fingerprint::to_pay(&payment(1)))), Directory::with_price(1.0));
    block_on(begin(store, env, key, async |reservation| {
        let marked =
            pay(&ports(store, &directory, &directory, env), &billing(), &payment(1), (reservation, None)).await?;
        Ok(marked.enrolment)
    }))
}

/// A payment by this call, with its reservation.
fn paid_now(store: &FakeStore, env: &Env) -> (Enrolment, Reservation) {
    let Ok(Once::Now(enrolment, Some(reservation))) = paid(store, env) else { panic!("paid now") };
    (enrolment, reservation)
}

#[test]
fn a_repeated_request_gets_the_first_answer() {
    let (store, env) = (FakeStore::default(), Env::new());
    assert!(is_now(&enrolled(&store, &env, "k", 7)));
    let first = store.record(0).enrolment;
    store.edit(0, |record| record.enrolment.status = Status::Completed);
    assert_eq!(enrolled(&store, &env, "k", 7), Ok(Done::before(first)));
    assert_eq!(enrolled(&store, &env, "k", 8), Err(Error::KeyReused));
    assert_eq!(enrolled(&store, &env, "other", 7), Err(Error::AlreadyEnrolled));
    assert_eq!((store.enrolments.borrow().len(), store.outbox.borrow().len()), (1, 1));
}

#[test]
fn a_repeated_request_fails_if_its_enrolment_is_deleted() {
    let (store, env) = (FakeStore::default(), Env::new());
    store.add(Status::Active, PaymentStatus::Pending);
    for course in [7, 8] {
        enrolled(&store, &env, &format!("k-{course}"), course).unwrap();
    }
    let (enrolment, reservation) = paid_now(&store, &env);
    assert!(block_on(conclude(&store, Some(reservation), &enrolment)));
    store.enrolments.borrow_mut().retain(|(record, _)| record.enrolment.course_id.get() == 8);
    assert_eq!(enrolled(&store, &env, "k-7", 7), Err(Error::DeletedSince));
    assert!(matches!(enrolled(&store, &env, "k-8", 8), Ok(done) if done.jobs.is_empty()));
    assert_eq!(paid(&store, &env), Err(Error::DeletedSince));
    assert!(is_now(&enrolled(&store, &env, "another", 7)));
}

#[test]
fn without_a_key_nothing_is_remembered() {
    let (store, env, directory) = (FakeStore::default(), Env::new(), Directory::with_price(1.0));
    assert!(is_now(&block_on(enrol(
        &ports(&store, &directory, &directory, &env),
        Asked::default(),
        &new_enrolment("u", 7)
    ))));
    assert!(store.keys.borrow().is_empty());
}

#[test]
fn final_errors_are_stored() {
    let (store, env) = (FakeStore::default(), Env::new());
    store.add(Status::Canceled, PaymentStatus::Pending);
    assert_eq!(paid(&store, &env), Err(Error::Canceled));
    store.edit(0, |record| record.enrolment.status = Status::Active);
    assert_eq!(paid(&store, &env), Err(Error::Canceled));
}

#[test]
fn errors_that_another_request_can_change_are_not_stored() {
    let (store, env) = (FakeStore::default(), Env::new());
    assert_eq!(paid(&store, &env), Err(Error::NotFound));
    enrolled(&store, &env, "first", 7).unwrap();
    assert_eq!(enrolled(&store, &env, "k-7", 7), Err(Error::AlreadyEnrolled));
    store.enrolments.borrow_mut().clear();
    assert!(is_now(&enrolled(&store, &env, "k-7", 7)));
}

#[test]
fn temporary_errors_are_not_stored() {
    let (store, env) = (FakeStore::default(), Env::new());
    store.add(Status::Active, PaymentStatus::Pending);
    for (directory, error) in look_up_failures() {
        assert_eq!(enrolled_by(&directory, &store, &env, "k", 9), Err(error));
        assert!(store.keys.borrow().is_empty());
    }
    let over = Course { ends_at: Ok(Some(env.now())), ..course(1.0) };
    for (directory, error) in [
        (Directory::without_user(1.0), Error::UserNotFound),
        (Directory::without_course(), Error::CourseNotFound(CourseId::new(9).unwrap())),
        (Directory::with_seats(Some(0)), Error::CourseFull),
        (
            Directory { course: Ok(Some(over)), ..Directory::with_price(1.0) },
            Error::CourseClosed(Closed::Over(env.now())),
        ),
    ] {
        assert_eq!(enrolled_by(&directory, &store, &env, "k", 9), Err(error));
    }
    assert!(is_now(&enrolled(&store, &env, "k", 9)));
}

#[test]
fn a_repeat_during_the_first_request_is_in_progress() {
    let (store, env) = (FakeStore::default(), Env::new());
    store.add(Status::Active, PaymentStatus::Pending);
    let (mut first, reservation) = paid_now(&store, &env);
    // The invoice is still being issued.
    assert_eq!(paid(&store, &env), Err(Error::InProgress));
    first.invoice_url = Some("https://a.example/i".to_owned());
    assert!(block_on(conclude(&store, Some(reservation), &first)));
    assert_eq!(paid(&store, &env), Ok(Once::Before(first)));
}

#[test]
fn a_crash_after_the_change_leaves_the_stored_answer() {
    let (store, env) = (FakeStore::default(), Env::new());
    store.add(Status::Active, PaymentStatus::Pending);
    let (first, reservation) = paid_now(&store, &env);
    env.advance(TimeDelta::from_std(RESERVED).unwrap());
    let again = paid(&store, &env);
    assert_eq!(again, Ok(Once::Before(first)));
    // The first process did not crash, but it is too late to change the answer.
    assert_eq!(block_on(store.conclude(&reservation, &Err(Error::NotFound))), Ok(false));
    assert_eq!(paid(&store, &env), again);
}

#[test]
fn a_crash_before_the_change_leaves_the_key_to_a_repeat() {
    let (store, env) = (FakeStore::default(), Env::new());
    let (fingerprint, token) = (Fingerprint::to_enrol(&new_enrolment("u", 7)), "dead");
    let begun = block_on(store.begin(&key("k"), &fingerprint, token, env.now())).unwrap();
    let KeyState::Reserved(dead) = begun else { panic!("reserved") };
    assert_eq!(enrolled(&store, &env, "k", 7), Err(Error::InProgress));
    env.advance(TimeDelta::from_std(RESERVED).unwrap());
    assert!(is_now(&enrolled(&store, &env, "k", 7)));
    let (new, course) = (new_enrolment("u", 9), seen_course(1.0, None));
    let addition = Addition { new, course, pay_until: None, jobs: Vec::new(), later: None };
    let commit = Commit::new(&env, env.now(), (Some(&dead), None), Answer::Final);
    let late = block_on(Enrolments::add(&store, &addition, &commit));
    assert!(matches!(late, Err(Error::Unavailable(_))));
    assert_eq!(store.enrolments.borrow().len(), 1);
}

#[test]
fn keys_are_removed_after_a_day() {
    let (store, env) = (FakeStore::default(), Env::new());
    enrolled(&store, &env, "old", 7).unwrap();
    env.advance(REMEMBERED);
    block_on(forget_old_keys(&store, &env)).unwrap();
    assert_eq!(store.keys.borrow().len(), 1);
    env.advance(TimeDelta::milliseconds(1));
    block_on(forget_old_keys(&store, &env)).unwrap();
    assert!(store.keys.borrow().is_empty());
}

#[test]
fn a_database_that_is_down_changes_nothing() {
    let (store, env) = (FakeStore::default(), Env::new());
    store.down.set(true);
    assert!(matches!(enrolled(&store, &env, "k", 7), Err(Error::Unavailable(_))));
}
