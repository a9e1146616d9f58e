mod records;

use super::*;
use crate::fakes::{
    Directory, Env, FakeStore, id, invoice_data, look_up_failures, new_enrolment, note, parts, payment, ports, start,
};
use crate::model::language::Language;
use crate::model::note::{MailTo, Note};
use crate::model::window::Closed;
use crate::usecases::addressee::mail_to;
use crate::usecases::cancel::cancel;
use crate::usecases::deliver::invoice_or_email;
use crate::usecases::pay::record_payment;
use crate::usecases::remove::remove;
use crate::{Course, CourseId, EnrolmentId, Kept, PaymentStatus, Status, UserId};
use chrono::TimeDelta;
use futures::executor::block_on;

const SECOND: TimeDelta = TimeDelta::seconds(1);

fn enrol_user(store: &FakeStore, directory: &Directory, user: &str) -> Result<(Enrolment, Job), Error> {
    enrol_new(store, directory, &new_enrolment(user, 7))
}

fn enrol_new(store: &FakeStore, directory: &Directory, new: &NewEnrolment) -> Result<(Enrolment, Job), Error> {
    let (enrolment, jobs) =
        parts(block_on(enrol(&ports(store, directory, directory, &Env::new()), Asked::default(), new)))?;
    let [job] = <[Job; 1]>::try_from(jobs).unwrap();
    Ok((enrolment, job))
}

fn enrol_with(store: &FakeStore, directory: &Directory) -> Result<(Enrolment, Job), Error> {
    enrol_user(store, directory, "u")
}

/// The id of the new enrolment.
fn number(enrolled: Result<(Enrolment, Job), Error>) -> Result<i64, Error> {
    enrolled.map(|(enrolment, _)| enrolment.id.get())
}

fn cancel_one(store: &FakeStore, enrolment_id: EnrolmentId) {
    let (directory, note) = (Directory::with_price(1.0), Note { enrolment_id, ..note("-") });
    block_on(cancel(&ports(store, &directory, &directory, &Env::new()), Asked::default(), &note)).unwrap();
}

#[test]
fn enrols_and_a_mail_follows() {
    let store = FakeStore::default();
    let mut directory = Directory::with_price(199.99);
    directory.course.as_mut().unwrap().as_mut().unwrap().ends_at = Ok(Some(start() + SECOND));
    let (enrolment, job) = enrol_with(&store, &directory).unwrap();
    assert_eq!(enrolment.user_id.as_str(), "u");
    assert_eq!(enrolment.course_id.get(), 7);
    assert_eq!((enrolment.status, enrolment.payment_status), (Status::Active, PaymentStatus::Pending));
    assert_eq!(store.enrolments.borrow()[0].1, Some(start() + SECOND));
    assert_eq!(job.payload, crate::fakes::enrolment_email());
    assert_eq!(job.lease.until, start() + crate::jobs::Lease::LENGTH);
    assert_eq!(job.lease.token, "00000000000000010000000000000002");
}

#[test]
fn the_mail_is_in_the_language_of_the_user_else_of_the_course_else_of_the_variable() {
    use Language::{English, Polish};
    for (user, course, variable, expected) in [
        (Some(Polish), Some(English), English, Polish),
        (None, Some(Polish), English, Polish),
        (None, None, Polish, Polish),
        (None, None, English, English),
        (Some(English), Some(Polish), Polish, English),
    ] {
        let (store, env, mut directory) = (FakeStore::default(), Env::new(), Directory::with_price(1.0));
        directory.user.as_mut().unwrap().as_mut().unwrap().language = user;
        directory.course.as_mut().unwrap().as_mut().unwrap().language = course;
        env.language.set(variable);
        let ports = ports(&store, &directory, &directory, &env);
        let (enrolment, jobs) = parts(block_on(enrol(&ports, Asked::default(), &new_enrolment("u", 7)))).unwrap();
        let Payload::EnrolmentEmail(email) = &jobs[0].payload else { panic!("a mail") };
        assert_eq!(email.message().language(), expected, "{user:?} {course:?} {variable:?}");
        let MailTo::Known(to) = block_on(mail_to(&ports, &enrolment, &Kept::default())) else { panic!("a recipient") };
        assert_eq!(to.recipient, email.recipient);
        let paid = block_on(record_payment(&ports, Asked::default(), &payment(1))).unwrap();
        let Payload::PaymentEmail(email) = &paid.jobs[0].payload else { panic!("a mail") };
        assert_eq!(email.recipient, to.recipient);
        let invoice = invoice_or_email(&invoice_data(), directory.user, directory.course, variable).unwrap().unwrap();
        let Payload::Invoice(purchase) = invoice else { panic!("an invoice") };
        assert_eq!(purchase.customer, to.recipient);
    }
}

#[test]
fn a_second_enrolment_is_refused() {
    let store = FakeStore::default();
    let directory = Directory::with_price(1.0);
    enrol_with(&store, &directory).unwrap();
    assert_eq!(enrol_with(&store, &directory), Err(Error::AlreadyEnrolled));
    assert_eq!(store.outbox.borrow().len(), 1);
}

#[test]
fn a_user_id_that_the_table_cannot_store_is_refused() {
    let store = FakeStore::default();
    store.ascii.set(true);
    let refused = enrol_user(&store, &Directory::with_price(1.0), "ż");
    assert_eq!(refused, Err(Error::UserIdNotStorable));
    assert!(store.enrolments.borrow().is_empty() && store.outbox.borrow().is_empty());
}

