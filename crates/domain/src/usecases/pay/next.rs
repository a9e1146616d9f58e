//! What follows from a payment.

use crate::jobs::outbox::Failure;
use crate::jobs::{InvoiceData, MailContent, MailData, Payload, Reference};
use crate::model::mail::Paid;
use crate::model::note::Subject;
use crate::model::payment::Payment;
use crate::model::terms::Billing;
use crate::ports::{Ports, Random as _};
use crate::usecases::addressee::{addressee_of, records_of, subject};
use crate::usecases::deliver::{email_alone, invoice_or_email};
use crate::{Enrolment, Kept, Money};
use chrono::NaiveDate;

/// What follows from a payment.
pub(super) struct Next {
    /// What was paid, if it is known.
    pub(super) gross: Option<Money>,
    /// The job for the invoice, or for the mail alone, if there is one.
    pub(super) job: Option<Payload>,
    /// Why that job only looks up its data.
    pub(super) delay: Option<Failure>,
}

/// What follows from a payment of this day: asks the users and courses services.
pub(super) async fn next(
    ports: &impl Ports,
    billing: Billing,
    payment: &Payment,
    (enrolment, kept): (&Enrolment, &Kept),
    on: NaiveDate,
) -> Next {
    let (subject, currency) = (subject(enrolment, kept), billing.currency());
    let (user, course) = records_of(ports, kept.user.as_ref(), &subject).await;
    let gross = match (payment.amount, &course) {
        (None, Ok(Some(course))) => course.price_in(currency).ok(),
        (amount, _) => amount,
    };
    let (found, look_up) = match billing {
        Billing::Invoice(terms) => {
            let Subject { user_id, course_id, course: terms_of_course } = subject;
            let invoice_data = InvoiceData {
                user_id,
                course_id,
                course: terms_of_course,
                gross,
                buyer: payment.buyer.clone(),
                paid_on: on,
                reference: Reference(ports.env().random()),
                terms,
                erased: false,
                rebilled: false,
            };
            let found = invoice_or_email(&invoice_data, user, course, ports.language());
            (found, Payload::InvoiceData(invoice_data))
        }
        Billing::NoInvoice(_) => {
            let paid = gross.and_then(|gross| Paid::new(gross, currency, on));
            let to = addressee_of((subject.course_id, subject.terms()), user, course, ports.language());
            let mail_data = MailData { subject, mail: MailContent::Payment { paid }, reason: None };
            (email_alone(&mail_data, to), Payload::MailData(mail_data))
        }
    };
    match found {
        Ok(job) => Next { gross, job, delay: None },
        Err(why) => Next { gross, job: Some(look_up), delay: Some(why) },
    }
}
