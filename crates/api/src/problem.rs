//! What goes wrong, as callers see it: the one mapping from errors to HTTP.
//!
//! A caller's mistake is described plainly. What is wrong behind the service is
//! "unavailable" to a caller where asking again may help, else "an answer that
//! cannot be used"; the named cause goes to the log ([`Problem::cause`]), and what
//! another system said goes nowhere.

use crate::Role;
use crate::dispatch::Methods;
use crate::wire::words::{code, fault};
use crate::wire::{self, Detail};
use http::StatusCode;
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::num::NonZeroI64;

/// For how many seconds the whole of a body is waited for.
pub const BODY_SECONDS: u64 = 5;

impl Detail {
    /// What is wrong with the field called `name`.
    #[must_use]
    pub fn of(name: impl Into<Cow<'static, str>>, msg: impl Into<String>, kind: &'static str) -> Self {
        Self { loc: vec![name.into()], msg: msg.into(), kind }
    }

    /// What is wrong with the field called `name` of the object called `outer`.
    #[must_use]
    pub fn inside(outer: &'static str, name: &'static str, msg: impl Into<String>, kind: &'static str) -> Self {
        Self { loc: vec![outer.into(), name.into()], msg: msg.into(), kind }
    }

    /// What is wrong with the body as a whole.
    #[must_use]
    pub fn of_the_body(msg: &str, kind: &'static str) -> Self {
        Self { loc: Vec::new(), msg: msg.to_owned(), kind }
    }

    /// A field or parameter was given more than once.
    #[must_use]
    pub fn duplicate(name: &str) -> Self {
        Self::of(beginning(name), "Given more than once", fault::DUPLICATE)
    }

    /// A parameter that the route does not take.
    #[must_use]
    pub fn unknown(name: &str) -> Self {
        Self::of(beginning(name), "There is no such parameter here", fault::EXTRA)
    }
}

/// Of a long name, which is the caller's own, the beginning.
fn beginning(name: &str) -> String {
    const LONGEST: usize = 64;
    name.chars().take(LONGEST).collect()
}

