//! Invoices and corrections: each needed one exists once, and is as the invoicing service has
//! it.

use super::{Evidence, Findings, Owner, user_of};
use crate::chaos::life::{Move, Payment};
use crate::count;
use anyhow::{Context, Result};
use serde_json::Value;
use std::collections::BTreeMap;
use tests::TestDatabase;

/// A document in the database.
pub(super) struct Row {
    enrolment: i64,
    kind: String,
    vendor: u64,
    number: String,
    url: String,
    gross: i64,
    currency: String,
    /// The KSeF number; empty if there is none.
    ksef: String,
}

impl Row {
    /// Whether it has this kind and this enrolment.
    pub(super) fn is_of(&self, enrolment: &super::Row<'_>, kind: &str) -> bool {
        self.enrolment == enrolment.id && self.kind == kind
    }
}

pub(super) async fn rows(database: &TestDatabase) -> Result<Vec<Row>> {
    let all = "SELECT enrolment_id, kind, vendor_id, number, url, gross_hundredths, currency, \
               COALESCE(ksef_number, '') FROM documents ORDER BY id";
    let read = |row: Vec<String>| {
        let [enrolment, kind, vendor, number, url, gross, currency, ksef] = row.try_into().ok()?;
        let (enrolment, vendor, gross) = (enrolment.parse().ok()?, vendor.parse().ok()?, gross.parse().ok()?);
        Some(Row { enrolment, kind, vendor, number, url, gross, currency, ksef })
    };
    database.rows(all).await?.into_iter().map(|row| read(row).context("a document")).collect()
}

/// The enrolment and user of a document of the invoicing service.
fn owner(document: &Value) -> Owner {
    let oid = document["oid"].as_str().unwrap_or_default();
    let id = oid.split('-').nth(1).and_then(|id| id.parse().ok()).unwrap_or_default();
    (id, user_of(&document["buyer_email"]))
}

fn id(document: &Value) -> u64 {
    document["id"].as_u64().unwrap_or_default()
}

/// In hundredths.
fn gross(document: &Value) -> Option<i64> {
    document["price_gross"].as_str()?.replace('.', "").parse().ok()
}

pub(super) fn check(evidence: &Evidence<'_>, findings: &mut Findings) {
    let state = &evidence.state;
    let by_id: BTreeMap<_, _> = state.invoices.iter().chain(&state.corrections).map(|own| (id(own), own)).collect();
    for row in &evidence.documents {
        check_row(evidence, row, by_id.get(&row.vendor).copied(), findings);
    }
    check_received(evidence, evidence.remembered(&state.invoices, |forgotten| &forgotten.invoices), findings);
    check_received(evidence, evidence.remembered(&state.corrections, |forgotten| &forgotten.corrections), findings);
    for row in &evidence.rows {
        check_enrolment(evidence, row, &by_id, findings);
    }
}

/// Checks that documents of a kind were issued once, and that each is stored.
fn check_received<'a>(evidence: &Evidence<'_>, documents: impl Iterator<Item = &'a Value>, findings: &mut Findings) {
    let documents: Vec<_> = documents.map(|document| (owner(document), document)).collect();
    for (oid, number) in count(documents.iter().map(|(_, document)| document["oid"].as_str())) {
        if number > 1 {
            findings.doubled.push(format!("the document {oid:?}, {number} times"));
        }
    }
    for (owner, document) in documents {
        if !evidence.documents.iter().any(|row| row.vendor == id(document)) {
            findings.wrong.push(format!("not written down, of {owner:?}: {} {}", document["kind"], document["id"]));
        }
    }
}

