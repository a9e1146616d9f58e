//! Compares the database and the other systems with the acknowledged requests.

mod documents;
mod emails;
mod enrolments;
mod events;
mod report;
pub(crate) mod seats;
mod webhooks;

use crate::chaos::ask::Asker;
use crate::chaos::seen::Seen;
use crate::chaos::terms::History;
use crate::chaos::trouble::{Forgotten, Trouble};
use anyhow::{Context, Result};
use enrolments::Row;
use fastrand::Rng;
use report::{Findings, Report};
use sandbox::{Sandbox, Snapshot};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::time::{Duration, Instant};
use tests::{Database, TestDatabase};

/// All that is known in the end.
struct Evidence<'a> {
    /// When the run began.
    begin: Instant,
    seen: &'a Seen,
    trouble: &'a Trouble,
    terms: &'a History,
    /// What the other systems and the webhook receiver received.
    state: Snapshot,
    receiver: Snapshot,
    rows: Vec<Row<'a>>,
    documents: Vec<documents::Row>,
    /// All events, and below the history of each enrolment.
    events: Vec<Value>,
    restores: u64,
    histories: BTreeMap<i64, Vec<Value>>,
    /// When each event was recorded as delivered.
    written: HashMap<i64, i64>,
    /// When a later run last asked for the user and the course of an enrolment's mail.
    looked_up: HashMap<i64, Instant>,
}

pub(crate) async fn check(
    (kind, database): (Database, &TestDatabase),
    sandbox: &Sandbox,
    (begin, asker): (Instant, &Asker),
    (trouble, terms): (&Trouble, &History),
    mut rng: Rng,
) -> Result<Report> {
    let seen = &std::mem::take(&mut *asker.seen());
    let rows = enrolments::rows(database, seen, trouble).await?;
    let documents = documents::rows(database).await?;
    let (state, receiver) = (sandbox.state(), trouble.receiver.state());
    let events = events::all(asker, &mut rng).await?;
    let restores = asker.restores();
    let histories = events::histories(asker, &rows).await?;
    let written = webhooks::written(database).await?;
    let looked_up = looked_up(database).await?;
    let evidence = Evidence {
        begin,
        seen,
        trouble,
        terms,
        state,
        receiver,
        rows,
        documents,
        events,
        restores,
        histories,
        written,
        looked_up,
    };
    let mut findings =
        Findings { wrong: [seen.wrong.clone(), trouble.overbooked.clone()].concat(), ..Findings::default() };
    // The faults of the last requests.
    findings.wrong.append(&mut asker.seen().wrong);
    enrolments::check(&evidence, &mut findings);
    documents::check(&evidence, &mut findings);
    emails::check(&evidence, &mut findings);
    events::check(&evidence, &mut findings);
    let told = webhooks::check(&evidence, &mut findings);
    findings.wrong.extend(seats::overbooked(database).await?);
    let left = "SELECT id, kind, enrolment_id, state, last_error FROM outbox WHERE state <> 'done' OR lease_token IS NOT NULL OR payload <> '{}'";
    findings.wrong.extend(database.rows(left).await?.into_iter().map(|row| format!("left over: {}", row.join(" "))));
    let late = "SELECT COUNT(*) FROM outbox WHERE kind = 'invoice_data'";
    let late = database.rows(late).await?.concat().concat();
    Ok(Report::new(kind, &evidence, &told, late, findings))
}

async fn looked_up(database: &TestDatabase) -> Result<HashMap<i64, Instant>> {
    let ended = "SELECT enrolment_id, MAX(finished_at) FROM outbox \
                 WHERE kind IN ('mail_data', 'invoice_data') AND state = 'done' GROUP BY enrolment_id";
    let (rows, now, now_ms) = (database.rows(ended).await?, Instant::now(), chrono::Utc::now().timestamp_millis());
    let at = |row: Vec<String>| {
        let [id, finished_at] = row.try_into().ok()?;
        let ago = u64::try_from(now_ms - finished_at.parse::<i64>().ok()?).ok()?;
        Some((id.parse().ok()?, now.checked_sub(Duration::from_millis(ago))?))
    };
    rows.into_iter().map(|row| at(row).context("a look-up")).collect()
}

impl Evidence<'_> {
    /// The items that no restored copy has forgotten: forgotten ones may come again.
    fn remembered<'a>(
        &'a self,
        list: &'a [Value],
        range: impl Fn(&Forgotten) -> &Range<usize>,
    ) -> impl Iterator<Item = &'a Value> {
        let is_forgotten =
            move |index| self.trouble.forgotten.iter().any(|forgotten| range(forgotten).contains(&index));
        list.iter().enumerate().filter(move |(index, _)| !is_forgotten(*index)).map(|(_, item)| item)
    }
}

/// The id and the user of an enrolment: after a restoration the ids are used again for others.
type Owner = (i64, String);

/// The user id in an address of the sandbox.
fn user_of(address: &Value) -> String {
    address.as_str().unwrap_or_default().trim_end_matches("@example.com").to_owned()
}
