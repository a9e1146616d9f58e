//! The email that says that a payment is refunded, and links to the correction.

use super::{JobKind, Target};
use crate::User;
use crate::model::email::Message;
use crate::model::note::Reason;
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
}

impl JobKind for RefundEmail {
    const WORD: &'static str = "refund_email";
    const TARGET: Target = Target::Mail;
}

impl RefundEmail {
    /// The content of the email.
    #[must_use]
    pub fn message(&self) -> Message<'_> {
        let mut sentences = vec![format!("Your payment for the course {} is refunded.", self.course_name)];
        sentences.extend(self.reason.as_ref().map(|reason| format!("Reason: {}", reason.as_str())));
        Message {
            recipient: &self.recipient,
            subject: "Your course payment is refunded",
            sentences,
            link: self.correction_url.as_deref().map(|url| ("Your corrected invoice", url)),
        }
    }
}
