//! The email that confirms a payment and links to the invoice.

use super::{JobKind, Target};
use crate::User;
use crate::model::email::Message;
use crate::model::stored::person;
use serde::{Deserialize, Serialize};

/// To whom, what for, and where the invoice is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentEmail {
    /// To whom.
    #[serde(with = "person")]
    pub recipient: User,
    /// What for.
    pub course_name: String,
    /// The page that shows the invoice; none for a course without a price.
    pub invoice_url: Option<String>,
}

impl JobKind for PaymentEmail {
    const WORD: &'static str = "payment_email";
    const TARGET: Target = Target::Mail;
}

impl PaymentEmail {
    /// What the email says.
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
