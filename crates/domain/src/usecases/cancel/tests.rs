use super::*;
use crate::fakes::{
    ChangeDuringLookup, Directory, Env, FakeStore, enrolment_email, id, look_up_failures, mail_data, note, parts,
    ports, purchase, reason, start, under, unusable, user,
};
use crate::jobs::Lease;
use crate::{PaymentStatus, System, UserId};
use futures::executor::block_on;

fn cancel_with(store: &FakeStore, directory: &Directory, note: &Note) -> Result<(Enrolment, Vec<Job>), Error> {
    parts(block_on(cancel(&ports(store, directory, directory, &Env::new()), Asked::default(), note)))
}

fn payloads(jobs: &[Job]) -> Vec<&Payload> {
    jobs.iter().map(|job| &job.payload).collect()
}

fn email(course_name: &str, why: &str) -> Payload {
    let (recipient, course_name) = (user(), course_name.to_owned());
    Payload::CancellationEmail(CancellationEmail { recipient, course_name, reason: reason(why) })
}

#[test]
fn a_paid_or_unpaid_enrolment_is_canceled_and_a_mail_follows() {
    for payment_status in PaymentStatus::ALL {
        let store = FakeStore::default();
        store.add(Status::Active, payment_status);
        let (enrolment, jobs) = cancel_with(&store, &Directory::with_price(1.0), &note("moved")).unwrap();
        assert_eq!((enrolment.status, enrolment.payment_status), (Status::Canceled, payment_status));
        let record = store.record(0);
        assert_eq!((record.enrolment, record.reason, record.refunded_at), (enrolment, reason("moved"), None));
        assert_eq!(payloads(&jobs), [&email("Rust", "moved")]);
        assert_eq!(jobs[0].lease.until, start() + Lease::LENGTH);
    }
}

#[test]
fn only_an_unsent_confirmation_is_withdrawn() {
    let store = FakeStore::default();
    for number in [1, 2] {
        store.add(Status::Active, PaymentStatus::Paid);
        store.enqueue(number, enrolment_email());
    }
    store.enqueue(1, Payload::Invoice(purchase()));
    cancel_with(&store, &Directory::with_price(1.0), &note("-")).unwrap();
    assert_eq!(store.jobs(), [(2, Kind::EnrolmentEmail), (1, Kind::Invoice), (1, Kind::CancellationEmail)]);
}

#[test]
fn a_confirmation_that_was_sent_stays_sent() {
    let store = FakeStore::default();
    store.add(Status::Active, PaymentStatus::Pending);
    store.enqueue(1, enrolment_email());
    store.outbox.borrow_mut()[0].done = true;
    cancel_with(&store, &Directory::with_price(1.0), &note("-")).unwrap();
    assert_eq!(store.jobs(), [(1, Kind::EnrolmentEmail), (1, Kind::CancellationEmail)]);
}

#[test]
fn a_user_who_is_not_found_gets_no_mail() {
    for directory in [Directory::without_user(1.0), Directory::empty()] {
        let store = FakeStore::default();
        store.add(Status::Active, PaymentStatus::Pending);
        let (enrolment, jobs) = cancel_with(&store, &directory, &note("-")).unwrap();
        assert_eq!((enrolment.status, jobs), (Status::Canceled, Vec::new()));
    }
}

#[test]
fn the_id_of_a_missing_course_is_its_name() {
    let store = FakeStore::default();
    store.add(Status::Active, PaymentStatus::Pending);
    let (_, jobs) = cancel_with(&store, &Directory::without_course(), &note("-")).unwrap();
    assert_eq!(payloads(&jobs), [&email("7", "-")]);
}

#[test]
fn if_the_services_fail_it_is_canceled_and_the_recipient_is_looked_up_later() {
    for (directory, _) in look_up_failures() {
        let store = FakeStore::default();
        store.add(Status::Active, PaymentStatus::Pending);
        let (enrolment, jobs) = cancel_with(&store, &directory, &note("moved")).unwrap();
        assert_eq!((enrolment.status, payloads(&jobs)), (Status::Canceled, vec![&Payload::MailData(mail_data())]));
    }
}

