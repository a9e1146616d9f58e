//! How often all runs and replicas together may send requests to a system. The database stores
//! when the next request may begin, and each run takes a turn there.

use crate::model::backoff;
use chrono::{DateTime, TimeDelta, Utc};
use std::time::Duration;

/// How long a run waits for its turn at most. If it takes longer, the jobs wait for a later run.
pub const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// How long the pace that a system asked for is kept.
const LEARNT_FOR: TimeDelta = TimeDelta::minutes(10);

/// After this time without a turn a run counts as dead, and another run may use the system.
const RUNNER: TimeDelta = TimeDelta::seconds(20);

/// The request limit of a system that only one run at a time may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The time between two requests.
    pub gap: Duration,
    /// How many requests may be sent at once after a pause.
    pub ahead: u32,
}

impl Rate {
    /// Fakturownia does not document its limit. We assume 60 requests per minute, two at a time.
    /// With 20 at once and then 40 per minute there are at most 60 in any minute. One run at a
    /// time sends requests, for documents and for KSeF at the same time.
    pub const INVOICES: Self = Self { gap: Duration::from_millis(1500), ahead: 20 };
}

/// When a request may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// After this wait, at most [`LONGEST_WAIT`].
    In(Duration),
    /// Not in this run: the system is paused, or another run uses it.
    NotNow,
}

/// The pace of a system. All times are from the database's clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pace {
    /// When the next request may begin.
    pub free_at: DateTime<Utc>,
    /// The time between two requests that the system asked for.
    pub gap: Duration,
    /// When the system last asked.
    pub learnt_at: DateTime<Utc>,
    /// How many times in a row it stayed unknown whether the system took a request.
    pub doubts: u32,
    /// The run that uses the system, if only one at a time may.
    pub runner: String,
    /// Until when, if it does not take another turn.
    pub runner_until: DateTime<Utc>,
}

impl Default for Pace {
    fn default() -> Self {
        let never = DateTime::UNIX_EPOCH;
        let (gap, runner) = (Duration::ZERO, String::new());
        Self { free_at: never, gap, learnt_at: never, doubts: 0, runner, runner_until: never }
    }
}

impl Pace {
    /// Whether requests may be sent without taking turns.
    #[must_use]
    pub fn is_free(&self, now: DateTime<Utc>) -> bool {
        self.free_at <= now && self.learnt(now).is_zero()
    }

    fn learnt(&self, now: DateTime<Utc>) -> Duration {
        if now - self.learnt_at < LEARNT_FOR { self.gap } else { Duration::ZERO }
    }

    /// Takes the next turn for the run `runner`.
    pub fn turn(&mut self, rate: Option<Rate>, runner: &str, now: DateTime<Utc>) -> Turn {
        if rate.is_some() && self.runner != runner && now < self.runner_until {
            return Turn::NotNow;
        }
        let learnt = self.learnt(now);
        let (gap, ahead) = match rate {
            Some(rate) if rate.gap >= learnt => (rate.gap, rate.ahead),
            _ => (learnt, 0),
        };
        // All `ahead` requests may begin now, also the last one.
        let begins = self.free_at.max(now - gap * ahead.saturating_sub(1));
        let wait = (begins - now).to_std().unwrap_or_default();
        if wait > LONGEST_WAIT {
            return Turn::NotNow;
        }
        self.free_at = begins + gap;
        if rate.is_some() {
            runner.clone_into(&mut self.runner);
            self.runner_until = now + wait + RUNNER;
        }
        Turn::In(wait)
    }

    /// The run takes no more turns, so another run may.
    pub fn end(&mut self, runner: &str) {
        if self.runner == runner {
            self.runner.clear();
            self.runner_until = DateTime::UNIX_EPOCH;
        }
    }

    /// The system asked for fewer requests: for a pause of `after`, and maybe for a time of `gap`
    /// between two requests. Without `gap`, a longer one is tried each time, from 0.2 s.
    /// Answers to requests that were in progress when the pause began count only once.
    pub fn slow_down(&mut self, after: Option<Duration>, gap: Option<Duration>, now: DateTime<Utc>) {
        const FIRST: Duration = Duration::from_millis(200);
        const STEP: Duration = Duration::from_millis(100);
        let wait = backoff::wait_for_turn(after);
        let learnt = self.learnt(now);
        self.gap = match gap {
            // A little more, because requests do not all take the same time to arrive.
            Some(gap) => (gap + gap / 20).min(LONGEST_WAIT),
            None if !learnt.is_zero() && now < self.learnt_at + wait.max(Duration::from_secs(1)) => learnt,
            None => (learnt * 5 / 4).max(learnt + STEP).clamp(FIRST, LONGEST_WAIT),
        };
        self.learnt_at = now;
        self.pause(wait, now);
    }

    /// No request is sent to the system for `wait`.
    pub fn pause(&mut self, wait: Duration, now: DateTime<Utc>) {
        self.free_at = self.free_at.max(now + wait.min(backoff::LONGEST_ASKED));
    }

    /// The whole system fails, and it is unknown whether it took the request. From the second
    /// time in a row it is paused, from 10 s to an hour, because each request makes one more job
    /// unknown.
    pub fn record_unknown(&mut self, random: u64, now: DateTime<Utc>) {
        self.doubts = self.doubts.saturating_add(1);
        if self.doubts > 1 {
            self.pause(backoff::wait(self.doubts - 1, None, random), now);
        }
    }
}

#[cfg(test)]
mod tests;
