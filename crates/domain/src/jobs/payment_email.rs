//! The email that confirms a payment and links to the invoice.

use super::{JobKind, Target, version_for};
use crate::User;
use crate::model::mail::{MailKind, Message, Paid};
use crate::model::stored::{is_false, person};
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
    /// What was paid. `None` if it is not known or zero; release 0.1.0 neither wrote nor reads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid: Option<Paid>,
    /// Whether the invoice replaces one to another buyer.
    #[serde(default, skip_serializing_if = "is_false")]
    pub rebilled: bool,
}

impl JobKind for PaymentEmail {
    const WORD: &'static str = "payment_email";
    const TARGET: Target = Target::Mail;

    fn version(&self) -> i64 {
        version_for(&self.recipient)
    }
}

impl PaymentEmail {
    /// What the email says.
    #[must_use]
    pub fn message(&self) -> Message<'_> {
        let Self { recipient, course_name, invoice_url, paid, rebilled } = self;
        let kind = match invoice_url {
            None => MailKind::Payment,
            Some(_) if *rebilled => MailKind::NewInvoice,
            Some(_) => MailKind::PaymentWithInvoice,
        };
        Message { paid: *paid, link: invoice_url.as_deref(), ..Message::new(kind, recipient, course_name) }
    }
}
