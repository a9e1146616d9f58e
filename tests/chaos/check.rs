//! What is there in the end, compared with what was acknowledged.

use crate::load::Seen;
use crate::service::Service;
use crate::trouble::Counts;
use anyhow::{Context, Result, ensure};
use sandbox::Sandbox;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use tests::{Database, TestDatabase};

/// Lets everything that is owed be delivered. Waiting is cut short by setting
/// the outbox's clocks back; nothing is under way any more.
pub(crate) async fn drain(database: &TestDatabase, service: &Service) -> Result<()> {
    let client = reqwest::Client::builder().no_proxy().build()?;
    for _ in 0..1000 {
        let open = "SELECT COUNT(*) FROM outbox WHERE state IN ('due', 'unknown')";
        if database.rows(open).await? == [["0"]] {
            return Ok(());
        }
        let now = chrono::Utc::now().timestamp_millis();
        let sooner = "unknown_since = unknown_since - 180000 WHERE due_at > ";
        database.execute(&format!("UPDATE outbox SET due_at = {now}, {sooner} {now}")).await?;
        let answer = client.post(format!("{}/deliveries", service.base())).send().await?;
        ensure!(answer.status() == 200, "POST /deliveries: {}", answer.status());
    }
    None.context("the outbox does not drain")
}

pub(crate) struct Report {
    database: &'static str,
    seen: String,
    counts: Counts,
    enrolments: usize,
    paid: usize,
    invoices: usize,
    mails: usize,
    lost: Vec<String>,
    doubled: Vec<String>,
    other: Vec<String>,
}

impl Report {
    pub(crate) fn is_well(&self) -> bool {
        self.lost.is_empty() && self.doubled.is_empty() && self.other.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counts { kills, connections, restarts, faults } = self.counts;
        writeln!(f, "{}: {}", self.database, self.seen)?;
        writeln!(
            f,
            "  killed {kills} times; {connections} connections killed; database killed {restarts} times; {faults} faults outside"
        )?;
        writeln!(
            f,
            "  {} enrolments, {} paid, {} invoices, {} mails",
            self.enrolments, self.paid, self.invoices, self.mails
        )?;
        write!(f, "  lost {}, doubled {}, otherwise wrong {}", self.lost.len(), self.doubled.len(), self.other.len())?;
        for (kind, list) in [("lost", &self.lost), ("doubled", &self.doubled), ("wrong", &self.other)] {
            for line in list.iter().take(20) {
                write!(f, "\n    {kind}: {line}")?;
            }
        }
        Ok(())
    }
}

pub(crate) async fn check(
    kind: Database,
    database: &TestDatabase,
    sandbox: &Sandbox,
    seen: &Seen,
    counts: &Counts,
) -> Result<Report> {
    let (mut lost, mut doubled, mut other) = (Vec::new(), Vec::new(), seen.undocumented.clone());
    if seen.changed_answers > 0 {
        other.push(format!("{} repeated requests got another answer", seen.changed_answers));
    }
    let rows = database.rows("SELECT id, user_id, payment_status, invoice_url FROM enrolments").await?;
    let state = sandbox.state();
    let invoices = count(&state.invoices, |invoice| invoice["oid"].to_string());
    let mails = count(&state.emails, |mail| format!("{} {}", mail["to"][0], mail["subject"]));
    doubled.extend(
        invoices
            .iter()
            .chain(&mails)
            .filter(|(_, count)| **count > 1)
            .map(|(what, count)| format!("{what} {count} times")),
    );

    let (mut users, mut paid) = (BTreeSet::new(), BTreeSet::new());
    for row in &rows {
        let [id, user, payment, url] = row.as_slice() else { continue };
        if !users.insert(user) {
            doubled.push(format!("{user} is enrolled twice"));
        }
        let mut owed = vec!["Course enrolment confirmation"];
        let invoice = format!("\"enrolment-{id}\"");
        if payment == "PAID" {
            paid.insert(id.as_str());
            owed.push("Your course payment confirmation");
            if !invoices.contains_key(&invoice) || url == "null" {
                lost.push(format!("the invoice of {id}"));
            }
        } else if invoices.contains_key(&invoice) {
            other.push(format!("{id} has an invoice and is not paid"));
        }
        for subject in owed {
            if !mails.contains_key(&format!("\"{user}@example.com\" \"{subject}\"")) {
                lost.push(format!("the mail to {user}: {subject}"));
            }
        }
    }
    for (id, user) in &seen.enrolled {
        if !rows.iter().any(|row| row.first() == Some(&id.to_string()) && row.get(1) == Some(user)) {
            lost.push(format!("the enrolment {id} of {user}"));
        }
    }
    lost.extend(
        seen.paid.iter().filter(|id| !paid.contains(id.to_string().as_str())).map(|id| format!("the payment of {id}")),
    );
    let left = "SELECT id, kind, state, last_error FROM outbox WHERE state <> 'done' OR lease_token IS NOT NULL OR payload <> '{}'";
    other.extend(database.rows(left).await?.into_iter().map(|row| format!("left over: {}", row.join(" "))));

    let answers: Vec<_> =
        seen.answers.iter().map(|((route, status), count)| format!("{route} {status}: {count}")).collect();
    Ok(Report {
        database: if kind == Database::Sqlite { "SQLite" } else { "MariaDB" },
        seen: format!("{} requests ({} cut off; {})", seen.requests(), seen.cut_off, answers.join(", ")),
        counts: *counts,
        enrolments: rows.len(),
        paid: paid.len(),
        invoices: state.invoices.len(),
        mails: state.emails.len(),
        lost,
        doubled,
        other,
    })
}

fn count(list: &[Value], key: impl Fn(&Value) -> String) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for item in list {
        *counts.entry(key(item)).or_default() += 1;
    }
    counts
}
