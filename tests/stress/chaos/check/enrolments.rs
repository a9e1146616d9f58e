//! Enrolments: each is as in the answers to its callers, and none is lost.

use super::{Evidence, Findings};
use crate::chaos::courses;
use crate::chaos::life::{Life, Past, Payment, Refunded, State, Status, Step};
use crate::chaos::seen::Seen;
use crate::chaos::trouble::Trouble;
use crate::count;
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::time::Instant;
use tests::TestDatabase;

/// The values of a row.
struct Written {
    status: String,
    payment: String,
    /// The amount in hundredths, if it is known.
    amount: Option<i64>,
    /// The refunded amount in hundredths, if something was refunded.
    refunded: Option<i64>,
    /// How many refunds there were.
    refunds: usize,
    /// Whether it was not paid in time.
    lapsed: bool,
}

/// An enrolment in the database.
pub(super) struct Row<'a> {
    pub(super) id: i64,
    pub(super) user: String,
    pub(super) course: i64,
    pub(super) url: Option<String>,
    written: Written,
    /// The lives of its callers.
    pub(super) lives: Vec<&'a Life>,
    /// Its possible pasts; none if they contradict the row.
    pub(super) pasts: Vec<Past>,
}

impl Row<'_> {
    /// Its possible states.
    pub(super) fn states(&self) -> impl Iterator<Item = State> {
        self.pasts.iter().map(|past| past.state)
    }

    /// The enrolment as the service shows it.
    pub(super) fn shown(&self) -> Value {
        let word = |word: &str| word.to_lowercase();
        let Written { status, payment, .. } = &self.written;
        json!({"id": self.id, "user_id": self.user, "course_id": self.course, "status": word(status),
            "payment_status": word(payment), "invoice_url": self.url})
    }

    pub(super) fn is_paid(&self) -> bool {
        self.written.payment == "PAID"
    }

    pub(super) fn is_refunded(&self) -> bool {
        self.written.refunds > 0
    }

    /// How many refunds there were.
    pub(super) fn refunds(&self) -> usize {
        self.written.refunds
    }

    /// The refunded amount in hundredths.
    pub(super) fn refunded(&self) -> i64 {
        self.written.refunded.unwrap_or_default()
    }

    /// Whether it can have had an event. What is not explained can have had any.
    pub(super) fn may_have(&self, word: &str) -> bool {
        self.pasts.is_empty() || self.pasts.iter().any(|past| past.times(word) > 0)
    }

    pub(super) fn is_canceled(&self) -> bool {
        self.written.status == "CANCELED"
    }

    /// The paid amount in hundredths; 0 if it is not paid.
    pub(super) fn gross(&self) -> i64 {
        if self.is_paid() { self.written.amount.unwrap_or_default() } else { 0 }
    }

    fn described(&self) -> String {
        let Written { status, payment, amount, refunded, refunds, lapsed } = &self.written;
        format!(
            "{} of {} in {}: {status} {payment} {amount:?} refunded: {refunded:?} in {refunds}, lapsed: {lapsed}",
            self.id, self.user, self.course
        )
    }
}

/// All enrolments, with their possible pasts.
pub(super) async fn rows<'a>(database: &TestDatabase, seen: &'a Seen, trouble: &Trouble) -> Result<Vec<Row<'a>>> {
    let all = "SELECT id, user_id, course_id, invoice_url, status, payment_status, paid_hundredths, refunded_hundredths, \
               (SELECT COUNT(*) FROM refunds WHERE enrolment_id = enrolments.id), lapsed FROM enrolments";
    let forgotten = |at: Instant| trouble.forgotten.iter().any(|forgotten| forgotten.time.contains(&at));
    let known = |row: Vec<String>| {
        let [id, user, course, url, status, payment, amount, refunded, refunds, lapsed] = row.try_into().ok()?;
        let (id, course) = (id.parse().ok()?, course.parse().ok()?);
        let (amount, refunded, refunds) = (amount.parse().ok(), refunded.parse().ok(), refunds.parse().ok()?);
        let written = Written { status, payment, amount, refunded, refunds, lapsed: lapsed == "1" };
        let lives: Vec<_> = seen.lives.iter().filter(|life| life.id == id && life.user == user).collect();
        let mut pasts: Vec<_> = lives.iter().flat_map(|life| life.pasts(forgotten)).collect();
        if lives.is_empty() && seen.tried.contains(&(user.clone(), course)) {
            pasts.extend(Past::of_unknown(course, "created", courses::is_alike(course)));
        }
        if lives.is_empty() && seen.waited.contains(&(user.clone(), course)) {
            pasts.extend(Past::of_unknown(course, "offered", false));
        }
        pasts.retain(|past| past.state.course == course && fits(past, &written, courses::prices(course)));
        let url = Some(url).filter(|url| url != "null");
        Some(Row { id, user, course, url, written, lives, pasts })
    };
    database.rows(all).await?.into_iter().map(|row| known(row).context("an enrolment")).collect()
}

