//! The words that callers see for states.

use domain::outbox::State;
use domain::{PaymentStatus, Status};

pub(crate) fn status(status: Status) -> &'static str {
    match status {
        Status::Active => "active",
        Status::Canceled => "canceled",
        Status::Completed => "completed",
    }
}

pub(crate) fn payment(status: PaymentStatus) -> &'static str {
    match status {
        PaymentStatus::Pending => "pending",
        PaymentStatus::Paid => "paid",
        PaymentStatus::Failed => "failed",
    }
}

pub(crate) fn state(state: State) -> &'static str {
    match state {
        State::Due => "due",
        State::Unknown => "unknown",
        State::Dead => "dead",
        State::Done => "done",
    }
}

/// The states that can be asked for and counted: what is done is over.
pub(crate) const OWED: [State; 3] = [State::Due, State::Unknown, State::Dead];

pub(crate) fn owed_state(word: &str) -> Option<State> {
    OWED.into_iter().find(|own| state(*own) == word)
}
