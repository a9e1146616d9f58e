//! Requests and responses about deliveries.

use crate::json::to_vec;
use crate::paging::{self, Paging};
use crate::path::positive;
use crate::query::{Query, integer};
use crate::wire::operators::{DeliverySummary, RetriedDeliveries};
use crate::wire::planned::Planned;
use crate::wire::words::fault;
use crate::wire::{Delivered, Delivery, DeliveryList, time};
use crate::{Problem, Reply};
use chrono::{DateTime, Utc};
use domain::EnrolmentId;
use domain::jobs::outbox::{Backlog, Counts, JobFilter, JobPage, JobSummary, RetryResult, State};
use domain::jobs::{JobId, Kind, PlannedInvoice};
use domain::model::reason::{ReasonCode, StoredReason};
use http::StatusCode;

/// Parses the optional parameters `enrolment_id`, `kind`, `state` (due, unknown or dead), `reason`,
/// `limit` (1 to 1000; 100 by default) and `after` (an id).
///
/// # Errors
///
/// 400 with every fault.
pub fn deliveries_page(query: &str) -> Result<(JobFilter, Paging), Problem> {
    let mut query = Query::parse(query, &["enrolment_id", "kind", "state", "reason", "limit", "after"]);
    let kind = |word: &str| {
        let known = || Kind::ALL.iter().map(|kind| kind.word()).collect::<Vec<_>>().join(", ");
        Kind::from_word(word).ok_or_else(|| (format!("One of {} is required", known()), fault::ENUM))
    };
    let reason = |word: &str| {
        ReasonCode::parse(word).ok_or_else(|| ("The code of a reason is required".to_owned(), fault::ENUM))
    };
    let state = |word: &str| {
        let state = State::parse(word).filter(|state| State::NOT_DONE.contains(state));
        state.ok_or_else(|| ("One of due, unknown and dead is required".to_owned(), fault::ENUM))
    };
    let must = "An integer from 1 to 2147483647 is required";
    let filter = JobFilter {
        enrolment_id: query.read("enrolment_id", integer(must, EnrolmentId::new)),
        kind: query.read("kind", kind),
        state: query.read("state", state),
        reason: query.read("reason", reason),
    };
    let paging = Paging::read(&mut query, paging::id("The id of a delivery is required"));
    query.end().map(|()| (filter, paging))
}

/// The id of a delivery in a path segment: a positive integer without a leading zero.
#[must_use]
pub fn delivery_id(segment: &str) -> Option<JobId> {
    positive(segment).map(JobId)
}

impl<'a> From<&'a JobSummary> for Delivery<'a> {
    fn from(job: &'a JobSummary) -> Self {
        Self {
            id: job.id.0,
            enrolment_id: job.enrolment_id.get(),
            kind: &job.kind,
            state: job.state.as_str(),
            attempts: job.attempts,
            due_at: job.due_at.map(time),
            reason: job.reason.as_ref().map(|reason| reason.code.as_str()),
            last_error: job.reason.as_ref().map(StoredReason::text),
            created_at: time(job.created_at),
        }
    }
}

/// 200 with a page of deliveries.
#[must_use]
pub fn deliveries(page: &JobPage) -> Reply {
    let deliveries = page.jobs.iter().map(Delivery::from).collect();
    Reply::json(StatusCode::OK, to_vec(&DeliveryList { deliveries, next: page.next }))
}

/// 200 with the delivery.
///
/// # Errors
///
/// 404 if there is none.
pub fn delivery(job: Option<&JobSummary>) -> Result<Reply, Problem> {
    let job = job.ok_or_else(Problem::no_such_delivery)?;
    Ok(Reply::json(StatusCode::OK, to_vec(&Delivery::from(job))))
}

/// 200 with what the invoice of a delivery will say.
///
/// # Errors
///
/// 404 if there is no such delivery, it is done, or it issues no invoice.
pub fn planned_invoice(planned: Option<&PlannedInvoice>) -> Result<Reply, Problem> {
    let planned = planned.ok_or_else(Problem::no_planned_invoice)?;
    Ok(Reply::json(StatusCode::OK, to_vec(&Planned::from(planned))))
}

