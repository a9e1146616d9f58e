//! The results of attempts, and the states of jobs.

mod operators;

pub use operators::{Backlog, DeadJobs, JobFilter, JobPage, JobSummary, PendingJobs, RetryResult};

use crate::model::reason::FailureReason;
use chrono::{DateTime, Utc};
use std::ops::Add;
use std::time::Duration;

/// Why an attempt failed.
///
/// | variant | delivered? | counts as an attempt | the rest of the run, for this system |
/// | --- | --- | --- | --- |
/// | [`Refused`](Self::Refused) | no | the job is dead | continues with the next job |
/// | [`Later`](Self::Later) | no | yes | continues with the next job |
/// | [`Down`](Self::Down) | no | no | pauses the system |
/// | [`Paced`](Self::Paced) | no | no | waits as long as the system asks, then continues |
/// | [`Waiting`](Self::Waiting) | no | no | continues with the next job |
/// | [`Unknown`](Self::Unknown) | perhaps | yes | pauses the system if `whole_system` |
///
/// A job is dead after [`MAX_ATTEMPTS`](crate::model::backoff::MAX_ATTEMPTS) attempts. A failure
/// that is not an attempt is repeated without a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The system refuses this request, and a repeat would not help.
    Refused {
        /// What happened.
        reason: FailureReason,
    },
    /// This request failed and can be repeated. Other jobs may succeed.
    Later {
        /// What happened.
        reason: FailureReason,
        /// How long the system asked to wait.
        after: Option<Duration>,
    },
    /// Every request to this system would fail: it is not reachable, does not answer, has an
    /// error, or refuses the account.
    Down {
        /// What happened.
        reason: FailureReason,
        /// How long the system asked to wait.
        after: Option<Duration>,
    },
    /// The system works, but asks for fewer requests (status 429, for example).
    Paced {
        /// What happened.
        reason: FailureReason,
        /// How long the system asked to wait, if it said.
        after: Option<Duration>,
        /// The time between two requests that the system accepts, if it said.
        gap: Option<Duration>,
    },
    /// The job waits for another job or another system. Nothing was sent.
    Waiting {
        /// What it waits for.
        reason: FailureReason,
        /// How long the system asked to wait.
        after: Option<Duration>,
    },
    /// It is unknown whether the job was delivered. Whether a mail may be sent again depends on
    /// the relay, see [`Repeats`](crate::ports::Repeats).
    Unknown {
        /// What happened.
        reason: FailureReason,
        /// How long the system asked to wait.
        after: Option<Duration>,
        /// Whether the next request to this system would probably fail too: it did not answer,
        /// or had an error.
        whole_system: bool,
    },
}

impl Failure {
    /// What happened.
    #[must_use]
    pub fn reason(&self) -> &FailureReason {
        match self {
            Self::Refused { reason }
            | Self::Later { reason, .. }
            | Self::Down { reason, .. }
            | Self::Paced { reason, .. }
            | Self::Waiting { reason, .. }
            | Self::Unknown { reason, .. } => reason,
        }
    }
}

/// What the outbox stores about a failed attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FailedAttempt {
    /// The job is retried. The attempt counts.
    PutOff {
        /// When it is retried.
        due_at: DateTime<Utc>,
        /// Since when it is unknown whether the job was delivered, if it is.
        unknown_since: Option<DateTime<Utc>>,
        /// Why.
        reason: FailureReason,
    },
    /// The job waits for another job, for a system that is down, or for its turn. The attempt
    /// does not count. If the job is unknown, it stays unknown.
    Snoozed {
        /// Until when it waits.
        due_at: DateTime<Utc>,
        /// What it waits for.
        reason: FailureReason,
        /// Whether a request was sent to its system.
        tried: bool,
    },
    /// The job is dead. It is kept, and a person has to look at it.
    GivenUp {
        /// Why.
        reason: FailureReason,
    },
}

/// What a run does with a system after one of its jobs failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SystemAction {
    /// Continue with the next job.
    Continue,
    /// Pause the system: it is down, does not answer, or has an error.
    Pause {
        /// How long the system asked to wait.
        after: Option<Duration>,
        /// Whether it is unknown whether the job was delivered.
        unknown: bool,
    },
    /// Send fewer requests to the system.
    SlowDown {
        /// How long the system asked to wait.
        after: Option<Duration>,
        /// The time between two requests that the system accepts.
        gap: Option<Duration>,
    },
}

/// The result of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// Delivered.
    Delivered,
    /// The job is retried later.
    PutOff(SystemAction),
    /// The job is dead.
    GivenUp,
    /// The job is dead, and the receiver says that it is gone.
    Gone,
}

/// How many jobs of a run had each result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Delivered.
    pub delivered: u32,
    /// To be retried later.
    pub put_off: u32,
    /// Dead.
    pub given_up: u32,
}

impl Counts {
    /// Counts one job.
    pub fn count(&mut self, outcome: AttemptOutcome) {
        let counter = match outcome {
            AttemptOutcome::Delivered => &mut self.delivered,
            AttemptOutcome::PutOff(_) => &mut self.put_off,
            AttemptOutcome::GivenUp | AttemptOutcome::Gone => &mut self.given_up,
        };
        *counter = counter.saturating_add(1);
    }
}

impl Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            delivered: self.delivered.saturating_add(other.delivered),
            put_off: self.put_off.saturating_add(other.put_off),
            given_up: self.given_up.saturating_add(other.given_up),
        }
    }
}

/// The state of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// To be delivered, now or at `due_at`; or being delivered.
    Due,
    /// Due, and perhaps delivered already.
    Unknown,
    /// Given up. A person has to look at it.
    Dead,
    /// Delivered.
    Done,
}

impl State {
    /// All states.
    pub const ALL: [Self; 4] = [Self::Due, Self::Unknown, Self::Dead, Self::Done];

    /// All states except done.
    pub const NOT_DONE: [Self; 3] = [Self::Due, Self::Unknown, Self::Dead];

    /// The word in the database, in the API and in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Unknown => "unknown",
            Self::Dead => "dead",
            Self::Done => "done",
        }
    }

    /// The state for a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::reason::ReasonCode;

    #[test]
    fn every_failure_has_its_reason() {
        let reason = ReasonCode::Timeout.with("why");
        for failure in [
            Failure::Refused { reason: reason.clone() },
            Failure::Later { reason: reason.clone(), after: None },
            Failure::Down { reason: reason.clone(), after: None },
            Failure::Paced { reason: reason.clone(), after: None, gap: None },
            Failure::Waiting { reason: reason.clone(), after: None },
            Failure::Unknown { reason: reason.clone(), after: None, whole_system: false },
        ] {
            assert_eq!(*failure.reason(), reason);
        }
    }

    #[test]
    fn every_word_has_its_state() {
        for word in ["due", "unknown", "dead", "done"] {
            assert_eq!(State::parse(word).map(State::as_str), Some(word));
        }
        assert_eq!((State::parse("DUE"), State::parse("")), (None, None));
    }
}
