//! Fakturownia: `POST /invoices.json` and `GET /invoices.json?oid=`. What a
//! request must have is checked strictly.

mod buyer;
mod faults;

use crate::http::{Answer, Request};
use crate::state::State;
use chrono::{Datelike, Utc};
use serde_json::{Value, json};

/// Issues an invoice.
#[must_use]
pub fn create(state: &State, token: &str, request: &Request) -> Answer {
    let body = request.json().unwrap_or_default();
    if body.get("api_token").and_then(Value::as_str) != Some(token) && !request.has_bearer(token) {
        return unauthorized();
    }
    let Some(invoice) = body.get("invoice").filter(|invoice| invoice.is_object()) else {
        return refused(&json!({"invoice": ["- nie może być puste"]}));
    };
    if let Err(faults) = faults::invoice(invoice) {
        return refused(&faults);
    }
    let link_token = state.token();
    let origin = format!("http://{}", request.header("host").unwrap_or("127.0.0.1:3001"));
    let mut memory = state.memory();
    let oid = invoice.get("oid");
    if memory.seen.invoices.iter().any(|document| document.get("oid") == oid) {
        return refused(&json!({"oid": ["- jest już zajęty"]}));
    }
    let number = memory.seen.invoices.len() + 1;
    let today = Utc::now().date_naive();
    let mut document = invoice.clone();
    if let Some(document) = document.as_object_mut() {
        document.extend([
            ("id".to_owned(), json!(100_000 + number)),
            ("number".to_owned(), json!(format!("{number}/{}/{}", today.month(), today.year()))),
            ("view_url".to_owned(), json!(format!("{origin}/invoice/{link_token}"))),
            ("token".to_owned(), json!(link_token)),
            ("price_gross".to_owned(), faults::gross(invoice).cloned().unwrap_or_default()),
            ("created_at".to_owned(), json!(Utc::now().to_rfc3339())),
            ("cancelled".to_owned(), json!(false)),
            ("gov_status".to_owned(), json!("not_applicable")),
        ]);
    }
    memory.seen.invoices.push(document.clone());
    drop(memory);
    state.changed();
    Answer::json(201, &document)
}

/// The documents with the `oid` and of the kind that are asked for.
#[must_use]
pub fn find(state: &State, token: &str, request: &Request) -> Answer {
    if !request.has_bearer(token) {
        return unauthorized();
    }
    let number = |name, default| request.parameter(name).and_then(|value| value.parse().ok()).unwrap_or(default);
    let (page, per_page): (usize, usize) = (number("page", 1), number("per_page", 25));
    let wanted = ["oid", "kind"].map(|key| (key, request.parameter(key)));
    let memory = state.memory();
    let matches = |document: &&Value| {
        wanted.iter().all(|(key, value)| value.as_ref().is_none_or(|value| document.get(key) == Some(&json!(value))))
    };
    let skipped = page.saturating_sub(1).saturating_mul(per_page);
    let found: Vec<_> = memory.seen.invoices.iter().filter(matches).skip(skipped).take(per_page).collect();
    Answer::json(200, &found)
}

fn unauthorized() -> Answer {
    Answer::json(401, &json!({"code": "error", "message": "You must be logged in to gain access to the site"}))
}

fn refused(message: &Value) -> Answer {
    Answer::json(422, &json!({"code": "error", "message": message}))
}
