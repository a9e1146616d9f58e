//! When the runs of the schedules ended.

use crate::Unavailable;
use chrono::{DateTime, Utc};

/// What runs on a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// Delivers due jobs.
    Deliveries,
    /// Ends what has ended.
    Expiry,
}

impl Schedule {
    /// All, in a fixed order.
    pub const ALL: [Self; 2] = [Self::Deliveries, Self::Expiry];

    /// Its name in the database and in metrics.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Deliveries => "deliveries",
            Self::Expiry => "expiry",
        }
    }

    /// The schedule for a word; `None` for a word of a later release.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|schedule| schedule.word() == word)
    }
}

/// The runs, in the database.
pub trait Schedules {
    /// Stores that a run ended, on a schedule or by a request.
    ///
    /// # Errors
    ///
    /// When the database fails.
    async fn run_ended(&self, schedule: Schedule, now: DateTime<Utc>) -> Result<(), Unavailable>;
}
