//! What the use cases need from outside.
//!
//! Every port is a small trait. No future has to be `Send`: a component runs
//! one request on one thread.
#![allow(async_fn_in_trait)]

mod bundle;
pub mod change;
mod erasure;
mod resolutions;

pub use bundle::{Database, Environment, Ports};
pub use erasure::{Erasure, OfUser};
pub use resolutions::Resolutions;

use crate::jobs::outbox::{FailedAttempt, Failure, State};
use crate::jobs::{Finished, Job, Kind, KsefNumber, Lease, Target};
use crate::model::email::Email;
use crate::model::enrolment::{CourseId, Enrolment, EnrolmentId, UserId};
use crate::model::event::{Event, Feed};
use crate::model::idempotency::{Begun, Fingerprint, IdempotencyKey, Outcome, Reservation};
use crate::model::invoice::{Created, Document, Found, InvoiceState, Order};
use crate::model::ksef::{Ksef, Look};
use crate::model::pace::Pace;
use crate::model::terms::{Account, Terms};
use crate::ports::change::{Addition, Record, Transition};
use crate::usecases::find::{Filter, Listed};
use crate::{Course, Error, LookUpError, Unavailable, User};
use chrono::{DateTime, TimeDelta, Utc};
use std::time::Duration;

/// The users service.
pub trait Users {
    /// Looks a user up; none if the service knows no such active user.
    ///
    /// # Errors
    ///
    /// When the service gives no answer within its deadline, or none that can be
    /// used.
    async fn user(&self, id: &UserId) -> Result<Option<User>, LookUpError>;
}

/// The courses service.
pub trait Courses {
    /// Looks a course up; none if the service knows no such course.
    ///
    /// # Errors
    ///
    /// When the service gives no answer within its deadline, or none that can be
    /// used.
    async fn course(&self, id: CourseId) -> Result<Option<Course>, LookUpError>;
}

/// The invoicing service.
pub trait Invoices {
    /// The account that is asked.
    fn account(&self) -> &Account;

    /// What is agreed with a payment that is recorded now.
    ///
    /// # Errors
    ///
    /// When a setting for it cannot be used.
    fn terms(&self) -> Result<Terms, Unavailable>;

    /// Has a document issued.
    ///
    /// # Errors
    ///
    /// [`Failure::Unknown`] whenever it may have been issued all the same.
    async fn create(&self, order: &Order<'_>) -> Result<Created, Failure>;

    /// What there is under a document's number, and of a correction besides what else
    /// corrects the same invoice; none means that it was not issued.
    ///
    /// # Errors
    ///
    /// Whenever the answer proves nothing.
    async fn find(&self, order: &Order<'_>) -> Result<Vec<Found>, Failure>;

    /// How far a document is on its way to KSeF.
    ///
    /// # Errors
    ///
    /// Whenever the answer proves nothing.
    async fn look_at_ksef(&self, vendor_id: i64) -> Result<Look, Failure>;

    /// Sends a document to KSeF once more.
    ///
    /// # Errors
    ///
    /// When it is not known to be sent; it may be all the same.
    async fn send_to_ksef(&self, vendor_id: i64) -> Result<Look, Failure>;

    /// A caller waits: from now on all exchanges together take no longer than `budget`.
    fn limit_to(&self, budget: Duration);
}

/// What a relay makes of a mail that comes again under its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeats {
    /// For so long after the first time it recognises the mail and does not
    /// send it again.
    Recognised(TimeDelta),
    /// It sends the mail again.
    Sent,
}

/// The mail relay.
pub trait Mail {
    /// What the relay makes of a mail that comes again.
    fn repeats(&self) -> Repeats;

    /// Sends a mail.
    ///
    /// # Errors
    ///
    /// [`Failure::Unknown`] whenever it may have been sent all the same.
    async fn send(&self, email: &Email) -> Result<(), Failure>;

    /// Whether the relay answers at all, found out without sending anything. One that
    /// recognises mails need not be asked.
    ///
    /// # Errors
    ///
    /// [`Failure::Down`] where it does not.
    async fn look(&self) -> Result<(), Failure>;
}

/// The platform's receiver of events.
pub trait Webhooks {
    /// Whether there is one.
    fn is_set(&self) -> bool;

    /// Posts an event, under the same id at every repeat.
    ///
    /// # Errors
    ///
    /// Unless the receiver took it; never [`Failure::Unknown`], for it may be told twice.
    /// [`Failure::Refused`] with [`ReasonCode::ReceiverGone`](crate::model::reason::ReasonCode) if it wants no more.
    async fn post(&self, event: &Event) -> Result<(), Failure>;
}

/// The time. Always UTC.
pub trait Clock {
    /// The present.
    fn now(&self) -> DateTime<Utc>;
}

/// Waiting.
pub trait Timer {
    /// Waits for so long, while other work goes on.
    async fn sleep(&self, duration: Duration);
}

/// Where operators are told of a failure that nothing else shows.
pub trait Journal {
    /// `what` failed, and the work goes on.
    fn note(&self, what: &str, error: &Unavailable);
}

/// Randomness that nobody can guess.
pub trait Random {
    /// 64 random bits.
    fn random(&self) -> u64;
}

/// A lease from now on, under a new random token.
pub fn new_lease(env: &(impl Clock + Random)) -> Lease {
    Lease { token: format!("{:016x}{:016x}", env.random(), env.random()), until: env.now() + Lease::LENGTH }
}

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

/// What happened, in the database: each change writes its event in its own transaction.
pub trait Events {
    /// Up to `limit` events with a number above `after`, or above [`Feed::removed`], by
    /// number. What is committed by now and has no number yet gets one first. What is taken
    /// away while this reads counts as removed.
    ///
    /// # Errors
    ///
    /// When the database does not answer as it should; so everywhere below.
    async fn feed(&self, after: Option<i64>, limit: u32) -> Result<Feed, Unavailable>;