/// 200 with the counts of what is not done.
#[must_use]
pub fn delivery_summary(backlog: &Backlog, now: DateTime<Utc>) -> Reply {
    Reply::json(StatusCode::OK, to_vec(&DeliverySummary::new(backlog, now)))
}

/// 200 with the number of dead deliveries that are due now.
#[must_use]
pub fn retried_dead(retried: u64) -> Reply {
    Reply::json(StatusCode::OK, to_vec(&RetriedDeliveries { retried }))
}

/// 200 with the delivery, which is due now.
///
/// # Errors
///
/// 404 if there is no such delivery, 409 if it cannot be retried.
pub fn retried(result: &RetryResult) -> Result<Reply, Problem> {
    match result {
        RetryResult::Due(job) => Ok(Reply::json(StatusCode::OK, to_vec(&Delivery::from(job)))),
        RetryResult::NotFound => Err(Problem::no_such_delivery()),
        RetryResult::Done => Err(Problem::not_retryable("The delivery is already done")),
        RetryResult::Held => Err(Problem::not_retryable("The delivery is in progress")),
    }
}

/// 200 with the delivery, which is resolved.
#[must_use]
pub fn resolved(job: &JobSummary) -> Reply {
    Reply::json(StatusCode::OK, to_vec(&Delivery::from(job)))
}

