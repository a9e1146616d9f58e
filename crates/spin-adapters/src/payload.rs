//! A job's payload as the text that the outbox keeps.

use crate::words;
use chrono::NaiveDate;
use domain::job::{InvoiceReference, Kind, Payload, Purchase};
use domain::{Money, User};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Person {
    first_name: String,
    last_name: String,
    email: String,
}

impl From<&User> for Person {
    fn from(user: &User) -> Self {
        let User { first_name, last_name, email } = user.clone();
        Self { first_name, last_name, email }
    }
}

impl From<Person> for User {
    fn from(person: Person) -> Self {
        let Person { first_name, last_name, email } = person;
        Self { first_name, last_name, email }
    }
}

#[derive(Serialize, Deserialize)]
struct EnrolmentEmail {
    recipient: Person,
    course_name: String,
}

/// An invoice with a reference. A release that knows none would read the fields
/// of [`Sale`] and issue the invoice under another number, so they are where it
/// does not look: to it the payload is unreadable, and the job dead.
#[derive(Serialize, Deserialize)]
struct Invoice {
    /// 16 hexadecimal digits.
    reference: String,
    sale: Sale,
}

/// Alone, an invoice from before there were references.
#[derive(Serialize, Deserialize)]
struct Sale {
    buyer: Person,
    course_name: String,
    gross_hundredths: i64,
    /// `YYYY-MM-DD`.
    paid_on: String,
}

#[derive(Serialize, Deserialize)]
struct PaymentEmail {
    recipient: Person,
    course_name: String,
    invoice_url: Option<String>,
}

/// The word for a kind of job in the outbox.
pub(crate) fn kind(payload: &Payload) -> &'static str {
    words::of_kind(payload.kind())
}

pub(crate) fn to_json(payload: &Payload) -> String {
    let json = match payload {
        Payload::EnrolmentEmail { recipient, course_name } => {
            serde_json::to_string(&EnrolmentEmail { recipient: recipient.into(), course_name: course_name.clone() })
        }
        Payload::Invoice(purchase) => {
            let sale = Sale {
                buyer: (&purchase.buyer).into(),
                course_name: purchase.course_name.clone(),
                gross_hundredths: purchase.gross.hundredths(),
                paid_on: purchase.paid_on.to_string(),
            };
            match purchase.reference {
                Some(reference) => serde_json::to_string(&Invoice { reference: reference.to_string(), sale }),
                None => serde_json::to_string(&sale),
            }
        }
        Payload::PaymentEmail { recipient, course_name, invoice_url } => serde_json::to_string(&PaymentEmail {
            recipient: recipient.into(),
            course_name: course_name.clone(),
            invoice_url: invoice_url.clone(),
        }),
    };
    // Writing a plain record to memory does not fail.
    json.unwrap_or_default()
}

/// None if the text is not what [`to_json`] writes for this kind.
pub(crate) fn from_json(kind: &str, json: &str) -> Option<Payload> {
    match words::kind(kind)? {
        Kind::EnrolmentEmail => {
            let EnrolmentEmail { recipient, course_name } = serde_json::from_str(json).ok()?;
            Some(Payload::EnrolmentEmail { recipient: recipient.into(), course_name })
        }
        Kind::Invoice => {
            let (reference, sale) = match serde_json::from_str(json) {
                Ok(Invoice { reference, sale }) => (Some(read_reference(&reference)?), sale),
                Err(_) => (None, serde_json::from_str(json).ok()?),
            };
            Some(Payload::Invoice(Purchase {
                buyer: sale.buyer.into(),
                course_name: sale.course_name,
                gross: Money::from_hundredths(sale.gross_hundredths)?,
                paid_on: sale.paid_on.parse::<NaiveDate>().ok()?,
                reference,
            }))
        }
        Kind::PaymentEmail => {
            let PaymentEmail { recipient, course_name, invoice_url } = serde_json::from_str(json).ok()?;
            Some(Payload::PaymentEmail { recipient: recipient.into(), course_name, invoice_url })
        }
    }
}

fn read_reference(text: &str) -> Option<InvoiceReference> {
    let digits = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    digits.then(|| u64::from_str_radix(text, 16).ok().map(InvoiceReference)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_payload_comes_back_as_it_was() {
        let user = User { first_name: "Ż\"\\\n".to_owned(), last_name: "<b>".to_owned(), email: "a@b".to_owned() };
        let course_name = "Rust".to_owned();
        let purchase = |reference| Purchase {
            buyer: user.clone(),
            course_name: "Rust".to_owned(),
            gross: Money::from_hundredths(19999).unwrap(),
            paid_on: NaiveDate::from_ymd_opt(2026, 2, 1).unwrap(),
            reference,
        };
        for payload in [
            Payload::EnrolmentEmail { recipient: user.clone(), course_name: course_name.clone() },
            Payload::Invoice(purchase(None)),
            Payload::Invoice(purchase(Some(InvoiceReference(0)))),
            Payload::Invoice(purchase(Some(InvoiceReference(u64::MAX)))),
            Payload::PaymentEmail { recipient: user.clone(), course_name: course_name.clone(), invoice_url: None },
            Payload::PaymentEmail { recipient: user, course_name, invoice_url: Some("https://a".to_owned()) },
        ] {
            assert_eq!(from_json(kind(&payload), &to_json(&payload)), Some(payload));
        }
    }

    const OLD: &str = r#"{"buyer":{"first_name":"A","last_name":"B","email":"a@b"},"course_name":"C","gross_hundredths":1,"paid_on":"2026-02-01"}"#;

    #[test]
    fn an_invoice_from_before_there_were_references_is_read() {
        let Some(Payload::Invoice(purchase)) = from_json("invoice", OLD) else { panic!() };
        assert_eq!((purchase.reference, purchase.buyer.email.as_str()), (None, "a@b"));
        assert_eq!(to_json(&Payload::Invoice(purchase)), OLD);
    }

    #[test]
    fn the_release_without_references_cannot_read_one_that_has_one() {
        let Some(Payload::Invoice(purchase)) = from_json("invoice", OLD) else { panic!() };
        let new = to_json(&Payload::Invoice(Purchase { reference: Some(InvoiceReference(1)), ..purchase }));
        // What that release reads.
        assert!(serde_json::from_str::<Sale>(&new).is_err(), "{new}");
        let broken = |text: &str| new.replace("0000000000000001", text);
        for reference in ["", "1", "+000000000000001", "000000000000000g", "00000000000000001"] {
            assert_eq!(from_json("invoice", &broken(reference)), None, "{reference}");
        }
    }

    #[test]
    fn other_texts_are_none() {
        assert_eq!(from_json("invoice", "{}"), None);
        assert_eq!(from_json("refund", "{}"), None);
        assert_eq!(from_json("payment_email", "x"), None);
    }
}
