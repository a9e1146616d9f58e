//! What was settled by hand, in the database.

use crate::jobs::outbox::JobSummary;
use crate::jobs::{Finished, Job, JobId};
use crate::usecases::settle::{Resolved, SettleError, Settlement, Unsettled};
use crate::{EnrolmentId, Unavailable};

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
