//! How the account at the relay stands: what keeps it from sending, its pace, and the
//! idempotency keys that are remembered.

use super::pace::{Pace, Window};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// What keeps an account from sending any mail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Account {
    /// Nothing.
    #[default]
    Well,
    /// The sender's address or domain is not verified.
    Unverified,
    /// It is new and not approved, or its key may not send.
    Restricted,
    /// Its credits or its quota are used up.
    Spent,
    /// The relay has closed it.
    Suspended,
}

impl Account {
    /// Every one in which no mail is taken.
    pub const TROUBLED: [Self; 4] = [Self::Unverified, Self::Restricted, Self::Spent, Self::Suspended];
}

/// How the account stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// What keeps it from sending.
    pub account: Account,
    /// How many requests a second are taken; none: any number.
    pub requests_per_second: Option<u32>,
}

/// What the relay remembers, in all its forms.
#[derive(Debug, Default)]
pub struct Relay {
    pace: Pace,
    keys: BTreeMap<String, Key>,
}

#[derive(Debug)]
struct Key {
    body: Value,
    answer: Value,
    at: DateTime<Utc>,
}

/// What is known of a key.
pub(super) enum Known {
    /// It came with the same body; what was answered.
    Same(Value),
    /// It came with another body.
    Other,
}

impl Relay {
    /// Lets so many minutes pass for the keys.
    pub(crate) fn pass_minutes(&mut self, minutes: u32) {
        for key in self.keys.values_mut() {
            key.at -= TimeDelta::minutes(minutes.into());
        }
    }

    /// Counts a request, where there is a limit: the window after it, as an error if it is
    /// one too many.
    pub(super) fn count(
        &mut self,
        limit: Option<u32>,
        pause: Option<Duration>,
        now: Instant,
    ) -> Option<Result<Window, Window>> {
        limit.map(|limit| self.pace.count(limit, pause, now))
    }

    /// What is known of a key that is kept for `kept`.
    pub(super) fn known(&self, key: &str, body: &Value, kept: TimeDelta) -> Option<Known> {
        let known = self.keys.get(key).filter(|known| Utc::now() - known.at < kept)?;
        Some(if known.body == *body { Known::Same(known.answer.clone()) } else { Known::Other })
    }

    /// Remembers a key.
    pub(super) fn remember(&mut self, key: String, body: Value, answer: Value) {
        self.keys.insert(key, Key { body, answer, at: Utc::now() });
    }
}
