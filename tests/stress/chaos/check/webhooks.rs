//! Webhooks: one for each event, in the order of each enrolment, and repeated only if the
//! answer was lost.

use super::{Evidence, Findings, events};
use anyhow::Result;
use sandbox::Arrival;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use tests::TestDatabase;

/// Milliseconds until an answer is recorded, at most.
const WRITING: i64 = 3000;

/// An event that arrived and is not forgotten.
struct Told<'a> {
    id: &'a str,
    body: &'a Value,
    arrival: Arrival,
}

/// The counts of webhooks.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// How many arrived, and how many of them during the faults.
    pub(super) arrived: usize,
    pub(super) in_trouble: usize,
    /// How many were repeated because the receiver did not answer, and because the service
    /// was killed.
    pub(super) unanswered: usize,
    pub(super) killed: usize,
}

/// When each event was recorded as delivered, by its id.
pub(super) async fn written(database: &TestDatabase) -> Result<HashMap<i64, i64>> {
    let rows = database.rows("SELECT job_key, finished_at FROM outbox WHERE kind = 'event'").await?;
    let read = |row: &Vec<String>| {
        let [key, at] = row.as_slice() else { return None };
        Some((key.strip_prefix("event:")?.parse().ok()?, at.parse().ok()?))
    };
    Ok(rows.iter().filter_map(read).collect())
}

pub(super) fn check(evidence: &Evidence<'_>, findings: &mut Findings) -> Counts {
    let Evidence { trouble, receiver, .. } = evidence;
    let forgotten = |place: &usize| trouble.forgotten.iter().any(|forgotten| forgotten.webhooks.contains(place));
    let arrived = receiver.webhooks.iter().zip(&receiver.webhook_arrivals).enumerate();
    let remembered = arrived.filter(|(place, _)| !forgotten(place)).map(|(_, (event, arrival))| Told {
        id: event["id"].as_str().unwrap_or_default(),
        body: &event["body"],
        arrival: *arrival,
    });
    let told: Vec<_> = remembered.collect();
    if receiver.webhooks_refused > 0 {
        findings.wrong.push(format!("{} events were refused by the receiver", receiver.webhooks_refused));
    }

    let mut by_id: HashMap<&str, Vec<&Told<'_>>> = HashMap::new();
    for told in &told {
        by_id.entry(told.id).or_default().push(told);
    }
    for event in &evidence.events {
        let (id, body) = webhook(event);
        match by_id.get(id.as_str()) {
            None => findings.lost.push(format!("no webhook of {event}")),
            Some(told) => {
                let written = evidence.written.get(&events::id(event)).copied().unwrap_or_default();
                let late = told.iter().find(|told| told.arrival.at > written);
                findings.doubled.extend(late.map(|_| format!("{id} came again after its delivery was recorded")));
                let other = told.iter().find(|told| without_document(told.body) != body);
                findings.wrong.extend(other.map(|other| format!("{id}: {} in the place of {body}", other.body)));
            }
        }
    }
    check_order(evidence, &told, findings);

    let last = trouble.killed.last().map_or(0, |killed| killed.end);
    let in_trouble = receiver.webhook_arrivals.iter().filter(|arrival| arrival.at <= last).count();
    let mut counts = Counts { arrived: receiver.webhooks.len(), in_trouble, ..Counts::default() };
    for told in by_id.values() {
        let Some((_, repeated)) = told.split_last() else { continue };
        for Told { id, arrival: Arrival { at, answered }, .. } in repeated {
            let killed = trouble.killed.iter().any(|killed| *at <= killed.end && killed.start <= *at + WRITING);
            match (answered, killed) {
                (false, _) => counts.unanswered += 1,
                (true, true) => counts.killed += 1,
                (true, false) => findings.doubled.push(format!("{id} came again after its answer at {at}")),
            }
        }
    }
    // Few runs are active at once.
    if counts.killed > trouble.killed.len() {
        findings.doubled.push(format!("{counts:?}, though only {} times anything was killed", trouble.killed.len()));
    }
    counts
}

/// A webhook's body without the document, which is not part of the event.
fn without_document(body: &Value) -> Value {
    let mut body = body.clone();
    if let Some(data) = body["data"].as_object_mut() {
        data.remove("document");
    }
    body
}

/// The webhook of an event: its id and body, without a document.
fn webhook(event: &Value) -> (String, Value) {
    let at = event["occurred_at"].as_str().and_then(|at| at.parse::<chrono::DateTime<chrono::Utc>>().ok());
    let id = format!("event_{}_{}", events::id(event), at.map_or(0, |at| at.timestamp_millis()));
    let data = json!({"event_id": events::id(event), "enrolment": event["enrolment"]});
    (id, json!({"type": event["type"], "timestamp": event["occurred_at"], "data": data}))
}

/// Checks that the webhooks of each enrolment came in order, and that there are no others.
fn check_order(evidence: &Evidence<'_>, told: &[Told<'_>], findings: &mut Findings) {
    let places: HashMap<_, _> =
        evidence.events.iter().enumerate().map(|(place, event)| (webhook(event).0, place)).collect();
    let mut last: BTreeMap<i64, (usize, &str)> = BTreeMap::new();
    for Told { id, body, .. } in told {
        let Some(place) = places.get(*id) else {
            findings.wrong.push(format!("webhook {id} is of no event: {body}"));
            continue;
        };
        let enrolment = body["data"]["enrolment"]["id"].as_i64().unwrap_or_default();
        if let Some((before, id_before)) = last.insert(enrolment, (*place, id))
            && before > *place
        {
            findings.wrong.push(format!("{id} of {enrolment} came after {id_before}"));
        }
    }
}
