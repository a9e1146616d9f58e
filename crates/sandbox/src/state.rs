//! What the stand-ins remember.

use crate::fault::{Active, Fault, Target};
use crate::invoices::{Index, Ksef, Pace};
use crate::mail::{Message, Relay};
use crate::settings::Settings;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::Notify;

/// How often each system was called, calls that ended in a fault included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Calls {
    /// `GET /api/users/id`
    pub users: u64,
    /// `GET /api/course/{id}`
    pub courses: u64,
    /// `POST /invoices.json`
    pub invoices_create: u64,
    /// `GET /invoices.json` and `GET /invoices/{id}.json`
    pub invoices_find: u64,
    /// The mail relay, asked to send
    pub emails: u64,
    /// The mail relay, asked for something that sends nothing
    pub emails_look: u64,
    /// The receiver of events
    pub webhooks: u64,
}

impl Calls {
    /// Counts one more.
    pub fn count(&mut self, target: Target) {
        let counter = match target {
            Target::Users => &mut self.users,
            Target::Courses => &mut self.courses,
            Target::Invoices | Target::InvoicesCreate => &mut self.invoices_create,
            Target::InvoicesFind => &mut self.invoices_find,
            Target::Emails | Target::EmailsSend => &mut self.emails,
            Target::EmailsLook => &mut self.emails_look,
            Target::Webhooks => &mut self.webhooks,
        };
        *counter += 1;
    }
}

/// How an event came to the receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Arrival {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// Whether it was answered: a fault may have ended the connection instead.
    pub answered: bool,
}

/// What was received so far.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Snapshot {
    /// The invoices: what was sent, and what was filled in.
    pub invoices: Vec<Value>,
    /// Their corrections, likewise.
    pub corrections: Vec<Value>,
    /// The ids of the documents that were to be sent to KSeF, as often as they were.
    pub ksef_sent: Vec<u64>,
    /// The messages as they were received, with their key.
    pub emails: Vec<Value>,
    /// The events as they were received, repeats too: `id`, `timestamp` and `body`.
    pub webhooks: Vec<Value>,
    /// How each of them came.
    pub webhook_arrivals: Vec<Arrival>,
    /// How many events were refused, for their signature, a header or their age.
    pub webhooks_refused: u64,
    /// How often each system was called.
    pub calls: Calls,
}

/// All that is remembered.
#[derive(Default)]
pub struct Memory {
    /// What was received.
    pub seen: Snapshot,
    /// What finds `seen.invoices` and `seen.corrections`.
    pub(crate) index: Index,
    /// What is on its way to KSeF.
    pub(crate) ksef: Ksef,
    /// The same mails as `seen.emails`, in one form.
    pub inbox: Vec<Message>,
    /// How the account at the mail relay stands.
    pub relay: Relay,
    /// How often each event came, by its id.
    pub webhook_times: HashMap<String, u64>,
    /// What was put in the place of a user's record.
    pub users: BTreeMap<String, Value>,
    /// What was put in the place of a course's record.
    pub courses: BTreeMap<i64, Value>,
    /// Whether no course has a seat left.
    pub courses_full: bool,
    /// When a course that ends soon was first asked about.
    pub first_asked: BTreeMap<i64, chrono::DateTime<chrono::Utc>>,
    /// The faults in force.
    pub faults: Vec<Active>,
    /// The clients of the account at Fakturownia, by name.
    pub clients: BTreeMap<String, Map<String, Value>>,
    /// When the account's last requests came.
    pub(crate) pace: Pace,
    /// How the systems behave.
    pub settings: Settings,
}

/// The memory, shared by all connections.
pub struct State {
    memory: Mutex<Memory>,
    changed: Notify,
    random: Mutex<fastrand::Rng>,
    /// The settings that a reset brings back.
    settings: Settings,
}

impl State {
    /// Nothing received yet; `seed` decides what happens by chance.
    #[must_use]
    pub fn new(seed: u64, settings: Settings) -> Self {
        let random = Mutex::new(fastrand::Rng::with_seed(seed));
        let state = Self { memory: Mutex::default(), changed: Notify::new(), random, settings };
        state.reset();
        state
    }

    /// Forgets everything: what was received, the faults and what was changed.
    pub fn reset(&self) {
        *self.memory() = Memory { settings: self.settings.clone(), ..Memory::default() };
        self.changed();
    }

    /// The memory. Whoever waits for a change hears of it by [`State::changed`].
    pub fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes some settings ([`Settings::changed`]).
    ///
    /// # Errors
    ///
    /// When there is no such setting, or it has no such value.
    pub fn change_settings(&self, changes: Value) -> serde_json::Result<()> {
        let mut memory = self.memory();
        memory.settings = memory.settings.changed(changes)?;
        Ok(())
    }

    /// Says that something was received.
    pub fn changed(&self) {
        self.changed.notify_waiters();
    }

    /// Letters and digits that nobody has seen before.
    pub fn token(&self) -> String {
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        std::iter::repeat_with(|| random.alphanumeric()).take(24).collect()
    }

    /// The fault that this call meets, if any.
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

    /// Waits until `done` says so of what was received, at most until `end`.
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
