//! What is written of enrolments: one that is added, and what a transition makes of one
//! that is there.
//!
//! A transition is a pure function from an enrolment to a [`Change`], or to the
//! error that says why not. The store reads the row under its lock, hands it to
//! the transition and writes what that gives, in one transaction: it knows no rule.

use crate::job::{Kind, Payload};
use crate::{Enrolment, Error, NewEnrolment};
use chrono::{DateTime, Utc};

/// What is written for an enrolment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The enrolment as it is from now on; none if it is deleted.
    pub enrolment: Option<Enrolment>,
    /// The jobs that follow.
    pub jobs: Vec<Payload>,
    /// Kinds of jobs for the enrolment that are no longer owed, unless they are
    /// done. One that is being delivered at this moment is delivered all the same.
    pub withdrawn: &'static [Kind],
}

impl Change {
    /// The enrolment from now on, and one job that follows.
    #[must_use]
    pub fn with_job(enrolment: Enrolment, job: Payload) -> Self {
        Self { enrolment: Some(enrolment), jobs: vec![job], withdrawn: &[] }
    }
}

/// What a transition gives.
pub type Transition = Result<Change, Error>;

/// An enrolment that is to be added: active, and to be paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addition {
    /// Who, in what.
    pub new: NewEnrolment,
    /// When the course ends, if it does.
    pub course_ends_at: Option<DateTime<Utc>>,
    /// The jobs that follow.
    pub jobs: Vec<Payload>,
}
