//! What happened so far, for metrics.

use crate::model::event::EventKind;
use crate::ports::Schedule;
use chrono::{DateTime, Utc};

/// How many events there were, and when the runs ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// The number of events of a kind, also of those that retention deleted. A kind that is missing has none.
    pub events: Vec<(EventKind, u64)>,
    /// The number of events that are not in the totals yet.
    pub uncounted: u64,
    /// When the last run of a schedule ended. A schedule that is missing never ran.
    pub ended: Vec<(Schedule, DateTime<Utc>)>,
}
