//! What was settled by hand, in the database.

use crate::jobs::outbox::{JobSummary, State};
use crate::jobs::{Finished, Job, JobId, Kind, Lease, Payload};
use crate::model::invoice::Document;
use crate::model::resolution::{Author, Resolution, Resolved};
use crate::{EnrolmentId, Money, Unavailable, UserId};
use chrono::{DateTime, Utc};

/// Why a delivery is not settled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettleError {
    /// There is no such job.
    #[error("no such delivery")]
    NotFound,
    /// It is done: delivered, or settled before.
    #[error("already settled")]
    AlreadySettled,
    /// A worker is at it.
    #[error("being delivered")]
    BeingDelivered,
    /// A later release owes it, and alone knows what that means.
    #[error("of a later release")]
    OfLaterRelease,
    /// It is no document that is owed, but this says something of one: the fields.
    #[error("not a document")]
    NoDocument(Vec<&'static str>),
    /// The database did not do its part; nothing was changed.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// A job that a person wants to settle, as it is under its lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsettled {
    /// None for one of a later release.
    pub kind: Option<Kind>,
    /// None if it cannot be read.
    pub payload: Option<Payload>,
    /// Where it is in its life.
    pub state: State,
    /// Until when a worker holds it, if one does.
    pub held_until: Option<DateTime<Utc>>,
    /// The invoice of the enrolment, as far as it is known.
    pub invoice: Option<Document>,
    /// What was paid, as far as that is known.
    pub paid: Option<Money>,
    /// Whose the enrolment is, as far as that is known.
    pub user_id: Option<UserId>,
}

impl Unsettled {
    /// What is kept of a person's words: nothing where the user is erased, of whom they may
    /// tell.
    #[must_use]
    pub fn kept_note<'a>(&self, resolution: &'a Resolution) -> &'a str {
        let erased = self.user_id.as_ref().is_some_and(UserId::is_erased);
        if erased { "" } else { resolution.note.as_str() }
    }
}

/// A person's word, and what is written with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement<'a> {
    /// What was done.
    pub resolution: &'a Resolution,
    /// By whom, if that is known.
    pub settled_by: Option<&'a Author>,
    /// Who holds the jobs that follow.
    pub lease: Lease,
    /// When.
    pub now: DateTime<Utc>,
}

/// What people settled; it is added to and never changed.
pub trait Resolutions {
    /// Reads a job under its lock, finishes it with what `judge` makes of it, and writes
    /// down by what it was settled, in one transaction. It gives the job as it is then,
    /// and those that follow, under the settlement's lease.
    ///
    /// # Errors
    ///
    /// [`SettleError::NotFound`], those of `judge`, with nothing written, and
    /// [`SettleError::Unavailable`].
    async fn settle(
        &self,
        id: JobId,
        settlement: &Settlement<'_>,
        judge: impl Fn(&Unsettled) -> Result<Finished, SettleError>,
    ) -> Result<(JobSummary, Vec<Job>), SettleError>;

    /// The newest 1,000 of an enrolment, oldest first.
    ///
    /// # Errors
    ///
    /// When the database does not answer as it should.
    async fn resolutions(&self, id: EnrolmentId) -> Result<Vec<Resolved>, Unavailable>;
}
