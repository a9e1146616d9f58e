//! The idempotency keys in the database.

use crate::Unavailable;
use crate::model::idempotency::{Fingerprint, IdempotencyKey, KeyState, Outcome, Reservation};
use chrono::{DateTime, Utc};

/// The idempotency keys in the database.
pub trait IdempotencyKeys {
    /// Reserves `key` with `token`, which is new. Returns the state of the key.
    ///
    /// # Errors
    ///
    /// When the database fails; the same below.
    async fn begin(
        &self,
        key: &IdempotencyKey,
        fingerprint: &Fingerprint,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<KeyState, Unavailable>;

    /// Stores the final answer. Returns false if the reservation was lost; then the stored answer
    /// stays unchanged.
    ///
    /// # Errors
    ///
    /// As for [`IdempotencyKeys::begin`].
    async fn conclude(&self, reservation: &Reservation, outcome: &Outcome) -> Result<bool, Unavailable>;

    /// Removes the reservation, unless an answer is stored.
    ///
    /// # Errors
    ///
    /// As for [`IdempotencyKeys::begin`].
    async fn abandon(&self, reservation: &Reservation) -> Result<(), Unavailable>;

    /// Removes a limited number of keys that are older than `before`.
    ///
    /// # Errors
    ///
    /// As for [`IdempotencyKeys::begin`].
    async fn prune(&self, before: DateTime<Utc>) -> Result<(), Unavailable>;
}
