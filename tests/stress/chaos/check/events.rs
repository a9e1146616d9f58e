//! Events: one for each change, in the order of the changes, the same for every reader.

use super::{Evidence, Findings, Row};
use crate::chaos::ask::{Asker, Request};
use crate::chaos::seen::Page;
use anyhow::{Context, Result};
use fastrand::Rng;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::Value;
use std::collections::BTreeMap;

/// How many histories are read at once.
const AT_ONCE: usize = 8;

/// The events of each enrolment, in their order.
pub(super) type ByEnrolment<'a> = BTreeMap<i64, Vec<&'a Value>>;

/// All of them, in pages of any size.
pub(super) async fn all(asker: &Asker, rng: &mut Rng) -> Result<Vec<Value>> {
    let mut events: Vec<Value> = Vec::new();
    loop {
        let after = events.last().map_or(0, id);
        let query = format!("?after={after}&limit={}", rng.u32(100..=1000));
        let (_, page) = asker.ask(&Request::plain("GET /events", &query)).await.context("no events")?;
        events.extend(page["events"].as_array().with_context(|| page.to_string())?.iter().cloned());
        if page["more"] != true {
            return Ok(events);
        }
    }
}

/// The history of each of these enrolments.
pub(super) async fn histories(asker: &Asker, rows: &[Row<'_>]) -> Result<BTreeMap<i64, Vec<Value>>> {
    let one = async |row: &Row<'_>| {
        let path = format!("/{}/history?user_id={}", row.id, row.user);
        let request = Request { path, ..Request::plain("GET /{id}/history", "") };
        let (_, answer) = asker.ask(&request).await.context("no history")?;
        let events = answer["events"].as_array().with_context(|| format!("{}: {answer}", row.id))?;
        anyhow::Ok((row.id, events.clone()))
    };
    stream::iter(rows).map(one).buffer_unordered(AT_ONCE).try_collect().await
}

pub(super) fn by_enrolment(events: &[Value]) -> ByEnrolment<'_> {
    let mut by_enrolment = ByEnrolment::new();
    for event in events {
        by_enrolment.entry(enrolment(event)).or_default().push(event);
    }
    by_enrolment
}

pub(super) fn id(event: &Value) -> i64 {
    event["id"].as_i64().unwrap_or_default()
}

fn enrolment(event: &Value) -> i64 {
    event["enrolment"]["id"].as_i64().unwrap_or_default()
}

fn word(event: &Value) -> &str {
    event["type"].as_str().and_then(|word| word.strip_prefix("enrolment.")).unwrap_or_default()
}

/// The events as the history has them: the callers have no tokens with a name.
fn own_history(own: &[&Value]) -> Vec<Value> {
    let in_history = |event: &&Value| {
        let mut event = (*event).clone();
        event["by"] = Value::Null;
        event
    };
    own.iter().map(in_history).collect()
}

pub(super) fn check(evidence: &Evidence<'_>, findings: &mut Findings) {
    let Evidence { seen, events, histories, rows, restores, .. } = evidence;
    let gap = (1..).zip(events).find(|(number, event)| id(event) != *number);
    findings.lost.extend(gap.map(|(number, event)| format!("event {number}: there is {event}")));
    for Page { after, events: page, .. } in seen.pages.iter().filter(|page| page.restores == *restores) {
        let there = events.iter().skip_while(|event| id(event) <= *after).take(page.len());
        if !page.iter().eq(there) {
            findings.wrong.push(format!("events after {after} were others before: {page:?}"));
        }
    }
    let mut by_enrolment = by_enrolment(events);
    for row in rows {
        let own = by_enrolment.remove(&row.id).unwrap_or_default();
        if histories.get(&row.id).is_none_or(|history| !history.iter().eq(&own_history(&own))) {
            findings.wrong.push(format!("the history of {} of {}: {:?}", row.id, row.user, histories.get(&row.id)));
        }
        check_own(evidence, row, &own, findings);
    }
    let strangers = by_enrolment.values().flatten();
    findings.wrong.extend(strangers.map(|event| format!("an event of an enrolment that is not there: {event}")));
}

/// Whether an enrolment has the events of its changes.
fn check_own(evidence: &Evidence<'_>, row: &Row<'_>, own: &[&Value], findings: &mut Findings) {
    let words: Vec<_> = own.iter().map(|event| word(event)).collect();
    let who = format!("{} of {}", row.id, row.user);
    let documents = |kind: &str| evidence.documents.iter().filter(|document| document.is_of(row, kind)).count();
    for (word, kind, causes) in
        [("invoiced", "invoice", ["paid", "paid"]), ("corrected", "correction", ["refunded", "rebilled"])]
    {
        let place = |of: &[&str]| words.iter().position(|own| of.contains(own));
        let number = words.iter().filter(|own| **own == word).count();
        if number != documents(kind) || number > 0 && place(&[word]) < place(&causes) {
            findings.wrong.push(format!("the {kind} of {who}: {words:?}"));
        }
    }
    let changes: Vec<_> = words.iter().copied().filter(|word| !["invoiced", "corrected"].contains(word)).collect();
    if !row.pasts.is_empty() && !row.pasts.iter().any(|past| past.events == changes) {
        let known: Vec<_> = row.pasts.iter().map(|past| &past.events).collect();
        let list = match changes.len().cmp(&known.iter().map(|events| events.len()).max().unwrap_or_default()) {
            std::cmp::Ordering::Less => &mut findings.lost,
            std::cmp::Ordering::Equal => &mut findings.wrong,
            std::cmp::Ordering::Greater => &mut findings.doubled,
        };
        list.push(format!("the events of {who}: {words:?} in the place of {known:?}"));
    }
    // The last event has the current enrolment.
    if own.last().is_none_or(|event| event["enrolment"] != row.shown()) {
        findings.wrong.push(format!("the last event of {who}, which is {}: {:?}", row.shown(), own.last()));
    }
}
