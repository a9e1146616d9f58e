//! Fakturownia: `POST /invoices.json` and `GET /invoices.json?oid=`. What a
//! request must have is checked strictly.

use crate::http::{Answer, Request};
use crate::state::State;
use chrono::{Datelike, NaiveDate, Utc};
use serde_json::{Map, Value, json};

/// Issues an invoice.
#[must_use]
pub fn create(state: &State, token: &str, request: &Request) -> Answer {
    let body = request.json().unwrap_or_default();
    if body.get("api_token").and_then(Value::as_str) != Some(token) && !request.has_bearer(token) {
        return unauthorized();
    }
    let Some(Value::Object(invoice)) = body.get("invoice") else {
        return refused(&json!({"invoice": ["- nie może być puste"]}));
    };
    let faults = faults(invoice);
    if !faults.is_empty() {
        return refused(&Value::Object(faults));
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
    document.extend([
        ("id".to_owned(), json!(100_000 + number)),
        ("number".to_owned(), json!(format!("{number}/{}/{}", today.month(), today.year()))),
        ("view_url".to_owned(), json!(format!("{origin}/invoice/{link_token}"))),
        ("token".to_owned(), json!(link_token)),
        ("price_gross".to_owned(), gross(invoice).cloned().unwrap_or_default()),
        ("created_at".to_owned(), json!(Utc::now().to_rfc3339())),
        ("cancelled".to_owned(), json!(false)),
        ("gov_status".to_owned(), json!("not_applicable")),
    ]);
    let document = Value::Object(document);
    memory.seen.invoices.push(document.clone());
    drop(memory);
    state.changed();
    Answer::json(201, &document)
}

fn gross(invoice: &Map<String, Value>) -> Option<&Value> {
    invoice.get("positions")?.get(0)?.get("total_price_gross")
}

/// Every field that is missing or malformed.
fn faults(invoice: &Map<String, Value>) -> Map<String, Value> {
    let text = |key: &str| invoice.get(key).and_then(Value::as_str).unwrap_or_default();
    let mut faults = Map::new();
    let mut require = |key: &str, holds: bool| {
        if !holds {
            faults.insert(key.to_owned(), json!(["- ma nieprawidłową wartość"]));
        }
    };
    require("kind", text("kind") == "vat");
    for date in ["issue_date", "sell_date", "paid_date"] {
        require(date, text(date).parse::<NaiveDate>().is_ok());
    }
    for filled in ["oid", "buyer_name", "buyer_first_name", "buyer_last_name", "payment_type", "currency"] {
        require(filled, !text(filled).trim().is_empty());
    }
    require("oid_unique", text("oid_unique") == "yes");
    require("status", text("status") == "paid");
    require("buyer_email", text("buyer_email").contains('@'));
    require("buyer_company", invoice.get("buyer_company").is_some_and(Value::is_boolean));
    let position = invoice.get("positions").and_then(|positions| positions.get(0));
    let name = position.and_then(|position| position.get("name")).and_then(Value::as_str).unwrap_or_default();
    require("positions.name", (1..=256).contains(&name.chars().count()));
    let amount = gross(invoice).and_then(Value::as_str).and_then(|amount| amount.parse::<f64>().ok());
    require("positions.total_price_gross", amount.is_some_and(|amount| amount > 0.0));
    for key in ["quantity", "tax"] {
        let given = position.and_then(|position| position.get(key)).is_some_and(|value| !value.is_null());
        require(&format!("positions.{key}"), given);
    }
    require("paid", invoice.get("paid") == gross(invoice));
    faults
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
