//! The email that says that an enrolment is canceled.

use super::{JobKind, Target};
use crate::User;
use crate::model::email::Message;
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
}

impl CancellationEmail {
    /// The content of the email.
    #[must_use]
    pub fn message(&self) -> Message<'_> {
        let mut sentences = vec![format!("Your enrolment in the course {} is canceled.", self.course_name)];
        sentences.extend(self.reason.as_ref().map(|reason| format!("Reason: {}", reason.as_str())));
        let subject = "Your course enrolment is canceled";
        Message { recipient: &self.recipient, subject, sentences, link: None }
    }
}
