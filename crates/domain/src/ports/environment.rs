//! Time, randomness and the log of operators.

use crate::Unavailable;
use crate::jobs::Lease;
use chrono::{DateTime, Utc};
use std::time::Duration;

/// The time. Always UTC.
pub trait Clock {
    /// The present.
    fn now(&self) -> DateTime<Utc>;
}

/// Waiting.
pub trait Timer {
    /// Waits for so long, while other work goes on.
    async fn sleep(&self, duration: Duration);
}

/// Where operators are told of a failure that nothing else shows.
pub trait Journal {
    /// `what` failed, and the work goes on.
    fn note(&self, what: &str, error: &Unavailable);
}

/// Randomness that nobody can guess.
pub trait Random {
    /// 64 random bits.
    fn random(&self) -> u64;
}

/// A lease from now on, under a new random token.
pub fn new_lease(env: &(impl Clock + Random)) -> Lease {
    Lease { token: format!("{:016x}{:016x}", env.random(), env.random()), until: env.now() + Lease::LENGTH }
}