#[test]
fn a_mail_needs_only_the_name_of_a_course() {
    let mut directory = Directory::with_price(1.0);
    let course = directory.course.as_mut().unwrap().as_mut().unwrap();
    course.price = Err(unusable(System::Courses));
    course.ends_at = Err(unusable(System::Courses));
    course.seats = Err(unusable(System::Courses));
    let store = FakeStore::default();
    store.add(Status::Active, PaymentStatus::Pending);
    assert_eq!(payloads(&cancel_with(&store, &directory, &note("-")).unwrap().1), [&email("Rust", "-")]);
    directory.course.as_mut().unwrap().as_mut().unwrap().name = Err(unusable(System::Courses));
    store.add(Status::Active, PaymentStatus::Pending);
    let (_, jobs) = cancel_with(&store, &directory, &Note { enrolment_id: id(2), ..note("-") }).unwrap();
    assert_eq!(jobs[0].payload.kind(), Kind::MailData);
}

#[test]
fn for_an_erased_user_no_reason_is_stored_and_no_service_is_called() {
    for (directory, _) in look_up_failures() {
        let store = FakeStore::default();
        store.add(Status::Active, PaymentStatus::Pending);
        store.edit(0, |record| record.enrolment.user_id = UserId::erased(1, 2));
        let (enrolment, jobs) = cancel_with(&store, &directory, &note("she moved")).unwrap();
        assert_eq!((enrolment.status, jobs, store.record(0).reason), (Status::Canceled, Vec::new(), None));
    }
}

#[test]
fn another_users_enrolment_is_not_found() {
    let store = FakeStore::default();
    store.add(Status::Active, PaymentStatus::Pending);
    let by = |user: &str| Note { user_id: Some(UserId::new(user).unwrap()), ..note("-") };
    let directory = Directory::with_price(1.0);
    assert_eq!(cancel_with(&store, &directory, &by("USER-1")), Err(Error::NotFound));
    assert_eq!(cancel_with(&store, &directory, &Note { enrolment_id: id(2), ..note("-") }), Err(Error::NotFound));
    assert_eq!(store.record(0).enrolment.status, Status::Active);
    cancel_with(&store, &directory, &by("user-1")).unwrap();
}

#[test]
fn no_service_is_called_if_it_cannot_be_canceled() {
    for (status, error) in [(Status::Canceled, Error::Canceled), (Status::Completed, Error::Completed)] {
        let store = FakeStore::default();
        store.add(status, PaymentStatus::Pending);
        for (directory, _) in look_up_failures() {
            assert_eq!(cancel_with(&store, &directory, &note("-")), Err(error.clone()));
        }
        assert!(store.jobs().is_empty());
    }
}

#[test]
fn the_loser_of_a_race_gets_an_error() {
    for (change, error) in [
        (
            (|store| store.edit(0, |record| record.enrolment.status = Status::Canceled)) as fn(&FakeStore),
            Error::Canceled,
        ),
        (|store| store.edit(0, |record| record.enrolment.status = Status::Completed), Error::Completed),
        (|store| store.enrolments.borrow_mut().clear(), Error::NotFound),
    ] {
        let store = FakeStore::default();
        store.add(Status::Active, PaymentStatus::Pending);
        let (users, directory) = (ChangeDuringLookup(&store, change), Directory::with_price(1.0));
        let canceled =
            parts(block_on(cancel(&ports(&store, &users, &directory, &Env::new()), Asked::default(), &note("-"))));
        assert_eq!(canceled, Err(error));
        assert!(store.jobs().is_empty());
    }
}

#[test]
fn the_mail_has_no_reason_if_none_was_given() {
    let store = FakeStore::default();
    store.add(Status::Active, PaymentStatus::Pending);
    let directory = Directory::with_price(1.0);
    let (_, jobs) = cancel_with(&store, &directory, &Note { reason: None, ..note("-") }).unwrap();
    let expected = CancellationEmail { recipient: user(), course_name: "Rust".to_owned(), reason: None };
    assert_eq!(payloads(&jobs), [&Payload::CancellationEmail(expected)]);
    assert_eq!(store.record(0).reason, None);
}

#[test]
fn the_stored_answer_is_final() {
    let (store, directory) = (FakeStore::default(), Directory::with_price(1.0));
    store.add(Status::Active, PaymentStatus::Pending);
    let env = Env::new();
    let ports = ports(&store, &directory, &directory, &env);
    let cancel = || block_on(cancel(&ports, under("k"), &note("-")));
    let first = cancel().unwrap();
    assert_eq!(cancel(), Ok(Done::before(first.enrolment)));
}
