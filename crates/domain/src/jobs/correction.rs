//! The correction to zero of a refunded payment's invoice.

use super::{JobKind, Payload, RefundEmail, Target, Unaddressed, UnaddressedMail};
use crate::model::invoice::DocumentKind;
use crate::model::note::{Addressee, MailTo, Reason};
use crate::model::stored::day;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// What went back. The invoice itself has the rest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// Who hears of it.
    pub mail_to: MailTo,
    /// Why, if that was said.
    pub reason: Option<Reason>,
    /// The day of the refund in Warsaw.
    #[serde(with = "day")]
    pub refunded_on: NaiveDate,
}

impl JobKind for Refund {
    const WORD: &'static str = "correction";
    const TARGET: Target = Target::Invoices;
    const DOCUMENT: Option<DocumentKind> = Some(DocumentKind::Correction);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fakes::{refund, unaddressed};

    #[test]
    fn it_is_kept_in_the_form_of_version_1() {
        let known = r#"{"known":{"recipient":{"first_name":"Ann","last_name":"Example","email":"ann@example.com"},"course_name":"Rust"}}"#;
        let not_known_yet = r#"{"not_known_yet":{"user_id":"user-1","course_id":7}}"#;
        for (mail_to, form) in [
            (refund().mail_to, known),
            (MailTo::NotKnownYet(unaddressed().subject), not_known_yet),
            (MailTo::Nobody, r#""nobody""#),
        ] {
            let refund = Refund { mail_to, ..refund() };
            let json = format!(r#"{{"mail_to":{form},"reason":"moved","refunded_on":"2026-06-01"}}"#);
            assert_eq!(serde_json::to_string(&refund).unwrap(), json);
            assert_eq!(serde_json::from_str::<Refund>(&json).unwrap(), refund);
            assert_eq!(refund.email(None).is_some(), refund.mail_to != MailTo::Nobody);
            for (right, wrong) in [("2026-06-01", "2026-06-31"), ("\"mail_to\"", "\"addressee\"")] {
                assert!(serde_json::from_str::<Refund>(&json.replace(right, wrong)).is_err());
            }
        }
    }
}
