//! Mails: one for each change that has a mail, and no others.

use super::{Evidence, Findings, Owner, Row, user_of};
use crate::chaos::life::{Life, Move, Past, Status};
use crate::count;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Instant;

/// The kind of a mail, by the start of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Enrolment,
    Payment,
    Cancellation,
    Refund,
    NewInvoice,
    Offer,
    Lapse,
    Move,
}

const KINDS: [(Kind, &str, &str); 8] = [
    (Kind::Enrolment, "enrolment-email", "Course enrolment confirmation"),
    (Kind::Payment, "payment-email", "Your course payment confirmation"),
    (Kind::Cancellation, "cancellation-email", "Your course enrolment is canceled"),
    (Kind::Refund, "refund-email", "Your course payment is refunded"),
    (Kind::NewInvoice, "payment-email", "Your new invoice for the course"),
    (Kind::Offer, "notice-email", "A seat in your course is free"),
    (Kind::Lapse, "notice-email", "Your course enrolment was not paid in time"),
    (Kind::Move, "notice-email", "Your enrolment was moved to another course"),
];

/// The kind of a mail and its enrolment; none for an unknown mail.
fn about(mail: &Value) -> Option<(Kind, Owner)> {
    let (key, subject) = (mail["idempotency_key"].as_str()?, mail["subject"].as_str()?);
    let (kind, rest) = KINDS.iter().find_map(|(kind, word, own)| {
        (*own == subject).then_some((*kind, key.strip_prefix(word)?.strip_prefix('-')?))
    })?;
    let id = rest.split('-').next()?.parse().ok()?;
    Some((kind, (id, user_of(&mail["to"][0]))))
}

pub(super) fn check(evidence: &Evidence<'_>, findings: &mut Findings) {
    let emails = &evidence.state.emails;
    findings.wrong.extend(emails.iter().filter(|mail| about(mail).is_none()).map(|mail| format!("a mail: {mail}")));
    findings.wrong.extend(strangers(&evidence.state));
    let all = count(emails.iter().filter_map(about));
    let counts = count(evidence.remembered(emails, |forgotten| &forgotten.emails).filter_map(about));
    for ((kind, owner), number) in &counts {
        let row = evidence.rows.iter().find(|row| (row.id, &row.user) == (owner.0, &owner.1));
        if *number > row.map_or(1, |row| most(evidence, row, *kind)) {
            findings.doubled.push(format!("the {kind:?} mail to {owner:?}, {number} times"));
        }
        if !row.is_some_and(|row| may_have(row, *kind)) {
            findings.wrong.push(format!("a {kind:?} mail to {owner:?}"));
        }
    }
    for row in &evidence.rows {
        for (kind, ..) in KINDS {
            let sent = all.get(&(kind, (row.id, row.user.clone()))).copied().unwrap_or_default();
            if must_have(evidence, row, kind) && sent < most(evidence, row, kind) {
                findings.lost.push(format!("the {kind:?} mail to {} for {}: {sent}", row.user, row.id));
            }
        }
    }
}

/// How many mails of a kind an enrolment has that has any.
fn most(evidence: &Evidence<'_>, row: &Row<'_>, kind: Kind) -> usize {
    match kind {
        Kind::Enrolment | Kind::Payment | Kind::Cancellation | Kind::Offer | Kind::Lapse => 1,
        Kind::Move => row.pasts.iter().map(|past| past.times("moved")).max().unwrap_or_default(),
        Kind::Refund => row.refunds(),
        Kind::NewInvoice => evidence.documents.iter().filter(|own| own.is_of(row, "invoice")).count().saturating_sub(1),
    }
}

fn may_have(row: &Row<'_>, kind: Kind) -> bool {
    match kind {
        Kind::Enrolment => row.may_have("created"),
        Kind::Offer => row.may_have("offered"),
        Kind::Lapse => row.may_have("lapsed"),
        Kind::Move => row.may_have("moved"),
        Kind::Payment => row.is_paid(),
        Kind::Cancellation => row.states().any(|state| state.status == Status::Canceled),
        Kind::Refund => row.is_refunded(),
        Kind::NewInvoice => row.is_paid(),
    }
}

/// A user who was not found at the change, or in a later run, gets no mail.
fn must_have(evidence: &Evidence<'_>, row: &Row<'_>, kind: Kind) -> bool {
    let looked_up = evidence.looked_up.get(&row.id);
    let met = |is_it: fn(&Move) -> bool| {
        row.lives.iter().any(|life| {
            let mut steps = life.steps.iter().flatten().filter(|step| is_it(&step.what));
            steps.any(|step| {
                let until = looked_up.map_or(step.at, |at| step.at.max(*at));
                evidence.trouble.gone.met(life.caller, step.since, until)
            })
        })
    };
    // Its user is looked up by a run, at any time.
    let is_sure = |is_true: &dyn Fn(&Past) -> bool| {
        let gone = |life: &&Life| evidence.trouble.gone.met(life.caller, evidence.begin, Instant::now());
        !row.lives.is_empty() && !row.lives.iter().any(gone) && !row.pasts.is_empty() && row.pasts.iter().all(is_true)
    };
    match kind {
        // A cancellation drops a pending one.
        Kind::Enrolment => !row.is_canceled() && !row.may_have("offered"),
        // A mail that is not true any longer is not sent.
        Kind::Offer => is_sure(&|past| past.events == ["offered"]),
        Kind::Lapse => is_sure(&|past| past.state.status == Status::Lapsed),
        Kind::Move => {
            let moves = most(evidence, row, kind);
            is_sure(&|past| past.state.status == Status::Active && past.times("moved") == moves)
        }
        // An invoice waits for the user; without an invoice nothing waits.
        Kind::Payment => row.is_paid() && (row.gross() > 0 || !met(|what| matches!(what, Move::Pay { .. }))),
        Kind::Cancellation => {
            let is_sure = !row.pasts.is_empty() && row.states().all(|state| state.status == Status::Canceled);
            is_sure && !met(|what| *what == Move::Cancel)
        }
        Kind::Refund => row.is_refunded() && !met(|what| matches!(what, Move::Refund { .. })),
        Kind::NewInvoice => true,
    }
}

/// Mails with a link to another user's document, or to none.
fn strangers(state: &sandbox::Snapshot) -> Vec<String> {
    let buyers: BTreeMap<_, _> = state
        .invoices
        .iter()
        .chain(&state.corrections)
        .map(|document| ((document["kind"] == "correction", document["view_url"].as_str()), &document["buyer_email"]))
        .collect();
    let is_strangers = |mail: &&Value| {
        let text = mail["text"].as_str().unwrap_or_default();
        [(false, "Your invoice: "), (false, "Your new invoice: "), (true, "Your corrected invoice: ")].into_iter().any(
            |(correction, label)| {
                let link = text.split_once(label).map(|(_, link)| link.trim());
                link.is_some() && buyers.get(&(correction, link)) != Some(&&mail["to"][0])
            },
        )
    };
    state.emails.iter().filter(is_strangers).map(|mail| format!("a stranger's document: {}", mail["to"][0])).collect()
}
