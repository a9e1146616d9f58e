use super::*;
use crate::fakes::{
    Directory, Env, FakeInvoices, FakeMail, FakeStore, Fakes, URL, correction, enrolment_email, id, invoice, mail_data,
    start,
};
use crate::jobs::{Kind, Lease, Payload};
use crate::{PaymentStatus, Status};
use futures::executor::block_on;

/// Delivers these jobs of enrolment 1, which has an invoice, and returns the errors.
fn deliver_all(store: &FakeStore, mail: &FakeMail, payloads: Vec<Payload>) -> Vec<Unavailable> {
    let (directory, invoices, env) = (Directory::with_price(199.99), FakeInvoices::default(), Env::new());
    store.documents.borrow_mut().push((id(1), invoice(9)));
    let lease = Lease { token: "mine".to_owned(), until: start() + Lease::LENGTH };
    let jobs = store.push((id(1), None), &payloads, &lease, start());
    let (users, courses) = (&directory, &directory);
    let ports = Fakes { store, users, courses, invoices: Some(&invoices), mail: Some(mail), webhooks: None, env: &env };
    block_on(deliver_jobs(&ports, jobs))
}

fn paid() -> FakeStore {
    let store = FakeStore::default();
    store.add(Status::Active, PaymentStatus::Paid);
    store
}

#[test]
fn a_correction_is_issued_and_its_mail_sent() {
    let (store, mail) = (paid(), FakeMail::default());
    assert_eq!(deliver_all(&store, &mail, vec![Payload::Correction(correction())]), []);
    assert_eq!(store.jobs(), [(1, Kind::Correction), (1, Kind::RefundEmail)]);
    assert!(store.outbox.borrow().iter().all(|row| row.done));
    assert!(mail.sent.borrow()[0].text.contains(URL));
}

#[test]
fn an_address_is_looked_up_and_its_mail_sent() {
    let (store, mail) = (paid(), FakeMail::default());
    assert_eq!(deliver_all(&store, &mail, vec![Payload::MailData(mail_data())]), []);
    assert_eq!(store.jobs(), [(1, Kind::MailData), (1, Kind::CancellationEmail)]);
    assert_eq!(mail.sent.borrow().len(), 1);
}

#[test]
fn a_job_whose_result_cannot_be_stored_is_logged_and_other_jobs_continue() {
    let (store, mail) = (paid(), FakeMail::default());
    store.unwritable.borrow_mut().push(1);
    let failures = deliver_all(&store, &mail, vec![enrolment_email(), Payload::MailData(mail_data())]);
    assert_eq!((failures.len(), mail.sent.borrow().len()), (2, 1));
}