/// Checks that a stored document is as the invoicing service has it, and has an enrolment.
fn check_row(evidence: &Evidence<'_>, row: &Row, document: Option<&Value>, findings: &mut Findings) {
    let Row { enrolment, kind, vendor, number, url, gross: amount, currency, ksef } = row;
    let vendor_kind = if kind == "invoice" { "vat" } else { "correction" };
    let is_the_same = |document: &Value| {
        document["kind"] == vendor_kind
            && document["number"] == number.as_str()
            && document["view_url"] == url.as_str()
            && document["currency"] == currency.as_str()
            && gross(document) == Some(*amount)
            && document["gov_id"].as_str().unwrap_or_default() == ksef
            && (document["buyer_company"] == true) != ksef.is_empty()
    };
    if !document.is_some_and(is_the_same) {
        findings.wrong.push(format!("{kind} {vendor} of {enrolment} is written down as it is not: {document:?}"));
    }
    let owner = document.map(owner);
    if !evidence.rows.iter().any(|row| Some((row.id, row.user.clone())) == owner && row.id == *enrolment) {
        findings.wrong.push(format!("{kind} {vendor} of {enrolment} is for {owner:?}"));
    }
}

/// Checks that an enrolment has its documents: one invoice for its payment and for each rebilling of an
/// issued one, one correction for each refund and each of these rebillings, in the order of the chain.
/// They sum up to the payment without the refunds.
fn check_enrolment(
    evidence: &Evidence<'_>,
    row: &super::Row<'_>,
    by_id: &BTreeMap<u64, &Value>,
    findings: &mut Findings,
) {
    let own: Vec<_> = evidence.documents.iter().filter(|own| own.enrolment == row.id).collect();
    let (invoices, corrections): (Vec<&Row>, Vec<&Row>) = own.iter().copied().partition(|own| own.kind == "invoice");
    let who = format!("{} of {}", row.id, row.user);
    let amounts: Vec<_> = own.iter().map(|own| own.gross).collect();
    let (amount_due, sum) = (row.gross(), amounts.iter().sum::<i64>());
    let due = if amount_due > 0 { row.refunds() + invoices.len().max(1) - 1 } else { 0 };
    if amount_due > 0 && invoices.is_empty() {
        let steps = super::enrolments::described(evidence.begin, &row.lives);
        findings.lost.push(format!("the invoice of {who}, after {steps}"));
    } else if corrections.len() < due {
        findings.lost.push(format!("{} of {due} corrections of {who}: {amounts:?}", corrections.len()));
    } else if corrections.len() > due {
        findings.doubled.push(format!("{} instead of {due} corrections of {who}: {amounts:?}", corrections.len()));
    } else if sum != amount_due - row.refunded() {
        let left = format!("{amount_due} without {}", row.refunded());
        findings.wrong.push(format!("the documents of {who} sum up to {sum}, not to {left}: {amounts:?}"));
    }
    if row.url.as_deref() != invoices.last().map(|invoice| invoice.url.as_str()) {
        findings.wrong.push(format!("the link of {who} is {:?}", row.url));
    }
    let mut newest = None;
    for document in own.iter().filter_map(|own| by_id.get(&own.vendor)) {
        if document["kind"] == "vat" {
            newest = Some(document["id"].clone());
        } else if newest.as_ref() != Some(&document["invoice_id"]) {
            findings.wrong.push(format!("a correction of {who} is not of the newest invoice: {document}"));
        }
    }
    let Some(invoice) = invoices.first().and_then(|invoice| by_id.get(&invoice.vendor)) else { return };
    let steps = || row.lives.iter().flat_map(|life| life.steps.iter().flatten());
    // A refused or delayed invoice may have got another buyer.
    if steps().any(|step| step.what == Move::Rebill) {
        return;
    }
    let paid = steps().filter(|step| matches!(step.what, Move::Pay { .. })).map(|step| (step.since, step.at));
    // A move gives other terms.
    let moved = steps().filter(|step| matches!(step.what, Move::ToCourse(_))).map(|step| step.at);
    let enrolled = row.lives.iter().map(|life| life.told).chain(moved).max();
    if enrolled.is_some_and(|enrolled| !evidence.terms.explain(invoice, enrolled, paid)) {
        let steps = super::enrolments::described(evidence.begin, &row.lives);
        findings.wrong.push(format!("the invoice of {who} has other terms than {steps}: {invoice}"));
    }
    let company = invoice["buyer_company"] == true;
    let is_asked = |payment| matches!(payment, Payment::Paid { company: asked, .. } if asked == company);
    if !row.pasts.is_empty() && !row.states().any(|state| is_asked(state.payment)) {
        findings.wrong.push(format!("the invoice of {who} has another buyer: {}", invoice["buyer_name"]));
    }
}
