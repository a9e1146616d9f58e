//! Erasing a user, in the database.

use crate::jobs::{Kind, Payload};
use crate::{EnrolmentId, Unavailable, UserId};
use chrono::{DateTime, Utc};

/// Who is erased, and what stands for that user from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pseudonym<'a> {
    /// The user's own id.
    pub of: &'a UserId,
    /// A random one, 32 hexadecimal digits.
    pub instead: UserId,
    /// When.
    pub now: DateTime<Utc>,
}

/// What becomes of a job that is not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remains {
    /// It says nothing of anybody.
    Same,
    /// It is not owed any more.
    Ended,
    /// It is owed all the same, with no more than it needs. A worker that holds it has
    /// lost it: what that one may have had issued is looked up.
    Kept(Box<Payload>),
    /// It is owed, but nobody can read it; what it says is taken away.
    Emptied,
}

/// Enrolments of a user, a bounded number of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfUser {
    /// At most [`Erasure::AT_ONCE`], maybe none.
    pub enrolments: Vec<EnrolmentId>,
    /// Where to go on, if there may be more.
    pub next: Option<i64>,
}

/// All that is kept of a user. Ids are compared byte for byte.
pub trait Erasure {
    /// The most enrolments that are changed in one transaction.
    const AT_ONCE: usize = 20;

    /// Enrolments of the user behind `after`.
    ///
    /// # Errors
    ///
    /// When the database does not answer as it should; so everywhere below.
    async fn enrolments_of(&self, user_id: &UserId, after: i64) -> Result<OfUser, Unavailable>;

    /// Enrolments with events of the user behind `after`, which may be deleted.
    ///
    /// # Errors
    ///
    /// As for [`Erasure::enrolments_of`].
    async fn enrolments_with_events_of(&self, user_id: &UserId, after: i64) -> Result<OfUser, Unavailable>;

    /// Puts the pseudonym in the user's place in these enrolments and in their events,
    /// takes their reasons and notes away, forgets the requests about them, and leaves of
    /// their jobs that are not done what `remains` says. All of it in one transaction,
    /// which waits for whoever changes one of them.
    ///
    /// # Errors
    ///
    /// As for [`Erasure::enrolments_of`]; also where a later release owes something, which
    /// cannot be read here.
    async fn replace(
        &self,
        pseudonym: &Pseudonym<'_>,
        enrolments: &[EnrolmentId],
        remains: impl Fn(Kind, Option<&Payload>) -> Remains,
    ) -> Result<(), Unavailable>;

    /// Forgets a bounded number of requests that name the user; whether there may be more.
    ///
    /// # Errors
    ///
    /// As for [`Erasure::enrolments_of`].
    async fn forget_requests_of(&self, user_id: &UserId) -> Result<bool, Unavailable>;
}
