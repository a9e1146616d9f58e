//! Whom a mail goes to that could not be found out when the mail came to be owed: the users
//! or courses service was out of reach, or its answer could not be used.

use super::{CancellationEmail, JobKind, Payload, RefundEmail, Target};
use crate::EnrolmentId;
use crate::model::note::{Addressee, Reason, Subject};
use serde::{Deserialize, Serialize};

/// A mail that has no address yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unaddressed {
    /// Whose enrolment in which course.
    #[serde(flatten)]
    pub subject: Subject,
    /// What the mail says.
    pub mail: UnaddressedMail,
    /// Why, if that was said.
    pub reason: Option<Reason>,
}

/// What a mail says that has no address yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fakes::unaddressed;

    #[test]
    fn it_is_kept_in_the_form_of_version_1() {
        let refund = |url: Option<&str>| UnaddressedMail::Refund { correction_url: url.map(str::to_owned) };
        for (mail, form) in [
            (UnaddressedMail::Cancellation, r#""cancellation""#),
            (refund(None), r#"{"refund":{"correction_url":null}}"#),
            (refund(Some("https://a.example/k")), r#"{"refund":{"correction_url":"https://a.example/k"}}"#),
        ] {
            let unaddressed = Unaddressed { mail, ..unaddressed() };
            let json = format!(r#"{{"user_id":"user-1","course_id":7,"mail":{form},"reason":"moved"}}"#);
            assert_eq!(serde_json::to_string(&unaddressed).unwrap(), json);
            assert_eq!(serde_json::from_str::<Unaddressed>(&json).unwrap(), unaddressed);
            assert!(serde_json::from_str::<Unaddressed>(&json.replace(":7,", ":0,")).is_err());
        }
    }
}