/// 200 with the counts of a run of deliveries.
#[must_use]
pub fn delivered(counts: Counts) -> Reply {
    let Counts { delivered, put_off, given_up } = counts;
    Reply::json(StatusCode::OK, to_vec(&Delivered { delivered, put_off, given_up }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::jobs::outbox::PendingJobs;
    use serde_json::{Value, json};

    fn job(id: i64) -> JobSummary {
        JobSummary {
            id: JobId(id),
            enrolment_id: EnrolmentId::new(7).unwrap(),
            kind: "invoice".to_owned(),
            state: State::Dead,
            attempts: 64,
            due_at: None,
            reason: Some(StoredReason { code: "document_refused".to_owned(), detail: "422".to_owned() }),
            created_at: "2026-08-21T10:00:00.5Z".parse().unwrap(),
        }
    }

    /// Both are in the same order.
    #[test]
    fn the_console_has_a_sentence_for_each_reason() {
        let file = include_str!("../../../components/pages/src/console/reasons.js");
        let entries = file.lines().filter_map(|line| line.strip_prefix("  ")?.split_once(": \"").map(|(code, _)| code));
        let codes = ReasonCode::ALL.iter().map(|code| code.word());
        assert_eq!(entries.collect::<Vec<_>>(), codes.collect::<Vec<_>>());
    }

    fn json_of(reply: &Reply) -> Value {
        serde_json::from_slice(&reply.body).unwrap()
    }

    #[test]
    fn queries_are_parsed() {
        let none = JobFilter::default();
        let filter = JobFilter { state: Some(State::Dead), ..none };
        let paging = Paging { after: Some(i64::MAX), limit: Some(2) };
        let query = "state=dead&limit=2&after=9223372036854775807";
        assert_eq!(deliveries_page(query).unwrap(), (filter, paging));
        assert_eq!(deliveries_page("").unwrap(), (none, Paging::default()));
        let all = "enrolment_id=7&kind=refund_email&state=unknown&reason=timeout";
        let (filter, _) = deliveries_page(all).unwrap();
        let (kind, state, reason) = (Some(Kind::RefundEmail), Some(State::Unknown), Some(ReasonCode::Timeout));
        assert_eq!(filter, JobFilter { enrolment_id: EnrolmentId::new(7), kind, state, reason });
        for (query, loc) in [
            ("state=", "state"),
            ("state=done", "state"),
            ("enrolment_id=", "enrolment_id"),
            ("enrolment_id=0", "enrolment_id"),
            ("enrolment_id=2147483648", "enrolment_id"),
            ("kind=", "kind"),
            ("kind=mail", "kind"),
            ("kind=Invoice", "kind"),
            ("reason=x", "reason"),
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
    fn ids_of_deliveries() {
        assert_eq!(delivery_id("9223372036854775807"), Some(JobId(i64::MAX)));
        for segment in ["0", "01", "-1", "+1", "x", "", "9223372036854775808"] {
            assert_eq!(delivery_id(segment), None, "{segment}");
        }
    }

    #[test]
    fn a_page_has_the_id_to_continue_after() {
        let page = |jobs, next| json_of(&deliveries(&JobPage { jobs, next }));
        let one = json!({
            "id": 1, "enrolment_id": 7, "kind": "invoice", "state": "dead", "attempts": 64, "due_at": null,
            "reason": "document_refused",
            "last_error": "document refused: 422", "created_at": "2026-08-21T10:00:00.500Z",
        });
        assert_eq!(page(vec![job(1)], None), json!({"deliveries": [one], "next": null}));
        assert_eq!(page(vec![job(1), job(2)], Some(2))["next"], 2);
        assert_eq!(page(vec![], None), json!({"deliveries": [], "next": null}));
    }

    #[test]
    fn retries() {
        let due = JobSummary { state: State::Due, due_at: Some("2026-08-21T10:00:00Z".parse().unwrap()), ..job(1) };
        assert_eq!(json_of(&retried(&RetryResult::Due(due)).unwrap())["due_at"], "2026-08-21T10:00:00.000Z");
        assert_eq!(retried(&RetryResult::NotFound).unwrap_err().status, 404);
        assert_eq!(retried(&RetryResult::Done).unwrap_err().status, 409);
        assert_eq!(retried(&RetryResult::Held).unwrap_err().status, 409);
    }

    #[test]
    fn a_summary_counts_by_kind_state_and_reason() {
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        let jobs = |state, reason: Option<&str>, number, seconds| PendingJobs {
            kind: Kind::Invoice,
            state,
            reason: reason.map(str::to_owned),
            number,
            oldest: at(seconds),
        };
        let backlog = Backlog {
            jobs: vec![
                jobs(State::Dead, None, 1, 50),
                jobs(State::Dead, Some("document_refused"), 2, 40),
                jobs(State::Due, None, 3, 90),
            ],
            new_events: 4,
            oldest_new_event: Some(at(60)),
        };
        let count = |state, count, oldest, age, reasons| {
            json!({"kind": "invoice", "state": state, "count": count, "oldest_at": oldest, "oldest_age_seconds": age,
                "reasons": reasons})
        };
        let dead = json!([{"reason": "document_refused", "count": 2}, {"reason": null, "count": 1}]);
        assert_eq!(
            json_of(&delivery_summary(&backlog, at(100))),
            json!({
                "deliveries": [
                    count("due", 3, "1970-01-01T00:01:30.000Z", 10, json!([{"reason": null, "count": 3}])),
                    count("dead", 3, "1970-01-01T00:00:40.000Z", 60, dead),
                ],
                "new_events": {"count": 4, "oldest_at": "1970-01-01T00:01:00.000Z"},
            })
        );
        let none = json_of(&delivery_summary(&Backlog::default(), at(100)));
        assert_eq!(none, json!({"deliveries": [], "new_events": {"count": 0, "oldest_at": null}}));
        assert_eq!(json_of(&retried_dead(7)), json!({"retried": 7}));
        assert_eq!(delivery(None).unwrap_err().status, 404);
        assert_eq!(json_of(&delivery(Some(&job(1))).unwrap())["id"], 1);
    }

    #[test]
    fn counts() {
        let counts = Counts { delivered: 3, put_off: 2, given_up: 1 };
        assert_eq!(json_of(&delivered(counts)), json!({"delivered": 3, "put_off": 2, "given_up": 1}));
    }
}
