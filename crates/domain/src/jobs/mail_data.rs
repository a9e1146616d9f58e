//! The look-up of a mail's recipient. It is needed when the users or courses service did not
//! answer, or its answer was not usable, when the mail's job was to be created.

use super::{CancellationEmail, JobKind, Payload, PaymentEmail, RefundEmail, Target};
use crate::EnrolmentId;
use crate::model::mail::Paid;
use crate::model::note::{Addressee, Reason, Subject};
use crate::model::refund::Amounts;
use serde::{Deserialize, Serialize};

/// The payload of the look-up: a mail without a recipient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailData {
    /// The user and the course.
    #[serde(flatten)]
    pub subject: Subject,
    /// What the mail says.
    pub mail: MailContent,
    /// Why, if a reason was given.
    pub reason: Option<Reason>,
}

/// What the mail says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailContent {
    /// The enrolment is canceled.
    Cancellation,
    /// The course is paid, and no invoice is issued.
    Payment {
        /// What was paid. `None` if it is not known or zero.
        paid: Option<Paid>,
    },
    /// The payment is refunded.
    Refund {
        /// The page of the correction; `None` for a payment without an invoice.
        correction_url: Option<String>,
        /// The amount, if it is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        amounts: Option<Amounts>,
    },
}

impl JobKind for MailData {
    const WORD: &'static str = "mail_data";
    const TARGET: Target = Target::Records;
    const WITHDRAWN: bool = true;

    /// The first release cannot read a mail about a payment.
    fn version(&self) -> i64 {
        if matches!(self.mail, MailContent::Payment { .. }) { 2 } else { self.subject.version() }
    }

    /// An enrolment can be paid, canceled and refunded.
    fn subject(&self, enrolment_id: EnrolmentId) -> String {
        match self.mail {
            MailContent::Cancellation => format!("{enrolment_id}:cancellation"),
            MailContent::Payment { .. } => format!("{enrolment_id}:payment"),
            MailContent::Refund { .. } => format!("{enrolment_id}:refund"),
        }
    }
}

impl MailData {
    /// The same about a refund, with another link.
    #[must_use]
    pub fn linked(self, correction_url: Option<String>) -> Self {
        match self.mail {
            MailContent::Refund { amounts, .. } => {
                Self { mail: MailContent::Refund { correction_url, amounts }, ..self }
            }
            MailContent::Cancellation | MailContent::Payment { .. } => self,
        }
    }

    /// The mail's job, with its recipient.
    #[must_use]
    pub fn email(&self, to: Addressee) -> Payload {
        let (Addressee { recipient, course_name }, reason) = (to, self.reason.clone());
        match &self.mail {
            MailContent::Cancellation => {
                Payload::CancellationEmail(CancellationEmail { recipient, course_name, reason })
            }
            MailContent::Payment { paid } => Payload::PaymentEmail(PaymentEmail {
                recipient,
                course_name,
                invoice_url: None,
                paid: *paid,
                rebilled: false,
            }),
            MailContent::Refund { correction_url, amounts } => {
                let (correction_url, amounts) = (correction_url.clone(), *amounts);
                Payload::RefundEmail(RefundEmail { recipient, course_name, reason, correction_url, amounts })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fakes::{mail_data, purchase};

    #[test]
    fn it_has_the_form_of_its_version() {
        let refund = |url: Option<&str>| MailContent::Refund { correction_url: url.map(str::to_owned), amounts: None };
        for (mail, form, version) in [
            (MailContent::Cancellation, r#""cancellation""#, 1),
            (MailContent::Payment { paid: None }, r#"{"payment":{"paid":null}}"#, 2),
            (
                MailContent::Payment { paid: purchase().paid() },
                r#"{"payment":{"paid":{"hundredths":19999,"currency":"PLN","on":"2026-06-01"}}}"#,
                2,
            ),
            (refund(None), r#"{"refund":{"correction_url":null}}"#, 1),
            (refund(Some("https://a.example/k")), r#"{"refund":{"correction_url":"https://a.example/k"}}"#, 1),
        ] {
            let mail_data = MailData { mail, ..mail_data() };
            let json = format!(r#"{{"user_id":"user-1","course_id":7,"mail":{form},"reason":"moved"}}"#);
            assert_eq!((serde_json::to_string(&mail_data).unwrap(), mail_data.version()), (json.clone(), version));
            assert_eq!(serde_json::from_str::<MailData>(&json).unwrap(), mail_data);
            assert!(serde_json::from_str::<MailData>(&json.replace(":7,", ":0,")).is_err());
        }
    }
}
