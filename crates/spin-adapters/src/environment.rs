//! The clock and the randomness of the host.

use chrono::{DateTime, Utc};
use domain::ports::{Clock, Random};
use std::time::SystemTime;

/// What the host offers every component.
#[derive(Clone, Copy, Debug)]
pub struct Environment;

impl Clock for Environment {
    fn now(&self) -> DateTime<Utc> {
        SystemTime::now().into()
    }
}

impl Random for Environment {
    fn random(&self) -> u64 {
        wasi::random::random::get_random_u64()
    }
}
