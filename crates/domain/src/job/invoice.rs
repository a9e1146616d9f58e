//! The invoice for a payment.

use super::{Delivery, JobKind, Payload, PaymentEmail, Target, person};
use crate::{Money, User};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What an invoice is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Stored", try_from = "Stored")]
pub struct Purchase {
    /// Who bought.
    pub buyer: User,
    /// What was bought.
    pub course_name: String,
    /// What was paid, tax included.
    pub gross: Money,
    /// The day of the payment in Warsaw.
    pub paid_on: NaiveDate,
    /// With the enrolment it makes the number of the invoice. A job that was
    /// written before there were references has none, and is known by the
    /// enrolment alone.
    pub reference: Option<InvoiceReference>,
}

/// What tells an invoice from every other one that is ever asked for under the
/// number of its enrolment: such numbers come again once an older copy of the
/// database is restored. Drawn at random when the payment is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvoiceReference(pub u64);

/// 16 hexadecimal digits.
impl fmt::Display for InvoiceReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl JobKind for Purchase {
    const WORD: &'static str = "invoice";
    const TARGET: Target = Target::Invoices;
    const VERSION: i64 = 1;

    fn delivery(&self) -> Delivery<'_> {
        Delivery::Invoice(self)
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
        /// 16 hexadecimal digits.
        reference: String,
        sale: Sale,
    },
    /// From before there were references.
    Alone(Sale),
}

#[derive(Clone, Serialize, Deserialize)]
struct Sale {
    #[serde(with = "person")]
    buyer: User,
    course_name: String,
    gross_hundredths: i64,
    /// `YYYY-MM-DD`.
    paid_on: String,
}

impl From<Purchase> for Stored {
    fn from(purchase: Purchase) -> Self {
        let Purchase { buyer, course_name, gross, paid_on, reference } = purchase;
        let (gross_hundredths, paid_on) = (gross.hundredths(), paid_on.to_string());
        let sale = Sale { buyer, course_name, gross_hundredths, paid_on };
        match reference {
            Some(reference) => Self::WithReference { reference: reference.to_string(), sale },
            None => Self::Alone(sale),
        }
    }
}

impl TryFrom<Stored> for Purchase {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        let (reference, sale) = match stored {
            Stored::WithReference { reference, sale } => (Some(read_reference(&reference).ok_or("reference")?), sale),
            Stored::Alone(sale) => (None, sale),
        };
        Ok(Self {
            buyer: sale.buyer,
            course_name: sale.course_name,
            gross: Money::from_hundredths(sale.gross_hundredths).ok_or("gross_hundredths")?,
            paid_on: sale.paid_on.parse().map_err(|_| "paid_on")?,
            reference,
        })
    }
}

fn read_reference(text: &str) -> Option<InvoiceReference> {
    let digits = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    digits.then(|| u64::from_str_radix(text, 16).ok().map(InvoiceReference)).flatten()
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
        let new = Purchase { reference: Some(InvoiceReference(1)), ..read(OLD).unwrap() };
        let new = serde_json::to_string(&new).unwrap();
        assert_eq!(new, format!(r#"{{"reference":"0000000000000001","sale":{OLD}}}"#));
        // What that release reads.
        assert!(serde_json::from_str::<Sale>(&new).is_err(), "{new}");
        for reference in ["", "1", "+000000000000001", "000000000000000g", "00000000000000001"] {
            assert_eq!(read(&new.replace("0000000000000001", reference)), None, "{reference}");
        }
    }

    #[test]
    fn what_cannot_be_right_is_not_read() {
        for (right, wrong) in [("2026-02-01", "2026-02-30"), (":1,", ":-1,"), ("\"buyer\"", "\"seller\"")] {
            assert_eq!(read(&OLD.replace(right, wrong)), None, "{wrong}");
        }
    }
}
