//! What an invoice needs that was not to be had when the payment was made: the user or
//! the course was not found, could not be asked for, or could not be used.

use super::{JobKind, Payload, PaymentEmail, Purchase, Reference, Target};
use crate::model::invoice::DocumentKind;
use crate::model::stored::{course_id, day, user_id};
use crate::{Company, Course, CourseId, Money, System, Terms, Unusable, User, UserId};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// A payment that is recorded and has no invoice yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unbilled {
    /// Who paid.
    #[serde(with = "user_id")]
    pub user_id: UserId,
    /// For what.
    #[serde(with = "course_id")]
    pub course_id: CourseId,
    /// What was paid; none for the course's price, once that is known.
    #[serde(rename = "gross_hundredths")]
    pub gross: Option<Money>,
    /// For which company, if for one.
    pub company: Option<Company>,
    /// The day of the payment in Warsaw.
    #[serde(with = "day")]
    pub paid_on: NaiveDate,
    /// Of the invoice.
    pub reference: Reference,
    /// What was agreed.
    pub terms: Box<Terms>,
    /// Whether the user was erased since: the invoice is owed all the same, and nobody is
    /// mailed.
    pub erased: bool,
}

impl JobKind for Unbilled {
    const WORD: &'static str = "invoice_data";
    const TARGET: Target = Target::Records;
    const DOCUMENT: Option<DocumentKind> = Some(DocumentKind::Invoice);
}

impl Unbilled {
    /// What is owed to the user for a payment of `gross`: an invoice, or if there was nothing
    /// to pay the email alone, unless nobody is to be mailed.
    #[must_use]
    pub fn owed(&self, buyer: User, course_name: String, gross: Money) -> Option<Payload> {
        if gross.is_zero() {
            let email = PaymentEmail { recipient: buyer, course_name, invoice_url: None };
            return (!self.erased).then_some(Payload::PaymentEmail(email));
        }
        Some(Payload::Invoice(Purchase {
            buyer,
            company: self.company.clone(),
            course_name,
            gross,
            paid_on: self.paid_on,
            reference: self.reference,
            terms: self.terms.clone(),
            erased: self.erased,
        }))
    }

    /// The course's price as what was paid.
    ///
    /// # Errors
    ///
    /// When it cannot be used, or has decimals that the currency has not.
    pub fn price(&self, course: &Course) -> Result<Money, Unusable> {
        let price = course.price.clone()?;
        let currency = self.terms.currency;
        if currency.has_decimals_of(price) {
            return Ok(price);
        }
        Err(Unusable { system: System::Courses, cause: format!("price has decimals, {currency} has none") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fakes::unbilled;

    #[test]
    fn it_is_kept_in_the_form_of_version_1() {
        let terms = serde_json::to_string(&unbilled().terms).unwrap();
        let json = format!(
            r#"{{"user_id":"user-1","course_id":7,"gross_hundredths":19999,"company":null,"paid_on":"2026-06-01","reference":"0000000000000abc","terms":{terms},"erased":false}}"#
        );
        assert_eq!(serde_json::to_string(&unbilled()).unwrap(), json);
        assert_eq!(serde_json::from_str::<Unbilled>(&json).unwrap(), unbilled());
        for (right, wrong) in [(":7,", ":0,"), (":19999", ":-1"), ("06-01", "06-31"), ("0abc\"", "abc\"")] {
            assert!(serde_json::from_str::<Unbilled>(&json.replace(right, wrong)).is_err(), "{wrong}");
        }
    }
}
