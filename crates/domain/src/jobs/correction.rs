//! The correction to zero of a refunded payment's invoice.

use super::{JobKind, Payload, RefundEmail, Target, Unaddressed, UnaddressedMail, day, person};
use crate::model::note::{Addressee, MailTo, Reason, Subject};
use crate::{CourseId, User, UserId};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// What went back. The invoice itself has the rest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Stored", try_from = "Stored")]
pub struct Refund {
    /// Who hears of it.
    pub mail_to: MailTo,
    /// Why, if that was said.
    pub reason: Option<Reason>,
    /// The day of the refund in Warsaw.
    pub refunded_on: NaiveDate,
}

impl JobKind for Refund {
    const WORD: &'static str = "correction";
    const TARGET: Target = Target::Invoices;

    /// A release that knows nothing of a look-up that follows would mail nobody.
    fn version(&self) -> i64 {
        if matches!(self.mail_to, MailTo::NotKnownYet(_)) { 4 } else { 1 }
    }
}

impl Refund {
    /// What follows once the correction is issued, or at once where there is nothing to
    /// correct: the email, or the look-up of whom it goes to; none if nobody hears of it.
    #[must_use]
    pub fn email(&self, correction_url: Option<String>) -> Option<Payload> {
        let reason = self.reason.clone();
        match self.mail_to.clone() {
            MailTo::Nobody => None,
            MailTo::Known(Addressee { recipient, course_name }) => {
                Some(Payload::RefundEmail(RefundEmail { recipient, course_name, reason, correction_url }))
            }
            MailTo::NotKnownYet(subject) => Some(Payload::MailData(Unaddressed {
                subject,
                mail: UnaddressedMail::Refund { correction_url },
                reason,
            })),
        }
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Stored {
    addressee: Option<StoredAddressee>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    not_known_yet: Option<StoredSubject>,
    reason: Option<Reason>,
    #[serde(with = "day")]
    refunded_on: NaiveDate,
}

#[derive(Clone, Serialize, Deserialize)]
struct StoredAddressee {
    #[serde(with = "person")]
    recipient: User,
    course_name: String,
}

#[derive(Clone, Serialize, Deserialize)]
struct StoredSubject {
    user_id: String,
    course_id: i64,
}

impl From<Refund> for Stored {
    fn from(refund: Refund) -> Self {
        let Refund { mail_to, reason, refunded_on } = refund;
        let (addressee, not_known_yet) = match mail_to {
            MailTo::Nobody => (None, None),
            MailTo::Known(Addressee { recipient, course_name }) => {
                (Some(StoredAddressee { recipient, course_name }), None)
            }
            MailTo::NotKnownYet(Subject { user_id, course_id }) => {
                let (user_id, course_id) = (user_id.as_str().to_owned(), course_id.get());
                (None, Some(StoredSubject { user_id, course_id }))
            }
        };
        Self { addressee, not_known_yet, reason, refunded_on }
    }
}

impl TryFrom<Stored> for Refund {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        let Stored { addressee, not_known_yet, reason, refunded_on } = stored;
        let mail_to = match (addressee, not_known_yet) {
            (Some(StoredAddressee { recipient, course_name }), _) => {
                MailTo::Known(Addressee { recipient, course_name })
            }
            (None, Some(StoredSubject { user_id, course_id })) => {
                let course_id = CourseId::new(course_id).ok_or("course_id")?;
                MailTo::NotKnownYet(Subject { user_id: UserId::stored(user_id), course_id })
            }
            (None, None) => MailTo::Nobody,
        };
        Ok(Self { mail_to, reason, refunded_on })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_kept_as_it_is() {
        for json in [
            r#"{"addressee":{"recipient":{"first_name":"A","last_name":"B","email":"a@b"},"course_name":"C"},"reason":"R","refunded_on":"2026-02-01"}"#,
            r#"{"addressee":null,"reason":null,"refunded_on":"2026-02-01"}"#,
            r#"{"addressee":null,"not_known_yet":{"user_id":"u ","course_id":7},"reason":"R","refunded_on":"2026-02-01"}"#,
        ] {
            let refund: Refund = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&refund).unwrap(), json);
            assert_eq!(refund.email(None).is_some(), refund.mail_to != MailTo::Nobody);
            let wrong = json.replace("2026-02-01", "2026-02-30");
            assert!(serde_json::from_str::<Refund>(&wrong).is_err());
            assert_eq!(refund.version(), if json.contains("not_known_yet") { 4 } else { 1 });
        }
    }
}
