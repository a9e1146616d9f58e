//! An enrolment and the types of its fields.

use crate::model::metadata::Metadata;
use crate::model::reference::PlatformReference;
use crate::model::text::text;
use crate::{Course, CourseTerms, User};
use chrono::{DateTime, Utc};
use std::fmt;

/// Defines a newtype for an id that the database keeps as a signed 32-bit integer.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(i32);

        impl $name {
            /// The id, if it is from 1 to 2,147,483,647.
            #[must_use]
            pub fn new(value: i64) -> Option<Self> {
                i32::try_from(value).ok().filter(|id| *id >= 1).map(Self)
            }

            /// The number, from 1 to 2,147,483,647.
            #[must_use]
            pub fn get(self) -> i64 {
                i64::from(self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id! {
    /// The id of an enrolment. The database assigns it and never reuses it.
    EnrolmentId
}

id! {
    /// The id of a course in the courses service.
    CourseId
}

text! {
    /// A user's id in the users service: 1 to 64 characters, not only whitespace, no control
    /// characters. Ids are compared byte for byte.
    UserId
}

/// Why a text is not a [`UserId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUserId {
    /// Empty, or only whitespace.
    #[error("must not be blank")]
    Blank,
    /// More than [`UserId::MAX_CHARS`] characters.
    #[error("must have at most 64 characters")]
    TooLong,
    /// A control character, such as NUL.
    #[error("must not contain control characters")]
    Control,
}

impl UserId {
    /// The maximal number of characters.
    pub const MAX_CHARS: usize = 64;
    /// The prefix of an erased user's id.
    pub const ERASED: &'static str = "erased-";

    /// Checks `text` and keeps it unchanged.
    ///
    /// # Errors
    ///
    /// The first rule that `text` breaks.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidUserId> {
        let text = text.into();
        if text.chars().any(char::is_control) {
            Err(InvalidUserId::Control)
        } else if text.trim().is_empty() {
            Err(InvalidUserId::Blank)
        } else if text.chars().count() > Self::MAX_CHARS {
            Err(InvalidUserId::TooLong)
        } else {
            Ok(Self(text))
        }
    }

    /// An id from the database. It is not checked again, and ids that the Flask service wrote
    /// are used unchanged.
    #[must_use]
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// An id that replaces that of an erased user: [`UserId::ERASED`] and 32 random hexadecimal
    /// digits.
    #[must_use]
    pub fn erased(random: u64, more: u64) -> Self {
        Self(format!("{}{random:016x}{more:016x}", Self::ERASED))
    }

    /// Whether the user is erased.
    #[must_use]
    pub fn is_erased(&self) -> bool {
        let digits = self.0.strip_prefix(Self::ERASED);
        digits.is_some_and(|digits| digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
    }
}

/// The state of an enrolment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// The user takes part.
    Active,
    /// The enrolment is canceled and cannot be paid.
    Canceled,
    /// The course has ended.
    Completed,
}

impl Status {
    /// All states.
    pub const ALL: [Self; 3] = [Self::Active, Self::Canceled, Self::Completed];

    /// The word in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Canceled => "canceled",
            Self::Completed => "completed",
        }
    }
}

/// The state of the payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentStatus {
    /// Not paid yet.
    Pending,
    /// Paid. This state is final.
    Paid,
    /// An attempt failed; it can still be paid.
    Failed,
}

impl PaymentStatus {
    /// All states.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Paid, Self::Failed];

    /// The word in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Paid => "paid",
            Self::Failed => "failed",
        }
    }
}

/// One user in one course.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolment {
    /// Its id.
    pub id: EnrolmentId,
    /// The user.
    pub user_id: UserId,
    /// The course.
    pub course_id: CourseId,
    /// Its state.
    pub status: Status,
    /// The state of the payment.
    pub payment_status: PaymentStatus,
    /// The page of the invoice, once it is issued.
    pub invoice_url: Option<String>,
}

/// A request to enrol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEnrolment {
    /// The user.
    pub user_id: UserId,
    /// The course.
    pub course_id: CourseId,
    /// The record of the user, if the request has it: then it is not looked up.
    pub user: Option<User>,
    /// The record of the course, if the request has it: then it is not looked up. All its fields
    /// can be used.
    pub course: Option<Course>,
    /// The platform's own number of the order. Several enrolments can have the same.
    pub reference: Option<PlatformReference>,
    /// The platform's texts.
    pub metadata: Metadata,
    /// Until when the seat is held without a payment; `None` means as the variable says.
    pub pay_until: Option<DateTime<Utc>>,
}

/// What is stored with an enrolment for later jobs, and is in no answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// The user, if the request to enrol had them.
    pub user: Option<User>,
    /// The terms of the course; `None` if a release without them enrolled the user.
    pub terms: Option<CourseTerms>,
    /// Until when the seat is held without a payment; `None` means without an end.
    pub pay_until: Option<DateTime<Utc>>,
    /// Whether it was canceled because it was not paid by then.
    pub lapsed: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_positive_and_fit_the_column() {
        assert_eq!(EnrolmentId::new(0), None);
        assert_eq!(EnrolmentId::new(-1), None);
        assert_eq!(EnrolmentId::new(1).unwrap().get(), 1);
        assert_eq!(EnrolmentId::new(2_147_483_647).unwrap().to_string(), "2147483647");
        assert_eq!(EnrolmentId::new(2_147_483_648), None);
    }

    /// The gateway knows only these words.
    #[test]
    fn words_for_states() {
        assert_eq!(Status::ALL.map(Status::as_str), ["active", "canceled", "completed"]);
        assert_eq!(PaymentStatus::ALL.map(PaymentStatus::as_str), ["pending", "paid", "failed"]);
    }

    #[test]
    fn user_ids_are_kept_unchanged() {
        for id in ["63a1f1234abc5678def12345", "żółw🐢", "alice ", " a", &"ż".repeat(64)] {
            assert_eq!(UserId::new(id).unwrap().as_str(), id);
        }
    }

    #[test]
    fn invalid_user_ids_are_refused() {
        assert_eq!(UserId::new(""), Err(InvalidUserId::Blank));
        assert_eq!(UserId::new(" \u{2003} "), Err(InvalidUserId::Blank));
        assert_eq!(UserId::new("ż".repeat(65)), Err(InvalidUserId::TooLong));
        assert_eq!(UserId::new("a\0"), Err(InvalidUserId::Control));
        assert_eq!(UserId::new("a\u{7f}"), Err(InvalidUserId::Control));
    }

    #[test]
    fn an_erased_users_id_is_random() {
        let id = UserId::erased(1, u64::MAX);
        assert_eq!(id.as_str(), "erased-0000000000000001ffffffffffffffff");
        assert!(id.is_erased() && UserId::new(id.as_str()).is_ok());
        for other in
            ["erased-", "erased-1", "0000000000000001ffffffffffffffff", "erased-g000000000000001ffffffffffffffff"]
        {
            assert!(!UserId::stored(other.to_owned()).is_erased(), "{other}");
        }
    }
}
