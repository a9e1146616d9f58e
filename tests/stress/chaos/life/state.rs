//! The states of an enrolment, and what changes them.

use super::{Ended, Move, Step};
use crate::chaos::courses;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Status {
    Active,
    Completed,
    /// By a cancellation.
    Canceled,
    /// By a refund.
    TakenBack,
    /// It was not paid in time.
    Lapsed,
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
    pub(crate) course: i64,
    /// Whether its seat is held for a few seconds, and how often it was extended.
    pub(crate) held: bool,
    pub(crate) extended: u8,
}

/// What was refunded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Refunded {
    /// In parts, in hundredths.
    pub(crate) parts: i64,
    /// Whether nothing is left.
    pub(crate) whole: bool,
}

/// The state of an enrolment and its events in order, without those of documents.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Past {
    pub(crate) state: State,
    pub(crate) events: Vec<&'static str>,
}

impl Past {
    pub(crate) fn new(course: i64, first: &'static str, held: bool) -> Self {
        Self { state: State::new(course, held), events: vec![first] }
    }

    /// How often it had an event.
    pub(crate) fn times(&self, word: &str) -> usize {
        self.events.iter().filter(|event| **event == word).count()
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
const COMPLETED: &str = "Enrolment is completed";
const ENROLLED: &str = "User is already enrolled in this course";
const FULL: &str = "Course is full";
const PAY_UNTIL: &str = "pay_until must be in the next 365 days";
const RECORDED: &str = "The payment with this reference is recorded for enrolment";

impl State {
    /// A new enrolment.
    pub(crate) fn new(course: i64, held: bool) -> Self {
        let refunded = Refunded { parts: 0, whole: false };
        let (status, payment) = (Status::Active, Payment::Pending);
        Self { status, payment, refunded, rebilled: 0, course, held, extended: 0 }
    }

    pub(crate) fn is_canceled(self) -> bool {
        matches!(self.status, Status::Canceled | Status::TakenBack | Status::Lapsed)
    }

    /// The state after a run of the expiry, if it can change it.
    pub(super) fn after_expiry(self) -> Option<Self> {
        match self.status {
            Status::Active if self.course == courses::ENDED => Some(Self { status: Status::Completed, ..self }),
            Status::Active if self.held && !self.is_paid() => Some(Self { status: Status::Lapsed, ..self }),
            _ => None,
        }
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
            Move::Pay { amount, company } if self.status == Status::Lapsed => {
                Ok(Self { status: Status::Active, payment: Payment::Paid { amount, company }, ..self })
            }
            Move::Pay { .. } | Move::Fail if self.is_canceled() => Err(CANCELED),
            Move::Pay { amount, company } => Ok(Self { payment: Payment::Paid { amount, company }, ..self }),
            Move::Fail => Ok(Self { payment: Payment::Failed, ..self }),
            Move::Cancel => match self.status {
                Status::Active => Ok(Self { status: Status::Canceled, ..self }),
                Status::Completed => Err(COMPLETED),
                Status::Canceled | Status::TakenBack | Status::Lapsed => Err(CANCELED),
            },
            Move::Extend | Move::ToCourse(_) if self.is_canceled() => Err(CANCELED),
            Move::Extend | Move::ToCourse(_) if self.status == Status::Completed => Err(COMPLETED),
            Move::Extend if self.is_paid() => Err(ALREADY_PAID),
            Move::Extend => Ok(Self { held: true, extended: self.extended + 1, ..self }),
            Move::ToCourse(course) if course == self.course => Err(ENROLLED),
            Move::ToCourse(course) => Ok(Self { course, ..self }),
            Move::Refund { .. } | Move::Rebill if !self.is_paid() => Err("Enrolment is not paid"),
            Move::Refund { .. } if self.refunded.whole => Err(ALREADY_REFUNDED),
            Move::Refund { part } => {
                let left = self.left(price).unwrap_or_default();
                if part.is_some() && left == 0 {
                    return Err("Nothing was paid");
                }
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
        if after.course != self.course {
            return Some("moved");
        }
        if after.extended != self.extended {
            return Some("extended");
        }
        match (after.status, after.payment) {
            (status, payment) if (status, payment) == (self.status, self.payment) => None,
            (Status::Canceled, _) if self.status != Status::Canceled => Some("canceled"),
            (Status::Lapsed, _) if self.status != Status::Lapsed => Some("lapsed"),
            (Status::Completed, _) if self.status != Status::Completed => Some("completed"),
            (_, Payment::Failed) => Some("payment_failed"),
            _ => Some("paid"),
        }
    }

    /// The possible states after a step; none if its result is impossible. `overtaken`: a
    /// concurrent step came after it.
    pub(super) fn after_step(self, step: &Step, price: i64, is_forgotten: bool, overtaken: bool) -> Vec<Self> {
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
            // The time was over when it was repeated.
            Ended::Refused(message) if step.what == Move::Extend && message == PAY_UNTIL => vec![self],
            Ended::Refused(message) if self.finds_no_seat(step.what, message) => vec![self],
            Ended::Refused(message) => {
                let unchanged = (changed == Err(message)).then_some(self);
                // An earlier request did it, and its answer was lost.
                let own = message == refused_after(step.what) || overtaken && step.what == Move::Fail;
                unchanged.into_iter().chain(changed.ok().filter(|_| step.lost && own)).collect()
            }
            Ended::Unknown => [Some(self), changed.ok().filter(|_| step.lost)].into_iter().flatten().collect(),
        }
    }

    /// Whether this refuses a move, or a late payment, for want of a seat.
    fn finds_no_seat(self, what: Move, message: &str) -> bool {
        match what {
            Move::ToCourse(course) => {
                self.after(what, 0).is_ok()
                    && (message == FULL && courses::is_small(course) || message.contains("not found"))
            }
            Move::Pay { .. } if self.status == Status::Lapsed => {
                message == FULL && courses::is_small(self.course) || message == ENROLLED
            }
            _ => false,
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
        Move::Fail | Move::Refund { part: Some(_) } | Move::Rebill | Move::Extend | Move::ToCourse(_) => "",
    }
}
