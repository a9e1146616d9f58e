//! The paces of the systems, in the database.

use crate::Unavailable;
use crate::jobs::Target;
use crate::model::pace::Pace;
use chrono::{DateTime, Utc};

/// The paces of the systems, in the database. Invoices and KSeF share one.
pub trait Paces {
    /// The pace of a system, and the time of the database's clock. A system
    /// without a row has the default pace, and the time is `now`.
    ///
    /// # Errors
    ///
    /// When the database fails; the same below.
    async fn pace(&self, system: Target, now: DateTime<Utc>) -> Result<(Pace, DateTime<Utc>), Unavailable>;

    /// Changes the pace under a lock. `change` gets the pace and that time. It is called again if
    /// the transaction is repeated.
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
