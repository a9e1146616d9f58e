//! What is there in the end, compared with what was acknowledged.

use crate::load::{Seen, Told};
use crate::service::Service;
use crate::trouble::{Counts, Forgotten, Trouble};
use anyhow::{Context, Result, ensure};
use sandbox::Sandbox;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;
use std::time::Instant;
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
    /// How many copies were restored, and how many acknowledgements each made void.
    forgotten: Vec<usize>,
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
        writeln!(f, "  older copies restored, acknowledgements forgotten by each: {:?}", self.forgotten)?;
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
    trouble: &Trouble,
) -> Result<Report> {
    let forgotten = &trouble.forgotten;
    let (mut lost, mut doubled, mut other) = (Vec::new(), Vec::new(), seen.undocumented.clone());
    if seen.changed_answers > 0 {
        other.push(format!("{} repeated requests got another answer", seen.changed_answers));
    }
    let rows = database.rows("SELECT id, user_id, payment_status, invoice_url FROM enrolments").await?;
    let state = sandbox.state();
    other.extend(strangers(&state));
    let emails = remembered(&state.emails, forgotten, |forgotten| &forgotten.emails);
    let invoices = remembered(&state.invoices, forgotten, |forgotten| &forgotten.invoices);
    let (all_mails, mails) = (count(&state.emails, mail_of), count(emails, mail_of));
    let invoices = count(invoices, |invoice| invoice["buyer_email"].to_string());
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
        let address = format!("{user}@example.com");
        if payment == "PAID" {
            paid.insert((id.as_str(), user.as_str()));
            owed.push("Your course payment confirmation");
            let number = format!("enrolment-{id}-");
            let is_own = |invoice: &Value| {
                let oid = invoice["oid"].as_str().unwrap_or_default();
                invoice["buyer_email"] == address.as_str()
                    && invoice["view_url"] == url.as_str()
                    && oid.starts_with(&number)
            };
            if !state.invoices.iter().any(is_own) {
                lost.push(format!("the invoice of {id}"));
            }
        } else if invoices.contains_key(&format!("\"{address}\"")) {
            other.push(format!("{id} has an invoice and is not paid"));
        }
        for subject in owed {
            if !all_mails.contains_key(&format!("\"{address}\" \"{subject}\"")) {
                lost.push(format!("the mail to {user}: {subject}"));
            }
        }
    }
    let is_forgotten = |told: &Told| forgotten.iter().any(|forgotten| forgotten.time.contains(&told.at));
    for told @ Told { id, user, .. } in &seen.enrolled {
        let is_there = rows.iter().any(|row| row.first() == Some(&id.to_string()) && row.get(1) == Some(user));
        if !is_there && !is_forgotten(told) {
            lost.push(format!("the enrolment {id} of {user}"));
        }
    }
    for told @ Told { id, user, .. } in &seen.paid {
        if !paid.contains(&(id.to_string().as_str(), user.as_str())) && !is_forgotten(told) {
            lost.push(format!("the payment of {id}"));
        }
    }
    lost.extend(
        seen.missing
            .iter()
            .filter(|told| !is_forgotten(told))
            .map(|told| format!("the enrolment {} when it was paid for", told.id)),
    );
    let left = "SELECT id, kind, state, last_error FROM outbox WHERE state <> 'done' OR lease_token IS NOT NULL OR payload <> '{}'";
    other.extend(database.rows(left).await?.into_iter().map(|row| format!("left over: {}", row.join(" "))));

    let answers: Vec<_> =
        seen.answers.iter().map(|((route, status), count)| format!("{route} {status}: {count}")).collect();
    Ok(Report {
        database: if kind == Database::Sqlite { "SQLite" } else { "MariaDB" },
        seen: format!("{} requests ({} cut off; {})", seen.requests(), seen.cut_off, answers.join(", ")),
        counts: trouble.counts,
        forgotten: forgotten.iter().map(|forgotten| void(seen, &forgotten.time)).collect(),
        enrolments: rows.len(),
        paid: paid.len(),
        invoices: state.invoices.len(),
        mails: state.emails.len(),
        lost,
        doubled,
        other,
    })
}

/// What is not among the forgotten: that may have come again.
fn remembered<'a>(
    list: &'a [Value],
    forgotten: &[Forgotten],
    range: impl Fn(&Forgotten) -> &Range<usize>,
) -> impl Iterator<Item = &'a Value> {
    let is_forgotten = move |index| forgotten.iter().any(|forgotten| range(forgotten).contains(&index));
    let kept: Vec<_> = list.iter().enumerate().filter(|(index, _)| !is_forgotten(*index)).collect();
    kept.into_iter().map(|(_, item)| item)
}

/// Mails with a link to somebody else's invoice, or to none at all.
fn strangers(state: &sandbox::state::Snapshot) -> Vec<String> {
    let buyers: BTreeMap<_, _> =
        state.invoices.iter().map(|invoice| (invoice["view_url"].as_str(), &invoice["buyer_email"])).collect();
    let is_strangers = |mail: &&Value| {
        let text = mail["text"].as_str().unwrap_or_default();
        let link = text.split_once("Your invoice: ").map(|(_, link)| link.trim());
        link.is_some() && buyers.get(&link) != Some(&&mail["to"][0])
    };
    state.emails.iter().filter(is_strangers).map(|mail| format!("a stranger's invoice: {}", mail["to"][0])).collect()
}

fn mail_of(mail: &Value) -> String {
    format!("{} {}", mail["to"][0], mail["subject"])
}

/// How many acknowledgements fell into `time`.
fn void(seen: &Seen, time: &Range<Instant>) -> usize {
    seen.enrolled.iter().chain(&seen.paid).filter(|told| time.contains(&told.at)).count()
}

fn count<'a>(list: impl IntoIterator<Item = &'a Value>, key: impl Fn(&Value) -> String) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for item in list {
        *counts.entry(key(item)).or_default() += 1;
    }
    counts
}
