//! The only mapping from errors to HTTP responses.
//!
//! A response describes a caller's mistake in detail. Of a failure of the database or of
//! another service it says only whether a retry can help. The log has the cause
//! ([`Problem::cause`]). The text of another system's error is neither sent nor logged.

use crate::Role;
use crate::dispatch::Methods;
use crate::wire::words::{code, fault};
use crate::wire::{self, Detail};
use http::StatusCode;
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::num::NonZeroI64;

/// How long the service waits for a whole body, in seconds.
pub const BODY_SECONDS: u64 = 5;

impl Detail {
    /// A fault of the field `name`.
    #[must_use]
    pub fn of(name: impl Into<Cow<'static, str>>, msg: impl Into<String>, kind: &'static str) -> Self {
        Self { loc: vec![name.into()], msg: msg.into(), kind }
    }

    /// A fault of the field `name` in the object `outer`.
    #[must_use]
    pub fn inside(outer: &'static str, name: &'static str, msg: impl Into<String>, kind: &'static str) -> Self {
        Self { loc: vec![outer.into(), name.into()], msg: msg.into(), kind }
    }

    /// A fault of the body as a whole.
    #[must_use]
    pub fn of_the_body(msg: &str, kind: &'static str) -> Self {
        Self { loc: Vec::new(), msg: msg.to_owned(), kind }
    }

    /// A duplicate field or parameter.
    #[must_use]
    pub fn duplicate(name: &str) -> Self {
        Self::of(beginning(name), "Given more than once", fault::DUPLICATE)
    }

    /// An unknown field in the object `outer`.
    #[must_use]
    pub fn unknown_inside(outer: &'static str, name: &str) -> Self {
        Self { loc: vec![outer.into(), beginning(name).into()], msg: "Unknown field".to_owned(), kind: fault::EXTRA }
    }

    /// An unknown parameter or field.
    #[must_use]
    pub fn unknown(name: &str, what: &str) -> Self {
        Self::of(beginning(name), format!("Unknown {what}"), fault::EXTRA)
    }
}

/// The first 64 characters of a name that the caller chose.
pub(crate) fn beginning(name: &str) -> String {
    const LONGEST: usize = 64;
    name.chars().take(LONGEST).collect()
}

/// An error response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The status.
    pub status: StatusCode,
    /// The error code, for programs.
    pub error: &'static str,
    /// The error as a sentence, for people.
    pub message: String,
    /// The invalid fields, for a 400.
    pub details: Vec<Detail>,
    /// The id of the oldest event, where the requested ones are gone.
    pub oldest: Option<NonZeroI64>,
    /// The allowed methods, for a 405.
    pub allow: Option<Methods>,
    /// Whether the same request may succeed later.
    pub retry: bool,
    /// The cause, for the log only.
    pub cause: Option<String>,
}

impl Problem {
    fn new(status: StatusCode, error: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            error,
            message: message.into(),
            details: Vec::new(),
            oldest: None,
            allow: None,
            retry: false,
            cause: None,
        }
    }

    /// 404: unknown path.
    #[must_use]
    pub fn no_such_path() -> Self {
        Self::new(StatusCode::NOT_FOUND, code::NOT_FOUND, "There is no such path")
    }

    /// 405: the path does not have this method.
    #[must_use]
    pub fn method_not_allowed(methods: Methods) -> Self {
        let message = format!("This path allows {methods}");
        let mut problem = Self::new(StatusCode::METHOD_NOT_ALLOWED, code::METHOD_NOT_ALLOWED, message);
        problem.allow = Some(methods);
        problem
    }

    /// 401: the token is missing or invalid.
    #[must_use]
    pub fn no_token() -> Self {
        let message = "No token came. Send one in the header Authorization: Bearer";
        Self::new(StatusCode::UNAUTHORIZED, code::UNAUTHORIZED, message)
    }

    /// 401: the token is not known.
    #[must_use]
    pub fn unknown_token() -> Self {
        let message = "A token came that is not known";
        Self::new(StatusCode::UNAUTHORIZED, code::UNAUTHORIZED, message)
    }

    /// 403: the role of the token lacks the permission. The log has the name of the token.
    #[must_use]
    pub fn forbidden(role: Role) -> Self {
        let message = format!("A token with the role {role} may not do this");
        let mut problem = Self::new(StatusCode::FORBIDDEN, code::FORBIDDEN, message);
        problem.cause = Some(format!("the role {role} may not do this"));
        problem
    }

    /// 415: the body is not JSON.
    #[must_use]
    pub fn unsupported_media_type() -> Self {
        let message = "Send JSON with Content-Type: application/json";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, code::UNSUPPORTED_MEDIA_TYPE, message)
    }

    /// 413: the body is larger than [`crate::MAX_BODY`].
    #[must_use]
    pub fn payload_too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, code::TOO_LARGE, "The body is larger than 65536 bytes")
    }

    /// 408: the body did not arrive in time.
    #[must_use]
    pub fn request_timeout() -> Self {
        let message = format!("The body did not arrive within {BODY_SECONDS} s");
        Self::new(StatusCode::REQUEST_TIMEOUT, code::TIMEOUT, message)
    }

    /// 400: invalid fields or parameters.
    #[must_use]
    pub fn invalid(details: Vec<Detail>) -> Self {
        let mut problem = Self::new(StatusCode::BAD_REQUEST, code::INVALID, "Validation failed");
        problem.details = details;
        problem
    }

    /// 400: an invalid header.
    #[must_use]
    pub fn invalid_header(name: &'static str, msg: &str) -> Self {
        Self::invalid(vec![Detail::of(name, msg, fault::STRING_VALUE)])
    }

    /// 404: there is no such delivery.
    #[must_use]
    pub fn no_such_delivery() -> Self {
        Self::new(StatusCode::NOT_FOUND, code::NOT_FOUND, "Delivery not found")
    }

    /// 404: no invoice is to be issued by this delivery.
    #[must_use]
    pub fn no_planned_invoice() -> Self {
        Self::new(StatusCode::NOT_FOUND, code::NOT_FOUND, "No invoice is to be issued by this delivery")
    }

    /// 409: the delivery cannot be retried in its state.
    #[must_use]
    pub fn not_retryable(why: &str) -> Self {
        Self::new(StatusCode::CONFLICT, code::CONFLICT, why)
    }

    /// 409: there is no receiver of webhooks.
    #[must_use]
    pub fn no_receiver() -> Self {
        Self::new(StatusCode::CONFLICT, code::CONFLICT, "No receiver is configured: set events_url and events_secret")
    }

    /// 400: the query does not have exactly one user id.
    #[must_use]
    pub fn missing_user_id() -> Self {
        Self::new(StatusCode::BAD_REQUEST, code::MISSING_USER_ID, "The query must have exactly one user_id")
    }

    /// 400: an invalid parameter.
    #[must_use]
    pub fn invalid_parameter(name: &'static str, msg: impl Into<String>, kind: &'static str) -> Self {
        Self::invalid(vec![Detail::of(name, msg, kind)])
    }

    /// 400: the body ended too early.
    #[must_use]
    pub fn broken_body() -> Self {
        Self::invalid(vec![Detail::of_the_body("The body ended too early", fault::JSON_INVALID)])
    }

    /// The response's body.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        crate::json::to_vec(self)
    }
}

/// The fields that the response contains.
impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { message, error, details, oldest, .. } = self;
        wire::Error { message, error, details, oldest: oldest.map(NonZeroI64::get) }.serialize(serializer)
    }
}

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

#[cfg(test)]
mod tests;
