//! The email that says that an enrolment is canceled.

use super::{JobKind, Target, version_for};
use crate::User;
use crate::model::mail::{MailKind, Message};
use crate::model::note::Reason;
use crate::model::stored::person;
use serde::{Deserialize, Serialize};

/// The payload of the email.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancellationEmail {
    /// The recipient.
    #[serde(with = "person")]
    pub recipient: User,
    /// The name of the course.
    pub course_name: String,
    /// Why, if a reason was given.
    pub reason: Option<Reason>,
}

impl JobKind for CancellationEmail {
    const WORD: &'static str = "cancellation_email";
    const TARGET: Target = Target::Mail;

    fn version(&self) -> i64 {
        version_for(&self.recipient)
    }
}

impl CancellationEmail {
    /// What the email says.
    #[must_use]
    pub fn message(&self) -> Message<'_> {
        let Self { recipient, course_name, reason } = self;
        let reason = reason.as_ref().map(Reason::as_str);
        Message { reason, ..Message::new(MailKind::Cancellation, recipient, course_name) }
    }
}
