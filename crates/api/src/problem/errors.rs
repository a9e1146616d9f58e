//! The problem of each error of the domain.

use super::Problem;
use crate::wire::words::{code, fault};
use crate::wire::{self, Detail};
use http::StatusCode;
use std::num::NonZeroI64;

impl From<domain::Error> for Problem {
    fn from(error: domain::Error) -> Self {
        use domain::Error;
        use domain::model::window::Closed;
        let invalid = |message: String| Self::new(StatusCode::BAD_REQUEST, code::INVALID, message);
        let conflict = |message: &str| Self::new(StatusCode::CONFLICT, code::CONFLICT, message);
        match error {
            Error::NotFound => Self::new(StatusCode::NOT_FOUND, code::NOT_FOUND, "Enrolment not found"),
            Error::UserNotFound => invalid("User not found or inactive".to_owned()),
            Error::CourseNotFound(id) => invalid(format!("Course {id} not found")),
            Error::UserIdNotStorable => Self::invalid_parameter(
                "user_id",
                "The database cannot store a character of this user id",
                fault::STRING_VALUE,
            ),
            Error::Decimals(currency) => {
                Self::invalid_parameter("amount", format!("{currency} has no decimals"), fault::DECIMAL_RANGE)
            }
            Error::ReverseCharge => {
                let msg = "A reverse charge needs the tax np";
                Self::invalid(vec![Detail::inside("buyer", "reverse_charge", msg.to_owned(), fault::STRING_VALUE)])
            }
            Error::PriceDecimals(currency) => {
                let msg = format!("{currency} has no decimals");
                Self::invalid(vec![Detail::inside("course", "price", msg, fault::DECIMAL_RANGE)])
            }
            Error::AlreadyEnrolled => conflict("User is already enrolled in this course"),
            Error::AlreadyPaid => conflict("Enrolment already paid"),
            Error::PaymentRecorded(id) => {
                let message = format!("The payment with this reference is recorded for enrolment {id}");
                Self::new(StatusCode::CONFLICT, code::PAYMENT_RECORDED, message)
            }
            Error::DayOfPayment => conflict("The day of the payment must be from 2000-01-01 to today in Warsaw"),
            Error::CanceledInTheWay => {
                conflict("User has a canceled enrolment in this course; a new one requires the last database migration")
            }
            Error::CourseFull => Self::new(StatusCode::CONFLICT, code::COURSE_FULL, "Course is full"),
            Error::CourseClosed(closed) => {
                let message = match closed {
                    Closed::NotYet(begin) => format!("Enrolling in the course begins at {}", wire::time(begin)),
                    Closed::Since(end) => format!("Enrolling in the course ended at {}", wire::time(end)),
                    Closed::Over(end) => format!("The course ended at {}", wire::time(end)),
                };
                Self::new(StatusCode::CONFLICT, code::COURSE_CLOSED, message)
            }
            Error::SeatFree => {
                Self::new(StatusCode::CONFLICT, code::SEAT_FREE, "The course has a free seat: enrol the user")
            }
            Error::PayUntil => conflict("pay_until must be in the next 365 days"),
            Error::NothingToPay => conflict("The course is free"),
            Error::NothingPaid => conflict("Nothing was paid"),
            Error::NotWaiting => Self::new(StatusCode::NOT_FOUND, code::NOT_FOUND, "Entry not found"),
            Error::NotYet => {
                let message = "This requires the last database migration";
                Self::new(StatusCode::CONFLICT, code::NOT_YET, message)
            }
            Error::UserGone => conflict("The user of the enrolment is erased, not found or inactive"),
            Error::Canceled => conflict("Enrolment is canceled"),
            Error::Completed => conflict("Enrolment is completed"),
            Error::NotPaid => conflict("Enrolment is not paid"),
            Error::AlreadyRefunded => conflict("Enrolment already refunded"),
            Error::RefundAmount(left) => Self::invalid_parameter(
                "amount",
                format!("More than 0 and at most {left} can be refunded"),
                fault::DECIMAL_RANGE,
            ),
            Error::AmountNotKnown => conflict("The paid amount is not known: refund all of it, without an amount"),
            Error::RefundNotRepeatable => Self::invalid_parameter(
                "reference",
                "A refund of a part needs a reference or an Idempotency-Key",
                fault::MISSING,
            ),
            Error::NothingBilled => {
                conflict("The service knows no invoice of this enrolment that another buyer can get")
            }
            Error::TaxNeeded => Self::invalid_parameter(
                "tax",
                "The invoice has another tax than is agreed on now: the request must name the tax",
                fault::MISSING,
            ),
            Error::RefundRecorded(id) => {
                let message = format!("The refund with this reference is recorded for enrolment {id}");
                Self::new(StatusCode::CONFLICT, code::REFUND_RECORDED, message)
            }
            Error::InProgress => {
                let mut problem = conflict("The same request is in progress; try again");
                problem.retry = true;
                problem
            }
            Error::KeyReused => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                code::KEY_REUSED,
                "The Idempotency-Key belongs to another request",
            ),
            Error::DeletedSince => {
                Self::new(StatusCode::GONE, code::GONE, "The enrolment of this Idempotency-Key was deleted")
            }
            Error::EventsGone { oldest } => {
                let message = "Some events after this id are gone; start again from the oldest event";
                let mut problem = Self::new(StatusCode::GONE, code::GONE, message);
                problem.oldest = NonZeroI64::new(oldest);
                problem
            }
            Error::InvoicesUnavailable(cause) => {
                let message = "The invoicing service cannot be asked now; try again";
                let mut problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, code::UNAVAILABLE, message);
                problem.cause = Some(format!("invoices: {cause}"));
                problem.retry = true;
                problem
            }
            Error::Unavailable(unavailable) => unavailable.into(),
            Error::Unusable(unusable) => unusable.into(),
        }
    }
}

