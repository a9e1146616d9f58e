//! Fakturownia: `POST /invoices.json`, `GET /invoices.json?oid=` and
//! `GET /invoices/{id}.json`, and what it tells of KSeF. What a request must have is
//! checked strictly.

mod account;
mod buyer;
mod correction;
mod documents;
mod faults;
mod ksef;

pub use account::{Account, AutoSend};
pub(crate) use documents::Index;
pub(crate) use ksef::Ksef;
pub use ksef::Outcome;

use crate::Config;
use crate::http::{Answer, Request};
use crate::state::{Memory, State};
use chrono::{Datelike, Utc};
use serde_json::{Value, json};

/// Issues an invoice or a correction.
#[must_use]
pub fn create(state: &State, config: &Config, request: &Request) -> Answer {
    let (body, token) = (request.json().unwrap_or_default(), config.invoices_token.as_str());
    if body.get("api_token").and_then(Value::as_str) != Some(token) && !request.has_bearer(token) {
        return unauthorized();
    }
    let Some(sent) = body.get("invoice").filter(|sent| sent.is_object()) else {
        return refused(&json!({"invoice": ["- nie może być puste"]}));
    };
    let correction = is_correction(sent);
    let link_token = state.token();
    let mut memory = state.memory();
    let checked = if correction {
        correction::check(sent).and_then(|()| correction::check_against(sent, &memory))
    } else {
        faults::invoice(sent).and_then(|()| oid_is_free(sent, &memory))
    };
    if let Err(faults) = checked {
        return refused(&faults);
    }
    let origin = format!("http://{}", request.header("host").unwrap_or("127.0.0.1:3001"));
    let today = Utc::now().date_naive();
    let (prefix, count) =
        if correction { ("KOR/", memory.seen.corrections.len()) } else { ("", memory.seen.invoices.len()) };
    let id = memory.next_document_id();
    let mut document = sent.clone();
    if let Some(document) = document.as_object_mut() {
        document.extend([
            ("id".to_owned(), json!(id)),
            ("number".to_owned(), json!(format!("{prefix}{}/{}/{}", count + 1, today.month(), today.year()))),
            ("view_url".to_owned(), json!(format!("{origin}/invoice/{link_token}"))),
            ("token".to_owned(), json!(link_token)),
            ("price_gross".to_owned(), faults::gross(sent).cloned().unwrap_or_default()),
            ("created_at".to_owned(), json!(Utc::now().to_rfc3339())),
            ("cancelled".to_owned(), json!(false)),
            ("gov_status".to_owned(), json!("not_applicable")),
        ]);
    }
    memory.keep_document(document);
    if memory.settings.invoices.gov_auto_send_mode == Some(AutoSend::All)
        || body.get("gov_save_and_send") == Some(&json!(true))
    {
        memory.send_to_ksef(id, config.ksef_looks);
    }
    let answer = Answer::json(201, &memory.document(id));
    drop(memory);
    state.changed();
    answer
}

/// Whether it is none of the VAT invoices.
pub(crate) fn is_correction(document: &Value) -> bool {
    document.get("kind").is_some_and(|kind| kind == "correction")
}

fn oid_is_free(invoice: &Value, memory: &Memory) -> Result<(), Value> {
    let oid = invoice.get("oid").and_then(Value::as_str);
    let taken = memory.documents(oid).any(|document| !is_correction(document));
    if taken { Err(json!({"oid": ["- jest już zajęty"]})) } else { Ok(()) }
}

/// The documents with the `oid` and of the kind that are asked for.
#[must_use]
pub fn find(state: &State, token: &str, request: &Request) -> Answer {
    if !request.has_bearer(token) {
        return unauthorized();
    }
    let number = |name, default| request.parameter(name).and_then(|value| value.parse().ok()).unwrap_or(default);
    let (page, per_page): (usize, usize) = (number("page", 1), number("per_page", 25));
    let (oid, kind) = (request.parameter("oid"), request.parameter("kind"));
    let memory = state.memory();
    let is_of_kind =
        |document: &&Value| kind.as_ref().is_none_or(|kind| document.get("kind").is_some_and(|own| own == kind));
    let skipped = page.saturating_sub(1).saturating_mul(per_page);
    let found: Vec<_> = memory.documents(oid.as_deref()).filter(is_of_kind).skip(skipped).take(per_page).collect();
    Answer::json(200, &found)
}

/// The one document that a path segment names: `100001.json`. `?send_to_ksef=yes` sends
/// it.
#[must_use]
pub fn one(state: &State, config: &Config, request: &Request, segment: &str) -> Answer {
    let token = config.invoices_token.as_str();
    if !request.has_bearer(token) && request.parameter("api_token").as_deref() != Some(token) {
        return unauthorized();
    }
    let mut memory = state.memory();
    let id = segment.strip_suffix(".json").and_then(|id| id.parse().ok());
    let Some(id) = id.filter(|id| memory.document(*id).is_some()) else {
        return Answer::json(404, &json!({"code": "error", "message": "Not found"}));
    };
    if request.parameter("send_to_ksef").as_deref() == Some("yes") {
        memory.send_to_ksef(id, config.ksef_looks);
    } else {
        memory.look_at(id);
    }
    let answer = Answer::json(200, &memory.document(id));
    drop(memory);
    state.changed();
    answer
}

fn unauthorized() -> Answer {
    Answer::json(401, &json!({"code": "error", "message": "You must be logged in to gain access to the site"}))
}

fn refused(message: &Value) -> Answer {
    Answer::json(422, &json!({"code": "error", "message": message}))
}
