//! How fast a system is asked, by all runs and replicas together: when the next request
//! may begin is kept in the database, and each run takes its turn there.

use crate::model::backoff;
use chrono::{DateTime, TimeDelta, Utc};
use std::time::Duration;

/// The longest that a run waits for its turn. What takes longer is left for a later run.
pub const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// A pace that a system asked for is kept for so long after it last asked.
const LEARNT_FOR: TimeDelta = TimeDelta::minutes(10);

/// A run that takes no turn for so long is dead, and another one may ask the system.
const RUNNER: TimeDelta = TimeDelta::seconds(20);

/// A system that takes one run at a time, and no more than so many requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// One request in so long.
    pub gap: Duration,
    /// So many may be made at once after a pause.
    pub ahead: u32,
}

impl Rate {
    /// What Fakturownia bears is not documented; it is taken to be 60 requests a minute,
    /// two at a time. 20 at once and then 40 a minute are never more than 60 in any
    /// minute. One run at a time asks it, for documents and for KSeF side by side.
    pub const INVOICES: Self = Self { gap: Duration::from_millis(1500), ahead: 20 };
}

/// When a request may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// After so long, at most [`LONGEST_WAIT`].
    In(Duration),
    /// Not in this run: the system is left alone, or another run asks it.
    NotNow,
}

/// What is known of a system's pace. All times are by the database's clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pace {
    /// When the next request may begin.
    pub free_at: DateTime<Utc>,
    /// One request in so long, as the system asked for.
    pub gap: Duration,
    /// When it last did.
    pub learnt_at: DateTime<Utc>,
    /// How often in a row the whole system left it open whether something was delivered.
    pub doubts: u32,
    /// Which run asks it, of a system that takes one at a time.
    pub runner: String,
    /// Until when, unless it takes another turn.
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
    /// Whether requests may be made without taking turns.
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
        // The last of those at once begins now, too.
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

    /// The run takes no more turns.
    pub fn end(&mut self, runner: &str) {
        if self.runner == runner {
            self.runner.clear();
            self.runner_until = DateTime::UNIX_EPOCH;
        }
    }

    /// The system asked for fewer requests: for a pause `after`, and if it said so one
    /// request in each `gap`. Otherwise a longer one is tried each time, from 0.2 s on;
    /// requests that were under way when the pause began count once.
    pub fn slow_down(&mut self, after: Option<Duration>, gap: Option<Duration>, now: DateTime<Utc>) {
        const FIRST: Duration = Duration::from_millis(200);
        const STEP: Duration = Duration::from_millis(100);
        let pause = backoff::wait_for_turn(after);
        let learnt = self.learnt(now);
        self.gap = match gap {
            // A little more, for requests do not take the same time to get there.
            Some(gap) => (gap + gap / 20).min(LONGEST_WAIT),
            None if !learnt.is_zero() && now < self.learnt_at + pause.max(Duration::from_secs(1)) => learnt,
            None => (learnt * 5 / 4).max(learnt + STEP).clamp(FIRST, LONGEST_WAIT),
        };
        self.learnt_at = now;
        self.leave_alone(pause, now);
    }

    /// Nothing is asked of the system for so long.
    pub fn leave_alone(&mut self, wait: Duration, now: DateTime<Utc>) {
        self.free_at = self.free_at.max(now + wait.min(backoff::LONGEST_ASKED));
    }

    /// The whole system is out of order, and what it was asked for may have been done. The
    /// second time in a row and after it is left alone, from 10 s to an hour, for each
    /// request leaves one more job in doubt.
    pub fn doubt(&mut self, random: u64, now: DateTime<Utc>) {
        self.doubts = self.doubts.saturating_add(1);
        if self.doubts > 1 {
            self.leave_alone(backoff::wait(self.doubts - 1, None, random), now);
        }
    }
}

#[cfg(test)]
mod tests;
