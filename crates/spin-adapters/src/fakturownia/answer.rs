//! What Fakturownia's answers mean.

use super::expected::{About, Expected};
use super::ksef;
use super::link::link;
use crate::outbound::{NoReply, Reply};
use crate::trouble;
use chrono::{Datelike as _, NaiveDate};
use domain::invoice::{Created, Difference, Document, Found, IssuedInvoice};
use domain::outbox::Failure;
use domain::{Balance, Money};
use serde_json::{Map, Value};

/// A document or an error.
pub(super) type Object = Map<String, Value>;

pub(super) fn later(reason: &str) -> Failure {
    Failure::Later { reason: reason.to_owned(), after: None }
}

pub(super) fn down(reason: &str) -> Failure {
    Failure::Down { reason: reason.to_owned(), after: None }
}

/// The answer to a look-up that has none of what was asked for: an outage, where the
/// service itself or something before it is out of order.
pub(super) fn no_look_up(what: &str, reply: &Reply) -> Failure {
    let (reason, after) = (format!("{what}: {}", reply.status), reply.retry_after);
    trouble::of(reply).unwrap_or(match reply.status {
        500.. => Failure::Down { reason, after },
        _ => Failure::Later { reason, after },
    })
}

fn unknown(reason: &str, reply: &Reply) -> Failure {
    Failure::Unknown { reason: reason.to_owned(), after: reply.retry_after, whole_system: false }
}

/// Without a reply to a request for an invoice.
pub(super) fn not_created(no_reply: NoReply) -> Failure {
    let (reason, silent) = (no_reply.name().to_owned(), no_reply == NoReply::TimedOut);
    match no_reply {
        NoReply::NotSent(name) => down(name),
        NoReply::MaybeSent(_) | NoReply::TimedOut => Failure::Unknown { reason, after: None, whole_system: silent },
    }
}

/// Without a reply to a look-up, which can be repeated.
pub(super) fn not_found_out(no_reply: NoReply) -> Failure {
    match no_reply {
        NoReply::MaybeSent(name) => later(name),
        other => down(other.name()),
    }
}

/// Without a reply to a request to send a document to KSeF again: where it was not sent,
/// nothing was tried.
pub(super) fn not_sent_again(no_reply: NoReply) -> Failure {
    match no_reply {
        NoReply::NotSent(name) => down(name),
        other => later(other.name()),
    }
}

/// The answer to a request for a document. It is a success only with a 2xx and
/// a positive `id`, and only if nothing in it speaks of another invoice: what is
/// doubtful is looked up.
pub(super) fn created(reply: &Reply, asked: &Expected<'_>, origin: &str) -> Result<Created, Failure> {
    let body: Option<Value> = serde_json::from_slice(&reply.body).ok();
    match (reply.status, body.as_ref().and_then(Value::as_object)) {
        (200..=299, Some(document)) if is_error(document) => refusal(reply, body.as_ref()),
        (200..=299, Some(document)) if field(document, "id").as_u64().is_some_and(|id| id > 0) => {
            let (oid, gross) = (field(document, "oid"), field(document, "price_gross"));
            if !(oid.is_null() || oid == asked.oid) || !(gross.is_null() || amount(gross) == Some(asked.gross)) {
                return Err(unknown("the answer is about another invoice", reply));
            }
            Ok(Created::Issued(issued(document, asked, origin)))
        }
        (200..=299, _) => Err(unknown("unreadable success", reply)),
        (500.., _) => Err(unknown("server error", reply)),
        _ => trouble::of(reply).map_or_else(|| refusal(reply, body.as_ref()), Err),
    }
}

fn refusal(reply: &Reply, body: Option<&Value>) -> Result<Created, Failure> {
    let speaks_of_oid = match body {
        Some(body) => names_oid(body),
        None => has_oid(&String::from_utf8_lossy(&reply.body)),
    };
    if speaks_of_oid {
        return Ok(Created::Taken);
    }
    // What is cut off may have spoken of it.
    if body.is_none() && reply.body.trim_ascii_start().starts_with(b"{") {
        return Err(unknown("unreadable refusal", reply));
    }
    Err(Failure::Refused { reason: format!("refused with {}", reply.status) })
}

/// What the document has under `key`; null if it has nothing.
pub(super) fn field<'a>(document: &'a Object, key: &str) -> &'a Value {
    document.get(key).unwrap_or(&Value::Null)
}

fn link_of(document: &Object, origin: &str) -> Option<String> {
    link(field(document, "view_url"), field(document, "token"), origin)
}

fn is_error(document: &Object) -> bool {
    field(document, "code") == "error" || field(document, "status") == "error"
}

