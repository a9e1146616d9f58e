//! The clock and the randomness of the host.

use chrono::{DateTime, Utc};
use domain::Unavailable;
use domain::ports::{Clock, Journal, Random, Timer};
use std::time::{Duration, SystemTime};

/// What the host offers every component.
#[derive(Clone, Copy, Debug)]
pub struct Environment;

impl Clock for Environment {
    fn now(&self) -> DateTime<Utc> {
        SystemTime::now().into()
    }
}

impl Timer for Environment {
    async fn sleep(&self, duration: Duration) {
        crate::timer::sleep(duration).await;
    }
}

impl Journal for Environment {
    fn note(&self, what: &str, error: &Unavailable) {
        crate::log::delivery_swallowed(what, &error.to_string());
    }
}

impl Random for Environment {
    fn random(&self) -> u64 {
        wasi::random::random::get_random_u64()
    }
}
