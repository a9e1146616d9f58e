//! The paces of the systems, in the database.

use crate::Unavailable;
use crate::jobs::Target;
use crate::model::pace::Pace;
use chrono::{DateTime, Utc};

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
