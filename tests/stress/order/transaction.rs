//! A transaction of a writer.

use fastrand::Rng;
use std::time::Duration;

/// How many enrolments the writers share: few, so that some wait for each other.
pub(crate) const ENROLMENTS: i64 = 400;

/// The most events in a transaction, and the most enrolments.
const EVENTS: u64 = 16;
const OWNERS: usize = 3;

/// How long transactions are held: the longest, and how rare long ones are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    pub(crate) longest: Duration,
    pub(crate) rareness: i32,
}

/// A transaction.
pub(crate) struct Transaction {
    /// The enrolments of its events, in the order of their locks.
    pub(crate) owners: Vec<i64>,
    /// The enrolment of each event.
    pub(crate) events: Vec<i64>,
    /// The event before which it waits; the number of events means the end.
    pub(crate) held_before: usize,
    /// How long it waits.
    pub(crate) held: Duration,
    /// Whether it commits.
    pub(crate) kept: bool,
}

impl Transaction {
    /// A transaction with at most `left` events.
    pub(crate) fn new(rng: &mut Rng, left: u64, Held { longest, rareness }: Held) -> Self {
        let mut owners: Vec<_> = (0..rng.usize(1..=OWNERS)).map(|_| rng.i64(1..=ENROLMENTS)).collect();
        owners.sort_unstable();
        owners.dedup();
        let number = rng.u64(1..=EVENTS).min(left);
        let events: Vec<_> = (0..number).filter_map(|_| rng.choice(&owners).copied()).collect();
        Self {
            held_before: rng.usize(0..=events.len()),
            held: longest.mul_f64(rng.f64().powi(rareness)),
            kept: rng.u8(..10) > 0,
            owners,
            events,
        }
    }
}
