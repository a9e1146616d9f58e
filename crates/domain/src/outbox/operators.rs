//! The outbox as operators see it: without personal data.

use super::State;
use crate::EnrolmentId;
use crate::job::{JobId, Kind};
use chrono::{DateTime, Utc};

/// A job as an operator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobSummary {
    /// Its number.
    pub id: JobId,
    /// Which enrolment it belongs to. That enrolment may be gone.
    pub enrolment_id: EnrolmentId,
    /// The word for what is to be delivered; a later release may have written one
    /// that is no [`Kind`] here.
    pub kind: String,
    /// Where it is in its life.
    pub state: State,
    /// How often a delivery was begun.
    pub attempts: u32,
    /// When it is tried again; none if it is not.
    pub due_at: Option<DateTime<Utc>>,
    /// Why the last attempt failed, in this project's own words.
    pub last_error: Option<String>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
}

/// What came of making a job due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Requeued {
    /// It is due now.
    Due(JobSummary),
    /// There is no such job.
    NotFound,
    /// It is delivered.
    Done,
    /// It is being delivered at this moment.
    Held,
}

/// How much is owed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// How many jobs there are of a kind in a state other than done; what is
    /// not listed has none.
    pub jobs: Vec<(Kind, State, u64)>,
    /// When the oldest job of a kind that is due or unknown was written.
    pub oldest: Vec<(Kind, DateTime<Utc>)>,
}

impl Backlog {
    /// When the oldest job that is due or unknown was written.
    #[must_use]
    pub fn oldest(&self) -> Option<DateTime<Utc>> {
        self.oldest.iter().map(|(_, oldest)| *oldest).min()
    }

    /// How many jobs are in `state`, whatever their kind.
    #[must_use]
    pub fn in_state(&self, state: State) -> u64 {
        self.jobs.iter().filter(|(_, own, _)| *own == state).map(|(.., number)| number).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backlog_is_counted_by_state() {
        let jobs =
            vec![(Kind::Invoice, State::Due, 2), (Kind::PaymentEmail, State::Due, 3), (Kind::Invoice, State::Dead, 7)];
        let oldest = [90, 40, 60].map(|seconds| DateTime::from_timestamp(seconds, 0).unwrap());
        let backlog = Backlog { jobs, oldest: oldest.map(|at| (Kind::Invoice, at)).into() };
        assert_eq!((backlog.oldest(), Backlog::default().oldest()), (Some(oldest[1]), None));
        let counts = [State::Due, State::Dead, State::Unknown].map(|state| backlog.in_state(state));
        assert_eq!(counts, [5, 7, 0]);
    }
}
