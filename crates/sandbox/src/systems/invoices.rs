//! Fakturownia with its status of KSeF: `POST /invoices.json`, `GET /invoices.json` and
//! `GET /invoices/{id}.json`. It follows the vendor's documentation; `invoices/rules.toml` has
//! each rule with its source.

mod account;
mod buyer;
mod correction;
mod documents;
mod faults;
mod fill;
mod ksef;
mod list;
mod pace;
mod parties;
mod rules;
mod shown;
mod taxes;
mod value;

pub use account::{Account, AutoSend, Refusal};
pub(crate) use documents::Index;
pub(crate) use ksef::Ksef;
pub use ksef::Outcome;
pub(crate) use pace::Pace;
pub(crate) use value::is_yes;

use crate::http::{Answer, Request};
use crate::state::{Memory, State};
use crate::systems::Config;
use chrono::{Datelike, Utc};
use serde_json::{Value, json};
use shown::{View, shown};
use std::time::Instant;

/// Issues an invoice or a correction.
#[must_use]
pub fn create(state: &State, config: &Config, request: &Request) -> Answer {
    let body = request.json().unwrap_or_default();
    let token = body.get("api_token").and_then(Value::as_str) == Some(&config.invoices_token);
    if !token && !is_known(config, request) {
        return unauthorized();
    }
    let Some(sent) = body.get("invoice").filter(|sent| sent.is_object()) else {
        return refused(&json!({"invoice": ["- nie może być puste"]}));
    };
    let link_token = state.token();
    let mut memory = state.memory();
    if let Some(answer) = too_fast(&mut memory) {
        return answer;
    }
    let account = memory.settings.invoices.clone();
    if let Some(message) = account.refuses.and_then(|refusal| refusal.of(sent)) {
        return refused(&message);
    }
    let today = Utc::now().date_naive();
    let mut document = sent.clone();
    fill::fill(&mut document, &memory, today);
    let found = rules::check(&document, &memory);
    let messages = found.of_ksef.messages();
    if !found.always.is_empty() || account.validate_invoices_for_gov && !messages.is_empty() {
        return refused(&found.always.and(found.of_ksef).by_field());
    }
    let correction = is_correction(sent);
    let (prefix, count) =
        if correction { ("KOR/", memory.seen.corrections.len()) } else { ("", memory.seen.invoices.len()) };
    let (id, client) = (memory.next_document_id(), memory.keep_client(&document));
    let origin = format!("http://{}", request.header("host").unwrap_or("127.0.0.1:3001"));
    for (key, value) in [
        ("id", json!(id)),
        ("client_id", json!(client)),
        ("number", json!(format!("{prefix}{}/{}/{}", count + 1, today.month(), today.year()))),
        ("view_url", json!(format!("{origin}/invoice/{link_token}"))),
        ("token", json!(link_token)),
        ("created_at", json!(Utc::now().to_rfc3339())),
        ("updated_at", json!(Utc::now().to_rfc3339())),
        ("cancelled", json!(false)),
    ] {
        fill::set(&mut document, key, value);
    }
    for key in ["invoice_id", "from_invoice_id"] {
        if let Some(id) = value::id(&document, key) {
            fill::set(&mut document, key, json!(id));
        }
    }
    let automatic = account.gov_auto_send_mode.is_some_and(|mode| mode.covers(&document));
    let asked = is_yes(body.get("gov_save_and_send")) || is_yes(parameter(request, "gov_save_and_send").as_ref());
    memory.keep_document(document);
    memory.begin_with(id, messages);
    if asked || automatic {
        memory.send_to_ksef(id, config.ksef_looks, !asked);
    }
    let answer = Answer::json(201, &memory.document(id).map(|own| shown(own, &account, &View::one(request))));
    drop(memory);
    state.changed();
    answer
}

/// Whether a document is a correction.
pub(crate) fn is_correction(document: &Value) -> bool {
    document.get("kind").is_some_and(|kind| kind == "correction")
}

/// Answers with a page of documents.
#[must_use]
pub fn find(state: &State, config: &Config, request: &Request) -> Answer {
    if !is_known(config, request) {
        return unauthorized();
    }
    let mut memory = state.memory();
    if let Some(answer) = too_fast(&mut memory) {
        return answer;
    }
    let view = View::in_list(request);
    let found = list::documents(&memory, request, Utc::now().date_naive());
    let found: Vec<_> = found.into_iter().map(|own| shown(own, &memory.settings.invoices, &view)).collect();
    Answer::json(200, &found)
}

/// Answers with the document of a path segment such as `100001.json`. `?send_to_ksef=yes`
/// sends the document to KSeF.
#[must_use]
pub fn one(state: &State, config: &Config, request: &Request, segment: &str) -> Answer {
    if !is_known(config, request) {
        return unauthorized();
    }
    let mut memory = state.memory();
    if let Some(answer) = too_fast(&mut memory) {
        return answer;
    }
    let id = segment.strip_suffix(".json").and_then(|id| id.parse().ok());
    let Some(id) = id.filter(|id| memory.document(*id).is_some()) else {
        return Answer::json(404, &json!({"code": "error", "message": "Not found"}));
    };
    if is_yes(parameter(request, "send_to_ksef").as_ref()) {
        memory.send_to_ksef(id, config.ksef_looks, false);
    } else {
        memory.look_at(id);
    }
    let view = View::one(request);
    let answer = Answer::json(200, &memory.document(id).map(|own| shown(own, &memory.settings.invoices, &view)));
    drop(memory);
    state.changed();
    answer
}

impl Memory {
    /// Changes a document. False if there is no such document.
    pub(crate) fn change_document(&mut self, id: u64, changes: &Value) -> bool {
        let document = self.document_mut(id);
        document.map(|document| crate::settings::merge(document, changes.clone())).is_some()
    }
}

fn parameter(request: &Request, name: &str) -> Option<Value> {
    request.parameter(name).map(Value::String)
}

fn is_known(config: &Config, request: &Request) -> bool {
    let token = config.invoices_token.as_str();
    request.has_bearer(token) || request.parameter("api_token").as_deref() == Some(token)
}

fn too_fast(memory: &mut Memory) -> Option<Answer> {
    let limit = memory.settings.invoices.requests_per_second?;
    if memory.pace.take(limit, Instant::now()) {
        return None;
    }
    let mut answer = Answer::json(429, &json!({"code": "error", "message": "Too many requests"}));
    answer.headers.push(("retry-after".to_owned(), "1".to_owned()));
    Some(answer)
}

fn unauthorized() -> Answer {
    Answer::json(401, &json!({"code": "error", "message": "You must be logged in to gain access to the site"}))
}

fn refused(message: &Value) -> Answer {
    Answer::json(422, &json!({"code": "error", "message": message}))
}
