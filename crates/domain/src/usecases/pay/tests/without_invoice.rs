//! Payments for which no invoice is agreed on.

use super::*;
use crate::fakes::under;
use crate::jobs::outbox::FailedAttempt;

/// Records the payment of enrolment 1 without an invoicing service.
fn record(store: &FakeStore, directory: &Directory, payment: &Payment) -> Result<Done, Error> {
    block_on(record_payment(&ports(store, directory, directory, &Env::new()), under("k"), payment))
}

/// The stored amount and provider.
fn stored(store: &FakeStore) -> (Option<Money>, Option<InvoicesProvider>) {
    let record = store.record(0);
    (record.paid, record.invoices_provider)
}

#[test]
fn only_the_mail_follows() {
    for (payment, gross) in [
        (payment(1), "199.99"),
        (over("149"), "149"),
        (over("0"), "0"),
        (Payment { buyer: company(), ..payment(1) }, "199.99"),
    ] {
        let (store, directory) = (pending(), Directory::with_price(199.99));
        let recorded = record(&store, &directory, &payment).unwrap();
        assert_eq!((recorded.enrolment.payment_status, &recorded.enrolment.invoice_url), (PaymentStatus::Paid, &None));
        let mail = Purchase { gross: money(gross), ..purchase() }.email(None);
        assert_eq!(recorded.jobs.iter().map(|job| &job.payload).collect::<Vec<_>>(), [&mail]);
        assert_eq!(stored(&store), (Some(money(gross)), Some(InvoicesProvider::NoInvoices)));
        let again = record(&store, &directory, &payment).unwrap();
        assert_eq!((again.enrolment, again.jobs), (recorded.enrolment, Vec::new()));
    }
}

#[test]
fn a_payment_with_an_invoice_names_its_provider() {
    let store = pending();
    pay_with(&store, &Directory::with_price(1.0), &payment(1)).unwrap();
    assert_eq!(stored(&store).1, Some(InvoicesProvider::Fakturownia));
}

#[test]
fn without_a_course_the_mail_has_its_id_and_without_a_user_there_is_none() {
    for (directory, jobs, gross) in [
        (Directory::without_course(), vec![mail_alone("7")], None),
        (Directory::without_user(199.99), Vec::new(), Some("199.99")),
        (Directory::empty(), Vec::new(), None),
    ] {
        let store = pending();
        let recorded = record(&store, &directory, &payment(1)).unwrap();
        assert_eq!(recorded.jobs.into_iter().map(|job| job.payload).collect::<Vec<_>>(), jobs);
        assert_eq!((store.jobs().len(), stored(&store).0), (jobs.len(), gross.map(money)));
    }
}

#[test]
fn if_the_services_fail_the_mail_follows_later() {
    for (directory, _) in look_up_failures() {
        let store = pending();
        let recorded = record(&store, &directory, &payment(1)).unwrap();
        assert_eq!((recorded.enrolment.payment_status, recorded.jobs), (PaymentStatus::Paid, Vec::new()));
        let row = store.row(0);
        let subject = crate::fakes::subject();
        let known = matches!(&directory.course, Ok(Some(_)));
        let price = Purchase { gross: money("1"), ..purchase() }.paid();
        let mail = MailContent::Payment { paid: price.filter(|_| known) };
        let mail_data = MailData { subject, mail, reason: None };
        assert_eq!((store.jobs().len(), &row.job.payload), (1, &Payload::MailData(mail_data)));
        assert!(!row.leased && matches!(row.failed, Some(FailedAttempt::Snoozed { .. })));
        assert_eq!(stored(&store).1, Some(InvoicesProvider::NoInvoices));
    }
}

#[test]
fn an_erased_user_gets_no_mail() {
    for (directory, _) in look_up_failures() {
        let store = pending();
        store.edit(0, |record| record.enrolment.user_id = UserId::erased(1, 2));
        assert_eq!(record(&store, &directory, &payment(1)).unwrap().enrolment.payment_status, PaymentStatus::Paid);
        assert!(store.jobs().is_empty());
    }
}

#[test]
fn the_amount_needs_the_decimals_of_the_currency() {
    let (store, env, directory) = (pending(), Env::new(), Directory::with_price(149.5));
    let billing = Billing::NoInvoice(currency("JPY"));
    let pay = |payment: &Payment| {
        block_on(pay(&ports(&store, &directory, &directory, &env), &billing, payment, (None, None)))
    };
    assert_eq!(pay(&over("149.50")), Err(Error::Decimals(currency("JPY"))));
    assert_eq!(of_payment(&pay(&payment(1)).unwrap().jobs), [&mail_alone("Rust")]);
    assert_eq!(stored(&store).0, None, "such a price is not used");
}
