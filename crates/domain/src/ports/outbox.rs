//! The outbox in the database.

use crate::Unavailable;
use crate::jobs::outbox::FailedAttempt;
use crate::jobs::{Finished, Job, Kind, Lease};
use chrono::{DateTime, Utc};

/// The result of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// The jobs, longest due first.
    pub jobs: Vec<Job>,
    /// Whether more jobs may be due, because the claim reached its limit.
    pub more: bool,
}

/// The outbox in the database. A method that changes a job has no effect if the job is not under
/// its lease any longer.
pub trait Outbox {
    /// Takes up to `limit` due jobs of these kinds without a valid lease, longest due first, and
    /// at most [`Lease::JOBS`]. `lease` has to be new. A job whose last worker did not report a
    /// result is unknown. A job that cannot be read is dead. Jobs of a later release, with an
    /// unknown kind or version, are not taken.
    ///
    /// # Errors
    ///
    /// When the database fails; the same below.
    async fn claim(
        &self,
        lease: &Lease,
        kinds: &[Kind],
        limit: u32,
        now: DateTime<Utc>,
    ) -> Result<Claimed, Unavailable>;

    /// Stores that the job is done, removes its personal data, and writes its result. Returns the
    /// jobs that follow, under the same lease; `None` if the lease was lost and something was to
    /// be written.
    ///
    /// # Errors
    ///
    /// As for [`Outbox::claim`].
    async fn finish(&self, job: &Job, finished: &Finished, now: DateTime<Utc>)
    -> Result<Option<Vec<Job>>, Unavailable>;

    /// Stores a failed attempt.
    ///
    /// # Errors
    ///
    /// As for [`Outbox::claim`].
    async fn record_failure(&self, job: &Job, failed: &FailedAttempt, now: DateTime<Utc>) -> Result<(), Unavailable>;

    /// Gives `jobs` back, as if they had not been claimed.
    ///
    /// # Errors
    ///
    /// As for [`Outbox::claim`].
    async fn release(&self, jobs: &[Job]) -> Result<(), Unavailable>;
}

/// Pruning of old data in the database.
pub trait Retention {
    /// Prunes a limited number of events and finished jobs that are older than `before`. An event
    /// whose webhook is not delivered, or whose enrolment has a job that is not done, stays.
    ///
    /// # Errors
    ///
    /// When the database fails.
    async fn prune_before(&self, before: DateTime<Utc>) -> Result<(), Unavailable>;
}
