use super::*;
use crate::fakes::{Directory, Env, FakeStore, purchase, user};
use crate::{System, Unavailable, Unusable};
use futures::executor::block_on;

fn pay_with(store: &FakeStore, directory: &Directory, id: i64) -> Result<(Enrolment, Job), Error> {
    block_on(pay(store, directory, directory, &Env::new(), EnrolmentId::new(id).unwrap(), None, None))
}

#[test]
fn marks_as_paid_and_owes_an_invoice() {
    for (status, payment) in [
        (Status::Active, PaymentStatus::Pending),
        (Status::Completed, PaymentStatus::Pending),
        (Status::Active, PaymentStatus::Failed),
    ] {
        let store = FakeStore::default();
        store.add(status, payment);
        let (enrolment, job) = pay_with(&store, &Directory::with_price(199.99), 1).unwrap();
        assert_eq!((enrolment.status, enrolment.payment_status), (status, PaymentStatus::Paid));
        let Payload::Invoice(owed) = job.payload else { panic!("{:?}", job.payload) };
        assert!(owed.reference.is_some());
        assert_eq!(Purchase { reference: purchase().reference, ..owed }, purchase());
    }
}

#[test]
fn without_a_price_there_is_no_invoice() {
    let store = FakeStore::default();
    store.add(Status::Active, PaymentStatus::Pending);
    let (_, job) = pay_with(&store, &Directory::with_price(0.0), 1).unwrap();
    let expected = Payload::PaymentEmail { recipient: user(), course_name: "Rust".to_owned(), invoice_url: None };
    assert_eq!(job.payload, expected);
}

#[test]
fn what_cannot_be_paid() {
    let store = FakeStore::default();
    store.add(Status::Active, PaymentStatus::Paid);
    store.add(Status::Canceled, PaymentStatus::Pending);
    store.add(Status::Canceled, PaymentStatus::Paid);
    // Nobody outside is asked about it.
    let away = |system| Unavailable::new(system, "timeout");
    let directory = Directory { user: Err(away(System::Users).into()), course: Err(away(System::Courses).into()) };
    assert_eq!(pay_with(&store, &directory, 1), Err(Error::AlreadyPaid));
    assert_eq!(pay_with(&store, &directory, 2), Err(Error::Canceled));
    assert_eq!(pay_with(&store, &directory, 3), Err(Error::AlreadyPaid));
    assert_eq!(pay_with(&store, &directory, 4), Err(Error::NotFound));
    assert!(store.outbox.borrow().is_empty());
}

#[test]
fn nothing_changes_without_a_user_and_a_course() {
    let down = |system| Unavailable::new(system, "timeout");
    let unusable = |system| Unusable { system, cause: "id is another".to_owned() };
    for (user, course, error) in [
        (Ok(None), Ok(Some(crate::fakes::course(1.0))), Error::UserNotFound),
        (Ok(Some(user())), Ok(None), Error::CourseNotFound(crate::CourseId::new(7).unwrap())),
        (Err(down(System::Users).into()), Ok(None), Error::Unavailable(down(System::Users))),
        (Ok(Some(user())), Err(down(System::Courses).into()), Error::Unavailable(down(System::Courses))),
        (Err(unusable(System::Users).into()), Ok(None), Error::Unusable(unusable(System::Users))),
        (Ok(Some(user())), Err(unusable(System::Courses).into()), Error::Unusable(unusable(System::Courses))),
    ] {
        let store = FakeStore::default();
        store.add(Status::Active, PaymentStatus::Pending);
        assert_eq!(pay_with(&store, &Directory { user, course }, 1), Err(error));
        assert_eq!(store.enrolments.borrow()[0].0.payment_status, PaymentStatus::Pending);
        assert!(store.outbox.borrow().is_empty());
    }
}

/// A directory during whose answer somebody else changes the enrolment.
struct Meanwhile<'a>(&'a FakeStore, fn(&FakeStore));

impl Users for Meanwhile<'_> {
    async fn user(&self, _: &crate::UserId) -> Result<Option<crate::User>, crate::LookUpError> {
        self.1(self.0);
        Ok(Some(user()))
    }
}

#[test]
fn whoever_loses_a_race_is_told_so() {
    for (change, error) in [
        (
            (|store| store.enrolments.borrow_mut()[0].0.payment_status = PaymentStatus::Paid) as fn(&FakeStore),
            Error::AlreadyPaid,
        ),
        (|store| store.enrolments.borrow_mut()[0].0.status = Status::Canceled, Error::Canceled),
        (|store| store.enrolments.borrow_mut().clear(), Error::NotFound),
    ] {
        let store = FakeStore::default();
        let id = store.add(Status::Active, PaymentStatus::Pending);
        let users = Meanwhile(&store, change);
        let result = block_on(pay(&store, &users, &Directory::with_price(1.0), &Env::new(), id, None, None));
        assert_eq!(result, Err(error));
        assert!(store.outbox.borrow().is_empty());
    }
}

#[test]
fn another_users_enrolment_counts_as_none() {
    let (store, directory) = (FakeStore::default(), Directory::with_price(1.0));
    let id = store.add(Status::Active, PaymentStatus::Pending);
    let pay_as = |user: &str| {
        let user = crate::UserId::new(user).unwrap();
        block_on(pay(&store, &directory, &directory, &Env::new(), id, Some(&user), None))
    };
    assert_eq!(pay_as("USER-1"), Err(Error::NotFound));
    assert_eq!(store.enrolments.borrow()[0].0.payment_status, PaymentStatus::Pending);
    pay_as("user-1").unwrap();
}
