//! The possible states of an enrolment, from the requests and answers of its caller.

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
    /// The steps in order; those in one list were concurrent.
    pub(crate) steps: Vec<Vec<Step>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Status {
    Active,
    Completed,
    /// By a cancellation.
    Canceled,
    /// By a refund.
    TakenBack,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Payment {
    Pending,
    Failed,
    Paid { amount: Option<i64>, company: bool },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct State {
    pub(crate) status: Status,
    pub(crate) payment: Payment,
    pub(crate) refunded: Refunded,
    /// How often it was billed to another buyer.
    pub(crate) rebilled: u8,
}

/// What was refunded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Refunded {
    /// In parts, in hundredths.
    pub(crate) parts: i64,
    /// Whether nothing is left.
    pub(crate) whole: bool,
}

/// A new enrolment.
pub(crate) const NEW: State = State {
    status: Status::Active,
    payment: Payment::Pending,
    refunded: Refunded { parts: 0, whole: false },
    rebilled: 0,
};

/// The state of an enrolment and its events in order, without those of documents.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Past {
    pub(crate) state: State,
    pub(crate) events: Vec<&'static str>,
}

impl Past {
    pub(crate) fn new() -> Self {
        Self { state: NEW, events: vec!["created"] }
    }

    /// The past with one more change, or with none.
    pub(crate) fn and(&self, state: State) -> Self {
        let event = self.state.event_of(state);
        Self { state, events: self.events.iter().copied().chain(event).collect() }
    }
}

const ALREADY_PAID: &str = "Enrolment already paid";
const CANCELED: &str = "Enrolment is canceled";
const ALREADY_REFUNDED: &str = "Enrolment already refunded";
const RECORDED: &str = "The payment with this reference is recorded for enrolment";

impl State {
    pub(crate) fn is_canceled(self) -> bool {
        matches!(self.status, Status::Canceled | Status::TakenBack)
    }

    pub(crate) fn is_paid(self) -> bool {
        matches!(self.payment, Payment::Paid { .. })
    }

    /// What is left of the payment, if it is paid.
    fn left(self, price: i64) -> Option<i64> {
        let Payment::Paid { amount, .. } = self.payment else { return None };
        Some(if self.refunded.whole { 0 } else { amount.unwrap_or(price) - self.refunded.parts })
    }

    /// The next state in a course with this price, or the message of the refusal.
    fn after(self, what: Move, price: i64) -> Result<Self, &'static str> {
        match what {
            Move::Pay { .. } | Move::Fail if self.is_paid() => Err(ALREADY_PAID),
            Move::Pay { .. } | Move::Fail if self.is_canceled() => Err(CANCELED),
            Move::Pay { amount, company } => Ok(Self { payment: Payment::Paid { amount, company }, ..self }),
            Move::Fail => Ok(Self { payment: Payment::Failed, ..self }),
            Move::Cancel => match self.status {
                Status::Active => Ok(Self { status: Status::Canceled, ..self }),
                Status::Completed => Err("Enrolment is completed"),
                Status::Canceled | Status::TakenBack => Err(CANCELED),
            },
            Move::Refund { .. } | Move::Rebill if !self.is_paid() => Err("Enrolment is not paid"),
            Move::Refund { .. } if self.refunded.whole => Err(ALREADY_REFUNDED),
            Move::Refund { part } => {
                let left = self.left(price).unwrap_or_default();
                let part = part.unwrap_or(left);
                if part > left {
                    return Err("Validation failed");
                }
                let refunded = Refunded { parts: self.refunded.parts + part, whole: part == left };
                let cancels = refunded.whole && self.status == Status::Active;
                Ok(Self { status: if cancels { Status::TakenBack } else { self.status }, refunded, ..self })
            }
            Move::Rebill if self.left(price) == Some(0) => Err(ALREADY_REFUNDED),
            Move::Rebill => Ok(Self { rebilled: self.rebilled + 1, ..self }),
        }
    }

    /// The event of the change to `after`; none if there is no change.
    fn event_of(self, after: Self) -> Option<&'static str> {
        if after.rebilled != self.rebilled {
            return Some("rebilled");
        }
        if after.refunded != self.refunded {
            return Some("refunded");
        }
        match (after.status, after.payment) {
            (status, payment) if (status, payment) == (self.status, self.payment) => None,
            (Status::Canceled, _) if self.status != Status::Canceled => Some("canceled"),
            (Status::Completed, _) if self.status != Status::Completed => Some("completed"),
            (_, Payment::Failed) => Some("payment_failed"),
            _ => Some("paid"),
        }
    }

    /// The possible states after a step; none if its result is impossible. `overtaken`: a
    /// concurrent step came after it.
    fn after_step(self, step: &Step, price: i64, is_forgotten: bool, overtaken: bool) -> Vec<Self> {
        let changed = self.after(step.what, price);
        if is_forgotten {
            return [Ok(self), changed].into_iter().flatten().collect();
        }
        match &step.ended {
            Ended::Done => changed.into_iter().collect(),
            // The user is not found for a while.
            Ended::Refused(_) if step.what == Move::Rebill => vec![self],
            // Somebody else's payment has the reference.
            Ended::Refused(message) if message.starts_with(RECORDED) => vec![self],
            Ended::Refused(message) => {
                let unchanged = (changed == Err(message)).then_some(self);
                // An earlier request did it, and its answer was lost.
                let own = message == refused_after(step.what) || overtaken && step.what == Move::Fail;
                unchanged.into_iter().chain(changed.ok().filter(|_| step.lost && own)).collect()
            }
            Ended::Unknown => [Some(self), changed.ok().filter(|_| step.lost)].into_iter().flatten().collect(),
        }
    }
}

/// The message of the refusal of a repeated step.
fn refused_after(what: Move) -> &'static str {
    match what {
        Move::Pay { .. } => ALREADY_PAID,
        Move::Cancel => CANCELED,
        Move::Refund { part: None } => ALREADY_REFUNDED,
        // They can be repeated.
        Move::Fail | Move::Refund { part: Some(_) } | Move::Rebill => "",
    }
}

impl Life {
    /// All possible states, if a restored copy may have forgotten some answers. None if the
    /// answers contradict each other.
    pub(crate) fn pasts(&self, is_forgotten: impl Fn(Instant) -> bool) -> BTreeSet<Past> {
        let [price, ..] = crate::chaos::courses::prices(self.course);
        let follow = |pasts: &BTreeSet<Past>, step: &Step, overtaken| -> BTreeSet<Past> {
            let forgotten = is_forgotten(step.at);
            let after = |past: &Past| past.state.after_step(step, price, forgotten, overtaken).into_iter();
            self.completed(pasts.iter().flat_map(|past| after(past).map(|state| past.and(state))).collect())
        };
        let mut pasts = self.completed([Past::new()].into());
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

    /// Adds the states after expiry.
    fn completed(&self, mut pasts: BTreeSet<Past>) -> BTreeSet<Past> {
        if self.course == crate::chaos::courses::ENDED {
            let active: Vec<_> = pasts.iter().filter(|past| past.state.status == Status::Active).cloned().collect();
            pasts.extend(active.iter().map(|past| past.and(State { status: Status::Completed, ..past.state })));
        }
        pasts
    }

    /// The state that its caller expects.
    pub(crate) fn believed(&self) -> State {
        self.pasts(|_| false).first().map_or(NEW, |past| past.state)
    }
}
