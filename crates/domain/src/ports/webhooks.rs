//! The platform's receiver of events, and the events that it is still to get.

use crate::jobs::outbox::{Failure, State};
use crate::model::event::Event;
use crate::{EnrolmentId, Unavailable};
use chrono::{DateTime, Utc};

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
