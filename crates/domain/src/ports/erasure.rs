//! Erasing a user, in the database.

use crate::jobs::{Kind, Payload};
use crate::{EnrolmentId, Unavailable, UserId};
use chrono::{DateTime, Utc};

/// The user to erase, and the id that replaces theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pseudonym<'a> {
    /// The user's id.
    pub of: &'a UserId,
    /// The new id, see [`UserId::erased`].
    pub instead: UserId,
    /// The time of the erasure.
    pub now: DateTime<Utc>,
}

/// What happens to a job that is not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErasedJob {
    /// It has no personal data and stays unchanged.
    Unchanged,
    /// It is withdrawn.
    Withdrawn,
    /// It stays, with only the data that it needs. A worker that holds it loses its lease, and the
    /// job is unknown, so that a document that the worker may have created is looked up.
    Replaced(Box<Payload>),
    /// It stays, but its payload cannot be read and is removed.
    Emptied,
}

/// A page of a user's enrolments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfUser {
    /// At most [`Erasure::AT_ONCE`]; may be empty.
    pub enrolments: Vec<EnrolmentId>,
    /// The `after` of the next page; `None` if there are no more.
    pub next: Option<i64>,
}

/// Everything that the database stores about a user. Ids are compared byte for byte.
pub trait Erasure {
    /// The maximal number of enrolments that one transaction changes.
    const AT_ONCE: usize = 20;

    /// Enrolments of the user after `after`.
    ///
    /// # Errors
    ///
    /// When the database fails; the same below.
    async fn enrolments_of(&self, user_id: &UserId, after: i64) -> Result<OfUser, Unavailable>;

    /// Enrolments after `after` with events of the user. They may be deleted.
    ///
    /// # Errors
    ///
    /// As for [`Erasure::enrolments_of`].
    async fn enrolments_with_events_of(&self, user_id: &UserId, after: i64) -> Result<OfUser, Unavailable>;

    /// Replaces the user's id in these enrolments and in their events, removes their reasons and
    /// notes, removes the idempotency keys of requests about them, and changes their jobs that
    /// are not done as `erased` says. It is one transaction, which waits for concurrent changes.
    ///
    /// # Errors
    ///
    /// As for [`Erasure::enrolments_of`]; also if a later release created a job, which this release
    /// cannot read.
    async fn replace(
        &self,
        pseudonym: &Pseudonym<'_>,
        enrolments: &[EnrolmentId],
        erased: impl Fn(Kind, Option<&Payload>) -> ErasedJob,
    ) -> Result<(), Unavailable>;

    /// Removes a limited number of idempotency keys of requests that name the user. Returns whether
    /// there may be more.
    ///
    /// # Errors
    ///
    /// As for [`Erasure::enrolments_of`].
    async fn forget_requests_of(&self, user_id: &UserId) -> Result<bool, Unavailable>;
}
