//! The observations of callers.

use crate::chaos::life::{Ended, Life};
use serde_json::Value;
use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Instant;

/// A page of events, and the number of restorations before it.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) restores: u64,
    pub(crate) after: i64,
    pub(crate) events: Vec<Value>,
}

#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Enrolments that were acknowledged.
    pub(crate) lives: Vec<Life>,
    /// Users and courses of requests whose result is unknown.
    pub(crate) tried: Vec<(String, i64)>,
    /// Users who may wait for a course.
    pub(crate) waited: Vec<(String, i64)>,
    /// Enrolments that were acknowledged and later missing: when they were acknowledged,
    /// and which.
    pub(crate) missing: Vec<(Instant, String)>,
    /// Events as they were read during the load.
    pub(crate) pages: Vec<Page>,
    /// How often each route gave each status.
    pub(crate) answers: BTreeMap<(&'static str, u16), u64>,
    /// Requests whose connection ended without an answer.
    pub(crate) cut_off: u64,
    /// Undocumented answers and other faults.
    pub(crate) wrong: Vec<String>,
}

impl Seen {
    pub(crate) fn requests(&self) -> u64 {
        self.answers.values().sum::<u64>() + self.cut_off
    }

    /// The number of acknowledgements in `time`.
    pub(crate) fn acknowledged(&self, time: &Range<Instant>) -> usize {
        let steps = self.lives.iter().flat_map(|life| life.steps.iter().flatten());
        let done = steps.filter(|step| matches!(step.ended, Ended::Done)).map(|step| step.at);
        self.lives.iter().map(|life| life.told).chain(done).filter(|at| time.contains(at)).count()
    }
}
