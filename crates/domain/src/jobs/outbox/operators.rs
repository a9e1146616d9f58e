//! The outbox for operators, without personal data.

use super::State;
use crate::EnrolmentId;
use crate::jobs::{JobId, Kind};
use crate::model::reason::{ReasonCode, StoredReason};
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
    /// Why the last attempt failed.
    pub reason: Option<ReasonCode>,
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
            && self.reason.is_none_or(|wanted| job.reason.as_ref().is_some_and(|own| own.code == wanted.word()))
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

/// The jobs of a kind that have one state and one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingJobs {
    /// Their kind.
    pub kind: Kind,
    /// Their state; never done.
    pub state: State,
    /// The code of the reason why the last attempt failed, if one did.
    pub reason: Option<String>,
    /// How many they are; at least 1.
    pub number: u64,
    /// When the oldest was created.
    pub oldest: DateTime<Utc>,
}

/// How many jobs and events wait.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// All jobs that are not done.
    pub jobs: Vec<PendingJobs>,
    /// The number of events without a job, because no run has created it yet.
    pub new_events: u64,
    /// When the oldest of these events happened.
    pub oldest_new_event: Option<DateTime<Utc>>,
}

impl Backlog {
    /// The jobs of a kind in a state, whatever the reason.
    pub fn of(&self, kind: Kind, state: State) -> impl Iterator<Item = &PendingJobs> {
        self.jobs.iter().filter(move |jobs| (jobs.kind, jobs.state) == (kind, state))
    }

    /// When the oldest due or unknown job of a kind was created.
    #[must_use]
    pub fn oldest_of(&self, kind: Kind) -> Option<DateTime<Utc>> {
        self.live().filter(|jobs| jobs.kind == kind).map(|jobs| jobs.oldest).min()
    }

    /// When the oldest due or unknown job was created.
    #[must_use]
    pub fn oldest(&self) -> Option<DateTime<Utc>> {
        self.live().map(|jobs| jobs.oldest).min()
    }

    /// The number of jobs in `state`, of all kinds.
    #[must_use]
    pub fn in_state(&self, state: State) -> u64 {
        self.jobs.iter().filter(|jobs| jobs.state == state).map(|jobs| jobs.number).sum()
    }

    fn live(&self) -> impl Iterator<Item = &PendingJobs> {
        self.jobs.iter().filter(|jobs| jobs.state != State::Dead)
    }
}

/// Which dead jobs to retry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadJobs {
    /// Their kind.
    pub kind: Kind,
    /// The reason why the last attempt failed; `None`: any, or none.
    pub reason: Option<ReasonCode>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backlog_is_counted_by_state() {
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        let jobs =
            |kind, state, number, seconds| PendingJobs { kind, state, reason: None, number, oldest: at(seconds) };
        let backlog = Backlog {
            jobs: vec![
                jobs(Kind::Invoice, State::Due, 2, 90),
                jobs(Kind::PaymentEmail, State::Unknown, 3, 40),
                jobs(Kind::Invoice, State::Dead, 7, 10),
            ],
            ..Backlog::default()
        };
        assert_eq!((backlog.oldest(), Backlog::default().oldest()), (Some(at(40)), None));
        assert_eq!((backlog.oldest_of(Kind::Invoice), backlog.oldest_of(Kind::Correction)), (Some(at(90)), None));
        let counts = [State::Due, State::Dead, State::Unknown].map(|state| backlog.in_state(state));
        assert_eq!(counts, [2, 7, 3]);
        assert_eq!(backlog.of(Kind::Invoice, State::Dead).map(|jobs| jobs.number).sum::<u64>(), 7);
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
        let refused = JobFilter { reason: Some(ReasonCode::DocumentRefused), ..not_done };
        let reason = |code: &str| Some(StoredReason { code: code.to_owned(), detail: String::new() });
        let of = |code| JobSummary { reason: reason(code), ..job(State::Dead, "invoice") };
        assert!(refused.matches(&of("document_refused")) && !refused.matches(&of("not_reachable")));
        assert!(!refused.matches(&dead));
    }
}
