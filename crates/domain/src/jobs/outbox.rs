//! How deliveries end, and what is written down of them.

mod operators;

pub use operators::{Backlog, JobFilter, JobPage, JobSummary, Requeued};

use crate::model::reason::FailureReason;
use chrono::{DateTime, Utc};
use std::ops::Add;
use std::time::Duration;

/// How a request to another system ended when it did not end well.
///
/// | variant | was it delivered? | uses an attempt | the run and this system |
/// | --- | --- | --- | --- |
/// | [`Refused`](Self::Refused) | no | the job is dead | goes on with the next job |
/// | [`Later`](Self::Later) | no | yes | goes on with the next job |
/// | [`Down`](Self::Down) | no | no | leaves the system alone |
/// | [`Paced`](Self::Paced) | no | no | waits as long as it was asked to, then goes on |
/// | [`Waiting`](Self::Waiting) | no | no | goes on with the next job |
/// | [`Unknown`](Self::Unknown) | perhaps | yes | leaves the system alone if `whole_system` |
///
/// A job is dead after [`MAX_ATTEMPTS`](crate::model::backoff::MAX_ATTEMPTS) attempts. What uses
/// none is tried again for as long as it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// This request is refused for good.
    Refused {
        /// What happened.
        reason: FailureReason,
    },
    /// This request failed; the next job may well succeed. The same request can be tried
    /// again.
    Later {
        /// What happened.
        reason: FailureReason,
        /// How long the other side asked to wait.
        after: Option<Duration>,
    },
    /// Every request to this system would fail alike: it is out of reach, silent, out of
    /// order or refuses the account.
    Down {
        /// What happened.
        reason: FailureReason,
        /// How long the other side asked to wait.
        after: Option<Duration>,
    },
    /// The system is well and asks for fewer requests (429 and the like).
    Paced {
        /// What happened.
        reason: FailureReason,
        /// How long the other side asked to wait; none: it did not say.
        after: Option<Duration>,
        /// One request in so long is taken; none: it did not say.
        gap: Option<Duration>,
    },
    /// Nothing was tried: what another job or another system has to do first is not done.
    Waiting {
        /// What for.
        reason: FailureReason,
        /// How long the other side asked to wait.
        after: Option<Duration>,
    },
    /// It may have been delivered or not. How often it may be sent again is a matter of
    /// the system, see [`Repeats`](crate::ports::Repeats).
    Unknown {
        /// What happened.
        reason: FailureReason,
        /// How long the other side asked to wait.
        after: Option<Duration>,
        /// Whether the next delivery to the same system would probably fail alike: it was
        /// silent, or out of order.
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

/// What the outbox keeps of an attempt that did not deliver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FailedAttempt {
    /// The job is tried again.
    PutOff {
        /// When.
        due_at: DateTime<Utc>,
        /// Since when the outcome is not known, if it is not.
        unknown_since: Option<DateTime<Utc>>,
        /// Why.
        reason: FailureReason,
    },
    /// The job waits: for another job, for a system that is down, or for its turn. It does
    /// not count as an attempt, and what is not known of earlier ones stays so.
    Waits {
        /// Until when.
        due_at: DateTime<Utc>,
        /// What for.
        reason: FailureReason,
        /// Whether its system was asked for it.
        tried: bool,
    },
    /// The job is dead: kept and visible, for a person to look at.
    GivenUp {
        /// Why.
        reason: FailureReason,
    },
}

/// What a job that was put off means for the others of its system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Others {
    /// Nothing: the next one may well be delivered.
    GoOn,
    /// The system is left alone: it is down, or it was silent or out of order.
    Wait {
        /// How long it asked for.
        after: Option<Duration>,
        /// Whether this job may have been delivered all the same.
        in_doubt: bool,
    },
    /// The system asks for fewer requests.
    SlowDown {
        /// How long it asked to wait.
        after: Option<Duration>,
        /// One request in so long is taken.
        gap: Option<Duration>,
    },
}

/// How one job fared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// Delivered.
    Delivered,
    /// To be tried again.
    PutOff(Others),
    /// Dead.
    GivenUp,
    /// Dead, and the system says that it is gone for good.
    Gone,
}

/// How the jobs of a run fared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Delivered.
    pub delivered: u32,
    /// To be tried again.
    pub put_off: u32,
    /// Dead.
    pub given_up: u32,
}

impl Counts {
    /// Counts one more.
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

/// Where a job is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// To be delivered, now or later; or being delivered.
    Due,
    /// The same, and it may have been delivered already.
    Unknown,
    /// Given up; a person has to look at it.
    Dead,
    /// Delivered.
    Done,
}

impl State {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Due, Self::Unknown, Self::Dead, Self::Done];

    /// Those of what is still owed.
    pub const OWED: [Self; 3] = [Self::Due, Self::Unknown, Self::Dead];

    /// The word for it in the database, in the API and in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Unknown => "unknown",
            Self::Dead => "dead",
            Self::Done => "done",
        }
    }

    /// The state that a word stands for, if any does.
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
