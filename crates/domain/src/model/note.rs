//! What a caller reports about an enrolment: that it is canceled, that a payment failed, or that
//! it is refunded; and who gets a mail about it.

use super::stored::{course_id, person, user_id};
use super::text::{Invalid, check, text};
use crate::{CourseId, CourseTerms, Enrolment, EnrolmentId, User, UserId};
use serde::{Deserialize, Serialize};

/// A report about an enrolment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The enrolment.
    pub enrolment_id: EnrolmentId,
    /// The user, if the caller names one. Another user's enrolment counts as not found.
    pub user_id: Option<UserId>,
    /// Why, for the customer and for documents.
    pub reason: Option<Reason>,
}

impl Note {
    /// The reason to store. It is `None` for an erased user, because it may describe them.
    #[must_use]
    pub fn reason_for(&self, enrolment: &Enrolment) -> Option<Reason> {
        self.reason.clone().filter(|_| !enrolment.user_id.is_erased())
    }
}

text! {
    /// A reason in the caller's words: 1 to [`Reason::MAX_CHARS`] characters without control
    /// characters, trimmed.
    #[derive(Serialize, Deserialize)]
    #[serde(transparent)]
    Reason
}

impl Reason {
    /// The maximal number of characters, in the column and on a correction.
    pub const MAX_CHARS: usize = 255;

    /// Checks `text`.
    ///
    /// # Errors
    ///
    /// The first rule that it breaks.
    pub fn new(text: &str) -> Result<Self, Invalid> {
        check(text, Self::MAX_CHARS, Invalid::Control, None).map(Self)
    }

    /// One from the database.
    #[must_use]
    pub fn stored(text: String) -> Self {
        Self(text)
    }
}

/// Who gets a mail about an enrolment, and the name of the course.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addressee {
    /// The recipient.
    #[serde(with = "person")]
    pub recipient: User,
    /// The name of the course.
    pub course_name: String,
}

/// The user and the course of an enrolment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// The user.
    #[serde(with = "user_id")]
    pub user_id: UserId,
    /// The course.
    #[serde(with = "course_id")]
    pub course_id: CourseId,
    /// The terms of the course, if the enrolment has them: then the course is not looked up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub course: Option<Box<CourseTerms>>,
}

impl Subject {
    /// The terms, if the enrolment has them.
    pub(crate) fn terms(&self) -> Option<&CourseTerms> {
        self.course.as_deref()
    }

    /// The version of a payload with it. The first release would look the course up.
    pub(crate) fn version(&self) -> i64 {
        if self.course.is_some() { 2 } else { 1 }
    }
}

/// Who gets a mail about an enrolment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailTo {
    /// No mail is sent: the user is erased, or the users service has no active user with the id.
    #[serde(rename = "nobody")]
    NoRecipient,
    /// This person.
    Known(Addressee),
    /// Not known yet: the users or courses service did not answer, or its answer cannot be used.
    /// A job asks again.
    NotKnownYet(Subject),
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reasons_have_limits() {
        assert_eq!(Reason::new(" moved to <May> ").unwrap().as_str(), "moved to <May>");
        assert!(Reason::new(&"ż".repeat(255)).is_ok());
        assert_eq!(Reason::new(&"ż".repeat(256)), Err(Invalid::TooLong(255)));
        for blank in ["", " \u{2003}\n"] {
            assert_eq!(Reason::new(blank), Err(Invalid::Blank));
        }
        for control in ["a\nb", "a\0b"] {
            assert_eq!(Reason::new(control), Err(Invalid::Control));
        }
    }

    proptest! {
        #[test]
        fn an_accepted_reason_follows_the_rules_and_no_text_panics(text: String, blanks in "[ \\t\u{2003}]{0,3}") {
            let reason = Reason::new(&format!("{blanks}{text}{blanks}"));
            prop_assert_eq!(&reason, &Reason::new(&text));
            if let Ok(reason) = reason {
                let kept = reason.as_str();
                prop_assert!(!kept.is_empty() && kept.trim() == kept && !kept.contains(char::is_control));
                prop_assert!(kept.chars().count() <= Reason::MAX_CHARS);
                prop_assert_eq!(Reason::new(kept), Ok(Reason::stored(kept.to_owned())));
            }
        }
    }
}
