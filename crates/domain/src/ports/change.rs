//! What is written of enrolments: one that is added, and what a transition makes of one
//! that is there.
//!
//! A transition is a pure function from a [`Record`] to a [`Change`], or to the
//! error that says why not. The store reads the row under its lock, hands it to
//! the transition and writes what that gives, in one transaction: it knows no rule.

use crate::jobs::{Kind, Payload};
use crate::model::event::EventKind;
use crate::model::note::Reason;
use crate::{Enrolment, Error, Money, NewEnrolment, System, Unavailable, UserId};
use chrono::{DateTime, Utc};

/// An enrolment with what callers do not see of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// As callers see it.
    pub enrolment: Enrolment,
    /// How much was paid; none while it is not paid, or where that is not known.
    pub paid: Option<Money>,
    /// When all of it went back.
    pub refunded_at: Option<DateTime<Utc>>,
    /// Why it was canceled, refunded or not paid, whichever came last.
    pub reason: Option<Reason>,
}

/// What becomes of the row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum After {
    /// It stays as it is, and is not written.
    Same,
    /// It is this from now on.
    Changed(Record),
    /// It is deleted.
    Deleted,
}

/// What is written for an enrolment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The row.
    pub after: After,
    /// What others learn of it.
    pub event: Option<EventKind>,
    /// The jobs that follow.
    pub jobs: Vec<Payload>,
    /// Kinds of jobs for the enrolment that are no longer owed, unless they are
    /// done. One that is being delivered at this moment is delivered all the same.
    pub withdrawn: &'static [Kind],
}

impl Change {
    /// The row is this from now on.
    #[must_use]
    pub fn to(record: Record, event: EventKind) -> Self {
        Self { after: After::Changed(record), event: Some(event), jobs: Vec::new(), withdrawn: &[] }
    }

    /// Nothing is written of the row.
    #[must_use]
    pub fn none() -> Self {
        Self { after: After::Same, event: None, jobs: Vec::new(), withdrawn: &[] }
    }

    /// The row is deleted.
    #[must_use]
    pub fn deletion() -> Self {
        Self { after: After::Deleted, event: Some(EventKind::Deleted), jobs: Vec::new(), withdrawn: &[] }
    }

    /// The same, and these jobs follow.
    #[must_use]
    pub fn with_jobs(self, jobs: impl IntoIterator<Item = Payload>) -> Self {
        Self { jobs: jobs.into_iter().collect(), ..self }
    }

    /// The same, and jobs of these kinds are no longer owed.
    #[must_use]
    pub fn without(self, withdrawn: &'static [Kind]) -> Self {
        Self { withdrawn, ..self }
    }
}

/// What a transition gives.
pub type Transition = Result<Change, Error>;

/// A transition of an enrolment that is still that of the user who was looked up for it:
/// what is known of one who was erased meanwhile is not written down again. Then it is
/// [`Error::Unavailable`]: asked again, nobody is found.
pub fn while_it_is_of(
    looked_up: &UserId,
    transition: impl Fn(&Record) -> Transition,
) -> impl Fn(&Record) -> Transition {
    move |record| {
        if record.enrolment.user_id != *looked_up {
            return Err(Unavailable::new(System::Database, "the user was erased meanwhile").into());
        }
        transition(record)
    }
}

/// An enrolment that is to be added: active, and to be paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addition {
    /// Who, in what.
    pub new: NewEnrolment,
    /// When the course ends, if it does.
    pub course_ends_at: Option<DateTime<Utc>>,
    /// How many enrolments that are not canceled the course may have; none for any
    /// number.
    pub seats: Option<u32>,
    /// The jobs that follow.
    pub jobs: Vec<Payload>,
}

#[cfg(test)]
mod tests;
