//! What Fakturownia's answers mean.

use super::compare::{Met, corrects, difference};
use super::correction::part_of;
use super::expected::{About, Expected, Part};
use super::failure::{down, later, no_look_up, unknown};
use super::ksef;
use super::link::link;
use super::object::{Object, amount, field, id_of, is_canceled, text_of};
use super::refusal::refusal;
use crate::outbound::Reply;
use crate::outbound::status;
use chrono::{Datelike as _, NaiveDate};
use domain::Balance;
use domain::jobs::outbox::Failure;
use domain::model::invoice::{Created, Difference, Document, Found, Issued, IssuedInvoice};
use domain::model::reason::ReasonCode;
use serde_json::Value;

/// The answer to a request for a document. It is a success only with a 2xx and an id, and
/// believed only if nothing in it speaks of another document. What is doubtful is looked
/// up; what was issued otherwise than it was asked for is a person's.
pub(super) fn created(reply: &Reply, asked: &Expected<'_>, origin: &str) -> Result<Created, Failure> {
    let body: Option<Value> = serde_json::from_slice(&reply.body).ok();
    match (reply.status, body.as_ref().and_then(Value::as_object)) {
        (200..=299, Some(document)) if is_error(document) => refusal(reply, body.as_ref(), asked),
        (200..=299, Some(document)) if id_of(field(document, "id")).is_some_and(|id| id > 0) => {
            let oid = field(document, "oid");
            match difference(document, asked, Met::Created) {
                None if oid.is_null() || oid == asked.oid => Ok(Created::Issued(issued(document, asked, origin))),
                Some(difference) if oid == asked.oid => {
                    Ok(Created::Found(vec![found(document, Some(difference), asked, origin)]))
                }
                _ => Err(unknown(ReasonCode::AnswerOfAnotherDocument, reply)),
            }
        }
        (200..=299, _) => Err(unknown(ReasonCode::UnreadableAnswer.with("success"), reply)),
        // Something before the service says so, or all of it: what follows would fare alike.
        (status @ 502..=504, _) => Err(Failure::Unknown {
            reason: ReasonCode::ServerError.with(status),
            after: reply.retry_after,
            whole_system: true,
        }),
        (status @ 500.., _) => Err(unknown(ReasonCode::ServerError.with(status), reply)),
        _ => status::of(reply).map_or_else(|| refusal(reply, body.as_ref(), asked), Err),
    }
}

fn link_of(document: &Object, origin: &str) -> Option<String> {
    link(field(document, "view_url"), field(document, "token"), origin)
}

fn is_error(document: &Object) -> bool {
    field(document, "code") == "error" || field(document, "status") == "error"
}

/// The documents that a look-up gave, whosever they are.
pub(super) fn documents(reply: &Reply) -> Result<Vec<Value>, Failure> {
    match reply.status {
        200 => serde_json::from_slice(&reply.body).map_err(|_| down(ReasonCode::UnreadableAnswer.with("list"))),
        _ => Err(no_look_up(reply)),
    }
}

/// Documents with the number that was asked for, and corrections of the same invoice. A
/// correction that a person made counts as this service's own if it corrects the whole invoice to
/// zero; of a part, [`judged`] says it. A canceled document is left out.
pub(super) fn matching(documents: &[Value], asked: &Expected<'_>, origin: &str) -> Vec<Found> {
    let by_hand = |document: &Object, id: i64| {
        let own = field(document, "kind") == asked.kind() && corrects(document, id) && !is_canceled(document);
        let to_zero = asked.part().is_none() && difference(document, asked, Met::Listed).is_none();
        own.then(|| (!to_zero).then_some(Difference::Corrected))
    };
    let judge = |document: &Object| match asked.about {
        _ if field(document, "oid") == asked.oid => Some(difference(document, asked, Met::Listed)),
        About::Invoice { id, .. } => by_hand(document, id),
        About::Buyer(_) => None,
    };
    let documents = documents.iter().filter_map(Value::as_object);
    documents.filter_map(|document| Some(found(document, judge(document)?, asked, origin))).collect()
}

/// Another correction of the invoice, by what it says of itself: the one that was asked for, or one that
/// a person has to see. None if it is before it in the chain.
///
/// # Errors
///
/// When the answer does not have it.
pub(super) fn judged(reply: &Reply, asked: &Expected<'_>, part: Part, origin: &str) -> Result<Option<Found>, Failure> {
    if reply.status != 200 {
        return Err(no_look_up(reply));
    }
    let document = serde_json::from_slice::<Object>(&reply.body);
    let document = document.map_err(|_| down(ReasonCode::UnreadableAnswer.with("correction")))?;
    Ok(match part_of(&document) {
        Some(other) if other.is_before(part) => None,
        Some(other) if other == part => {
            Some(found(&document, difference(&document, asked, Met::Listed), asked, origin))
        }
        _ => Some(found(&document, Some(Difference::Corrected), asked, origin)),
    })
}

fn found(document: &Object, difference: Option<Difference>, asked: &Expected<'_>, origin: &str) -> Found {
    Found { number: asked.oid.to_owned(), difference, issued: issued(document, asked, origin) }
}

/// What is kept of a document that is the one that was asked for.
fn issued(document: &Object, asked: &Expected<'_>, origin: &str) -> Issued {
    /// The longest number that is kept, in bytes.
    const LONGEST: usize = 100;
    let number = text_of(field(document, "number")).map(|text| text.trim().to_owned());
    let number = number.filter(|text| (1..=LONGEST).contains(&text.len()) && !text.contains(char::is_control));
    let issued_on: Option<NaiveDate> = field(document, "issue_date").as_str().and_then(|day| day.parse().ok());
    // A year of more than four digits, or with a sign, is none that a column takes.
    let issued_on = issued_on.filter(|day| (1..=9999).contains(&day.year()));
    let document_kept = Document {
        kind: asked.document_kind(),
        chain_no: asked.chain_no,
        vendor_id: id_of(field(document, "id")),
        number,
        url: link_of(document, origin),
        gross: Some(asked.gross),
        currency: Some(asked.currency.to_owned()),
        tax: asked.tax.map(str::to_owned),
        issued_on: issued_on.or(Some(asked.issued_on)),
        ksef: ksef::of(document),
    };
    Issued {
        document: document_kept,
        company: asked.company || ksef::is_company(document),
        asked: asked.ksef,
        faulty: ksef::has_faults(document),
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
        200 => serde_json::from_slice::<Object>(&reply.body)
            .map_err(|_| down(ReasonCode::UnreadableAnswer.with("invoice")))?,
        404 => return Err(later(ReasonCode::InvoiceNotFound)),
        _ => return Err(no_look_up(reply)),
    };
    if id_of(field(&document, "id")) != Some(invoice.vendor_id) {
        return Err(later(ReasonCode::AnswerOfAnotherDocument));
    }
    let refused = |what: &str| Err(Failure::Refused { reason: ReasonCode::InvoiceChanged.with(what) });
    if field(&document, "kind") != "vat" {
        refused("another kind of document")
    } else if is_canceled(&document) {
        refused("canceled")
    } else if amount(field(&document, "price_gross")) != Some(Balance(invoice.gross.hundredths())) {
        refused("another amount")
    } else if field(&document, "currency") != invoice.currency.as_str() {
        refused("another currency")
    } else {
        Ok(document)
    }
}

#[cfg(test)]
pub(super) mod tests;
