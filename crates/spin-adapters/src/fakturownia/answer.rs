//! What Fakturownia's answers mean.

use crate::outbound::Reply;
use domain::Money;
use domain::invoice::{Created, Found};
use domain::outbox::Failure;
use serde_json::Value;
use std::time::Duration;

/// The longest link that is kept.
const MAX_URL: usize = 512;

pub(crate) fn later(reason: &str, after: Option<Duration>, whole_system: bool) -> Failure {
    Failure::Later { reason: reason.to_owned(), after, whole_system }
}

pub(crate) fn out_of_reach(reason: &str) -> Failure {
    later(reason, None, true)
}

pub(crate) fn unknown(reason: &str) -> Failure {
    Failure::Unknown { reason: reason.to_owned() }
}

/// The answer to a request for an invoice. It is a success only with a 2xx and
/// a numeric `id`.
pub(crate) fn created(reply: &Reply, origin: &str) -> Result<Created, Failure> {
    let body: Option<Value> = serde_json::from_slice(&reply.body).ok();
    let refusal = || {
        if names_oid(body.as_ref()) {
            Ok(Created::Taken)
        } else {
            Err(Failure::Refused { reason: format!("refused with {}", reply.status) })
        }
    };
    match reply.status {
        200..=299 => match &body {
            Some(document) if is_error(document) => refusal(),
            Some(document) if document.get("id").is_some_and(Value::is_number) => {
                Ok(Created::Issued { url: link(document, origin) })
            }
            _ => Err(unknown("unreadable success")),
        },
        500.. => Err(unknown("server error")),
        status => match trouble(status, reply.retry_after) {
            Some(failure) => Err(failure),
            None => refusal(),
        },
    }
}

/// What keeps any request from being carried out: wrong credentials or a wrong
/// address, which a person mends while the job waits, or a request to wait.
fn trouble(status: u16, retry_after: Option<Duration>) -> Option<Failure> {
    match status {
        300..=399 => Some(out_of_reach("redirected")),
        401 | 403 => Some(out_of_reach("access refused")),
        404 => Some(out_of_reach("no such account")),
        408 => Some(later("asked to try again", retry_after, false)),
        429 => Some(later("too many requests", retry_after, true)),
        _ => None,
    }
}

fn is_error(document: &Value) -> bool {
    let says = |key: &str| document.get(key).and_then(Value::as_str) == Some("error");
    says("code") || says("status")
}

/// Whether an error is about the `oid`: as a key of `message`, or as a word in
/// a plain text. How the service words a taken one is not documented.
fn names_oid(body: Option<&Value>) -> bool {
    match body.and_then(|body| body.get("message")) {
        Some(Value::Object(fields)) => fields.keys().any(|key| key == "oid" || key == "oid_unique"),
        Some(Value::String(text)) => {
            text.split(|character: char| !character.is_alphanumeric()).any(|word| word.eq_ignore_ascii_case("oid"))
        }
        _ => false,
    }
}

/// The documents that a look-up gave, whosever they are.
pub(crate) fn documents(reply: &Reply) -> Result<Vec<Value>, Failure> {
    match reply.status {
        200 => serde_json::from_slice(&reply.body).map_err(|_| later("unreadable list", None, false)),
        status => Err(trouble(status, reply.retry_after)
            .unwrap_or_else(|| later(&format!("look-up answered {status}"), None, false))),
    }
}

/// Those that are VAT invoices with this `oid`: how the service filters is not
/// documented.
pub(crate) fn matching(documents: &[Value], oid: &str, origin: &str) -> Vec<Found> {
    let is = |document: &Value, key: &str, value: &str| document.get(key).and_then(Value::as_str) == Some(value);
    documents
        .iter()
        .filter(|document| is(document, "oid", oid) && is(document, "kind", "vat"))
        .map(|document| Found { gross: document.get("price_gross").and_then(amount), url: link(document, origin) })
        .collect()
}

fn amount(value: &Value) -> Option<Money> {
    let number = match value {
        Value::String(text) => text.parse().ok()?,
        other => other.as_f64()?,
    };
    Money::from_float(number)
}

/// The page that shows a document: what it says itself if that is on the
/// account's origin, else made from its token.
fn link(document: &Value, origin: &str) -> Option<String> {
    let view = document.get("view_url").and_then(Value::as_str).filter(|url| {
        let plain = url.bytes().all(|byte| byte.is_ascii_graphic());
        plain && url.len() <= MAX_URL && url.strip_prefix(origin).is_some_and(|rest| rest.starts_with('/'))
    });
    let token = document.get("token").and_then(Value::as_str).filter(|token| {
        (1..=128).contains(&token.len())
            && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    });
    view.map(str::to_owned).or_else(|| Some(format!("{origin}/invoice/{}", token?)))
}

#[cfg(test)]
mod tests;
