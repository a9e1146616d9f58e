//! The invoice for a payment.

use super::{JobKind, Payload, PaymentEmail, Reference, Target, person};
use crate::{Company, Money, Terms, User};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// What an invoice is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Stored", from = "Stored")]
pub struct Purchase {
    /// Who bought, and gets the mail.
    pub buyer: User,
    /// For which company, if for one: then it is the buyer on the invoice.
    pub company: Option<Company>,
    /// What was bought.
    pub course_name: String,
    /// What was paid, tax included.
    pub gross: Money,
    /// The day of the payment in Warsaw.
    pub paid_on: NaiveDate,
    /// With the enrolment it makes the number of the invoice. A job that was
    /// written before there were references has none, and is known by the
    /// enrolment alone.
    pub reference: Option<Reference>,
    /// What was agreed; none in a job of a release before version 4. It has a reference.
    pub terms: Option<Box<Terms>>,
    /// Whether the buyer was erased since: then nobody is mailed.
    pub erased: bool,
}

impl JobKind for Purchase {
    const WORD: &'static str = "invoice";
    const TARGET: Target = Target::Invoices;

    /// A release that knows no companies would name the person, one that knows no
    /// erasure would mail somebody, and one that knows no terms would take its variables.
    fn version(&self) -> i64 {
        match self {
            Self { terms: Some(_), .. } => 4,
            Self { erased: true, .. } => 3,
            Self { company: Some(_), .. } => 2,
            _ => 1,
        }
    }
}

impl Purchase {
    /// The email that follows once the invoice is issued.
    #[must_use]
    pub fn email(&self, invoice_url: Option<String>) -> Payload {
        Payload::PaymentEmail(PaymentEmail {
            recipient: self.buyer.clone(),
            course_name: self.course_name.clone(),
            invoice_url,
        })
    }
}

/// A release that knows no references would read the fields of [`Sale`] and issue
/// the invoice under another number, so they are where it does not look: to it the
/// payload is unreadable, and the job dead.
#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum Stored {
    WithReference {
        reference: Reference,
        sale: Sale,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        terms: Option<Box<Terms>>,
    },
    /// From before there were references.
    Alone(Sale),
}

#[derive(Clone, Serialize, Deserialize)]
struct Sale {
    #[serde(with = "person")]
    buyer: User,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    company: Option<Company>,
    course_name: String,
    gross_hundredths: Money,
    #[serde(with = "super::day")]
    paid_on: NaiveDate,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    erased: bool,
}

impl From<Purchase> for Stored {
    fn from(purchase: Purchase) -> Self {
        let Purchase { buyer, company, course_name, gross: gross_hundredths, paid_on, reference, terms, erased } =
            purchase;
        let sale = Sale { buyer, company, course_name, gross_hundredths, paid_on, erased };
        match reference {
            Some(reference) => Self::WithReference { reference, sale, terms },
            None => Self::Alone(sale),
        }
    }
}

impl From<Stored> for Purchase {
    fn from(stored: Stored) -> Self {
        let (reference, sale, terms) = match stored {
            Stored::WithReference { reference, sale, terms } => (Some(reference), sale, terms),
            Stored::Alone(sale) => (None, sale, None),
        };
        let Sale { buyer, company, course_name, gross_hundredths: gross, paid_on, erased } = sale;
        Self { buyer, company, course_name, gross, paid_on, reference, terms, erased }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = r#"{"buyer":{"first_name":"A","last_name":"B","email":"a@b"},"course_name":"C","gross_hundredths":1,"paid_on":"2026-02-01"}"#;

    fn read(json: &str) -> Option<Purchase> {
        serde_json::from_str(json).ok()
    }

    #[test]
    fn one_from_before_there_were_references_is_read() {
        let purchase = read(OLD).unwrap();
        assert_eq!((purchase.reference, purchase.buyer.email.as_str()), (None, "a@b"));
        assert_eq!(serde_json::to_string(&purchase).unwrap(), OLD);
    }

    #[test]
    fn the_release_without_references_cannot_read_one_that_has_one() {
        let new = Purchase { reference: Some(Reference(1)), ..read(OLD).unwrap() };
        let new = serde_json::to_string(&new).unwrap();
        assert_eq!(new, format!(r#"{{"reference":"0000000000000001","sale":{OLD}}}"#));
        // What that release reads.
        assert!(serde_json::from_str::<Sale>(&new).is_err(), "{new}");
        for reference in ["", "1", "+000000000000001", "000000000000000g", "00000000000000001"] {
            assert_eq!(read(&new.replace("0000000000000001", reference)), None, "{reference}");
        }
    }

    #[test]
    fn what_was_agreed_is_kept_and_left_to_releases_that_know_it() {
        let agreed = crate::fakes::purchase();
        let json = serde_json::to_string(&agreed).unwrap();
        assert_eq!((agreed.version(), read(&json)), (4, Some(agreed.clone())));
        let terms = serde_json::to_string(&agreed.terms).unwrap();
        assert!(json.ends_with(&format!(r#","terms":{terms}}}"#)), "{json}");
        assert_eq!(read(&json.replace("PLN", "pln")), None);
    }

    #[test]
    fn one_for_a_company_is_left_to_releases_that_know_companies() {
        let company = Company::new(["Acme", "5252445767", "Prosta 1", "00-001", "Warszawa"]).unwrap();
        let purchase = Purchase { company: Some(company), ..read(OLD).unwrap() };
        assert_eq!((purchase.version(), read(OLD).unwrap().version()), (2, 1));
        assert_eq!(read(&serde_json::to_string(&purchase).unwrap()), Some(purchase));
    }

    #[test]
    fn one_whose_buyer_was_erased_is_left_to_releases_that_know_erasure() {
        for reference in [None, Some(Reference(1))] {
            let erased = Purchase { erased: true, reference, ..read(OLD).unwrap() };
            assert_eq!((erased.version(), read(OLD).unwrap().erased), (3, false));
            assert_eq!(read(&serde_json::to_string(&erased).unwrap()), Some(erased));
        }
    }

    #[test]
    fn what_cannot_be_right_is_not_read() {
        for (right, wrong) in [("2026-02-01", "2026-02-30"), (":1,", ":-1,"), ("\"buyer\"", "\"seller\"")] {
            assert_eq!(read(&OLD.replace(right, wrong)), None, "{wrong}");
        }
    }
}
