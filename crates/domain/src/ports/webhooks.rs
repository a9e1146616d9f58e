//! The platform's receiver of webhooks, and the events that wait for it.

use crate::jobs::outbox::{Failure, State};
use crate::model::event::Event;
use crate::model::invoice::Document;
use crate::{EnrolmentId, Unavailable};
use chrono::{DateTime, Utc};

/// What a webhook tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// The event.
    pub event: Event,
    /// The document that the event is about.
    pub document: Option<Document>,
}

/// The platform's receiver of webhooks.
pub trait Webhooks {
    /// Whether a receiver is configured.
    fn is_set(&self) -> bool;

    /// Posts a webhook. A repeat has the same id.
    ///
    /// # Errors
    ///
    /// When the receiver did not accept it; never [`Failure::Unknown`], because an event may be
    /// posted twice. [`Failure::Refused`] with
    /// [`ReasonCode::ReceiverGone`](crate::model::reason::ReasonCode) if it wants no more events.
    async fn post(&self, webhook: &Webhook) -> Result<(), Failure>;
}

/// The events that wait for their webhooks, in the database.
pub trait EventQueue {
    /// Creates a job for each event since the last call, at most 10,000. If no receiver is
    /// `listening`, these events never get a job. Then adds the notices of lapses and offers, and the totals.
    ///
    /// # Errors
    ///
    /// When the database fails; the same below.
    async fn enqueue_events(&self, listening: bool, now: DateTime<Utc>) -> Result<(), Unavailable>;

    /// Whether the receiver said that it is gone. Then no event is sent.
    ///
    /// # Errors
    ///
    /// As for [`EventQueue::enqueue_events`].
    async fn is_receiver_gone(&self) -> Result<bool, Unavailable>;

    /// The webhook of the event with this id; `None` if it is pruned.
    ///
    /// # Errors
    ///
    /// As for [`EventQueue::enqueue_events`].
    async fn webhook(&self, id: i64) -> Result<Option<Webhook>, Unavailable>;

    /// The state of a job that is not done, for an event of the enrolment with a lower id: dead if
    /// one of them is dead.
    ///
    /// # Errors
    ///
    /// As for [`EventQueue::enqueue_events`].
    async fn earlier_undelivered(&self, id: EnrolmentId, event_id: i64) -> Result<Option<State>, Unavailable>;

    /// Makes the jobs for events of the enrolment due that wait for an earlier event.
    ///
    /// # Errors
    ///
    /// As for [`EventQueue::enqueue_events`].
    async fn wake_next_event(&self, id: EnrolmentId, now: DateTime<Utc>) -> Result<(), Unavailable>;
}
