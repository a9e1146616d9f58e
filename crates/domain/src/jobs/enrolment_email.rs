//! The email that confirms an enrolment.

use super::{JobKind, Target};
use crate::User;
use crate::model::email::Message;
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
}

impl EnrolmentEmail {
    /// The content of the email.
    #[must_use]
    pub fn message(&self) -> Message<'_> {
        Message {
            recipient: &self.recipient,
            subject: "Course enrolment confirmation",
            sentences: vec![
                format!("Thank you for enrolling in the course {}!", self.course_name),
                "Your enrolment has been recorded.".to_owned(),
            ],
            link: None,
        }
    }
}