/// An answer that says what went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The answer's status.
    pub status: StatusCode,
    /// The error by name, for programs.
    pub error: &'static str,
    /// The error in a sentence, for people.
    pub message: String,
    /// Every faulty field, when the body is at fault.
    pub details: Vec<Detail>,
    /// The oldest event that there is, when older ones are asked for.
    pub oldest: Option<NonZeroI64>,
    /// What the path allows, when the method is at fault.
    pub allow: Option<Methods>,
    /// Whether the same request may succeed later.
    pub retry: bool,
    /// For the log: what happened behind the service.
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

    /// 404: there is nothing at this path.
    #[must_use]
    pub fn no_such_path() -> Self {
        Self::new(StatusCode::NOT_FOUND, code::NOT_FOUND, "There is nothing at this path")
    }

    /// 405: not with this method.
    #[must_use]
    pub fn method_not_allowed(methods: Methods) -> Self {
        let message = format!("Use {methods} here");
        let mut problem = Self::new(StatusCode::METHOD_NOT_ALLOWED, code::METHOD_NOT_ALLOWED, message);
        problem.allow = Some(methods);
        problem
    }

    /// 401: the token is missing or wrong.
    #[must_use]
    pub fn unauthorized() -> Self {
        let message = "Send the service token as Authorization: Bearer";
        Self::new(StatusCode::UNAUTHORIZED, code::UNAUTHORIZED, message)
    }

    /// 403: the token is right, but not for this. The log says whose it is.
    #[must_use]
    pub fn forbidden(role: Role) -> Self {
        let message = format!("A token for {role} may not do this");
        let mut problem = Self::new(StatusCode::FORBIDDEN, code::FORBIDDEN, message);
        problem.cause = Some(format!("not for {role}"));
        problem
    }

    /// 415: the body is something else than JSON.
    #[must_use]
    pub fn unsupported_media_type() -> Self {
        let message = "Send JSON with Content-Type: application/json";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, code::UNSUPPORTED_MEDIA_TYPE, message)
    }

    /// 413: the body is larger than [`crate::MAX_BODY`].
    #[must_use]
    pub fn payload_too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, code::TOO_LARGE, "A body has at most 65536 bytes")
    }

    /// 408: the body was not there in time.
    #[must_use]
    pub fn request_timeout() -> Self {
        let message = format!("The body was not there within {BODY_SECONDS} s");
        Self::new(StatusCode::REQUEST_TIMEOUT, code::TIMEOUT, message)
    }

    /// 400: the body is not what the route takes.
    #[must_use]
    pub fn invalid(details: Vec<Detail>) -> Self {
        let mut problem = Self::new(StatusCode::BAD_REQUEST, code::INVALID, "Validation failed");
        problem.details = details;
        problem
    }

    /// 400: a header is not what the route takes.
    #[must_use]
    pub fn invalid_header(name: &'static str, msg: &str) -> Self {
        Self::invalid(vec![Detail::of(name, msg, fault::STRING_VALUE)])
    }

    /// 404: there is no such delivery.
    #[must_use]
    pub fn no_such_delivery() -> Self {
        Self::new(StatusCode::NOT_FOUND, code::NOT_FOUND, "Delivery not found")
    }

    /// 409: the delivery is in no state to be retried.
    #[must_use]
    pub fn not_retryable(why: &str) -> Self {
        Self::new(StatusCode::CONFLICT, code::CONFLICT, why)
    }

    /// 400: the query does not name one user.
    #[must_use]
    pub fn missing_user_id() -> Self {
        Self::new(StatusCode::BAD_REQUEST, code::MISSING_USER_ID, "Name one user: ?user_id=")
    }

    /// 400: a parameter of the query is not what the route takes.
    #[must_use]
    pub fn invalid_parameter(name: &'static str, msg: impl Into<String>, kind: &'static str) -> Self {
        Self::invalid(vec![Detail::of(name, msg, kind)])
    }

    /// 400: the body broke off.
    #[must_use]
    pub fn broken_body() -> Self {
        Self::invalid(vec![Detail::of_the_body("The body could not be read to its end", fault::JSON_INVALID)])
    }

    /// The answer's body.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        crate::json::to_vec(self)
    }
}

/// What of it goes over the wire.
impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { message, error, details, oldest, .. } = self;
        wire::Error { message, error, details, oldest: oldest.map(NonZeroI64::get) }.serialize(serializer)
    }
}

impl From<domain::Error> for Problem {
    fn from(error: domain::Error) -> Self {
        use domain::Error;
        let invalid = |message: String| Self::new(StatusCode::BAD_REQUEST, code::INVALID, message);
        let conflict = |message: &str| Self::new(StatusCode::CONFLICT, code::CONFLICT, message);
        match error {
            Error::NotFound => Self::new(StatusCode::NOT_FOUND, code::NOT_FOUND, "Enrolment not found"),
            Error::UserNotFound => invalid("User not found or inactive".to_owned()),
            Error::CourseNotFound(id) => invalid(format!("Course {id} not found")),
            Error::UserIdNotStorable => Self::invalid_parameter(
                "user_id",
                "The database cannot store one of its characters",
                fault::STRING_VALUE,
            ),
            Error::Decimals(currency) => {
                Self::invalid_parameter("amount", format!("{currency} has no decimals"), fault::DECIMAL_RANGE)
            }
            Error::AlreadyEnrolled => conflict("User is already enrolled in this course"),
            Error::AlreadyPaid => conflict("Enrolment already paid"),
            Error::CanceledInTheWay => conflict(
                "User has a canceled enrolment in this course; a new one is possible once the database has taken the \
                 migration without a way back",
            ),
            Error::CourseFull => Self::new(StatusCode::CONFLICT, code::COURSE_FULL, "Course is full"),
            Error::Canceled => conflict("Enrolment is canceled"),
            Error::Completed => conflict("Enrolment is completed"),
            Error::NotPaid => conflict("Enrolment is not paid"),
            Error::AlreadyRefunded => conflict("Enrolment already refunded"),
            Error::InProgress => {
                let mut problem = conflict("The same request is being carried out; try again");
                problem.retry = true;
                problem
            }
            Error::KeyReused => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                code::KEY_REUSED,
                "The Idempotency-Key stands for another request",
            ),
            Error::DeletedSince => Self::new(
                StatusCode::GONE,
                code::GONE,
                "The enrolment that this Idempotency-Key stands for was deleted",
            ),
            Error::EventsGone { oldest } => {
                let message = "Not all events after this one are there; begin with the oldest";
                let mut problem = Self::new(StatusCode::GONE, code::GONE, message);
                problem.oldest = NonZeroI64::new(oldest);
                problem
            }
            Error::Unavailable(unavailable) => unavailable.into(),
            Error::Unusable(unusable) => unusable.into(),
        }
    }
}

