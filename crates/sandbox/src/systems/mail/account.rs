//! The account at the relay: its status, its rate limit and its idempotency keys.

use super::pace::{Pace, Window};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// The status of an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Account {
    /// It can send.
    #[default]
    Well,
    /// The sender's address or domain is not verified.
    Unverified,
    /// The account is new and not approved, or its key may not send.
    Restricted,
    /// The credits or the quota are used up.
    Spent,
    /// The relay closed the account.
    Suspended,
}

impl Account {
    /// All in which no mail is accepted.
    pub const TROUBLED: [Self; 4] = [Self::Unverified, Self::Restricted, Self::Spent, Self::Suspended];
}

/// The settings of the account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The status.
    pub account: Account,
    /// The maximum number of requests in a second; none: no limit.
    pub requests_per_second: Option<u32>,
}

/// The state of the relay, for all providers.
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

/// A known key.
pub(super) enum Known {
    /// It was sent with the same body; the first response.
    Same(Value),
    /// It was sent with another body.
    Other,
}

impl Relay {
    /// Makes the keys older.
    pub(crate) fn pass_minutes(&mut self, minutes: u32) {
        for key in self.keys.values_mut() {
            key.at -= TimeDelta::minutes(minutes.into());
        }
    }

    /// Counts a request if there is a limit. Returns the rate window, as an error if the request
    /// exceeds the limit.
    pub(super) fn count(
        &mut self,
        limit: Option<u32>,
        pause: Option<Duration>,
        now: Instant,
    ) -> Option<Result<Window, Window>> {
        limit.map(|limit| self.pace.count(limit, pause, now))
    }

    /// Looks up a key that is valid for `kept`.
    pub(super) fn known(&self, key: &str, body: &Value, kept: TimeDelta) -> Option<Known> {
        let known = self.keys.get(key).filter(|known| Utc::now() - known.at < kept)?;
        Some(if known.body == *body { Known::Same(known.answer.clone()) } else { Known::Other })
    }

    /// Stores a key.
    pub(super) fn remember(&mut self, key: String, body: Value, answer: Value) {
        self.keys.insert(key, Key { body, answer, at: Utc::now() });
    }
}
