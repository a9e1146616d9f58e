//! The correction of an invoice, after a refund.

use super::{JobKind, MailContent, MailData, Payload, RefundEmail, Target};
use crate::model::invoice::DocumentKind;
use crate::model::note::{Addressee, MailTo, Reason};
use crate::model::refund::Amounts;
use crate::model::stored::{day, is_false};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// The payload of a correction. The rest is read from the invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// Who gets a mail about it.
    pub mail_to: MailTo,
    /// Why, if a reason was given.
    pub reason: Option<Reason>,
    /// The day of the refund in Warsaw.
    #[serde(with = "day")]
    pub refunded_on: NaiveDate,
    /// What was left of the payment before and is after it. `None`: nothing is left, and the paid
    /// amount is not known, or a release that refunds no parts recorded the refund.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amounts: Option<Amounts>,
    /// Whether it makes room for an invoice to another buyer, and is no refund.
    #[serde(default, skip_serializing_if = "is_false")]
    pub rebilled: bool,
}

impl JobKind for Correction {
    const WORD: &'static str = "correction";
    const TARGET: Target = Target::Invoices;
    const DOCUMENT: Option<DocumentKind> = Some(DocumentKind::Correction);

    /// A release that refunds no parts would correct the invoice to zero, and give a refund as the reason.
    fn version(&self) -> i64 {
        match (&self.mail_to, self.amounts) {
            (_, Some(amounts)) if self.rebilled || !amounts.after.is_zero() => 3,
            (MailTo::NotKnownYet(subject), _) => subject.version(),
            (MailTo::NoRecipient | MailTo::Known(_), _) => 1,
        }
    }

    fn erased(&self) -> Self {
        Self { mail_to: MailTo::NoRecipient, reason: None, ..self.clone() }
    }
}

impl Correction {
    /// The job that follows when the correction is issued, or at once if there is nothing to
    /// correct: the email, or the look-up of its recipient. `None` if no mail is sent.
    #[must_use]
    pub fn email(&self, correction_url: Option<String>) -> Option<Payload> {
        let (reason, amounts) = (self.reason.clone(), self.amounts);
        match self.mail_to.clone() {
            MailTo::NoRecipient => None,
            MailTo::Known(Addressee { recipient, course_name }) => {
                Some(Payload::RefundEmail(RefundEmail { recipient, course_name, reason, correction_url, amounts }))
            }
            MailTo::NotKnownYet(subject) => Some(Payload::MailData(MailData {
                subject,
                mail: MailContent::Refund { correction_url, amounts },
                reason,
            })),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fakes::{correction, mail_data};

    #[test]
    fn it_has_the_form_of_version_1() {
        let known = r#"{"known":{"recipient":{"first_name":"Ann","last_name":"Example","email":"ann@example.com","language":"en"},"course_name":"Rust"}}"#;
        let not_known_yet = r#"{"not_known_yet":{"user_id":"user-1","course_id":7}}"#;
        for (mail_to, form) in [
            (correction().mail_to, known),
            (MailTo::NotKnownYet(mail_data().subject), not_known_yet),
            (MailTo::NoRecipient, r#""nobody""#),
        ] {
            let refund = Correction { mail_to, ..correction() };
            let json = format!(r#"{{"mail_to":{form},"reason":"moved","refunded_on":"2026-06-01"}}"#);
            assert_eq!(serde_json::to_string(&refund).unwrap(), json);
            assert_eq!(serde_json::from_str::<Correction>(&json).unwrap(), refund);
            assert_eq!(refund.email(None).is_some(), refund.mail_to != MailTo::NoRecipient);
            for (right, wrong) in [("2026-06-01", "2026-06-31"), ("\"mail_to\"", "\"addressee\"")] {
                assert!(serde_json::from_str::<Correction>(&json.replace(right, wrong)).is_err());
            }
        }
    }
}
