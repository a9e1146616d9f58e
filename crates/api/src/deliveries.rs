//! The outbox on the wire: what a run did, what is owed, one delivery.

use crate::json::to_vec;
use crate::list::number;
use crate::query::parameters;
use crate::wire::words::fault;
use crate::wire::{Delivered, Delivery, DeliveryList};
use crate::{Problem, Reply};
use chrono::{DateTime, SecondsFormat, Utc};
use domain::job::JobId;
use domain::outbox::{Counts, JobSummary, Requeued, State};
use http::StatusCode;

/// Which deliveries are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeliveriesPage {
    /// In which state; none for all that is not done.
    pub state: Option<State>,
    /// Only those above this number.
    pub after: i64,
    /// At most so many.
    pub limit: u32,
}

/// Reads `?state=` (due, unknown or dead; else all three), `?limit=` (1 to 1000,
/// else 100) and `?after=` (the number to go on after).
///
/// # Errors
///
/// 400 with the first fault.
pub fn deliveries_page(query: &str) -> Result<DeliveriesPage, Problem> {
    let mut page = DeliveriesPage { state: None, after: 0, limit: 100 };
    for (name, value) in parameters(query)? {
        match name.as_ref() {
            "state" => {
                let state = State::parse(&value).filter(|state| State::OWED.contains(state)).ok_or_else(|| {
                    Problem::invalid_parameter("state", "One of due, unknown and dead is required", fault::ENUM)
                })?;
                page.state = Some(state);
            }
            "after" => {
                page.after = number(&value).ok_or_else(|| {
                    Problem::invalid_parameter("after", "The number of a delivery is required", fault::INT_RANGE)
                })?;
            }
            "limit" => page.limit = crate::list::limit(&value)?,
            _ => {}
        }
    }
    Ok(page)
}

/// The delivery that a path segment names: a positive integer in plain digits.
#[must_use]
pub fn delivery_id(segment: &str) -> Option<JobId> {
    if segment.starts_with('0') { None } else { number(segment).map(JobId) }
}

impl<'a> From<&'a JobSummary> for Delivery<'a> {
    fn from(owed: &'a JobSummary) -> Self {
        Self {
            id: owed.id.0,
            enrolment_id: owed.enrolment_id.get(),
            kind: &owed.kind,
            state: owed.state.as_str(),
            attempts: owed.attempts,
            due_at: owed.due_at.map(time),
            last_error: owed.last_error.as_deref(),
            created_at: time(owed.created_at),
        }
    }
}

/// RFC 3339 in UTC, to the millisecond.
pub(crate) fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// 200 with a page of deliveries, and where to go on, if anywhere.
#[must_use]
pub fn deliveries(page: DeliveriesPage, owed: &[JobSummary]) -> Reply {
    let full = owed.len() >= page.limit as usize;
    let next = owed.last().filter(|_| full).map(|last| last.id.0);
    Reply::json(StatusCode::OK, to_vec(&DeliveryList { deliveries: owed.iter().map(Delivery::from).collect(), next }))
}

/// 200 with the delivery that is due now.
///
/// # Errors
///
/// 404 if there is none, 409 if it cannot be retried.
pub fn requeued(requeued: &Requeued) -> Result<Reply, Problem> {
    match requeued {
        Requeued::Due(owed) => Ok(Reply::json(StatusCode::OK, to_vec(&Delivery::from(owed)))),
        Requeued::NotFound => Err(Problem::no_such_delivery()),
        Requeued::Done => Err(Problem::not_retryable("The delivery is done")),
        Requeued::Held => Err(Problem::not_retryable("The delivery is being made at this moment")),
    }
}

/// 200 with how a run of deliveries went.
#[must_use]
pub fn delivered(counts: Counts) -> Reply {
    let Counts { delivered, put_off, given_up } = counts;
    Reply::json(StatusCode::OK, to_vec(&Delivered { delivered, put_off, given_up }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::EnrolmentId;
    use serde_json::{Value, json};

    fn owed(id: i64) -> JobSummary {
        JobSummary {
            id: JobId(id),
            enrolment_id: EnrolmentId::new(7).unwrap(),
            kind: "invoice".to_owned(),
            state: State::Dead,
            attempts: 64,
            due_at: None,
            last_error: Some("refused".to_owned()),
            created_at: "2026-08-21T10:00:00.5Z".parse().unwrap(),
        }
    }

    fn json_of(reply: &Reply) -> Value {
        serde_json::from_slice(&reply.body).unwrap()
    }

    #[test]
    fn pages_of_what_is_owed() {
        let page = deliveries_page("state=dead&limit=2&after=9223372036854775807&x=y").unwrap();
        assert_eq!(page, DeliveriesPage { state: Some(State::Dead), after: i64::MAX, limit: 2 });
        assert_eq!(deliveries_page("state=due").unwrap().limit, 100);
        assert_eq!(deliveries_page("state=unknown").unwrap().state, Some(State::Unknown));
        assert_eq!(deliveries_page("").unwrap(), DeliveriesPage { state: None, after: 0, limit: 100 });
        for (query, loc) in [
            ("state=", "state"),
            ("state=done", "state"),
            ("state=due&limit=0", "limit"),
            ("state=due&limit=1001", "limit"),
            ("state=due&after=-1", "after"),
            ("state=due&state=dead", "state"),
        ] {
            let problem = deliveries_page(query).unwrap_err();
            assert_eq!((problem.status.as_u16(), problem.details[0].loc[0].as_ref()), (400, loc), "{query}");
        }
    }

    #[test]
    fn numbers_of_deliveries() {
        assert_eq!(delivery_id("9223372036854775807"), Some(JobId(i64::MAX)));
        for segment in ["0", "01", "-1", "+1", "x", "", "9223372036854775808"] {
            assert_eq!(delivery_id(segment), None, "{segment}");
        }
    }

    #[test]
    fn a_full_page_says_where_to_go_on() {
        let page = DeliveriesPage { state: Some(State::Dead), after: 0, limit: 2 };
        let one = json!({
            "id": 1, "enrolment_id": 7, "kind": "invoice", "state": "dead", "attempts": 64, "due_at": null,
            "last_error": "refused", "created_at": "2026-08-21T10:00:00.500Z",
        });
        assert_eq!(json_of(&deliveries(page, &[owed(1)])), json!({"deliveries": [one], "next": null}));
        assert_eq!(json_of(&deliveries(page, &[owed(1), owed(2)]))["next"], 2);
        assert_eq!(json_of(&deliveries(page, &[])), json!({"deliveries": [], "next": null}));
    }

    #[test]
    fn retries() {
        let due = JobSummary { state: State::Due, due_at: Some("2026-08-21T10:00:00Z".parse().unwrap()), ..owed(1) };
        assert_eq!(json_of(&requeued(&Requeued::Due(due)).unwrap())["due_at"], "2026-08-21T10:00:00.000Z");
        assert_eq!(requeued(&Requeued::NotFound).unwrap_err().status, 404);
        assert_eq!(requeued(&Requeued::Done).unwrap_err().status, 409);
        assert_eq!(requeued(&Requeued::Held).unwrap_err().status, 409);
    }

    #[test]
    fn counts() {
        let counts = Counts { delivered: 3, put_off: 2, given_up: 1 };
        assert_eq!(json_of(&delivered(counts)), json!({"delivered": 3, "put_off": 2, "given_up": 1}));
    }
}