/// The steps of an enrolment, with seconds since `begin`.
pub(super) fn described(begin: Instant, lives: &[&Life]) -> String {
    let seconds = |at: Instant| (at - begin).as_secs_f64();
    let mut text = String::new();
    for life in lives {
        let _ = write!(text, "enrolled {:.3}", seconds(life.told));
        for (number, step) in
            life.steps.iter().enumerate().flat_map(|(number, steps)| steps.iter().map(move |step| (number, step)))
        {
            let Step { what, since, at, lost, ended } = step;
            let lost = if *lost { ", may be lost" } else { "" };
            let _ = write!(text, "; {number}. {what:?} {:.3} to {:.3}{lost}: {ended:?}", seconds(*since), seconds(*at));
        }
    }
    text
}

/// Whether a row has this state.
fn fits(past: &Past, written: &Written, prices: [i64; 2]) -> bool {
    let state = past.state;
    let status = match state.status {
        Status::Active => "ACTIVE",
        Status::Completed => "COMPLETED",
        Status::Canceled | Status::TakenBack | Status::Lapsed => "CANCELED",
    };
    let (payment, amount) = match state.payment {
        Payment::Pending => ("PENDING", written.amount.is_none()),
        Payment::Failed => ("FAILED", written.amount.is_none()),
        Payment::Paid { amount: None, .. } => ("PAID", written.amount.is_some_and(|amount| prices.contains(&amount))),
        Payment::Paid { amount, .. } => ("PAID", written.amount == amount),
    };
    let refunded = match state.refunded {
        Refunded { whole: true, .. } => written.amount,
        Refunded { parts: 0, .. } => None,
        Refunded { parts, .. } => Some(parts),
    };
    let refunds = past.events.iter().filter(|event| **event == "refunded").count();
    written.status == status
        && written.lapsed == (state.status == Status::Lapsed)
        && written.payment == payment
        && amount
        && (written.refunded, written.refunds) == (refunded, refunds)
}

pub(super) fn check(evidence: &Evidence<'_>, findings: &mut Findings) {
    let Evidence { seen, trouble, rows, .. } = evidence;
    let is_forgotten = |at: Instant| trouble.forgotten.iter().any(|forgotten| forgotten.time.contains(&at));
    for life in &seen.lives {
        let is_there = rows.iter().any(|row| row.id == life.id && row.user == life.user);
        if !is_there && !is_forgotten(life.told) {
            findings.lost.push(format!("the enrolment {} of {} in {}", life.id, life.user, life.course));
        }
    }
    let missing = seen.missing.iter().filter(|(told, _)| !is_forgotten(*told));
    findings.lost.extend(missing.map(|(_, what)| format!("the enrolment {what} when something was done to it")));

    for row in rows.iter().filter(|row| row.pasts.is_empty()) {
        findings.lost.push(format!("{}, after {}", row.described(), described(evidence.begin, &row.lives)));
    }
    let open = rows.iter().filter(|row| !row.is_canceled());
    for ((user, course), number) in count(open.map(|row| (&row.user, row.course))) {
        if number > 1 {
            findings.doubled.push(format!("{user} is enrolled {number} times in {course}"));
        }
    }
}
