//! Recording a payment, with everything that happens before the answer.

use super::*;
use crate::fakes::{FakeInvoices, Fakes, URL, out_of_reach, silent};
use crate::jobs::Kind;
use crate::jobs::outbox::FailedAttempt;
use crate::model::reason::{FailureReason, ReasonCode};
use crate::ports::Users;
use crate::{System, Unavailable};
use std::cell::Cell;

/// Records a payment with or without a key.
fn record_for<U: Users>(
    store: &FakeStore,
    invoices: &FakeInvoices,
    (users, courses): (&U, &Directory),
    key: Option<&str>,
    payment: &Payment,
) -> Result<Done, Error> {
    let (asked, env) = (Asked { key: key.map(crate::fakes::key), by: None }, Env::new());
    let ports = Fakes { invoices: Some(invoices), ..ports(store, users, courses, &env) };
    block_on(record_payment(&ports, asked, payment))
}

/// Records the payment of enrolment 1.
fn record(store: &FakeStore, invoices: &FakeInvoices, directory: &Directory, key: Option<&str>) -> Result<Done, Error> {
    record_for(store, invoices, (directory, directory), key, &payment(1))
}

#[test]
fn the_invoice_is_issued_before_the_answer_and_the_mail_after_it() {
    let (store, invoices, directory) = (pending(), FakeInvoices::default(), Directory::with_price(1.0));
    let recorded = record(&store, &invoices, &directory, Some("k")).unwrap();
    assert_eq!(recorded.enrolment.invoice_url.as_deref(), Some(URL));
    assert_eq!(of_payment(&recorded.jobs), [&Purchase { gross: money("1"), ..purchase() }.email(Some(URL.to_owned()))]);
    assert_eq!(*invoices.budgets.borrow(), [INVOICE_BUDGET]);
    let again = record(&store, &invoices, &directory, Some("k")).unwrap();
    assert_eq!((again.enrolment, again.jobs), (recorded.enrolment, Vec::new()));
    assert_eq!(invoices.created.borrow().len(), 1);
}

#[test]
fn without_terms_nothing_is_recorded() {
    let (store, directory) = (pending(), Directory::with_price(1.0));
    let unset = Unavailable::new(System::Configuration, "variable x is unreadable");
    let invoices = FakeInvoices { unset: Some(unset.clone()), ..FakeInvoices::default() };
    for _ in 0..2 {
        assert_eq!(record(&store, &invoices, &directory, Some("k")), Err(unset.clone().into()));
    }
    assert!(store.jobs().is_empty() && store.record(0).enrolment.payment_status == PaymentStatus::Pending);
    record(&store, &FakeInvoices::default(), &directory, Some("k")).unwrap();
}

#[test]
fn a_payment_is_recorded_if_its_invoice_fails() {
    for failure in [silent(), out_of_reach()] {
        let (store, invoices, directory) = (pending(), FakeInvoices::default(), Directory::with_price(1.0));
        invoices.create.borrow_mut().push_back(Err(failure));
        let recorded = record(&store, &invoices, &directory, Some("k")).unwrap();
        assert_eq!(
            (recorded.enrolment.payment_status, recorded.enrolment.invoice_url.clone()),
            (PaymentStatus::Paid, None)
        );
        assert_eq!((of_payment(&recorded.jobs), &recorded.failure), (Vec::new(), &None));
        let again = record(&store, &invoices, &directory, Some("k")).unwrap();
        assert_eq!(again.enrolment, recorded.enrolment);
    }
}

#[test]
fn a_database_error_after_the_payment_is_logged() {
    for directory in [Directory::with_price(1.0), Directory::empty()] {
        let (store, invoices) = (pending(), FakeInvoices::default());
        store.unwritable.borrow_mut().push(1);
        let recorded = record(&store, &invoices, &directory, None).unwrap();
        assert_eq!(recorded.enrolment.payment_status, PaymentStatus::Paid);
        assert_eq!(recorded.failure.map(|failure| failure.system), Some(System::Database));
    }
}

