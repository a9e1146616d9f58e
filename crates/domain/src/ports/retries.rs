//! Retrying a job, in the database.

use crate::Unavailable;
use crate::jobs::outbox::{JobSummary, Requeued, State};
use crate::jobs::{JobId, Kind};

/// A job that an operator wants to retry, as it is under its lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parked {
    /// None for one of a later release.
    pub kind: Option<Kind>,
    /// Where it is in its life.
    pub state: State,
    /// Whether a worker took it and has not said how that ended.
    pub taken: bool,
    /// Whether the lease of that worker lasts.
    pub held: bool,
}

/// What is to be written of a job that an operator retries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Nothing: it is delivered.
    Done,
    /// Nothing: a worker delivers it at this moment.
    Held,
    /// Nothing: it is due, and the next worker finds out what the last one did.
    AsItIs,
    /// It is due now, with all its attempts before it.
    Due {
        /// Whether it stays unknown if it is, so that it is looked up before it is delivered.
        keeps_doubt: bool,
    },
}

/// The jobs that operators retry.
pub trait Retries {
    /// Reads a job under its lock and writes what `judge` makes of it, in one transaction.
    ///
    /// # Errors
    ///
    /// When the database does not answer as it should.
    async fn retry(&self, id: JobId, judge: impl Fn(&Parked) -> Retry) -> Result<Requeued, Unavailable>;
}

/// What came of it, by what was written.
impl Retry {
    /// With the job as it is then.
    #[must_use]
    pub fn requeued(self, job: JobSummary) -> Requeued {
        match self {
            Self::Done => Requeued::Done,
            Self::Held => Requeued::Held,
            Self::AsItIs | Self::Due { .. } => Requeued::Due(job),
        }
    }
}
