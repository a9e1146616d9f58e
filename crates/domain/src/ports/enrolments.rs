//! The enrolments in the database.

use super::change::{Addition, Record, Transition};
use super::{Clock, Random, new_lease};
use crate::jobs::{Job, Lease};
use crate::model::asked::Author;
use crate::model::filter::{Filter, Listed, Position};
use crate::model::full::FullEnrolment;
use crate::model::idempotency::Reservation;
use crate::model::payment::ReferredPayment;
use crate::model::reference::PlatformReference;
use crate::model::refund::RecordedRefund;
use crate::{CourseId, Enrolment, EnrolmentId, Error, Kept, Unavailable};
use chrono::{DateTime, Utc};

/// Whether the answer that is stored with a change is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is the final answer.
    Final,
    /// The link of the invoice may be added before the request is answered.
    Provisional,
}

/// What a transaction writes in addition to the change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit<'a> {
    /// The lease of the jobs that follow from the change.
    pub lease: Lease,
    /// The reserved idempotency key of the request, if any. If another request has taken it over,
    /// nothing is changed. Otherwise the answer is stored.
    pub reservation: Option<&'a Reservation>,
    /// Whether that answer is complete.
    pub answer: Answer,
    /// Who asks for the change, if known.
    pub by: Option<&'a Author>,
    /// The time of the change.
    pub now: DateTime<Utc>,
    /// The course whose seats the change may take or free. No other transaction takes or frees one of them
    /// from its beginning on.
    pub course: Option<CourseId>,
}

impl<'a> Commit<'a> {
    /// A commit with a new lease.
    pub fn new(
        env: &(impl Clock + Random),
        now: DateTime<Utc>,
        (reservation, by): (Option<&'a Reservation>, Option<&'a Author>),
        answer: Answer,
    ) -> Self {
        Self { lease: new_lease(env), reservation, answer, by, now, course: None }
    }

    /// The same for a change that may take or free a seat of this course.
    #[must_use]
    pub fn of_seats(self, course: CourseId) -> Self {
        Self { course: Some(course), ..self }
    }
}

/// The enrolments in the database. Each method is one transaction. After an error, nothing is
/// changed, or it is unknown whether the commit succeeded.
pub trait Enrolments {
    /// The enrolment with this id, for display only: a replica of the database may answer, which
    /// can be some seconds behind.
    ///
    /// # Errors
    ///
    /// When the database fails; the same below.
    async fn get(&self, id: EnrolmentId) -> Result<Option<Enrolment>, Unavailable>;

    /// The same in full.
    ///
    /// # Errors
    ///
    /// As for [`Enrolments::get`].
    async fn get_full(&self, id: EnrolmentId) -> Result<Option<FullEnrolment>, Unavailable>;

    /// The enrolment with this id, as it is now.
    ///
    /// # Errors
    ///
    /// As for [`Enrolments::get`].
    async fn get_current(&self, id: EnrolmentId) -> Result<Option<Enrolment>, Unavailable>;

    /// The payment with this reference, as it is now, and its enrolment.
    ///
    /// # Errors
    ///
    /// As for [`Enrolments::get`].
    async fn payment(
        &self,
        reference: &PlatformReference,
    ) -> Result<Option<(EnrolmentId, ReferredPayment)>, Unavailable>;

    /// The refund with this reference, as it is now, and its enrolment.
    ///
    /// # Errors
    ///
    /// As for [`Enrolments::get`].
    async fn refund(&self, reference: &PlatformReference)
    -> Result<Option<(EnrolmentId, RecordedRefund)>, Unavailable>;

    /// The enrolment with this id, as it is now, and what is stored with it for later jobs.
    ///
    /// # Errors
    ///
    /// As for [`Enrolments::get`].
    async fn get_kept(&self, id: EnrolmentId) -> Result<Option<(Enrolment, Kept)>, Unavailable>;

    /// Up to `limit` active enrolments with an id above `after`, in the order of ids.
    ///
    /// # Errors
    ///
    /// As for [`Enrolments::get`].
    async fn active(&self, after: i64, limit: u32) -> Result<Vec<Enrolment>, Unavailable>;

    /// Up to `limit` enrolments that match `filter`, after this position of its order. It reads a
    /// limited number of rows, whatever the size of the table.
    ///
    /// # Errors
    ///
    /// As for [`Enrolments::get`].
    async fn list(&self, filter: &Filter, after: Position, limit: u32) -> Result<Listed, Unavailable>;

    /// The same in full.
    ///
    /// # Errors
    ///
    /// As for [`Enrolments::get`].
    async fn list_full(
        &self,
        filter: &Filter,
        after: Position,
        limit: u32,
    ) -> Result<Listed<FullEnrolment>, Unavailable>;

    /// Adds an enrolment, its event and the jobs that follow. The caller holds the jobs. The course is stored
    /// as it is seen, also after an error. Seats that it has more than before are offered to those who wait.
    ///
    /// # Errors
    ///
    /// [`Error::AlreadyEnrolled`] if the user has an enrolment in the course that is not
    /// canceled, [`Error::CanceledInTheWay`], [`Error::CourseClosed`], [`Error::CourseFull`],
    /// [`Error::UserIdNotStorable`], [`Error::NotYet`] for a seat that is held, [`Error::Unavailable`].
    async fn add(&self, addition: &Addition, commit: &Commit<'_>) -> Result<(Enrolment, Vec<Job>), Error>;

    /// Locks and reads an enrolment, and writes the result of `transition` with the jobs that
    /// follow. The caller holds the jobs. Returns the enrolment after the change; a deleted one
    /// as it was before. `transition` is called again if the transaction is repeated. A seat that the change
    /// frees is offered to the user who waits longest.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Unavailable`], the errors of `transition`; of a change that takes a seat
    /// also [`Error::AlreadyEnrolled`] and those of [`Standing::seats_for`](crate::model::seats::Standing).
    /// Then nothing is written.
    async fn change(
        &self,
        id: EnrolmentId,
        commit: &Commit<'_>,
        transition: impl Fn(&Record) -> Transition,
    ) -> Result<(Enrolment, Vec<Job>), Error>;

    /// Locks and reads up to `limit` active enrolments whose course has ended by `now`, earliest
    /// end first. Writes the result of `transition` and an event for each, by this author, and
    /// returns the enrolments. `transition` has to make the same change to all.
    ///
    /// # Errors
    ///
    /// As for [`Enrolments::get`].
    async fn complete_ended(
        &self,
        now: DateTime<Utc>,
        by: Option<&Author>,
        limit: u32,
        transition: impl Fn(Enrolment) -> Option<Enrolment>,
    ) -> Result<Vec<Enrolment>, Unavailable>;
}
