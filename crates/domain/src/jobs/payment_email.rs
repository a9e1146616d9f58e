//! The email that confirms a payment and links to the invoice.

use super::{JobKind, Target};
use crate::User;
use crate::model::email::Message;
use crate::model::stored::person;
use serde::{Deserialize, Serialize};

/// The payload of the email.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentEmail {
    /// The recipient.
    #[serde(with = "person")]
    pub recipient: User,
    /// The name of the course.
    pub course_name: String,
    /// The page of the invoice; `None` for a payment without an invoice.
    pub invoice_url: Option<String>,
}

impl JobKind for PaymentEmail {
    const WORD: &'static str = "payment_email";
    const TARGET: Target = Target::Mail;
}

impl PaymentEmail {
    /// The content of the email.
    #[must_use]
    pub fn message(&self) -> Message<'_> {
        Message {
            recipient: &self.recipient,
            subject: "Your course payment confirmation",
            sentences: vec![
                "Thank you for your payment!".to_owned(),
                format!("The course {} is paid. We look forward to seeing you there.", self.course_name),
            ],
            link: self.invoice_url.as_deref().map(|url| ("Your invoice", url)),
        }
    }
}
