//! Whether the service is well.

use crate::json::to_vec;
use crate::query::parameters;
use crate::reply::RETRY_AFTER;
use crate::wire::words::{database, process, service};
use crate::wire::{Backlog, Health};
use crate::{Problem, Reply};
use chrono::{DateTime, Utc};
use domain::outbox::State;
use http::StatusCode;

/// Whether `?deep=1` asks for writing, and for what is owed, as well.
///
/// # Errors
///
/// 400 for a parameter that is given more than once.
pub fn deep(query: &str) -> Result<bool, Problem> {
    Ok(parameters(query)?.iter().any(|(name, value)| name == "deep" && value == "1"))
}

/// 200, with what is owed if that was asked for.
#[must_use]
pub fn healthy(backlog: Option<&domain::outbox::Backlog>, now: DateTime<Utc>) -> Reply {
    let deliveries = backlog.map(|backlog| Backlog {
        due: backlog.in_state(State::Due),
        unknown: backlog.in_state(State::Unknown),
        dead: backlog.in_state(State::Dead),
        oldest_age_seconds: backlog.oldest().map(|oldest| age(oldest, now)),
    });
    let health = Health { status: service::OK, database: database::OK, enrolment_service: process::OK, deliveries };
    Reply::json(StatusCode::OK, to_vec(&health))
}

/// Whole seconds since `then`; none if a clock was set back.
pub(crate) fn age(then: DateTime<Utc>, now: DateTime<Utc>) -> i64 {
    (now - then).num_seconds().max(0)
}

/// 503: the database cannot be read or, where that was asked for, not written.
#[must_use]
pub fn unhealthy() -> Reply {
    let health =
        Health { status: service::ERROR, database: database::DOWN, enrolment_service: process::OK, deliveries: None };
    let mut reply = Reply::json(StatusCode::SERVICE_UNAVAILABLE, to_vec(&health));
    reply.headers.push(("retry-after", RETRY_AFTER.to_owned()));
    reply
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::job::Kind;
    use domain::outbox::Backlog;

    fn text(reply: &Reply) -> &str {
        std::str::from_utf8(&reply.body).unwrap()
    }

    #[test]
    fn plain() {
        let now = DateTime::UNIX_EPOCH;
        assert_eq!(text(&healthy(None, now)), r#"{"status":"ok","database":"ok","enrolment_service":"ok"}"#);
        assert_eq!(unhealthy().status, 503);
        assert_eq!(text(&unhealthy()), r#"{"status":"error","database":"down","enrolment_service":"ok"}"#);
    }

    #[test]
    fn deep_says_what_is_owed() {
        for (query, asked) in [
            ("deep=1", true),
            ("a=b&deep=1", true),
            ("", false),
            ("deep=0", false),
            ("deep", false),
            ("deep=11", false),
        ] {
            assert_eq!(deep(query), Ok(asked), "{query}");
        }
        assert_eq!(deep("deep=0&deep=1").unwrap_err().details[0].loc, ["deep"]);
        let now = DateTime::from_timestamp(100, 0).unwrap();
        let jobs = vec![
            (Kind::Invoice, State::Due, 2),
            (Kind::PaymentEmail, State::Due, 1),
            (Kind::Invoice, State::Unknown, 2),
            (Kind::PaymentEmail, State::Dead, 1),
        ];
        let oldest = vec![(Kind::Invoice, DateTime::from_timestamp(40, 0).unwrap())];
        let backlog = Backlog { jobs, oldest };
        assert!(
            text(&healthy(Some(&backlog), now))
                .ends_with(r#","deliveries":{"due":3,"unknown":2,"dead":1,"oldest_age_seconds":60}}"#)
        );
        assert!(text(&healthy(Some(&Backlog::default()), now)).ends_with(r#""oldest_age_seconds":null}}"#));
    }
}
