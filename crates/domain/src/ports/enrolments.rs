//! The enrolments in the database.

use super::change::{Addition, Record, Transition};
use super::{Clock, Random, new_lease};
use crate::jobs::{Job, Lease};
use crate::model::filter::{Filter, Listed};
use crate::model::idempotency::Reservation;
use crate::{Enrolment, EnrolmentId, Error, Unavailable};
use chrono::{DateTime, Utc};

/// Whether the answer that is kept for a request is whole when its change is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is what the request is answered with, for good.
    Final,
    /// Until the request is concluded it may get an invoice's link.
    Provisional,
}

/// What belongs to one commit besides the change itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit<'a> {
    /// Who holds the jobs that follow from the change.
    pub lease: Lease,
    /// Under which key the request came, if under any. If it was taken over,
    /// nothing is changed; else the answer is written down.
    pub reservation: Option<&'a Reservation>,
    /// Whether that answer is whole.
    pub answer: Answer,
    /// The time of the change.
    pub now: DateTime<Utc>,
}

impl<'a> Commit<'a> {
    /// Under a new lease.
    pub fn new(
        env: &(impl Clock + Random),
        now: DateTime<Utc>,
        reservation: Option<&'a Reservation>,
        answer: Answer,
    ) -> Self {
        Self { lease: new_lease(env), reservation, answer, now }
    }
}

/// The enrolments in the database. Every method is one transaction; on an
/// error nothing was changed, or it is not known whether the commit arrived.
pub trait Enrolments {
    /// The enrolment with this number, to be shown. A replica of the database may answer,
    /// which is some seconds behind: nothing is decided by it.
    ///
    /// # Errors
    ///
    /// When the database does not answer as it should; so everywhere below.
    async fn get(&self, id: EnrolmentId) -> Result<Option<Enrolment>, Unavailable>;

    /// The enrolment with this number as it is now.
    ///
    /// # Errors
    ///
    /// As for [`Enrolments::get`].
    async fn get_current(&self, id: EnrolmentId) -> Result<Option<Enrolment>, Unavailable>;

    /// Up to `limit` active enrolments with a number above `after`, by number.
    ///
    /// # Errors
    ///
    /// As for [`Enrolments::get`].
    async fn active(&self, after: i64, limit: u32) -> Result<Vec<Enrolment>, Unavailable>;

    /// Up to `limit` enrolments that `filter` lets through with a number above `after`,
    /// by number. However many there are, it reads a bounded number of rows.
    ///
    /// # Errors
    ///
    /// As for [`Enrolments::get`].
    async fn list(&self, filter: &Filter, after: i64, limit: u32) -> Result<Listed, Unavailable>;

    /// Adds an enrolment, its event and the jobs that follow, which the caller holds.
    ///
    /// # Errors
    ///
    /// [`Error::AlreadyEnrolled`] where the user has one in the course that is not
    /// canceled, [`Error::CanceledInTheWay`], [`Error::CourseFull`],
    /// [`Error::UserIdNotStorable`], [`Error::Unavailable`].
    async fn add(&self, addition: &Addition, commit: &Commit<'_>) -> Result<(Enrolment, Vec<Job>), Error>;

    /// Reads an enrolment under its lock and writes what `transition` makes of it,
    /// with the jobs that follow, which the caller holds. It gives the enrolment as
    /// it is then; of one that was deleted, as it was. `transition` is asked again
    /// where the transaction has to be tried again.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], those of `transition`, with nothing written, and
    /// [`Error::Unavailable`].
    async fn change(
        &self,
        id: EnrolmentId,
        commit: &Commit<'_>,
        transition: impl Fn(&Record) -> Transition,
    ) -> Result<(Enrolment, Vec<Job>), Error>;

    /// Reads up to `limit` active enrolments whose course has ended by `now` under
    /// their locks, earliest end first, writes what `transition` makes of them,
    /// which is the same for all, with an event for each, and gives that.
    ///
    /// # Errors
    ///
    /// As for [`Enrolments::get`].
    async fn complete_ended(
        &self,
        now: DateTime<Utc>,
        limit: u32,
        transition: impl Fn(Enrolment) -> Option<Enrolment>,
    ) -> Result<Vec<Enrolment>, Unavailable>;
}
