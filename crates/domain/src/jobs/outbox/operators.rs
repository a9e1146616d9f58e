//! The outbox as operators see it: without personal data.

use super::State;
use crate::EnrolmentId;
use crate::jobs::{JobId, Kind};
use crate::model::reason::StoredReason;
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
    /// Why the last attempt failed.
    pub reason: Option<StoredReason>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
}

/// Which jobs are wanted: those of which all that is given holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JobFilter {
    /// All jobs of this enrolment, those that are done as well; without it, what is owed.
    pub enrolment_id: Option<EnrolmentId>,
    /// Of which kind.
    pub kind: Option<Kind>,
    /// Where in their life.
    pub state: Option<State>,
}

impl JobFilter {
    /// Whether a job is wanted.
    #[must_use]
    pub fn lets_through(&self, job: &JobSummary) -> bool {
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
    /// By number. There may be fewer than asked for, even none, before the last page.
    pub jobs: Vec<JobSummary>,
    /// The number to go on after, if there may be more.
    pub next: Option<i64>,
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
    /// How many events no run has looked at, so that there is no job for them yet.
    pub new_events: u64,
    /// When the oldest of them happened.
    pub oldest_new_event: Option<DateTime<Utc>>,
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
        let oldest = oldest.map(|at| (Kind::Invoice, at)).into();
        let backlog = Backlog { jobs, oldest, ..Backlog::default() };
        let at_forty = DateTime::from_timestamp(40, 0);
        assert_eq!((backlog.oldest(), Backlog::default().oldest()), (at_forty, None));
        let counts = [State::Due, State::Dead, State::Unknown].map(|state| backlog.in_state(state));
        assert_eq!(counts, [5, 7, 0]);
    }

    #[test]
    fn a_filter_lets_through_what_all_of_it_says() {
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
        let owed = JobFilter::default();
        assert_eq!((owed.lets_through(&dead), owed.lets_through(&done)), (true, false));
        let of = |number| JobFilter { enrolment_id: Some(crate::fakes::id(number)), ..owed };
        assert_eq!(
            (of(7).lets_through(&dead), of(7).lets_through(&done), of(8).lets_through(&dead)),
            (true, true, false)
        );
        let invoices = JobFilter { kind: Some(Kind::Invoice), ..owed };
        assert_eq!((invoices.lets_through(&dead), invoices.lets_through(&job(State::Dead, "later"))), (true, false));
        let due = JobFilter { state: Some(State::Due), ..owed };
        assert!(!due.lets_through(&dead) && due.lets_through(&job(State::Due, "later")));
    }
}
