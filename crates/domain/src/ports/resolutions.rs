//! Resolving a job, in the database.

use crate::jobs::outbox::{JobSummary, State};
use crate::jobs::{Finished, Job, JobId, Kind, Lease, Payload};
use crate::model::asked::Author;
use crate::model::chain::ChainNo;
use crate::model::invoice::Document;
use crate::model::resolution::{Resolution, StoredResolution};
use crate::{EnrolmentId, Money, Unavailable, UserId};
use chrono::{DateTime, Utc};

/// Why a job cannot be resolved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// The job does not exist.
    #[error("no such delivery")]
    NotFound,
    /// The job is done: delivered, or resolved before.
    #[error("already resolved")]
    AlreadyResolved,
    /// A worker is delivering the job.
    #[error("being delivered")]
    BeingDelivered,
    /// A later release created the job, and only that release can resolve it.
    #[error("of a later release")]
    OfLaterRelease,
    /// The job is not about a document, but the resolution has these fields of one.
    #[error("not a document")]
    NoDocument(Vec<&'static str>),
    /// The database failed. Nothing was changed.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// A job that a person wants to resolve, read under its lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobToResolve {
    /// Its kind; `None` if a later release created it.
    pub kind: Option<Kind>,
    /// Its payload; `None` if it cannot be read.
    pub payload: Option<Payload>,
    /// Its place in the chain of the enrolment's documents.
    pub chain_no: ChainNo,
    /// Its state.
    pub state: State,
    /// The end of a worker's lease, if any.
    pub held_until: Option<DateTime<Utc>>,
    /// The newest invoice of the enrolment before that place, if known.
    pub invoice: Option<Document>,
    /// The paid amount, if known.
    pub paid: Option<Money>,
    /// The user of the enrolment, if known.
    pub user_id: Option<UserId>,
}

impl JobToResolve {
    /// The note to store. It is empty if the user is erased, because it may describe them.
    #[must_use]
    pub fn kept_note<'a>(&self, resolution: &'a Resolution) -> &'a str {
        let erased = self.user_id.as_ref().is_some_and(UserId::is_erased);
        if erased { "" } else { resolution.note.as_str() }
    }
}

/// A resolution to store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewResolution<'a> {
    /// What the person did.
    pub resolution: &'a Resolution,
    /// Who resolves it, if known.
    pub settled_by: Option<&'a Author>,
    /// The lease of the jobs that follow.
    pub lease: Lease,
    /// The time of the resolution.
    pub now: DateTime<Utc>,
}

/// The resolutions in the database. They are never changed.
pub trait Resolutions {
    /// Locks and reads a job, finishes it with the result of `decide`, and stores the resolution,
    /// in one transaction. Returns the job after that, and the jobs that follow, under the lease
    /// of `new`.
    ///
    /// # Errors
    ///
    /// [`ResolveError::NotFound`], [`ResolveError::Unavailable`], and the errors of `decide`; then
    /// nothing is written.
    async fn resolve(
        &self,
        id: JobId,
        new: &NewResolution<'_>,
        decide: impl Fn(&JobToResolve) -> Result<Finished, ResolveError>,
    ) -> Result<(JobSummary, Vec<Job>), ResolveError>;

    /// The newest 1,000 resolutions of an enrolment, oldest first.
    ///
    /// # Errors
    ///
    /// When the database fails.
    async fn resolutions(&self, id: EnrolmentId) -> Result<Vec<StoredResolution>, Unavailable>;
}
