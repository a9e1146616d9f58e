//! The possible states of an enrolment, from the requests and answers of its caller.

mod state;

pub(crate) use state::{Past, Payment, Refunded, State, Status};

use crate::chaos::courses;
use std::collections::BTreeSet;
use std::time::Instant;

/// What a caller does to an enrolment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Move {
    /// `amount` in hundredths, or the price of the course; for a company or a person.
    Pay {
        amount: Option<i64>,
        company: bool,
    },
    Fail,
    Cancel,
    /// Of an amount in hundredths, or of all that is left.
    Refund {
        part: Option<i64>,
    },
    Rebill,
    /// Until a few seconds later.
    Extend,
    /// To another course.
    ToCourse(i64),
}

/// The result, as the caller knows it.
#[derive(Clone, Debug)]
pub(crate) enum Ended {
    /// It was acknowledged.
    Done,
    /// It was refused with this message.
    Refused(String),
    /// The caller gave up, or the enrolment was missing.
    Unknown,
}

/// A request that was repeated until there was an answer.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) what: Move,
    /// The time of the first request, and of the last answer.
    pub(crate) since: Instant,
    pub(crate) at: Instant,
    /// Whether an answer was lost: it may have been done earlier.
    pub(crate) lost: bool,
    pub(crate) ended: Ended,
}

/// An enrolment that was acknowledged, and what its caller did to it.
#[derive(Clone, Debug)]
pub(crate) struct Life {
    pub(crate) caller: usize,
    pub(crate) id: i64,
    pub(crate) user: String,
    pub(crate) course: i64,
    /// When it was acknowledged, and the number of restorations before.
    pub(crate) told: Instant,
    pub(crate) restores: u64,
    /// Its first event: `created`, or `offered` to a user who waited.
    pub(crate) first: &'static str,
    /// Whether its seat was held for a few seconds only.
    pub(crate) held: bool,
    /// The steps in order; those in one list were concurrent.
    pub(crate) steps: Vec<Vec<Step>>,
}

impl Life {
    /// All possible states, if a restored copy may have forgotten some answers. None if the
    /// answers contradict each other.
    pub(crate) fn pasts(&self, is_forgotten: impl Fn(Instant) -> bool) -> BTreeSet<Past> {
        let [price, ..] = courses::prices(self.course);
        let follow = |pasts: &BTreeSet<Past>, step: &Step, overtaken| -> BTreeSet<Past> {
            let forgotten = is_forgotten(step.at);
            let after = |past: &Past| past.state.after_step(step, price, forgotten, overtaken).into_iter();
            by_itself(pasts.iter().flat_map(|past| after(past).map(|state| past.and(state))).collect())
        };
        let mut pasts = by_itself([Past::new(self.course, self.first, self.held)].into());
        for steps in &self.steps {
            pasts = match steps.as_slice() {
                [first, second] => {
                    let mut either = follow(&follow(&pasts, first, true), second, false);
                    either.extend(follow(&follow(&pasts, second, true), first, false));
                    either
                }
                steps => steps.iter().fold(pasts, |pasts, step| follow(&pasts, step, false)),
            };
        }
        pasts
    }

    /// The state that its caller expects.
    pub(crate) fn believed(&self) -> State {
        self.pasts(|_| false).first().map_or(State::new(self.course, self.held), |past| past.state)
    }

    /// Whether its seat may have been given to another user.
    pub(crate) fn may_have_lapsed(&self) -> bool {
        self.pasts(|_| false).iter().any(|past| past.state.status == Status::Lapsed)
    }
}

impl Past {
    /// The pasts of an enrolment whose request had no answer.
    pub(crate) fn of_unknown(course: i64, first: &'static str, held: bool) -> BTreeSet<Self> {
        by_itself([Self::new(course, first, held)].into())
    }
}

/// Adds the states after a run of the expiry.
fn by_itself(mut pasts: BTreeSet<Past>) -> BTreeSet<Past> {
    let after: Vec<_> = pasts.iter().filter_map(|past| Some(past.and(past.state.after_expiry()?))).collect();
    pasts.extend(after);
    pasts
}
