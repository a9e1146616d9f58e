//! The events in the database.

use crate::model::event::{Event, Feed};
use crate::{EnrolmentId, Unavailable};

/// The events in the database. Each change writes its event in the same transaction.
pub trait Events {
    /// Up to `limit` events with an id above `after` or [`Feed::removed`], in the order of ids.
    /// Committed events without an id get one first. Events that are pruned while this reads
    /// count as removed.
    ///
    /// # Errors
    ///
    /// When the database fails; the same below.
    async fn feed(&self, after: Option<i64>, limit: u32) -> Result<Feed, Unavailable>;

    /// The newest 1,000 events of an enrolment, oldest first.
    ///
    /// # Errors
    ///
    /// As for [`Events::feed`].
    async fn history(&self, id: EnrolmentId) -> Result<Vec<Event>, Unavailable>;
}
