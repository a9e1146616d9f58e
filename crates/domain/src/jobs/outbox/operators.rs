//! The outbox for operators, without personal data.

use super::State;
use crate::EnrolmentId;
use crate::jobs::{JobId, Kind};
use crate::model::reason::StoredReason;
use chrono::{DateTime, Utc};

/// A job for operators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobSummary {
    /// Its id.
    pub id: JobId,
    /// Its enrolment, which may be deleted.
    pub enrolment_id: EnrolmentId,
    /// The word of its kind. A later release may have written a word without a [`Kind`] here.
    pub kind: String,
    /// Its state.
    pub state: State,
    /// The number of attempts.
    pub attempts: u32,
    /// When it is delivered or retried; `None` if it is done or dead.
    pub due_at: Option<DateTime<Utc>>,
    /// Why the last attempt failed.
    pub reason: Option<StoredReason>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
}

/// Which jobs to list: those that match all given fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JobFilter {
    /// The enrolment: then jobs that are done are listed too. Without it, only the others are.
    pub enrolment_id: Option<EnrolmentId>,
    /// The kind.
    pub kind: Option<Kind>,
    /// The state.
    pub state: Option<State>,
}

impl JobFilter {
    /// Whether a job matches.
    #[must_use]
    pub fn matches(&self, job: &JobSummary) -> bool {
        let of_enrolment = match self.enrolment_id {
            Some(wanted) => wanted == job.enrolment_id,
            None => job.state != State::Done,
        };
        of_enrolment
            && self.kind.is_none_or(|wanted| wanted.word() == job.kind)
            && self.state.is_none_or(|wanted| wanted == job.state)
    }
}

/// A page of jobs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobPage {
    /// In the order of ids. There can be fewer than requested, even none, before the last page.
    pub jobs: Vec<JobSummary>,
    /// The `after` of the next page; `None` if there are no more.
    pub next: Option<i64>,
}

/// The result of a retry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RetryResult {
    /// The job is due now.
    Due(JobSummary),
    /// The job does not exist.
    NotFound,
    /// The job is done.
    Done,
    /// A worker is delivering the job.
    Held,
}

/// How many jobs and events wait.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// The number of jobs by kind and state, except done. Pairs without jobs are not listed.
    pub jobs: Vec<(Kind, State, u64)>,
    /// When the oldest due or unknown job of a kind was created.
    pub oldest: Vec<(Kind, DateTime<Utc>)>,
    /// The number of events without a job, because no run has created it yet.
    pub new_events: u64,
    /// When the oldest of these events happened.
    pub oldest_new_event: Option<DateTime<Utc>>,
}

impl Backlog {
    /// When the oldest due or unknown job was created.
    #[must_use]
    pub fn oldest(&self) -> Option<DateTime<Utc>> {
        self.oldest.iter().map(|(_, oldest)| *oldest).min()
    }

    /// The number of jobs in `state`, of all kinds.
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
        let oldest = oldest.map(|at| (Kind::Invoice, at)).into();
        let backlog = Backlog { jobs, oldest, ..Backlog::default() };
        let at_forty = DateTime::from_timestamp(40, 0);
        assert_eq!((backlog.oldest(), Backlog::default().oldest()), (at_forty, None));
        let counts = [State::Due, State::Dead, State::Unknown].map(|state| backlog.in_state(state));
        assert_eq!(counts, [5, 7, 0]);
    }

    #[test]
    fn a_job_has_to_match_all_fields_of_a_filter() {
        let job = |state, kind: &str| JobSummary {
            id: JobId(1),
            enrolment_id: crate::fakes::id(7),
            kind: kind.to_owned(),
            state,
            attempts: 1,
            due_at: None,
            reason: None,
            created_at: crate::fakes::start(),
        };
        let (dead, done) = (job(State::Dead, "invoice"), job(State::Done, "invoice"));
        let not_done = JobFilter::default();
        assert_eq!((not_done.matches(&dead), not_done.matches(&done)), (true, false));
        let of = |number| JobFilter { enrolment_id: Some(crate::fakes::id(number)), ..not_done };
        assert_eq!((of(7).matches(&dead), of(7).matches(&done), of(8).matches(&dead)), (true, true, false));
        let invoices = JobFilter { kind: Some(Kind::Invoice), ..not_done };
        assert_eq!((invoices.matches(&dead), invoices.matches(&job(State::Dead, "later"))), (true, false));
        let due = JobFilter { state: Some(State::Due), ..not_done };
        assert!(!due.matches(&dead) && due.matches(&job(State::Due, "later")));
    }
}
