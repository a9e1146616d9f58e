//! The outbox in the database.

use crate::Unavailable;
use crate::jobs::outbox::FailedAttempt;
use crate::jobs::{Finished, Job, Kind, Lease};
use chrono::{DateTime, Utc};

/// Jobs that were claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// Longest due first.
    pub jobs: Vec<Job>,
    /// Whether more may be due: as many as could be claimed at once were.
    pub more: bool,
}

/// The outbox in the database. A method that changes a job affects nothing if
/// the job is no longer held under its lease.
pub trait Outbox {
    /// Puts up to `limit` due jobs of these kinds that nobody holds under
    /// `lease`, which is new, longest due first; never more than
    /// [`Lease::JOBS`]. A job whose last holder never said how it ended comes
    /// with its outcome unknown; one that cannot be read is dead. What a later release
    /// wrote, of a kind or in a version that is not known here, is left alone.
    ///
    /// # Errors
    ///
    /// When the database does not answer as it should; so everywhere below.
    async fn claim(
        &self,
        lease: &Lease,
        kinds: &[Kind],
        limit: u32,
        now: DateTime<Utc>,
    ) -> Result<Claimed, Unavailable>;

    /// The job is delivered: it is done, personal data leaves it, and what follows
    /// is written down. It gives the jobs that follow, under the same lease; none if
    /// the lease was lost and something was to follow.
    ///
    /// # Errors
    ///
    /// As for [`Outbox::claim`].
    async fn finish(&self, job: &Job, finished: &Finished, now: DateTime<Utc>)
    -> Result<Option<Vec<Job>>, Unavailable>;

    /// The job was not delivered this time.
    ///
    /// # Errors
    ///
    /// As for [`Outbox::claim`].
    async fn record_failure(&self, job: &Job, failed: &FailedAttempt, now: DateTime<Utc>) -> Result<(), Unavailable>;

    /// Lets go of `jobs` as if they had not been claimed: each is due since
    /// when it was.
    ///
    /// # Errors
    ///
    /// As for [`Outbox::claim`].
    async fn release(&self, jobs: &[Job]) -> Result<(), Unavailable>;
}

/// What the database keeps of the past.
pub trait Retention {
    /// Takes away a bounded part of the events and finished jobs from before `before`; no
    /// event of which the platform is still to be told, nor of what owes something.
    ///
    /// # Errors
    ///
    /// When the database does not answer as it should.
    async fn prune_before(&self, before: DateTime<Utc>) -> Result<(), Unavailable>;
}
