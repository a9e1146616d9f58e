//! The health check.

use crate::json::to_vec;
use crate::query::Query;
use crate::reply::RETRY_AFTER;
use crate::wire::words::{configuration, database, process, service};
use crate::wire::{Backlog, Health, VariableFault};
use crate::{Problem, Reply};
use chrono::{DateTime, Utc};
use domain::jobs::outbox::State;
use http::StatusCode;

/// Whether `?deep=1` asks for a write to the database and the counts of pending deliveries.
///
/// # Errors
///
/// 400 for an unknown or a duplicate parameter.
pub fn deep(query: &str) -> Result<bool, Problem> {
    let mut query = Query::parse(query, &["deep"]);
    let deep = query.read("deep", |value| Ok(value == "1"));
    query.end()?;
    Ok(deep.unwrap_or(false))
}

/// The result of the checks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Checks<'a> {
    /// Whether the database cannot be read or, with `?deep=1`, not written.
    pub database_is_down: bool,
    /// The variables with an invalid value.
    pub faults: &'a [VariableFault],
    /// Whether the response names these variables.
    pub names_faults: bool,
    /// The pending deliveries, with `?deep=1`.
    pub backlog: Option<&'a domain::jobs::outbox::Backlog>,
}

/// 200 if all checks passed, else 503.
#[must_use]
pub fn health(checks: &Checks<'_>, now: DateTime<Utc>) -> Reply {
    let Checks { database_is_down, faults, names_faults, backlog } = *checks;
    let healthy = !database_is_down && faults.is_empty();
    let deliveries = backlog.map(|backlog| Backlog {
        due: backlog.in_state(State::Due),
        unknown: backlog.in_state(State::Unknown),
        dead: backlog.in_state(State::Dead),
        oldest_age_seconds: backlog.oldest().map(|oldest| age(oldest, now)),
        new_events: backlog.new_events,
    });
    let health = Health {
        status: if healthy { service::OK } else { service::ERROR },
        database: if database_is_down { database::DOWN } else { database::OK },
        enrolment_service: process::OK,
        configuration: (!faults.is_empty()).then_some(configuration::ERROR),
        variables: if names_faults { faults } else { &[] },
        deliveries,
    };
    let status = if healthy { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let mut reply = Reply::json(status, to_vec(&health));
    if !healthy {
        reply.headers.push(("retry-after", RETRY_AFTER.to_owned()));
    }
    reply
}

/// Whole seconds since `then`; 0 if it is in the future, because a clock was set back.
pub(crate) fn age(then: DateTime<Utc>, now: DateTime<Utc>) -> i64 {
    (now - then).num_seconds().max(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::jobs::Kind;
    use domain::jobs::outbox::{Backlog, PendingJobs};

    fn text(reply: &Reply) -> &str {
        std::str::from_utf8(&reply.body).unwrap()
    }

    fn of(checks: &Checks<'_>) -> Reply {
        health(checks, DateTime::UNIX_EPOCH)
    }

    #[test]
    fn a_check_has_a_status() {
        let up = of(&Checks::default());
        assert_eq!(
            (up.status.as_u16(), text(&up)),
            (200, r#"{"status":"ok","database":"ok","enrolment_service":"ok"}"#)
        );
        let down = of(&Checks { database_is_down: true, ..Checks::default() });
        assert_eq!(down.status, 503);
        assert_eq!(text(&down), r#"{"status":"error","database":"down","enrolment_service":"ok"}"#);
    }

    #[test]
    fn only_some_callers_see_the_names_of_variables() {
        let faults = [VariableFault { name: "mail_tls", allowed: "on or off" }];
        let stranger = Checks { faults: &faults, ..Checks::default() };
        let begin = r#"{"status":"error","database":"ok","enrolment_service":"ok","configuration":"error""#;
        assert_eq!((of(&stranger).status.as_u16(), text(&of(&stranger))), (503, format!("{begin}}}").as_str()));
        let known = of(&Checks { names_faults: true, ..stranger });
        assert_eq!(text(&known), format!(r#"{begin},"variables":[{{"name":"mail_tls","allowed":"on or off"}}]}}"#));
    }

    #[test]
    fn a_deep_check_counts_pending_deliveries() {
        for (query, asked) in [("deep=1", true), ("", false), ("deep=0", false), ("deep", false), ("deep=11", false)] {
            assert_eq!(deep(query), Ok(asked), "{query}");
        }
        assert_eq!(deep("a=b&deep=1").unwrap_err().details[0].loc, ["a"]);
        assert_eq!(deep("deep=0&deep=1").unwrap_err().details[0].loc, ["deep"]);
        let now = DateTime::from_timestamp(100, 0).unwrap();
        let jobs = |kind, state, number| PendingJobs {
            kind,
            state,
            reason: None,
            number,
            oldest: DateTime::from_timestamp(40, 0).unwrap(),
        };
        let jobs = vec![
            jobs(Kind::Invoice, State::Due, 2),
            jobs(Kind::PaymentEmail, State::Due, 1),
            jobs(Kind::Invoice, State::Unknown, 2),
            jobs(Kind::PaymentEmail, State::Dead, 1),
        ];
        let backlog = Backlog { jobs, new_events: 4, oldest_new_event: None };
        let deep = |backlog| health(&Checks { backlog: Some(backlog), ..Checks::default() }, now);
        assert!(
            text(&deep(&backlog))
                .ends_with(r#","deliveries":{"due":3,"unknown":2,"dead":1,"oldest_age_seconds":60,"new_events":4}}"#)
        );
        assert!(text(&deep(&Backlog::default())).ends_with(r#""oldest_age_seconds":null,"new_events":0}}"#));
    }
}
