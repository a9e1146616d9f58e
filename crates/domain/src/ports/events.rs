//! What happened, in the database.

use crate::model::event::{Event, Feed};
use crate::{EnrolmentId, Unavailable};

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
