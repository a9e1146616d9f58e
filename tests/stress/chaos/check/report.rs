//! The report of a run.

use super::{Evidence, webhooks};
use crate::chaos::trouble::{Counts, Forgotten};
use std::fmt;
use std::time::Instant;
use tests::Database;

/// The faults.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) lost: Vec<String>,
    pub(super) doubled: Vec<String>,
    pub(super) wrong: Vec<String>,
}

pub(crate) struct Report {
    lines: Vec<String>,
    findings: Findings,
}

impl Report {
    pub(super) fn new(
        kind: Database,
        evidence: &Evidence<'_>,
        told: &webhooks::Counts,
        late: String,
        findings: Findings,
    ) -> Self {
        let Evidence { seen, trouble, terms, state, rows, events, .. } = evidence;
        let database = if kind == Database::Sqlite { "SQLite" } else { "MariaDB" };
        let answers: Vec<_> =
            seen.answers.iter().map(|((route, status), count)| format!("{route} {status}: {count}")).collect();
        let Counts { kills, connections, restarts, faults, away, receiver_faults, gone, looks } = trouble.counts;
        let webhooks::Counts { arrived, in_trouble, unanswered, killed } = told;
        // How many acknowledgements each restored copy has lost, and their times.
        let void = |Forgotten { time, .. }: &Forgotten| {
            let seconds = |at: Instant| (at - evidence.begin).as_secs_f64();
            format!("{} (from {:.1} to {:.1} s)", seen.acknowledged(time), seconds(time.start), seconds(time.end))
        };
        let void: Vec<_> = trouble.forgotten.iter().map(void).collect();
        let [mut paid, mut refunded, mut refunds, mut canceled] = [0; 4];
        for row in rows {
            paid += usize::from(row.is_paid());
            refunded += usize::from(row.is_refunded());
            refunds += row.refunds();
            canceled += usize::from(row.is_canceled());
        }
        let times = |word: &str| {
            let is_it = |event: &&serde_json::Value| event["type"] == format!("enrolment.{word}");
            events.iter().filter(is_it).count()
        };
        let late_seats = rows.iter().filter(|row| row.is_paid() && row.may_have("lapsed")).count();
        let lines = vec![
            format!("{database}: {} requests ({} cut off; {})", seen.requests(), seen.cut_off, answers.join(", ")),
            format!(
                "  the service was killed {kills} times, the database {restarts} times; {connections} connections cut; \
                 {faults} faults of outside systems; users or a course missing {gone} times; terms of sale changed {} \
                 times; seats counted {looks} times",
                terms.changes()
            ),
            format!("  older copies restored, acknowledged requests that each lacks: {}", void.join(", ")),
            format!(
                "  {} enrolments, {paid} paid ({late} before user and course were found), {refunded} refunded in \
                 {refunds} refunds, {canceled} canceled",
                rows.len(),
            ),
            format!(
                "  {} users waited or tried to; {} offers, {} lapsed, {late_seats} of them paid later, {} moves, {} extended",
                seen.waited.len(),
                times("offered"),
                times("lapsed"),
                times("moved"),
                times("extended"),
            ),
            format!(
                "  {} invoices, {} corrections, {} mails",
                state.invoices.len(),
                state.corrections.len(),
                state.emails.len()
            ),
            format!(
                "  {} events; {arrived} webhooks arrived, with those of events that a restored copy lacks; {in_trouble} \
                 during the faults; {unanswered} again without an answer, {killed} again after a kill; receiver killed \
                 {away} times, {receiver_faults} faults",
                events.len(),
            ),
        ];
        Self { lines, findings }
    }

    /// Adds what else is wrong.
    pub(crate) fn add(&mut self, wrong: Vec<String>) {
        self.findings.wrong.extend(wrong);
    }

    pub(crate) fn is_well(&self) -> bool {
        let Findings { lost, doubled, wrong } = &self.findings;
        lost.is_empty() && doubled.is_empty() && wrong.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            writeln!(f, "{line}")?;
        }
        let Findings { lost, doubled, wrong } = &self.findings;
        write!(f, "  lost {}, doubled {}, otherwise wrong {}", lost.len(), doubled.len(), wrong.len())?;
        for (kind, list) in [("lost", lost), ("doubled", doubled), ("wrong", wrong)] {
            for line in list.iter().take(20) {
                write!(f, "\n    {kind}: {line}")?;
            }
        }
        Ok(())
    }
}
