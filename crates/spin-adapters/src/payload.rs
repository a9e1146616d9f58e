//! A job's payload as the text that the outbox keeps.

use crate::words;
use chrono::NaiveDate;
use domain::job::{Kind, Payload, Purchase};
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

#[derive(Serialize, Deserialize)]
struct Invoice {
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
        Payload::Invoice(purchase) => serde_json::to_string(&Invoice {
            buyer: (&purchase.buyer).into(),
            course_name: purchase.course_name.clone(),
            gross_hundredths: purchase.gross.hundredths(),
            paid_on: purchase.paid_on.to_string(),
        }),
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
            let Invoice { buyer, course_name, gross_hundredths, paid_on } = serde_json::from_str(json).ok()?;
            Some(Payload::Invoice(Purchase {
                buyer: buyer.into(),
                course_name,
                gross: Money::from_hundredths(gross_hundredths)?,
                paid_on: paid_on.parse::<NaiveDate>().ok()?,
            }))
        }
        Kind::PaymentEmail => {
            let PaymentEmail { recipient, course_name, invoice_url } = serde_json::from_str(json).ok()?;
            Some(Payload::PaymentEmail { recipient: recipient.into(), course_name, invoice_url })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_payload_comes_back_as_it_was() {
        let user = User { first_name: "Ż\"\\\n".to_owned(), last_name: "<b>".to_owned(), email: "a@b".to_owned() };
        let course_name = "Rust".to_owned();
        for payload in [
            Payload::EnrolmentEmail { recipient: user.clone(), course_name: course_name.clone() },
            Payload::Invoice(Purchase {
                buyer: user.clone(),
                course_name: course_name.clone(),
                gross: Money::from_hundredths(19999).unwrap(),
                paid_on: NaiveDate::from_ymd_opt(2026, 2, 1).unwrap(),
            }),
            Payload::PaymentEmail { recipient: user.clone(), course_name: course_name.clone(), invoice_url: None },
            Payload::PaymentEmail { recipient: user, course_name, invoice_url: Some("https://a".to_owned()) },
        ] {
            assert_eq!(from_json(kind(&payload), &to_json(&payload)), Some(payload));
        }
    }

    #[test]
    fn other_texts_are_none() {
        assert_eq!(from_json("invoice", "{}"), None);
        assert_eq!(from_json("refund", "{}"), None);
        assert_eq!(from_json("payment_email", "x"), None);
    }
}
