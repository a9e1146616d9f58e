//! The email that says that a payment is refunded, and links to the correction.

use super::{JobKind, Target, version_for};
use crate::User;
use crate::model::mail::{MailKind, Message};
use crate::model::note::Reason;
use crate::model::refund::Amounts;
use crate::model::stored::person;
use serde::{Deserialize, Serialize};

/// The payload of the email.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundEmail {
    /// The recipient.
    #[serde(with = "person")]
    pub recipient: User,
    /// The name of the course.
    pub course_name: String,
    /// Why, if a reason was given.
    pub reason: Option<Reason>,
    /// The page of the correction; `None` for a payment without an invoice.
    pub correction_url: Option<String>,
    /// The amount, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amounts: Option<Amounts>,
}

impl JobKind for RefundEmail {
    const WORD: &'static str = "refund_email";
    const TARGET: Target = Target::Mail;

    fn version(&self) -> i64 {
        version_for(&self.recipient)
    }
}

impl RefundEmail {
    /// What the email says.
    #[must_use]
    pub fn message(&self) -> Message<'_> {
        let Self { recipient, course_name, reason, correction_url, amounts } = self;
        let kind = if correction_url.is_some() { MailKind::RefundWithCorrection } else { MailKind::Refund };
        let (link, reason) = (correction_url.as_deref(), reason.as_ref().map(Reason::as_str));
        Message { refunded: *amounts, link, reason, ..Message::new(kind, recipient, course_name) }
    }
}