impl From<domain::settle::SettleError> for Problem {
    fn from(error: domain::settle::SettleError) -> Self {
        use domain::settle::SettleError;
        let conflict = |code, message: &str| Self::new(StatusCode::CONFLICT, code, message);
        match error {
            SettleError::NotFound => Self::no_such_delivery(),
            SettleError::AlreadySettled => conflict(code::ALREADY_SETTLED, "The delivery is already settled"),
            SettleError::BeingDelivered => {
                let mut problem = conflict(code::BEING_DELIVERED, "The delivery is being made at this moment");
                problem.retry = true;
                problem
            }
            SettleError::OfLaterRelease => conflict(code::CONFLICT, "A later release owes this delivery"),
            SettleError::NoDocument(fields) => {
                let fault = |name| Detail::of(name, "Only an invoice or a correction has one", fault::EXTRA);
                Self::invalid(fields.into_iter().map(fault).collect())
            }
            SettleError::Unavailable(unavailable) => unavailable.into(),
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
            // The cause names a variable, never its value.
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
        let message = format!("The {} service gave an answer that cannot be used", unusable.system);
        let mut problem = Self::new(StatusCode::BAD_GATEWAY, code::BAD_GATEWAY, message);
        problem.cause = Some(unusable.to_string());
        problem
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{CourseId, Error, System, Unavailable, Unusable};

    #[test]
    fn every_error_has_its_answer() {
        for (error, status, code, message) in [
            (Error::NotFound, 404, "not_found", "Enrolment not found"),
            (Error::UserNotFound, 400, "validation_error", "User not found or inactive"),
            (Error::CourseNotFound(CourseId::new(7).unwrap()), 400, "validation_error", "Course 7 not found"),
            (Error::UserIdNotStorable, 400, "validation_error", "Validation failed"),
            (Error::AlreadyEnrolled, 409, "conflict", "User is already enrolled in this course"),
            (Error::AlreadyPaid, 409, "conflict", "Enrolment already paid"),
            (Error::CourseFull, 409, "course_full", "Course is full"),
            (Error::Canceled, 409, "conflict", "Enrolment is canceled"),
            (Error::Completed, 409, "conflict", "Enrolment is completed"),
            (Error::NotPaid, 409, "conflict", "Enrolment is not paid"),
            (Error::AlreadyRefunded, 409, "conflict", "Enrolment already refunded"),
            (Error::InProgress, 409, "conflict", "The same request is being carried out; try again"),
            (Error::KeyReused, 422, "idempotency_key_reused", "The Idempotency-Key stands for another request"),
            (Error::DeletedSince, 410, "gone", "The enrolment that this Idempotency-Key stands for was deleted"),
            (
                Error::EventsGone { oldest: 7 },
                410,
                "gone",
                "Not all events after this one are there; begin with the oldest",
            ),
        ] {
            let problem = Problem::from(error);
            assert_eq!((problem.status.as_u16(), problem.error, problem.message.as_str()), (status, code, message));
            assert_eq!(problem.cause, None);
        }
    }

    #[test]
    fn what_is_gone_says_what_there_is() {
        let json = |error: Error| serde_json::from_slice::<serde_json::Value>(&Problem::from(error).to_json()).unwrap();
        assert_eq!(json(Error::EventsGone { oldest: 7 })["oldest"], 7);
        assert!(json(Error::DeletedSince).get("oldest").is_none());
    }

    #[test]
    fn what_cannot_be_settled_says_why() {
        use domain::settle::SettleError;
        for (error, status, code, retry) in [
            (SettleError::NotFound, 404, "not_found", false),
            (SettleError::AlreadySettled, 409, "already_settled", false),
            (SettleError::BeingDelivered, 409, "being_delivered", true),
            (SettleError::OfLaterRelease, 409, "conflict", false),
            (SettleError::NoDocument(vec!["number", "url"]), 400, "validation_error", false),
            (SettleError::Unavailable(Unavailable::new(System::Database, "down")), 503, "service_unavailable", true),
        ] {
            let problem = Problem::from(error);
            assert_eq!((problem.status.as_u16(), problem.error, problem.retry), (status, code, retry));
        }
        let problem = Problem::from(SettleError::NoDocument(vec!["number", "url"]));
        assert_eq!((problem.details[0].loc[0].as_ref(), problem.details[1].loc[0].as_ref()), ("number", "url"));
    }

    #[test]
    fn what_is_unavailable_is_named_and_its_cause_kept_from_callers() {
        for system in [System::Users, System::Courses, System::Database] {
            let problem = Problem::from(Error::Unavailable(Unavailable::new(system, "secret cause")));
            assert_eq!((problem.status.as_u16(), problem.error), (503, "service_unavailable"));
            assert!(problem.message.contains(&system.to_string()), "{}", problem.message);
            assert!(!problem.message.contains("secret"));
            assert_eq!(problem.cause, Some(format!("{system}: secret cause")));
        }
        let problem = Problem::from(Unavailable::new(System::Configuration, "variable mysql_tls is unreadable"));
        assert_eq!(problem.message, "The service is not configured: variable mysql_tls is unreadable");
    }

    #[test]
    fn an_answer_that_cannot_be_used_is_no_reason_to_ask_again() {
        let unusable = Unusable { system: System::Courses, cause: "price is absurd".to_owned() };
        let problem = Problem::from(Error::Unusable(unusable));
        assert_eq!((problem.status.as_u16(), problem.error, problem.retry), (502, "bad_gateway", false));
        assert_eq!(problem.message, "The courses service gave an answer that cannot be used");
        assert_eq!(problem.cause.as_deref(), Some("courses: price is absurd"));
    }

    #[test]
    fn decimals_that_a_currency_has_not_are_a_fault_of_the_amount() {
        let problem = Problem::from(Error::Decimals(domain::terms::Currency::parse("JPY").unwrap()));
        assert_eq!((problem.status.as_u16(), problem.error, problem.cause), (400, "validation_error", None));
        let detail = &problem.details[0];
        assert_eq!(
            (detail.loc[0].as_ref(), detail.msg.as_str(), detail.kind),
            ("amount", "JPY has no decimals", "decimal_range")
        );
    }

    #[test]
    fn a_name_that_a_caller_made_up_is_cut() {
        assert_eq!(Detail::duplicate("limit").loc, ["limit"]);
        assert_eq!(Detail::duplicate(&"ż".repeat(65)).loc, ["ż".repeat(64)]);
    }

    #[test]
    fn the_body_has_details_only_when_there_are_any() {
        assert_eq!(
            String::from_utf8(Problem::from(Error::NotFound).to_json()).unwrap(),
            r#"{"message":"Enrolment not found","error":"not_found"}"#
        );
        let detail = Detail::of("course_id", "Field required", fault::MISSING);
        assert_eq!(
            String::from_utf8(Problem::invalid(vec![detail]).to_json()).unwrap(),
            r#"{"message":"Validation failed","error":"validation_error","details":[{"loc":["course_id"],"msg":"Field required","type":"missing"}]}"#
        );
    }
}
