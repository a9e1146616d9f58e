//! Time, randomness and the log of operators.

use crate::Unavailable;
use crate::jobs::Lease;
use chrono::{DateTime, Utc};
use std::time::Duration;

/// The time in UTC.
pub trait Clock {
    /// The current time.
    fn now(&self) -> DateTime<Utc>;
}

/// Waiting.
pub trait Timer {
    /// Waits for `duration`. Other futures continue.
    async fn sleep(&self, duration: Duration);
}

/// The log, for failures that no answer and no job shows.
pub trait Journal {
    /// Logs that `what` failed. The work continues.
    fn note(&self, what: &str, error: &Unavailable);
}

/// Random numbers that cannot be guessed.
pub trait Random {
    /// 64 random bits.
    fn random(&self) -> u64;
}

/// A lease that begins now, with a new random token.
pub fn new_lease(env: &(impl Clock + Random)) -> Lease {
    Lease { token: format!("{:016x}{:016x}", env.random(), env.random()), until: env.now() + Lease::LENGTH }
}
