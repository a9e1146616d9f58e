//! What an invoice needs that was not to be had when the payment was made: the user or
//! the course was not found, could not be asked for, or could not be used.

use super::{JobKind, Payload, PaymentEmail, Purchase, Reference, Target, day};
use crate::{Company, Course, CourseId, Money, System, Terms, Unusable, User, UserId};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// A payment that is recorded and has no invoice yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Stored", try_from = "Stored")]
pub struct Unbilled {
    /// Who paid.
    pub user_id: UserId,
    /// For what.
    pub course_id: CourseId,
    /// What was paid; none for the course's price, once that is known.
    pub gross: Option<Money>,
    /// For which company, if for one.
    pub company: Option<Company>,
    /// The day of the payment in Warsaw.
    pub paid_on: NaiveDate,
    /// Of the invoice.
    pub reference: Reference,
    /// What was agreed; none in a job of a release before version 4.
    pub terms: Option<Box<Terms>>,
    /// Whether the user was erased since: the invoice is owed all the same, and nobody is
    /// mailed.
    pub erased: bool,
}

impl JobKind for Unbilled {
    const WORD: &'static str = "invoice_data";
    const TARGET: Target = Target::Records;

    /// A release that knows no erasure would mail somebody, and one that knows no terms
    /// would lose them.
    fn version(&self) -> i64 {
        match self {
            Self { terms: Some(_), .. } => 4,
            Self { erased: true, .. } => 3,
            _ => 1,
        }
    }
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
            reference: Some(self.reference),
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
        match self.terms.as_ref().map(|terms| terms.currency) {
            Some(currency) if !currency.has_decimals_of(price) => {
                Err(Unusable { system: System::Courses, cause: format!("price has decimals, {currency} has none") })
            }
            _ => Ok(price),
        }
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Stored {
    user_id: String,
    course_id: i64,
    gross_hundredths: Option<Money>,
    company: Option<Company>,
    #[serde(with = "day")]
    paid_on: NaiveDate,
    reference: Reference,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    terms: Option<Box<Terms>>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    erased: bool,
}

impl From<Unbilled> for Stored {
    fn from(unbilled: Unbilled) -> Self {
        let Unbilled { user_id, course_id, gross: gross_hundredths, company, paid_on, reference, terms, erased } =
            unbilled;
        let (user_id, course_id) = (user_id.as_str().to_owned(), course_id.get());
        Self { user_id, course_id, gross_hundredths, company, paid_on, reference, terms, erased }
    }
}

impl TryFrom<Stored> for Unbilled {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        let Stored { user_id, course_id, gross_hundredths: gross, company, paid_on, reference, terms, erased } = stored;
        let course_id = CourseId::new(course_id).ok_or("course_id")?;
        Ok(Self { user_id: UserId::stored(user_id), course_id, gross, company, paid_on, reference, terms, erased })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_kept_as_it_is() {
        let json = r#"{"user_id":"u ","course_id":7,"gross_hundredths":19999,"company":null,"paid_on":"2026-02-01","reference":"0000000000000001"}"#;
        let unbilled: Unbilled = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&unbilled).unwrap(), json);
        for (right, wrong) in [(":7,", ":0,"), (":19999", ":-1"), ("02-01", "02-30"), ("0001\"", "001\"")] {
            assert!(serde_json::from_str::<Unbilled>(&json.replace(right, wrong)).is_err(), "{wrong}");
        }
        let agreed = crate::fakes::unbilled();
        let json = serde_json::to_string(&agreed).unwrap();
        assert_eq!((agreed.version(), serde_json::from_str::<Unbilled>(&json).unwrap()), (4, agreed));
        let erased = Unbilled { erased: true, ..unbilled };
        assert_eq!((erased.version(), Unbilled { erased: false, ..erased.clone() }.version()), (3, 1));
        assert_eq!(serde_json::from_str::<Unbilled>(&serde_json::to_string(&erased).unwrap()).unwrap(), erased);
    }
}
