//! What is known of a request that may be repeated: its key, its fingerprint, and
//! what came of it.

use crate::{CourseId, Enrolment, EnrolmentId, Error, UserId};
use chrono::TimeDelta;
use std::time::Duration;

/// For how long a key stands for its first request.
pub const REMEMBERED: TimeDelta = TimeDelta::hours(24);

/// For how long a request may hold its key without an answer: longer than any
/// request takes. After that, whoever repeats it carries it out.
pub const RESERVED: Duration = Duration::from_secs(15);

/// A key that a caller made up for a request: 1 to 255 visible characters of ASCII.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The most characters a key has.
    pub const MAX_CHARS: usize = 255;

    /// Checks `text`; none if it is no key.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        (visible && (1..=Self::MAX_CHARS).contains(&text.len())).then(|| Self(text.to_owned()))
    }

    /// The key as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a key stands for: which request with which content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// To enrol a user in a course.
    #[must_use]
    pub fn to_enrol(user_id: &UserId, course_id: CourseId) -> Self {
        Self(format!("enrol {course_id} {}", user_id.as_str()))
    }

    /// To record a payment, by a caller who may have named the user.
    #[must_use]
    pub fn to_pay(id: EnrolmentId, user_id: Option<&UserId>) -> Self {
        Self(user_id.map_or_else(|| format!("pay {id}"), |user| format!("pay {id} {}", user.as_str())))
    }

    /// The whole of it as one text; two requests are the same if their texts are.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The right to carry a request out and to write down what came of it. Like a
/// lease, it fits only as long as nobody else has taken the request over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// The key.
    pub key: IdempotencyKey,
    /// Random; whoever writes names it.
    pub token: String,
}

/// What came of a request: the enrolment as it was answered, or one of the
/// errors for which [`is_final`] holds.
pub type Outcome = Result<Enrolment, Error>;

/// What a key says about a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// Nothing so far: carry it out.
    Reserved(Reservation),
    /// It was carried out.
    Answered(Box<Outcome>),
    /// It is being carried out.
    InProgress,
    /// The key stands for another request.
    KeyReused,
}

/// Whether the same request would get the same error again, so that it is kept
/// as the answer. What a caller or an outside system may put right is not.
#[must_use]
pub fn is_final(error: &Error) -> bool {
    matches!(error, Error::NotFound | Error::AlreadyEnrolled | Error::AlreadyPaid | Error::Canceled)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(id: &str) -> UserId {
        UserId::new(id).unwrap()
    }

    #[test]
    fn keys_are_visible_characters() {
        for text in ["a", "~!\"", &"k".repeat(255)] {
            assert_eq!(IdempotencyKey::new(text).unwrap().as_str(), text);
        }
        for text in ["", "a b", "ż", "a\t", "\u{7f}", &"k".repeat(256)] {
            assert_eq!(IdempotencyKey::new(text), None, "{text}");
        }
    }

    #[test]
    fn requests_differ_in_everything_that_they_say() {
        let course = |id| CourseId::new(id).unwrap();
        let enrolment = |id| EnrolmentId::new(id).unwrap();
        let texts = [
            Fingerprint::to_enrol(&user("u"), course(1)),
            Fingerprint::to_enrol(&user("v"), course(1)),
            Fingerprint::to_enrol(&user("u"), course(2)),
            Fingerprint::to_pay(enrolment(1), None),
            Fingerprint::to_pay(enrolment(2), None),
            Fingerprint::to_pay(enrolment(1), Some(&user("u"))),
        ];
        for (index, text) in texts.iter().enumerate() {
            assert_eq!(texts.iter().position(|other| other.as_str() == text.as_str()), Some(index));
        }
    }
}
