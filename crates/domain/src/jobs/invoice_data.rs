//! The look-up of the user and the course for an invoice. It is needed when one of them was not
//! found, not available or not usable when the payment was recorded.

use super::{JobKind, Payload, PaymentEmail, Purchase, Reference, Target};
use crate::model::invoice::DocumentKind;
use crate::model::stored::{course_id, day, is_false, user_id};
use crate::{Buyer, CourseId, CourseTerms, Money, Terms, User, UserId};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// The payload of the look-up: a recorded payment without an invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceData {
    /// The user who paid.
    #[serde(with = "user_id")]
    pub user_id: UserId,
    /// The course.
    #[serde(with = "course_id")]
    pub course_id: CourseId,
    /// The terms of the course, if the enrolment has them: then the course is not looked up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub course: Option<Box<CourseTerms>>,
    /// The paid amount; `None` for the course's price.
    #[serde(rename = "gross_hundredths")]
    pub gross: Option<Money>,
    /// The buyer on the invoice.
    #[serde(rename = "company")]
    pub buyer: Buyer,
    /// The day of the payment in Warsaw.
    #[serde(with = "day")]
    pub paid_on: NaiveDate,
    /// The reference of the invoice.
    pub reference: Reference,
    /// The terms of the sale.
    pub terms: Box<Terms>,
    /// Whether the user is erased now. Then the invoice is still issued, but no mail is sent.
    pub erased: bool,
    /// Whether it replaces an invoice to another buyer.
    #[serde(default, skip_serializing_if = "is_false")]
    pub rebilled: bool,
}

impl JobKind for InvoiceData {
    const WORD: &'static str = "invoice_data";
    const TARGET: Target = Target::Records;
    const DOCUMENT: Option<DocumentKind> = Some(DocumentKind::Invoice);

    /// The first release would look the course up, and leave its GTU code out.
    fn version(&self) -> i64 {
        self.buyer.version().max(if self.course.is_some() { 2 } else { 1 })
    }

    /// The user's id stays: without it, the buyer of the invoice cannot be looked up.
    fn erased(&self) -> Self {
        Self { erased: true, ..self.clone() }
    }
}

impl InvoiceData {
    /// The job for a payment of `gross`: an invoice, or only the email if nothing was paid.
    /// `None` if nothing was paid and no mail is sent.
    #[must_use]
    pub fn job(&self, customer: User, course_name: String, gross: Money) -> Option<Payload> {
        if gross.is_zero() {
            let email =
                PaymentEmail { recipient: customer, course_name, invoice_url: None, paid: None, rebilled: false };
            return (!self.erased).then_some(Payload::PaymentEmail(email));
        }
        Some(Payload::Invoice(Purchase {
            buyer: self.buyer.for_user(&customer),
            customer,
            course_name,
            gross,
            paid_on: self.paid_on,
            reference: self.reference,
            terms: self.terms.clone(),
            erased: self.erased,
            rebilled: self.rebilled,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fakes::invoice_data;

    #[test]
    fn it_has_the_form_of_version_1() {
        let terms = serde_json::to_string(&invoice_data().terms).unwrap();
        let json = format!(
            r#"{{"user_id":"user-1","course_id":7,"gross_hundredths":19999,"company":null,"paid_on":"2026-06-01","reference":"0000000000000abc","terms":{terms},"erased":false}}"#
        );
        assert_eq!(serde_json::to_string(&invoice_data()).unwrap(), json);
        assert_eq!(serde_json::from_str::<InvoiceData>(&json).unwrap(), invoice_data());
        for (right, wrong) in [(":7,", ":0,"), (":19999", ":-1"), ("06-01", "06-31"), ("0abc\"", "abc\"")] {
            assert!(serde_json::from_str::<InvoiceData>(&json.replace(right, wrong)).is_err(), "{wrong}");
        }
    }
}