    /// The newest 1,000 events of an enrolment, oldest first.
    ///
    /// # Errors
    ///
    /// As for [`Events::feed`].
    async fn history(&self, id: EnrolmentId) -> Result<Vec<Event>, Unavailable>;
}

/// The events that the platform is to be told of, in the database.
pub trait EventQueue {
    /// Owes the platform what happened since this was last asked, a job for each event
    /// and at most 10,000 of them; if nobody is `listening`, that is forgotten instead.
    ///
    /// # Errors
    ///
    /// When the database does not answer as it should; so everywhere below.
    async fn owe_events(&self, listening: bool, now: DateTime<Utc>) -> Result<(), Unavailable>;

    /// Whether the receiver said that it is gone; then nothing may be sent.
    ///
    /// # Errors
    ///
    /// As for [`EventQueue::owe_events`].
    async fn is_receiver_gone(&self) -> Result<bool, Unavailable>;

    /// The event with this number.
    ///
    /// # Errors
    ///
    /// As for [`EventQueue::owe_events`].
    async fn event(&self, id: i64) -> Result<Option<Event>, Unavailable>;

    /// The state of the job for an event of the enrolment with a lower number, of which
    /// the platform is still to be told; dead if one of them is.
    ///
    /// # Errors
    ///
    /// As for [`EventQueue::owe_events`].
    async fn earlier_owed(&self, id: EnrolmentId, event_id: i64) -> Result<Option<State>, Unavailable>;

    /// Makes the events of the enrolment due that wait for one that is delivered now.
    ///
    /// # Errors
    ///
    /// As for [`EventQueue::owe_events`].
    async fn end_waits(&self, id: EnrolmentId, now: DateTime<Utc>) -> Result<(), Unavailable>;
}

/// The documents in the database.
pub trait Documents {
    /// Those of an enrolment, oldest first.
    ///
    /// # Errors
    ///
    /// When the database does not answer as it should; so everywhere below.
    async fn documents(&self, id: EnrolmentId) -> Result<Vec<Document>, Unavailable>;

    /// What is known of an enrolment's invoice, for its correction.
    ///
    /// # Errors
    ///
    /// As for [`Documents::documents`].
    async fn invoice_state(&self, id: EnrolmentId) -> Result<InvoiceState, Unavailable>;

    /// Notes how far a document is on its way to KSeF.
    ///
    /// # Errors
    ///
    /// As for [`Documents::documents`].
    async fn set_ksef(&self, id: EnrolmentId, number: &KsefNumber, ksef: &Ksef) -> Result<(), Unavailable>;
}

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

/// The paces of the systems, in the database. Documents and KSeF have one in common.
pub trait Paces {
    /// What is known of a system's pace, and the time by the database's clock, which is
    /// `now` where the database has none of its own.
    ///
    /// # Errors
    ///
    /// When the database does not answer as it should; so everywhere below.
    async fn pace(&self, system: Target, now: DateTime<Utc>) -> Result<(Pace, DateTime<Utc>), Unavailable>;

    /// Changes it under a lock: `change` gets it with that time, and is asked again where
    /// the transaction has to be tried again.
    ///
    /// # Errors
    ///
    /// As for [`Paces::pace`].
    async fn change_pace<T>(
        &self,
        system: Target,
        now: DateTime<Utc>,
        change: impl Fn(&mut Pace, DateTime<Utc>) -> T,
    ) -> Result<T, Unavailable>;
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

/// The idempotency keys in the database.
pub trait IdempotencyKeys {
    /// Reserves `key` under `token`, which is new, or says why not.
    ///
    /// # Errors
    ///
    /// When the database does not answer as it should; so everywhere below.
    async fn begin(
        &self,
        key: &IdempotencyKey,
        fingerprint: &Fingerprint,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<Begun, Unavailable>;

    /// Writes down what came of the request for good; false if the reservation
    /// was lost, and then what stands is what was written before.
    ///
    /// # Errors
    ///
    /// As for [`IdempotencyKeys::begin`].
    async fn conclude(&self, reservation: &Reservation, outcome: &Outcome) -> Result<bool, Unavailable>;

    /// Lets go of the key as if it had never come, unless an outcome is
    /// written down.
    ///
    /// # Errors
    ///
    /// As for [`IdempotencyKeys::begin`].
    async fn abandon(&self, reservation: &Reservation) -> Result<(), Unavailable>;

    /// Forgets a bounded number of keys from before `before`.
    ///
    /// # Errors
    ///
    /// As for [`IdempotencyKeys::begin`].
    async fn prune(&self, before: DateTime<Utc>) -> Result<(), Unavailable>;
}
