//! Compares every node with the acknowledged requests.

use crate::count;
use crate::galera::load::{Life, Load, SMALL};
use anyhow::{Context, Result};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::{Duration, Instant};
use tests::TestDatabase;

/// How many seats a small course has.
pub(crate) const SEATS: usize = 5;

/// The results.
#[derive(Default)]
pub(crate) struct Report {
    requests: usize,
    enrolled: usize,
    paid: usize,
    canceled: usize,
    full: usize,
    again: usize,
    lost: Vec<String>,
    doubled: Vec<String>,
    wrong: Vec<String>,
}

impl Report {
    pub(crate) fn is_well(&self) -> bool {
        self.lost.is_empty() && self.doubled.is_empty() && self.wrong.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { requests, enrolled, paid, canceled, full, again, lost, doubled, wrong } = self;
        write!(
            f,
            "{requests} requests, {again} of them asked again; acknowledged: {enrolled} enrolments, {paid} payments, \
             {canceled} cancellations; {full} refused for want of a seat; {} lost, {} doubled, {} wrong",
            lost.len(),
            doubled.len(),
            wrong.len()
        )?;
        for (word, found) in [("lost", lost), ("doubled", doubled), ("wrong", wrong)] {
            found.iter().try_for_each(|what| write!(f, "\n  {word}: {what}"))?;
        }
        Ok(())
    }
}

pub(crate) async fn check(load: &Load, database: &TestDatabase, nodes: &[TestDatabase]) -> Result<Report> {
    let mut report = {
        let seen = &mut *load.seen();
        let is = |kind: fn(&Life) -> bool| seen.lives.iter().filter(|life| kind(life)).count();
        Report {
            requests: seen.requests,
            enrolled: seen.lives.len(),
            paid: is(|life| life.paid),
            canceled: is(|life| life.canceled),
            full: seen.full,
            again: seen.again,
            wrong: std::mem::take(&mut seen.wrong),
            ..Report::default()
        }
    };
    enrolments(load, database, &mut report).await?;
    documents(load, &mut report);
    for (what, sql) in [
        ("left over", "SELECT id, kind, state, last_error FROM outbox WHERE state <> 'done'"),
        ("events with one position", "SELECT position, COUNT(*) FROM events GROUP BY position HAVING COUNT(*) > 1"),
    ] {
        let found = database.rows(sql).await?;
        report.wrong.extend(found.into_iter().map(|row| format!("{what}: {}", row.join(" "))));
    }
    same_rows(nodes, &mut report).await?;
    Ok(report)
}

async fn enrolments(load: &Load, database: &TestDatabase, report: &mut Report) -> Result<()> {
    let rows = database.rows("SELECT id, user_id, course_id, status, payment_status FROM enrolments").await?;
    let mut by_id = BTreeMap::new();
    let mut users: BTreeMap<_, usize> = BTreeMap::new();
    let mut seats: BTreeMap<_, usize> = BTreeMap::new();
    for row in rows {
        let [id, user, course, status, payment] = row.try_into().ok().context("a row of enrolments")?;
        *users.entry(user.clone()).or_default() += 1;
        let course: i64 = course.parse()?;
        if course >= SMALL && status != "CANCELED" {
            *seats.entry(course).or_default() += 1;
        }
        by_id.insert(id.parse::<i64>()?, (user, course, status, payment));
    }
    for life in &load.seen().lives {
        let who = format!("of {} ({})", life.id, life.user);
        match by_id.get(&life.id) {
            Some((user, course, status, payment)) if (user, *course) == (&life.user, life.course) => {
                if life.paid && payment != "PAID" {
                    report.lost.push(format!("the payment {who}"));
                }
                if life.canceled && status != "CANCELED" {
                    report.lost.push(format!("the cancellation {who}"));
                }
            }
            _ => report.lost.push(format!("the enrolment {who}")),
        }
    }
    let twice = users.into_iter().filter(|(_, rows)| *rows > 1);
    report.doubled.extend(twice.map(|(user, rows)| format!("{rows} enrolments of {user}, who asked for one")));
    let over = seats.into_iter().filter(|(_, taken)| *taken > SEATS);
    report.wrong.extend(over.map(|(course, taken)| format!("{taken} are enrolled in {course}, with {SEATS} seats")));
    Ok(())
}

/// Invoices and mails, as the other systems have them.
fn documents(load: &Load, report: &mut Report) {
    let state = load.app.sandbox.state();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let invoices = count(state.invoices.iter().map(|invoice| text(&invoice["buyer_email"])));
    let mails = count(state.emails.iter().map(|mail| (text(&mail["to"][0]), text(&mail["subject"]))));
    for life in load.seen().lives.iter().filter(|life| life.paid) {
        if !invoices.contains_key(&format!("{}@example.com", life.user)) {
            report.lost.push(format!("the invoice of {} ({})", life.id, life.user));
        }
    }
    let twice = invoices.iter().filter(|(_, number)| **number > 1);
    report.doubled.extend(twice.map(|(buyer, number)| format!("{number} invoices to {buyer}")));
    let twice = mails.iter().filter(|(_, number)| **number > 1);
    report.doubled.extend(twice.map(|((to, subject), number)| format!("{number} mails to {to}: {subject}")));
}

/// Checks that all nodes have the same rows, after each has applied its write sets.
async fn same_rows(nodes: &[TestDatabase], report: &mut Report) -> Result<()> {
    let end = Instant::now() + Duration::from_secs(10);
    loop {
        let mut all = Vec::new();
        for node in nodes {
            all.push(rows(node).await?);
        }
        let different = all.windows(2).flat_map(|pair| match pair {
            [one, other] => one.symmetric_difference(other).cloned().collect(),
            _ => Vec::new(),
        });
        let different: BTreeSet<_> = different.collect();
        if different.is_empty() {
            return Ok(());
        }
        if Instant::now() > end {
            report.wrong.extend(different.into_iter().map(|row| format!("not on every node: {row}")));
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Every row of a node, with its table.
async fn rows(node: &TestDatabase) -> Result<BTreeSet<String>> {
    let mut all = BTreeSet::new();
    for table in node.rows("SHOW TABLES").await?.concat() {
        let rows = node.rows(&format!("SELECT * FROM {table}")).await?;
        all.extend(rows.into_iter().map(|row| format!("{table}: {}", row.join(" "))));
    }
    Ok(all)
}
