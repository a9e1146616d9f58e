//! The words of the columns that are an ENUM on MySQL.

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
        assert_eq!((status("active"), payment("")), (None, None));
    }
}