impl From<domain::ports::ResolveError> for Problem {
    fn from(error: domain::ports::ResolveError) -> Self {
        use domain::ports::ResolveError;
        let conflict = |code, message: &str| Self::new(StatusCode::CONFLICT, code, message);
        match error {
            ResolveError::NotFound => Self::no_such_delivery(),
            ResolveError::AlreadyResolved => {
                conflict(code::ALREADY_SETTLED, "The delivery is already resolved or done")
            }
            ResolveError::BeingDelivered => {
                let mut problem = conflict(code::BEING_DELIVERED, "The delivery is in progress");
                problem.retry = true;
                problem
            }
            ResolveError::OfLaterRelease => conflict(code::CONFLICT, "A later release created this delivery"),
            ResolveError::NoDocument(fields) => {
                let fault = |name| Detail::of(name, "This kind of delivery has no document", fault::EXTRA);
                Self::invalid(fields.into_iter().map(fault).collect())
            }
            ResolveError::Unavailable(unavailable) => unavailable.into(),
        }
    }
}

impl From<domain::Unavailable> for Problem {
    fn from(unavailable: domain::Unavailable) -> Self {
        use domain::System;
        let message = match unavailable.system {
            System::Users => "The users service cannot be reached; try again".to_owned(),
            System::Courses => "The courses service cannot be reached; try again".to_owned(),
            System::Database => "The database cannot be reached; try again".to_owned(),
            // The cause contains the name of a variable, never its value.
            System::Configuration => format!("The service is not configured: {}", unavailable.cause),
        };
        let mut problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, code::UNAVAILABLE, message);
        problem.cause = Some(unavailable.to_string());
        problem.retry = true;
        problem
    }
}

impl From<domain::Unusable> for Problem {
    fn from(unusable: domain::Unusable) -> Self {
        let message = format!("The {} service sent an invalid response", unusable.system);
        let mut problem = Self::new(StatusCode::BAD_GATEWAY, code::BAD_GATEWAY, message);
        problem.cause = Some(unusable.to_string());
        problem
    }
}