#[test]
fn nothing_changes_without_a_user_and_a_course() {
    let course_not_found = Error::CourseNotFound(CourseId::new(7).unwrap());
    let missing = [
        (Directory::without_user(1.0), Error::UserNotFound),
        (Directory::without_course(), course_not_found),
        (Directory::empty(), Error::UserNotFound),
    ];
    for (directory, error) in look_up_failures().into_iter().chain(missing) {
        let store = FakeStore::default();
        assert_eq!(enrol_with(&store, &directory), Err(error));
        assert!(store.enrolments.borrow().is_empty() && store.outbox.borrow().is_empty());
    }
}

#[test]
fn no_more_are_enrolled_than_there_are_seats() {
    for (seats, enrolled) in [(Some(0), 0), (Some(1), 1), (Some(3), 3), (Some(5), 5), (None, 5)] {
        let (store, directory) = (FakeStore::default(), Directory::with_seats(seats));
        let results = ["a", "b", "c", "d", "e"].map(|user| enrol_user(&store, &directory, user).map(drop));
        let (taken, refused) = results.split_at(enrolled);
        assert!(taken.iter().all(Result::is_ok) && refused.iter().all(|refused| *refused == Err(Error::CourseFull)));
        assert_eq!((store.enrolments.borrow().len(), store.outbox.borrow().len()), (enrolled, enrolled));
    }
}

#[test]
fn a_seat_is_free_again_after_a_cancellation_or_a_deletion() {
    let (store, directory) = (FakeStore::default(), Directory::with_seats(Some(1)));
    assert_eq!(number(enrol_user(&store, &directory, "a")), Ok(1));
    assert_eq!(number(enrol_user(&store, &directory, "b")), Err(Error::CourseFull));
    cancel_one(&store, id(1));
    assert_eq!(number(enrol_user(&store, &directory, "b")), Ok(2));
    assert_eq!(number(enrol_user(&store, &directory, "a")), Err(Error::CourseFull));
    block_on(remove(&store, &Env::new(), id(2), None)).unwrap();
    assert_eq!(number(enrol_user(&store, &directory, "a")), Ok(3), "with a new id");
}

#[test]
fn a_completed_enrolment_keeps_its_seat() {
    let (store, directory) = (FakeStore::default(), Directory::with_seats(Some(1)));
    store.add(Status::Completed, PaymentStatus::Paid);
    assert_eq!(number(enrol_user(&store, &directory, "a")), Err(Error::CourseFull));
}

/// A directory whose course has these times.
fn with_times(change: impl FnOnce(&mut Course)) -> Directory {
    let mut course = crate::fakes::course(1.0);
    change(&mut course);
    Directory { course: Ok(Some(course)), ..Directory::with_price(1.0) }
}

#[test]
fn a_closed_course_takes_no_enrolments() {
    for (directory, expected) in [
        (with_times(|course| course.opens_at = Ok(Some(start() + SECOND))), Closed::NotYet(start() + SECOND)),
        (with_times(|course| course.closes_at = Ok(Some(start()))), Closed::Since(start())),
        (with_times(|course| course.ends_at = Ok(Some(start()))), Closed::Over(start())),
    ] {
        let store = FakeStore::default();
        assert_eq!(number(enrol_with(&store, &directory)), Err(Error::CourseClosed(expected)));
        let course = directory.course.unwrap();
        let sent = NewEnrolment { course, ..new_enrolment("u", 7) };
        let result = enrol_new(&store, &Directory::with_price(1.0), &sent);
        assert_eq!(number(result), Err(Error::CourseClosed(expected)), "a course that is sent");
        assert!(store.enrolments.borrow().is_empty() && store.jobs().is_empty());
    }
    let open = with_times(|course| {
        (course.opens_at, course.closes_at) = (Ok(Some(start())), Ok(Some(start() + SECOND)));
        course.ends_at = Ok(Some(start() + SECOND));
    });
    assert_eq!(number(enrol_with(&FakeStore::default(), &open)), Ok(1));
}

#[test]
fn a_course_with_unusable_times_takes_no_enrolments() {
    let unusable = || crate::fakes::unusable(crate::System::Courses);
    for directory in [
        with_times(|course| course.opens_at = Err(unusable())),
        with_times(|course| course.closes_at = Err(unusable())),
        with_times(|course| course.ends_at = Err(unusable())),
    ] {
        assert_eq!(number(enrol_with(&FakeStore::default(), &directory)), Err(unusable().into()));
    }
}

#[test]
fn a_second_enrolment_in_a_full_course_is_already_enrolled() {
    let (store, directory) = (FakeStore::default(), Directory::with_seats(Some(1)));
    enrol_user(&store, &directory, "a").unwrap();
    assert_eq!(number(enrol_user(&store, &directory, "a")), Err(Error::AlreadyEnrolled));
}

#[test]
fn a_canceled_enrolment_is_in_the_way_only_in_the_table_of_the_flask_service() {
    let (store, directory) = (FakeStore::default(), Directory::with_price(1.0));
    enrol_user(&store, &directory, "a").unwrap();
    cancel_one(&store, id(1));
    store.in_the_way.set(true);
    assert_eq!(number(enrol_user(&store, &directory, "a")), Err(Error::CanceledInTheWay));
    assert_eq!(number(enrol_user(&store, &directory, "b")), Ok(2));
    store.in_the_way.set(false);
    assert_eq!(number(enrol_user(&store, &directory, "a")), Ok(3));
    assert_eq!(number(enrol_user(&store, &directory, "a")), Err(Error::AlreadyEnrolled));
}
