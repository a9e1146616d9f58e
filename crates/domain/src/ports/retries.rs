//! Retrying a job, in the database.

use crate::Unavailable;
use crate::jobs::outbox::{DeadJobs, JobSummary, RetryResult, State};
use crate::jobs::{JobId, Kind};

/// A job that an operator wants to retry, read under its lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobToRetry {
    /// Its kind; `None` if a later release created it.
    pub kind: Option<Kind>,
    /// Its state.
    pub state: State,
    /// Whether a worker took it and has not reported a result.
    pub taken: bool,
    /// Whether the lease of that worker is still valid.
    pub held: bool,
}

/// What a retry writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Nothing: the job is done.
    Done,
    /// Nothing: a worker is delivering it.
    Held,
    /// Nothing: it is due already, and the next worker takes it over from the last one.
    Unchanged,
    /// It is due now, and its attempts are counted from 0.
    Due {
        /// Whether an unknown job stays unknown, so that it is looked up before it is delivered.
        stays_unknown: bool,
    },
}

/// The jobs that operators retry.
pub trait Retries {
    /// Locks and reads a job, and writes the result of `decide`, in one transaction.
    ///
    /// # Errors
    ///
    /// When the database fails.
    async fn retry(&self, id: JobId, decide: impl Fn(&JobToRetry) -> Retry) -> Result<RetryResult, Unavailable>;

    /// Makes dead jobs due, 1,000 in a transaction, and returns how many. Their attempts are counted from 0.
    /// With `stay_unknown` those stay unknown that were delivered perhaps.
    ///
    /// # Errors
    ///
    /// When the database fails. Those of earlier transactions stay due.
    async fn retry_dead(&self, jobs: &DeadJobs, stay_unknown: bool) -> Result<u64, Unavailable>;
}

impl Retry {
    /// The result of the retry; `job` is the job after it.
    #[must_use]
    pub fn result(self, job: JobSummary) -> RetryResult {
        match self {
            Self::Done => RetryResult::Done,
            Self::Held => RetryResult::Held,
            Self::Unchanged | Self::Due { .. } => RetryResult::Due(job),
        }
    }
}
