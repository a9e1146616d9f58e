//! Requests and responses about events, and the body of a webhook.

use crate::json::to_vec;
use crate::paging::{self, Paging};
use crate::query::Query;
use crate::wire::{self, EventList, ReceiverTest, time};
use crate::{Caller, Needs, Problem, Reply};
use chrono::{DateTime, Utc};
use domain::model::event::EventPage;
use domain::ports::Webhook;
use domain::usecases::history::History;
use http::StatusCode;

/// Parses the optional parameters `after` (the id of an event) and `limit` (1 to 1000; 100
/// by default).
///
/// # Errors
///
/// 400 with every fault.
pub fn events_page(query: &str) -> Result<Paging, Problem> {
    let mut query = Query::parse(query, &["after", "limit"]);
    let paging = Paging::read(&mut query, paging::id("The id of an event is required"));
    query.end().map(|()| paging)
}

/// 200 with a page of events.
#[must_use]
pub fn events(page: &EventPage) -> Reply {
    let events = page.events.iter().map(wire::Event::from).collect();
    Reply::json(StatusCode::OK, to_vec(&EventList { events, next: page.next, more: page.more }))
}

/// The body of a webhook.
#[must_use]
pub fn webhook(webhook: &Webhook) -> Vec<u8> {
    let Webhook { event, document } = webhook;
    let data = wire::WebhookData {
        event_id: event.id,
        enrolment: (&event.enrolment).into(),
        document: document.as_ref().map(Into::into),
    };
    to_vec(&wire::Webhook { kind: event.kind.as_str(), timestamp: time(event.occurred_at), data })
}

/// The body of a test event, sent at this time.
#[must_use]
pub fn test_webhook(at: DateTime<Utc>) -> Vec<u8> {
    to_vec(&wire::TestWebhook { kind: "test", timestamp: time(at), data: wire::NoData {} })
}

/// 200 with what happened to a test event.
#[must_use]
pub fn receiver_test(test: &ReceiverTest) -> Reply {
    Reply::json(StatusCode::OK, to_vec(test))
}

/// 200 with the events of an enrolment and the resolutions of its deliveries. Callers do not
/// see the notes.
#[must_use]
pub fn history(history: &History, caller: &Caller) -> Reply {
    let mut history = wire::History::from(history);
    if caller.check(Needs::Viewers).is_err() {
        history.resolutions.iter_mut().for_each(|resolved| resolved.note = "");
    }
    Reply::json(StatusCode::OK, to_vec(&history))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::tests::sample;
    use domain::model::asked::Author;
    use domain::model::event::{Event, EventKind};
    use domain::model::invoice::Document;
    use domain::model::resolution::StoredResolution;
    use serde_json::{Value, json};

    #[test]
    fn queries_are_parsed() {
        assert_eq!(events_page("").unwrap(), Paging::default());
        let long = events_page("after=9223372036854775807&limit=1000").unwrap();
        assert_eq!(long, Paging { after: Some(i64::MAX), limit: Some(1000) });
        assert_eq!(events_page("after=0&limit=1").unwrap(), Paging { after: Some(0), limit: Some(1) });
        for (query, name) in
            [("after=-1", "after"), ("after=x", "after"), ("limit=0", "limit"), ("limit=1001", "limit"), ("a=1", "a")]
        {
            assert_eq!(events_page(query).unwrap_err().details[0].loc, [name], "{query}");
        }
    }

    #[test]
    fn an_event_contains_its_enrolment() {
        let occurred_at = "2026-02-01T12:00:00.5Z".parse().unwrap();
        let by = Some(Author("shop".to_owned()));
        let event =
            Event { id: 7, kind: EventKind::PaymentFailed, occurred_at, by, document: None, enrolment: sample() };
        let enrolment: Value = serde_json::from_slice(&crate::enrolment(&sample()).body).unwrap();
        let expected = json!([{"id": 7, "type": "enrolment.payment_failed", "occurred_at": "2026-02-01T12:00:00.500Z",
            "enrolment": enrolment}]);
        let body = |reply: Reply| serde_json::from_slice::<Value>(&reply.body).unwrap();
        let resolved = StoredResolution {
            kind: "invoice".to_owned(),
            note: "made\nmanually".to_owned(),
            settled_by: None,
            settled_at: occurred_at,
        };
        let both = History { events: vec![event.clone()], resolutions: vec![resolved] };
        let settled = json!([{"kind": "invoice", "note": "made\nmanually", "settled_by": null,
            "settled_at": "2026-02-01T12:00:00.500Z"}]);
        let mut in_history = expected.clone();
        in_history[0]["by"] = json!("shop");
        let operator = Caller::ANYBODY;
        assert_eq!(body(history(&both, &operator)), json!({"events": in_history, "resolutions": settled}));
        let caller = Caller { name: None, role: crate::Role::Callers };
        assert_eq!(body(history(&both, &caller))["resolutions"][0]["note"], "");
        let mut told = Webhook { event: event.clone(), document: None };
        let body_of = |told: &Webhook| serde_json::from_slice::<Value>(&webhook(told)).unwrap();
        let mut expected_body = json!({"type": "enrolment.payment_failed", "timestamp": "2026-02-01T12:00:00.500Z",
            "data": {"event_id": 7, "enrolment": enrolment}});
        assert_eq!(body_of(&told), expected_body);
        told.document = Some(Document::from_page("https://a.example/i".to_owned()));
        expected_body["data"]["document"] =
            json!({"kind": "invoice", "number": null, "url": "https://a.example/i", "gross": null, "currency": null});
        assert_eq!(body_of(&told), expected_body);
        let page = EventPage { events: vec![event], next: 7, more: true };
        assert_eq!(body(events(&page)), json!({"events": expected, "next": 7, "more": true}));
    }
}