/// Whether an error is about the `oid`: as a key or as a word of a text,
/// wherever. How the service words a taken one is not documented. What it
/// repeats of the request says nothing.
fn names_oid(error: &Value) -> bool {
    match error {
        Value::Object(fields) => fields
            .iter()
            .filter(|(key, _)| *key != "invoice")
            .any(|(key, value)| (has_oid(key) && !is_blank(value)) || names_oid(value)),
        Value::Array(values) => values.iter().any(names_oid),
        Value::String(text) => has_oid(text),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// No error: forms list every field, those with nothing wrong as well.
fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(values) => values.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

fn has_oid(text: &str) -> bool {
    text.split(|character: char| !character.is_alphanumeric()).any(|word| word.eq_ignore_ascii_case("oid"))
}

/// The documents that a look-up gave, whosever they are.
pub(super) fn documents(reply: &Reply) -> Result<Vec<Value>, Failure> {
    match reply.status {
        200 => serde_json::from_slice(&reply.body).map_err(|_| down("unreadable list")),
        _ => Err(no_look_up("look-up answered", reply)),
    }
}

/// Those with the number that was asked for: how the service filters is not
/// documented.
pub(super) fn matching(documents: &[Value], asked: &Expected<'_>, origin: &str) -> Vec<Found> {
    documents
        .iter()
        .filter_map(Value::as_object)
        .filter(|document| field(document, "oid") == asked.oid)
        .map(|document| Found {
            number: asked.oid.to_owned(),
            difference: difference(document, asked),
            document: issued(document, asked, origin),
        })
        .collect()
}

/// What is kept of a document that is the one that was asked for.
fn issued(document: &Object, asked: &Expected<'_>, origin: &str) -> Document {
    /// The longest number that is kept, in bytes.
    const LONGEST: usize = 100;
    let number = field(document, "number").as_str().map(str::trim);
    let number = number.filter(|text| (1..=LONGEST).contains(&text.len()) && !text.contains(char::is_control));
    let issued_on: Option<NaiveDate> = field(document, "issue_date").as_str().and_then(|day| day.parse().ok());
    // A year of more than four digits, or with a sign, is none that a column takes.
    let issued_on = issued_on.filter(|day| (1..=9999).contains(&day.year()));
    Document {
        kind: asked.document_kind(),
        vendor_id: field(document, "id").as_i64(),
        number: number.map(str::to_owned),
        url: link_of(document, origin),
        gross: Some(asked.gross),
        currency: Some(asked.currency.to_owned()),
        issued_on: issued_on.or(Some(asked.issued_on)),
        ksef: ksef::of_issued(document, asked),
    }
}

/// What is not said counts as different: whose document it is must be certain.
fn difference(document: &Object, asked: &Expected<'_>) -> Option<Difference> {
    if field(document, "kind") != asked.kind() {
        Some(Difference::Kind)
    } else if is_canceled(document) {
        Some(Difference::Canceled)
    } else if let Some(difference) = other_subject(document, &asked.about) {
        Some(difference)
    } else if amount(field(document, "price_gross")) != Some(asked.gross) {
        Some(Difference::Amount)
    } else if field(document, "currency") != asked.currency {
        Some(Difference::Currency)
    } else {
        None
    }
}

fn other_subject(document: &Object, about: &About<'_>) -> Option<Difference> {
    let text = |key: &str| field(document, key).as_str().unwrap_or_default().trim();
    match about {
        About::Buyer { name, email, tax_no } => {
            let same_name = text("buyer_name").split_whitespace().eq(name.split_whitespace());
            let same_email = text("buyer_email").eq_ignore_ascii_case(email.trim());
            let same_tax_no = tax_no.is_none_or(|tax_no| digits(text("buyer_tax_no")) == tax_no);
            (!same_name || !same_email || !same_tax_no).then_some(Difference::Buyer)
        }
        About::Invoice(id) => {
            let names = |key: &str| id_of(field(document, key)) == Some(*id);
            (!names("from_invoice_id") && !names("invoice_id")).then_some(Difference::Corrects)
        }
    }
}

/// A Polish tax number, however it is written.
fn digits(tax_no: &str) -> String {
    tax_no.chars().filter(char::is_ascii_digit).collect()
}

/// The vendor's ids come as numbers and as texts.
pub(super) fn id_of(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_i64(),
    }
}

/// The invoice that is to be corrected, as it stands now.
///
/// # Errors
///
/// Where the answer does not have it, or it is not as it was issued, which is a
/// person's business.
pub(super) fn corrected(reply: &Reply, invoice: &IssuedInvoice) -> Result<Object, Failure> {
    let document = match reply.status {
        200 => serde_json::from_slice::<Object>(&reply.body).map_err(|_| down("unreadable invoice"))?,
        404 => return Err(later("the invoice to be corrected is not found")),
        _ => return Err(no_look_up("the invoice to be corrected", reply)),
    };
    if id_of(field(&document, "id")) != Some(invoice.vendor_id) {
        return Err(later("the answer is about another invoice"));
    }
    let refused = |reason: &str| Err(Failure::Refused { reason: format!("the invoice to be corrected {reason}") });
    if field(&document, "kind") != "vat" {
        refused("is another kind of document")
    } else if is_canceled(&document) {
        refused("is canceled")
    } else if amount(field(&document, "price_gross")) != Some(Balance(invoice.gross.hundredths())) {
        refused("is over another amount")
    } else if field(&document, "currency") != invoice.currency.as_str() {
        refused("is in another currency")
    } else {
        Ok(document)
    }
}

/// By a field of that name, in either spelling, or by its status.
fn is_canceled(document: &Object) -> bool {
    let status = field(document, "status").as_str().and_then(|status| status.get(..6)).unwrap_or_default();
    let says = |key| is_true(field(document, key));
    says("cancelled") || says("canceled") || status.eq_ignore_ascii_case("cancel")
}

/// However it is written.
pub(super) fn is_true(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !matches!(text.as_str(), "" | "false" | "no" | "0"),
        Value::Number(number) => number.as_f64() != Some(0.0),
        _ => true,
    }
}

fn amount(value: &Value) -> Option<Balance> {
    let number: f64 = match value {
        Value::String(text) => text.trim().parse().ok()?,
        other => other.as_f64()?,
    };
    let hundredths = Money::from_float(number.abs())?.hundredths();
    Some(Balance(if number < 0.0 { -hundredths } else { hundredths }))
}

#[cfg(test)]
mod tests;
