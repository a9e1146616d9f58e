//! The answer to a request as a text, which is kept under its idempotency key.
//!
//! It carries the version of its form. This release cannot read the form of a
//! later one: the caller gets "try again", and the next try reaches another replica.

use crate::sql::words;
use domain::model::idempotency::{FINAL, Outcome};
use domain::{CourseId, Enrolment, EnrolmentId, UserId};
use serde::{Deserialize, Serialize};

/// The version of the form that is written.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Versioned {
    version: u32,
    #[serde(flatten)]
    kept: Kept,
}

#[derive(Deserialize)]
struct VersionAlone {
    version: u32,
}

/// What a text says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Read {
    Outcome(Box<Outcome>),
    /// A later release wrote it.
    Later,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kept {
    Enrolment {
        id: i64,
        user_id: String,
        course_id: i64,
        status: String,
        payment_status: String,
        invoice_url: Option<String>,
    },
    Refused(String),
}

/// None for an error that is not kept.
pub(crate) fn to_json(outcome: &Outcome) -> Option<String> {
    let kept = match outcome {
        Ok(enrolment) => Kept::Enrolment {
            id: enrolment.id.get(),
            user_id: enrolment.user_id.as_str().to_owned(),
            course_id: enrolment.course_id.get(),
            status: words::of_status(enrolment.status).to_owned(),
            payment_status: words::of_payment(enrolment.payment_status).to_owned(),
            invoice_url: enrolment.invoice_url.clone(),
        },
        Err(error) => Kept::Refused(FINAL.iter().find(|(own, _)| own == error)?.1.to_owned()),
    };
    serde_json::to_string(&Versioned { version: VERSION, kept }).ok()
}

/// None if the text is not what [`to_json`] writes.
pub(crate) fn from_json(json: &str) -> Option<Read> {
    let VersionAlone { version } = serde_json::from_str(json).ok()?;
    if version > VERSION {
        return Some(Read::Later);
    }
    outcome(json).map(|outcome| Read::Outcome(Box::new(outcome)))
}

fn outcome(json: &str) -> Option<Outcome> {
    let Versioned { kept, .. } = serde_json::from_str(json).ok()?;
    Some(match kept {
        Kept::Enrolment { id, user_id, course_id, status, payment_status, invoice_url } => Ok(Enrolment {
            id: EnrolmentId::new(id)?,
            user_id: UserId::stored(user_id),
            course_id: CourseId::new(course_id)?,
            status: words::status(&status)?,
            payment_status: words::payment(&payment_status)?,
            invoice_url,
        }),
        Kept::Refused(word) => Err(FINAL.iter().find(|(_, own)| *own == word)?.0.clone()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Error, PaymentStatus, Status};

    #[test]
    fn every_outcome_comes_back_as_it_was() {
        let enrolment = |invoice_url: Option<&str>| Enrolment {
            id: EnrolmentId::new(1).unwrap(),
            user_id: UserId::new("ż\"\\ ").unwrap(),
            course_id: CourseId::new(7).unwrap(),
            status: Status::Completed,
            payment_status: PaymentStatus::Paid,
            invoice_url: invoice_url.map(str::to_owned),
        };
        for outcome in [
            Ok(enrolment(None)),
            Ok(enrolment(Some("https://a.example/i"))),
            Err(Error::AlreadyPaid),
            Err(Error::Canceled),
            Err(Error::Completed),
            Err(Error::AlreadyRefunded),
        ] {
            assert_eq!(from_json(&to_json(&outcome).unwrap()), Some(Read::Outcome(Box::new(outcome))));
        }
    }

    #[test]
    fn the_form_is_that_of_version_1() {
        let refused = r#"{"version":1,"refused":"already_paid"}"#;
        assert_eq!(to_json(&Err(Error::AlreadyPaid)).as_deref(), Some(refused));
        let enrolment = r#"{"version":1,"enrolment":{"id":1,"user_id":"u","course_id":7,"status":"ACTIVE","payment_status":"PENDING","invoice_url":null}}"#;
        let Some(Read::Outcome(outcome)) = from_json(enrolment) else { panic!("it is read") };
        assert_eq!(to_json(&outcome).as_deref(), Some(enrolment));
    }

    #[test]
    fn an_answer_of_a_later_release_is_known_as_such() {
        assert_eq!(from_json(r#"{"version":2,"something":"else"}"#), Some(Read::Later));
    }

    #[test]
    fn other_texts_are_none() {
        let unversioned = r#"{"refused":"already_paid"}"#;
        let unknown = r#"{"version":1,"refused":"x"}"#;
        for text in ["", "{}", "null", unversioned, unknown, r#"{"version":1,"enrolment":{"id":0}}"#] {
            assert_eq!(from_json(text), None, "{text}");
        }
    }
}
