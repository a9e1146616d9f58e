//! The mail relay, in Resend's format: `POST /emails`.

use crate::http::{Answer, Request};
use crate::state::State;
use serde_json::{Value, json};

/// Takes a mail.
#[must_use]
pub fn send(state: &State, token: &str, request: &Request) -> Answer {
    if !request.has_bearer(token) {
        return error(401, "missing_api_key", "Missing or invalid API key");
    }
    let Some(Value::Object(mail)) = request.json() else {
        return error(400, "validation_error", "The body is not a JSON object");
    };
    for field in ["from", "to", "subject"] {
        if mail.get(field).is_none_or(Value::is_null) {
            return error(422, "missing_required_field", &format!("Missing `{field}` field"));
        }
    }
    if mail.get("html").or_else(|| mail.get("text")).is_none() {
        return error(422, "missing_required_field", "Missing `html` or `text` field");
    }
    let recipients = match mail.get("to") {
        Some(Value::Array(list)) => list.clone(),
        Some(other) => vec![other.clone()],
        None => Vec::new(),
    };
    let valid = |address: &Value| address.as_str().is_some_and(|a| a.contains('@') && !a.contains(['\r', '\n', '\0']));
    if recipients.is_empty() || !recipients.iter().all(valid) {
        return error(422, "validation_error", "Invalid `to` field");
    }
    let key = request.header("idempotency-key").map(str::to_owned);
    if key.as_ref().is_some_and(|key| key.is_empty() || key.len() > 256) {
        return error(400, "invalid_idempotency_key", "The key must have 1 to 256 characters");
    }

    let answer = json!({"id": state.token()});
    let body = Value::Object(mail.clone());
    let mut memory = state.memory();
    if let Some(key) = &key {
        match memory.mail_keys.get(key) {
            Some((first, answer)) if *first == body => return Answer::json(200, answer),
            Some(_) => {
                let message = "Same idempotency key used with a different request payload";
                return error(409, "invalid_idempotent_request", message);
            }
            None => memory.mail_keys.insert(key.clone(), (body, answer.clone())),
        };
    }
    let mut received = mail;
    received.insert("idempotency_key".to_owned(), json!(key));
    memory.seen.emails.push(Value::Object(received));
    drop(memory);
    state.changed();
    Answer::json(200, &answer)
}

fn error(status: u16, name: &str, message: &str) -> Answer {
    Answer::json(status, &json!({"statusCode": status, "name": name, "message": message}))
}
