//! The invoice for a payment.

use super::{JobKind, Payload, PaymentEmail, Reference, Target};
use crate::model::invoice::DocumentKind;
use crate::model::mail::Paid;
use crate::model::stored::{day, is_false, person};
use crate::{Buyer, Money, Terms, User};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// The payload of an invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purchase {
    /// The user, who gets the mail.
    #[serde(rename = "buyer", with = "person")]
    pub customer: User,
    /// The buyer on the invoice.
    #[serde(rename = "company")]
    pub buyer: Buyer,
    /// The name of the course.
    pub course_name: String,
    /// The paid amount with tax.
    #[serde(rename = "gross_hundredths")]
    pub gross: Money,
    /// The day of the payment in Warsaw.
    #[serde(with = "day")]
    pub paid_on: NaiveDate,
    /// The number of the invoice has this reference and the enrolment's id.
    pub reference: Reference,
    /// The terms of the sale.
    pub terms: Box<Terms>,
    /// Whether the user is erased now. Then no mail is sent.
    pub erased: bool,
    /// Whether it replaces an invoice to another buyer.
    #[serde(default, skip_serializing_if = "is_false")]
    pub rebilled: bool,
}

impl JobKind for Purchase {
    const WORD: &'static str = "invoice";
    const TARGET: Target = Target::Invoices;
    const DOCUMENT: Option<DocumentKind> = Some(DocumentKind::Invoice);

    /// The first release would leave the GTU code out.
    fn version(&self) -> i64 {
        self.buyer.version().max(if self.terms.gtu_code.is_some() { 2 } else { 1 })
    }

    fn erased(&self) -> Self {
        Self { erased: true, ..self.clone() }
    }
}

impl Purchase {
    /// The email that follows once the invoice is issued.
    #[must_use]
    pub fn email(&self, invoice_url: Option<String>) -> Payload {
        Payload::PaymentEmail(PaymentEmail {
            recipient: self.customer.clone(),
            course_name: self.course_name.clone(),
            invoice_url,
            paid: self.paid(),
            rebilled: self.rebilled,
        })
    }

    /// What was paid, for the mail.
    #[must_use]
    pub fn paid(&self) -> Option<Paid> {
        Paid::new(self.gross, self.terms.currency, self.paid_on)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fakes::{company, purchase};

    const PERSON: &str = r#"{"first_name":"Ann","last_name":"Example","email":"ann@example.com","language":"en"}"#;

    #[test]
    fn it_has_the_form_of_version_1() {
        let terms = serde_json::to_string(&purchase().terms).unwrap();
        let rest = format!(
            r#""course_name":"Rust","gross_hundredths":19999,"paid_on":"2026-06-01","reference":"0000000000000abc","terms":{terms}"#
        );
        let json = format!(r#"{{"buyer":{PERSON},"company":null,{rest},"erased":false}}"#);
        assert_eq!(serde_json::to_string(&purchase()).unwrap(), json);
        assert_eq!(serde_json::from_str::<Purchase>(&json).unwrap(), purchase());
        let company = serde_json::to_string(&Purchase { buyer: company(), erased: true, ..purchase() }).unwrap();
        let form =
            r#"{"name":"Acme","tax_no":"5252445767","street":"Prosta 1","post_code":"00-001","city":"Warszawa"}"#;
        assert_eq!(company, format!(r#"{{"buyer":{PERSON},"company":{form},{rest},"erased":true}}"#));
    }

    #[test]
    fn invalid_payloads_are_refused() {
        let json = serde_json::to_string(&purchase()).unwrap();
        for (right, wrong) in [
            ("2026-06-01", "2026-06-31"),
            (":19999,", ":-1,"),
            ("\"buyer\"", "\"seller\""),
            ("PLN", "pln"),
            ("0000000000000abc", ""),
            ("0000000000000abc", "abc"),
            ("0000000000000abc", "+000000000000abc"),
            ("0000000000000abc", "000000000000000g"),
            ("0000000000000abc", "00000000000000abc"),
        ] {
            assert!(serde_json::from_str::<Purchase>(&json.replace(right, wrong)).is_err(), "{wrong}");
        }
    }
}
