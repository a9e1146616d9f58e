use super::*;
use crate::fakes::{Directory, Env, FakeInvoices, FakeStore, URL, later, purchase, services, silent, user};
use crate::{System, Unavailable, Unusable};
use futures::executor::block_on;

fn payment(id: i64, user_id: Option<&str>) -> Payment {
    Payment { enrolment_id: EnrolmentId::new(id).unwrap(), user_id: user_id.map(|id| UserId::new(id).unwrap()) }
}

fn pay_with(store: &FakeStore, directory: &Directory, id: i64) -> Result<(Enrolment, Job), Error> {
    let (enrolment, jobs) =
        block_on(pay(&services(store, directory, directory, &Env::new()), &payment(id, None), None))?;
    let [job] = <[Job; 1]>::try_from(jobs).unwrap();
    Ok((enrolment, job))
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
    let expected =
        Payload::PaymentEmail(PaymentEmail { recipient: user(), course_name: "Rust".to_owned(), invoice_url: None });
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
        let directory = Directory::with_price(1.0);
        let result = block_on(pay(&services(&store, &users, &directory, &Env::new()), &payment(id.get(), None), None));
        assert_eq!(result, Err(error));
        assert!(store.outbox.borrow().is_empty());
    }
}

#[test]
fn another_users_enrolment_counts_as_none() {
    let (store, directory) = (FakeStore::default(), Directory::with_price(1.0));
    let id = store.add(Status::Active, PaymentStatus::Pending);
    let pay_as = |user: &str| {
        let payment = payment(id.get(), Some(user));
        block_on(pay(&services(&store, &directory, &directory, &Env::new()), &payment, None))
    };
    assert_eq!(pay_as("USER-1"), Err(Error::NotFound));
    assert_eq!(store.enrolments.borrow()[0].0.payment_status, PaymentStatus::Pending);
    pay_as("user-1").unwrap();
}

#[test]
fn every_state_can_be_paid_or_says_why_not() {
    use PaymentStatus::{Failed, Paid, Pending};
    use Status::{Active, Canceled, Completed};
    let owed = Payload::Invoice(purchase());
    for (status, payment, expected) in [
        (Active, Pending, Ok(())),
        (Active, Failed, Ok(())),
        (Active, Paid, Err(Error::AlreadyPaid)),
        (Completed, Pending, Ok(())),
        (Completed, Failed, Ok(())),
        (Completed, Paid, Err(Error::AlreadyPaid)),
        (Canceled, Pending, Err(Error::Canceled)),
        (Canceled, Failed, Err(Error::Canceled)),
        (Canceled, Paid, Err(Error::AlreadyPaid)),
    ] {
        let store = FakeStore::default();
        store.add(status, payment);
        let before = store.enrolments.borrow()[0].0.clone();
        let after = Enrolment { payment_status: Paid, ..before.clone() };
        let change = Change { enrolment: Some(after), jobs: vec![owed.clone()], withdrawn: &[] };
        assert_eq!(paid(&before, &owed), expected.map(|()| change), "{status:?} {payment:?}");
    }
}

/// Records the payment of enrolment 1 under a key, or under none.
fn record(store: &FakeStore, invoices: &FakeInvoices, price: f64, key: Option<&str>) -> Result<Paid, Error> {
    let (directory, env) = (Directory::with_price(price), Env::new());
    let key = key.map(|key| IdempotencyKey::new(key).unwrap());
    block_on(record_payment(&services(store, &directory, &directory, &env), invoices, key, &payment(1, None)))
}

#[test]
fn the_invoice_is_issued_while_the_caller_waits_and_the_mail_is_held() {
    let (store, invoices) = (FakeStore::default(), FakeInvoices::default());
    store.add(Status::Active, PaymentStatus::Pending);
    let recorded = record(&store, &invoices, 1.0, Some("k")).unwrap();
    assert_eq!(recorded.enrolment.invoice_url.as_deref(), Some(URL));
    assert_eq!(
        recorded.emails.iter().map(|job| &job.payload).collect::<Vec<_>>(),
        [&purchase().email(Some(URL.to_owned()))]
    );
    assert_eq!(*invoices.budgets.borrow(), [INVOICE_BUDGET]);
    let again = record(&store, &invoices, 1.0, Some("k")).unwrap();
    assert_eq!((again.enrolment, again.emails), (recorded.enrolment, Vec::new()));
    assert_eq!(invoices.created.borrow().len(), 1);
}

#[test]
fn a_payment_stands_whatever_becomes_of_its_invoice() {
    for failure in [silent(), later(true)] {
        let (store, invoices) = (FakeStore::default(), FakeInvoices::default());
        store.add(Status::Active, PaymentStatus::Pending);
        invoices.create.borrow_mut().push_back(Err(failure));
        let recorded = record(&store, &invoices, 1.0, Some("k")).unwrap();
        assert_eq!(
            (recorded.enrolment.payment_status, recorded.enrolment.invoice_url.clone()),
            (PaymentStatus::Paid, None)
        );
        assert_eq!((recorded.emails, recorded.failure), (Vec::new(), None));
        assert_eq!(record(&store, &invoices, 1.0, Some("k")).unwrap().enrolment, recorded.enrolment);
    }
}

#[test]
fn what_the_database_refuses_after_the_payment_is_for_the_log() {
    let (store, invoices) = (FakeStore::default(), FakeInvoices::default());
    store.add(Status::Active, PaymentStatus::Pending);
    store.unwritable.borrow_mut().push(1);
    let recorded = record(&store, &invoices, 1.0, None).unwrap();
    assert_eq!(recorded.enrolment.payment_status, PaymentStatus::Paid);
    assert_eq!(recorded.failure.map(|failure| failure.system), Some(System::Database));
}

#[test]
fn without_a_price_the_mail_alone_is_held() {
    let (store, invoices) = (FakeStore::default(), FakeInvoices::default());
    store.add(Status::Active, PaymentStatus::Pending);
    let recorded = record(&store, &invoices, 0.0, None).unwrap();
    assert!(recorded.emails.len() == 1 && invoices.created.borrow().is_empty());
    assert_eq!(recorded.enrolment.invoice_url, None);
}
