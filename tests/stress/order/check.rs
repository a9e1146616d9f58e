//! Compares the events that were read with those that were committed.

use crate::order::callers::Called;
use crate::order::reader::{Read, Seen};
use crate::order::writers::{Mark, Written};
use anyhow::{Context, Result};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use tests::{TestApp, TestDatabase};

/// The results.
pub(crate) struct Report {
    rows: usize,
    written: (usize, usize, usize, u128),
    called: usize,
    readers: Vec<String>,
    late: usize,
    problems: Vec<String>,
}

impl Report {
    pub(crate) fn is_well(&self) -> bool {
        self.problems.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (transactions, conflicts, undone, longest) = self.written;
        writeln!(
            f,
            "{} events, in {transactions} transactions held for up to {longest} ms and {} changes through the service;",
            self.rows, self.called
        )?;
        writeln!(f, "  {undone} taken back, {conflicts} transactions that gave way;")?;
        writeln!(f, "  {} committed after one with a higher number was read;", self.late)?;
        for reader in &self.readers {
            writeln!(f, "  {reader};")?;
        }
        match self.problems.as_slice() {
            [] => write!(f, "  none missed, none twice, none of an enrolment swapped"),
            problems => write!(f, "  {} PROBLEMS: {}", problems.len(), problems[..problems.len().min(20)].join("; ")),
        }
    }
}

/// A row of the table: its position and the event.
struct Row {
    number: i64,
    seen: Seen,
}

async fn rows(app: &TestApp) -> Result<Vec<Row>> {
    // NULL would come first.
    let query = "SELECT id, COALESCE(position, 0), enrolment_id, kind, occurred_at FROM events ORDER BY 2, 1";
    let rows = app.database.rows(query).await?;
    let row = |row: Vec<String>| {
        let [number, id, enrolment, kind, at] = <[String; 5]>::try_from(row).ok()?;
        let word = kind.strip_prefix("enrolment.")?.to_owned();
        let seen = Seen { id: id.parse().ok()?, enrolment: enrolment.parse().ok()?, word, at: at.parse().ok()? };
        Some(Row { number: number.parse().ok()?, seen })
    };
    rows.into_iter().map(row).collect::<Option<_>>().context("rows")
}

/// Compares the events of each reader with the table, and the table with the answers.
pub(crate) async fn check(app: &TestApp, written: &Written, called: &Called, read: &[Read]) -> Result<Report> {
    let rows = rows(app).await?;
    let mut problems = Vec::new();
    problems
        .extend((1..).zip(&rows).filter(|(id, row)| row.seen.id != *id).map(|(id, _)| format!("{id} is not there")));
    for (reader, read) in read.iter().enumerate() {
        problems.extend(differences(&rows, &read.events).into_iter().map(|what| format!("reader {reader}: {what}")));
    }
    problems.extend(swapped(&rows));
    let there: HashSet<Mark> = rows.iter().map(|row| (row.seen.enrolment, row.seen.at)).collect();
    problems.extend(written.kept.iter().filter(|mark| !there.contains(mark)).map(|mark| format!("{mark:?} is lost")));
    problems
        .extend(written.undone.iter().filter(|mark| there.contains(mark)).map(|mark| format!("{mark:?} is undone")));
    problems.extend(forgotten(&rows, called));

    let mut highest = 0;
    let is_late = |row: &&Row| {
        let late = row.number < highest;
        highest = highest.max(row.number);
        late
    };
    let late = rows.iter().filter(is_late).count();
    if late == 0 && matches!(app.database, TestDatabase::MariaDb { .. }) {
        problems.push("no transaction committed late: the run shows nothing".to_owned());
    }
    let readers = read.iter().map(|Read { events, pages, locked, longest }| {
        let longest = longest.as_millis();
        format!("a reader got {} in {pages} pages, the slowest in {longest} ms, {locked} were 503", events.len())
    });
    let longest = written.longest.as_millis();
    Ok(Report {
        rows: rows.len(),
        written: (written.transactions, written.conflicts, written.undone.len(), longest),
        called: called.iter().map(|(_, words)| words.len()).sum(),
        readers: readers.collect(),
        late,
        problems,
    })
}

/// Missed, repeated and different events.
fn differences(rows: &[Row], read: &[Seen]) -> Vec<String> {
    let mut times: HashMap<i64, usize> = HashMap::new();
    for event in read {
        *times.entry(event.id).or_default() += 1;
    }
    let mut found: Vec<_> = rows
        .iter()
        .filter(|row| !times.contains_key(&row.seen.id))
        .map(|row| format!("missed {:?}", row.seen))
        .collect();
    found.extend(times.iter().filter(|(_, times)| **times > 1).map(|(id, times)| format!("{id} came {times} times")));
    let differs = rows.iter().map(|row| &row.seen).zip(read).find(|(row, seen)| row != seen);
    found.extend(differs.map(|(row, seen)| format!("got {seen:?} where {row:?} was to come")));
    found
}

/// Events of an enrolment that are not in their order.
fn swapped(rows: &[Row]) -> Vec<String> {
    let mut last: HashMap<i64, &Row> = HashMap::new();
    let mut found = Vec::new();
    for row in rows {
        if let Some(before) = last.insert(row.seen.enrolment, row)
            && (before.number > row.number || before.seen.at > row.seen.at)
        {
            found.push(format!("{:?} comes before {:?}", before.seen, row.seen));
        }
    }
    found
}

/// Acknowledged events that are missing or in another order. Events of documents may be
/// between them.
fn forgotten(rows: &[Row], called: &Called) -> Vec<String> {
    let mut words: BTreeMap<i64, Vec<&str>> = BTreeMap::new();
    for row in rows {
        words.entry(row.seen.enrolment).or_default().push(&row.seen.word);
    }
    let differs = |(id, told): &(i64, Vec<&'static str>)| {
        let there = words.get(id).map(Vec::as_slice).unwrap_or_default();
        let there: Vec<_> = there.iter().filter(|word| !["invoiced", "corrected"].contains(*word)).collect();
        let same = there.iter().map(|word| **word).eq(told.iter().copied());
        (!same).then(|| format!("{id}: told {told:?}, there {there:?}"))
    };
    called.iter().filter_map(differs).collect()
}
