//! The words that the database has for states.

use domain::outbox::State;
use domain::{PaymentStatus, Status};

pub(crate) fn status(word: &str) -> Option<Status> {
    match word {
        "ACTIVE" => Some(Status::Active),
        "CANCELED" => Some(Status::Canceled),
        "COMPLETED" => Some(Status::Completed),
        _ => None,
    }
}

pub(crate) fn of_status(status: Status) -> &'static str {
    match status {
        Status::Active => "ACTIVE",
        Status::Canceled => "CANCELED",
        Status::Completed => "COMPLETED",
    }
}

pub(crate) fn payment(word: &str) -> Option<PaymentStatus> {
    match word {
        "PENDING" => Some(PaymentStatus::Pending),
        "PAID" => Some(PaymentStatus::Paid),
        "FAILED" => Some(PaymentStatus::Failed),
        _ => None,
    }
}

pub(crate) fn of_payment(status: PaymentStatus) -> &'static str {
    match status {
        PaymentStatus::Pending => "PENDING",
        PaymentStatus::Paid => "PAID",
        PaymentStatus::Failed => "FAILED",
    }
}

pub(crate) fn state(word: &str) -> Option<State> {
    match word {
        "due" => Some(State::Due),
        "unknown" => Some(State::Unknown),
        "dead" => Some(State::Dead),
        "done" => Some(State::Done),
        _ => None,
    }
}

pub(crate) fn of_state(state: State) -> &'static str {
    match state {
        State::Due => "due",
        State::Unknown => "unknown",
        State::Dead => "dead",
        State::Done => "done",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_its_state() {
        for word in ["ACTIVE", "CANCELED", "COMPLETED"] {
            assert_eq!(status(word).map(of_status), Some(word));
        }
        for word in ["PENDING", "PAID", "FAILED"] {
            assert_eq!(payment(word).map(of_payment), Some(word));
        }
        for word in ["due", "unknown", "dead", "done"] {
            assert_eq!(state(word).map(of_state), Some(word));
        }
        assert_eq!((status("active"), payment(""), state("DUE")), (None, None, None));
    }
}
