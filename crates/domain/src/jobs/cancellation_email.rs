//! The email that says that an enrolment is canceled.

use super::{JobKind, Target};
use crate::User;
use crate::model::email::Message;
use crate::model::note::Reason;
use crate::model::stored::person;
use serde::{Deserialize, Serialize};

/// To whom, and what of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancellationEmail {
    /// To whom.
    #[serde(with = "person")]
    pub recipient: User,
    /// What of.
    pub course_name: String,
    /// Why, if that was said.
    pub reason: Option<Reason>,
}

impl JobKind for CancellationEmail {
    const WORD: &'static str = "cancellation_email";
    const TARGET: Target = Target::Mail;
}

impl CancellationEmail {
    /// What the email says.
    #[must_use]
    pub fn message(&self) -> Message<'_> {
        let mut sentences = vec![format!("Your enrolment in the course {} is canceled.", self.course_name)];
        sentences.extend(self.reason.as_ref().map(|reason| format!("Reason: {}", reason.as_str())));
        let subject = "Your course enrolment is canceled";
        Message { recipient: &self.recipient, subject, sentences, link: None }
    }
}
