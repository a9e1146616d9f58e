//! How deliveries end, and what is written down of them.

use chrono::{DateTime, Utc};
use std::time::Duration;

/// How a request to the invoicing service or the mail relay ended when it did
/// not end well. Reasons are this project's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Nothing was delivered; the same can be tried again.
    Later {
        /// What happened.
        reason: String,
        /// How long the other side asked to wait.
        after: Option<Duration>,
        /// Whether the next delivery to the same system would fail alike: it
        /// is out of reach, asks for a pause or refuses the credentials.
        whole_system: bool,
    },
    /// Nothing was delivered and nothing will be with this request.
    Refused {
        /// What happened.
        reason: String,
    },
    /// It may have been delivered or not.
    Unknown {
        /// What happened.
        reason: String,
    },
}

impl Failure {
    /// What happened.
    #[must_use]
    pub fn reason(&self) -> &str {
        match self {
            Self::Later { reason, .. } | Self::Refused { reason } | Self::Unknown { reason } => reason,
        }
    }
}

/// What the outbox keeps of an attempt that did not deliver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setback {
    /// The job is tried again.
    PutOff {
        /// When.
        due_at: DateTime<Utc>,
        /// Since when the outcome is not known, if it is not.
        unknown_since: Option<DateTime<Utc>>,
        /// Why.
        reason: String,
    },
    /// The job is dead: kept and visible, for a person to look at.
    GivenUp {
        /// Why.
        reason: String,
    },
}

/// How one job fared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Delivered.
    Delivered,
    /// To be tried again.
    PutOff {
        /// Whether other jobs for the same system should wait as well.
        whole_system: bool,
    },
    /// Dead.
    GivenUp,
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
    pub fn add(&mut self, fate: Fate) {
        let counter = match fate {
            Fate::Delivered => &mut self.delivered,
            Fate::PutOff { .. } => &mut self.put_off,
            Fate::GivenUp => &mut self.given_up,
        };
        *counter = counter.saturating_add(1);
    }
}
