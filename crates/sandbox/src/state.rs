//! The state of the sandbox.

use crate::fault::{Active, Fault};
use crate::settings::Settings;
use crate::systems::invoices::{Index, Ksef, Pace};
use crate::systems::mail::{Message, Relay};
use crate::systems::{SYSTEMS, Snapshot, Target};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::Notify;

/// The number of calls to each system, with those that met a fault.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calls(BTreeMap<Target, u64>);

impl Calls {
    /// Counts a call.
    pub fn count(&mut self, target: Target) {
        *self.0.entry(target).or_default() += 1;
    }

    /// The number of calls that a target covers.
    #[must_use]
    pub fn of(&self, target: Target) -> u64 {
        self.0.iter().filter(|(call, _)| target.covers(**call)).map(|(_, number)| number).sum()
    }
}

impl Serialize for Calls {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let calls = SYSTEMS.iter().flat_map(|(_, calls)| *calls);
        to.collect_map(calls.map(|(name, _, target)| (name, self.of(*target))))
    }
}

/// All data.
#[derive(Default)]
pub struct Memory {
    /// The received data.
    pub seen: Snapshot,
    /// The index of `seen.invoices` and `seen.corrections`.
    pub(crate) index: Index,
    /// The documents at KSeF.
    pub(crate) ksef: Ksef,
    /// The same mails as `seen.emails`, in one format.
    pub inbox: Vec<Message>,
    /// The account at the mail relay.
    pub relay: Relay,
    /// How often each event was received, by its id.
    pub webhook_times: HashMap<String, u64>,
    /// Changed records of users.
    pub users: BTreeMap<String, Value>,
    /// Changed records of courses.
    pub courses: BTreeMap<i64, Value>,
    /// Whether every course is full.
    pub courses_full: bool,
    /// The time of the first request for a course.
    pub first_asked: BTreeMap<i64, chrono::DateTime<chrono::Utc>>,
    /// The active faults.
    pub faults: Vec<Active>,
    /// The clients of the account at Fakturownia, by name.
    pub clients: BTreeMap<String, Map<String, Value>>,
    /// The times of the last requests to Fakturownia.
    pub(crate) pace: Pace,
    /// The settings.
    pub settings: Settings,
}

/// The data, shared by all connections.
pub struct State {
    memory: Mutex<Memory>,
    changed: Notify,
    random: Mutex<fastrand::Rng>,
    /// The settings after a reset.
    settings: Settings,
}

impl State {
    /// An empty state. `seed` is the seed of random decisions.
    #[must_use]
    pub fn new(seed: u64, settings: Settings) -> Self {
        let random = Mutex::new(fastrand::Rng::with_seed(seed));
        let state = Self { memory: Mutex::default(), changed: Notify::new(), random, settings };
        state.reset();
        state
    }

    /// Deletes all data, faults and changes.
    pub fn reset(&self) {
        *self.memory() = Memory { settings: self.settings.clone(), ..Memory::default() };
        self.changed();
    }

    /// The data. Call [`State::changed`] after a change that somebody may wait for.
    pub fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes settings ([`Settings::changed`]).
    ///
    /// # Errors
    ///
    /// If a setting or its value is unknown.
    pub fn change_settings(&self, changes: Value) -> serde_json::Result<()> {
        let mut memory = self.memory();
        memory.settings = memory.settings.changed(changes)?;
        Ok(())
    }

    /// Wakes those that wait for a change.
    pub fn changed(&self) {
        self.changed.notify_waiters();
    }

    /// A new random token of letters and digits.
    pub fn token(&self) -> String {
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        std::iter::repeat_with(|| random.alphanumeric()).take(24).collect()
    }

    /// The fault for a call, if any.
    pub fn take_fault(&self, target: Target, text: &str) -> Option<Fault> {
        let mut memory = self.memory();
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        let meets = |active: &Active| {
            active.target.covers(target)
                && active.matching.as_ref().is_none_or(|part| text.contains(part))
                && active.probability.is_none_or(|probability| random.f64() < probability)
        };
        let index = memory.faults.iter().position(meets)?;
        let active = memory.faults.get_mut(index)?;
        let fault = active.fault.clone();
        if let Some(times) = &mut active.times {
            *times = times.saturating_sub(1);
            if *times == 0 {
                memory.faults.remove(index);
            }
        }
        Some(fault)
    }

    /// Waits until `done` is true for the received data, at most until `end`.
    pub async fn wait_until(&self, done: impl Fn(&Snapshot) -> bool, end: Instant) -> bool {
        loop {
            let changed = self.changed.notified();
            if done(&self.memory().seen) {
                return true;
            }
            if tokio::time::timeout_at(end.into(), changed).await.is_err() {
                return done(&self.memory().seen);
            }
        }
    }
}
