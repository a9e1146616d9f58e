//! The idempotency keys in the database.

use crate::Unavailable;
use crate::model::idempotency::{Begun, Fingerprint, IdempotencyKey, Outcome, Reservation};
use chrono::{DateTime, Utc};

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
