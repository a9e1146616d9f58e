//! The email that confirms an enrolment.

use super::{JobKind, Target, version_for};
use crate::User;
use crate::model::mail::{MailKind, Message};
use crate::model::stored::person;
use serde::{Deserialize, Serialize};

/// The payload of the email.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolmentEmail {
    /// The recipient.
    #[serde(with = "person")]
    pub recipient: User,
    /// The name of the course.
    pub course_name: String,
}

impl JobKind for EnrolmentEmail {
    const WORD: &'static str = "enrolment_email";
    const TARGET: Target = Target::Mail;

    fn version(&self) -> i64 {
        version_for(&self.recipient)
    }
}

impl EnrolmentEmail {
    /// What the email says.
    #[must_use]
    pub fn message(&self) -> Message<'_> {
        let Self { recipient, course_name } = self;
        Message::new(MailKind::Enrolment, recipient, course_name)
    }
}
