use super::*;
use crate::fakes::{Directory, Env, FakeStore, services, start};
use crate::{CourseId, PaymentStatus, Status, System, Unavailable, Unusable, UserId};
use futures::executor::block_on;

fn enrol_user(store: &FakeStore, directory: &Directory, user: &str) -> Result<(Enrolment, Job), Error> {
    let new = NewEnrolment { user_id: UserId::new(user).unwrap(), course_id: CourseId::new(7).unwrap() };
    let (enrolment, jobs) = block_on(enrol(&services(store, directory, directory, &Env::new()), &new, None))?;
    let [job] = <[Job; 1]>::try_from(jobs).unwrap();
    Ok((enrolment, job))
}

fn enrol_with(store: &FakeStore, directory: &Directory) -> Result<(Enrolment, Job), Error> {
    enrol_user(store, directory, "u")
}

#[test]
fn enrols_and_owes_a_mail() {
    let store = FakeStore::default();
    let mut directory = Directory::with_price(199.99);
    directory.course.as_mut().unwrap().as_mut().unwrap().ends_at = Some(start());
    let (enrolment, job) = enrol_with(&store, &directory).unwrap();
    assert_eq!(enrolment.user_id.as_str(), "u");
    assert_eq!(enrolment.course_id.get(), 7);
    assert_eq!((enrolment.status, enrolment.payment_status), (Status::Active, PaymentStatus::Pending));
    assert_eq!(store.enrolments.borrow()[0].1, Some(start()));
    assert_eq!(job.payload, crate::fakes::enrolment_email());
    assert_eq!(job.lease.until, start() + crate::job::Lease::LENGTH);
    assert_eq!(job.lease.token, "00000000000000010000000000000002");
}

#[test]
fn a_second_time_is_refused() {
    let store = FakeStore::default();
    let directory = Directory::with_price(1.0);
    enrol_with(&store, &directory).unwrap();
    assert_eq!(enrol_with(&store, &directory), Err(Error::AlreadyEnrolled));
    assert_eq!(store.outbox.borrow().len(), 1);
}

#[test]
fn a_user_id_that_the_table_cannot_hold_is_refused() {
    let store = FakeStore::default();
    store.ascii.set(true);
    let refused = enrol_user(&store, &Directory::with_price(1.0), "ż");
    assert_eq!(refused, Err(Error::UserIdNotStorable));
    assert!(store.enrolments.borrow().is_empty() && store.outbox.borrow().is_empty());
}

#[test]
fn nothing_changes_without_a_user_and_a_course() {
    let down = |system| Unavailable::new(system, "timeout");
    let unusable = |system| Unusable { system, cause: "id is another".to_owned() };
    for (user, course, error) in [
        (Ok(None), Ok(Some(crate::fakes::course(1.0))), Error::UserNotFound),
        (Ok(Some(crate::fakes::user())), Ok(None), Error::CourseNotFound(CourseId::new(7).unwrap())),
        (Err(down(System::Users).into()), Ok(None), Error::Unavailable(down(System::Users))),
        (Ok(Some(crate::fakes::user())), Err(down(System::Courses).into()), Error::Unavailable(down(System::Courses))),
        (Err(unusable(System::Users).into()), Ok(None), Error::Unusable(unusable(System::Users))),
        (
            Ok(Some(crate::fakes::user())),
            Err(unusable(System::Courses).into()),
            Error::Unusable(unusable(System::Courses)),
        ),
    ] {
        let store = FakeStore::default();
        assert_eq!(enrol_with(&store, &Directory { user, course }), Err(error));
        assert!(store.enrolments.borrow().is_empty() && store.outbox.borrow().is_empty());
    }
}
