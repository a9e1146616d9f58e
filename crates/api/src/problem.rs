//! The only mapping from errors to HTTP responses.
//!
//! A response describes a caller's mistake in detail. Of a failure of the database or of
//! another service it says only whether a retry can help. The log has the cause
//! ([`Problem::cause`]). The text of another system's error is neither sent nor logged.

mod detail;
mod errors;

pub(crate) use detail::beginning;

use crate::Role;
use crate::dispatch::Methods;
use crate::wire::words::{code, fault};
use crate::wire::{self, Detail};
use http::StatusCode;
use serde::{Serialize, Serializer};
use std::num::NonZeroI64;

/// How long the service waits for a whole body, in seconds.
pub const BODY_SECONDS: u64 = 5;

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

#[cfg(test)]
mod tests;
