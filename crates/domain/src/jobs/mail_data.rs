//! Whom a mail goes to that could not be found out when the mail came to be owed: the users
//! or courses service was out of reach, or its answer could not be used.

use super::{CancellationEmail, JobKind, Payload, RefundEmail, Target};
use crate::model::note::{Addressee, Reason, Subject};
use crate::{CourseId, EnrolmentId, UserId};
use serde::{Deserialize, Serialize};

/// A mail that has no address yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Stored", try_from = "Stored")]
pub struct Unaddressed {
    /// Whose enrolment in which course.
    pub subject: Subject,
    /// What the mail says.
    pub mail: UnaddressedMail,
    /// Why, if that was said.
    pub reason: Option<Reason>,
}

/// What a mail says that has no address yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnaddressedMail {
    /// The enrolment is canceled.
    Cancellation,
    /// The payment went back.
    Refund {
        /// The page that shows the correction; none for a payment without an invoice.
        correction_url: Option<String>,
    },
}

impl JobKind for Unaddressed {
    const WORD: &'static str = "mail_data";
    const TARGET: Target = Target::Records;

    fn version(&self) -> i64 {
        4
    }

    /// An enrolment may be canceled and refunded.
    fn subject(&self, enrolment_id: EnrolmentId) -> String {
        match self.mail {
            UnaddressedMail::Cancellation => format!("{enrolment_id}:cancellation"),
            UnaddressedMail::Refund { .. } => format!("{enrolment_id}:refund"),
        }
    }
}

impl Unaddressed {
    /// The mail to who is found.
    #[must_use]
    pub fn addressed(&self, to: Addressee) -> Payload {
        let (Addressee { recipient, course_name }, reason) = (to, self.reason.clone());
        match &self.mail {
            UnaddressedMail::Cancellation => {
                Payload::CancellationEmail(CancellationEmail { recipient, course_name, reason })
            }
            UnaddressedMail::Refund { correction_url } => {
                let correction_url = correction_url.clone();
                Payload::RefundEmail(RefundEmail { recipient, course_name, reason, correction_url })
            }
        }
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Stored {
    user_id: String,
    course_id: i64,
    mail: Mail,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    correction_url: Option<String>,
    reason: Option<Reason>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mail {
    Cancellation,
    Refund,
}

impl From<Unaddressed> for Stored {
    fn from(unaddressed: Unaddressed) -> Self {
        let Unaddressed { subject, mail, reason } = unaddressed;
        let (user_id, course_id) = (subject.user_id.as_str().to_owned(), subject.course_id.get());
        let (mail, correction_url) = match mail {
            UnaddressedMail::Cancellation => (Mail::Cancellation, None),
            UnaddressedMail::Refund { correction_url } => (Mail::Refund, correction_url),
        };
        Self { user_id, course_id, mail, correction_url, reason }
    }
}

impl TryFrom<Stored> for Unaddressed {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        let Stored { user_id, course_id, mail, correction_url, reason } = stored;
        let course_id = CourseId::new(course_id).ok_or("course_id")?;
        let subject = Subject { user_id: UserId::stored(user_id), course_id };
        let mail = match mail {
            Mail::Cancellation => UnaddressedMail::Cancellation,
            Mail::Refund => UnaddressedMail::Refund { correction_url },
        };
        Ok(Self { subject, mail, reason })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_kept_as_it_is() {
        for json in [
            r#"{"user_id":"u ","course_id":7,"mail":"cancellation","reason":"moved"}"#,
            r#"{"user_id":"u","course_id":7,"mail":"refund","reason":null}"#,
            r#"{"user_id":"u","course_id":7,"mail":"refund","correction_url":"https://a.example/k","reason":null}"#,
        ] {
            let unaddressed: Unaddressed = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&unaddressed).unwrap(), json);
            let wrong = json.replace(":7,", ":0,");
            assert!(serde_json::from_str::<Unaddressed>(&wrong).is_err());
        }
    }
}