#[test]
fn without_a_price_there_is_only_the_mail() {
    let (store, invoices) = (pending(), FakeInvoices::default());
    let recorded = record(&store, &invoices, &Directory::with_price(0.0), None).unwrap();
    assert_eq!(of_payment(&recorded.jobs), [&mail_alone("Rust")]);
    assert!(invoices.created.borrow().is_empty());
    assert_eq!(recorded.enrolment.invoice_url, None);
}

#[test]
fn the_invoice_has_the_amount_and_the_buyer() {
    let (store, invoices, directory) = (pending(), FakeInvoices::default(), Directory::with_price(1.0));
    let payment = Payment { buyer: company(), ..over("149") };
    record_for(&store, &invoices, (&directory, &directory), None, &payment).unwrap();
    assert_eq!(invoices.created.borrow()[0].content, invoice("149", company()));
}

#[test]
fn the_invoice_waits_for_a_missing_user_or_course_and_has_a_reason() {
    for (directory, reason) in [
        (Directory::without_user(1.0), FailureReason::from(ReasonCode::UserNotFound)),
        (Directory::without_course(), ReasonCode::CourseNotFound.with(7)),
        (Directory::empty(), FailureReason::from(ReasonCode::UserNotFound)),
    ] {
        let (store, invoices) = (pending(), FakeInvoices::default());
        let recorded = record(&store, &invoices, &directory, Some("k")).unwrap();
        let Done { enrolment, jobs, failure } = &recorded;
        assert_eq!((enrolment.payment_status, &enrolment.invoice_url), (PaymentStatus::Paid, &None));
        assert_eq!((of_payment(jobs), failure), (Vec::new(), &None));
        assert_eq!(store.jobs(), [(1, Kind::InvoiceData)]);
        let row = store.row(0);
        assert_eq!((row.leased, row.done, row.job.attempts, row.reason()), (false, false, 0, Some(&reason)));
        assert!(matches!(row.failed, Some(FailedAttempt::Snoozed { .. })));
        assert!(invoices.created.borrow().is_empty());
        // A repeated request gets this answer, even if the user is found now.
        let again = record(&store, &invoices, &Directory::with_price(1.0), Some("k")).unwrap();
        assert_eq!(again, recorded);
    }
}

/// A directory that counts its calls.
struct Counting(Cell<u32>);

impl Users for Counting {
    async fn user(&self, _: &UserId) -> Result<Option<crate::User>, crate::LookUpError> {
        self.0.set(self.0.get() + 1);
        Err(crate::fakes::down(System::Users).into())
    }
}

#[test]
fn a_service_that_is_down_is_called_once_before_the_answer() {
    let (store, invoices) = (pending(), FakeInvoices::default());
    let users = Counting(Cell::new(0));
    let recorded = record_for(&store, &invoices, (&users, &Directory::with_price(1.0)), None, &payment(1)).unwrap();
    assert_eq!((recorded.enrolment.invoice_url, recorded.jobs, recorded.failure), (None, Vec::new(), None));
    let row = store.row(0);
    assert_eq!((users.0.get(), store.jobs()), (1, vec![(1, Kind::InvoiceData)]));
    assert_eq!(
        (row.leased, row.job.attempts, row.reason()),
        (false, 0, Some(&ReasonCode::UsersUnavailable.with("timeout")))
    );
}

#[test]
fn without_a_recipient_and_an_amount_no_job_follows() {
    let (store, invoices, directory) = (pending(), FakeInvoices::default(), Directory::without_user(0.0));
    let recorded = record(&store, &invoices, &directory, None).unwrap();
    assert_eq!(recorded.enrolment.payment_status, PaymentStatus::Paid);
    assert!(recorded.jobs.is_empty() && store.jobs().is_empty());
}
