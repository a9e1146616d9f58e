//! Resend: `POST /emails`, with an `Idempotency-Key`.

use super::{Message, deliverable, keep, text};
use crate::http::{Answer, Request};
use crate::state::State;
use chrono::Utc;
use serde_json::{Value, json};

pub(super) fn send(state: &State, token: &str, request: &Request) -> Answer {
    if !request.has_bearer(token) {
        return error(401, "missing_api_key", "Missing or invalid API key");
    }
    let Some(body @ Value::Object(_)) = request.json() else {
        return error(400, "validation_error", "The body is not a JSON object");
    };
    for field in ["from", "to", "subject"] {
        if body.get(field).is_none_or(Value::is_null) {
            return error(422, "missing_required_field", &format!("Missing `{field}` field"));
        }
    }
    if body.get("html").or_else(|| body.get("text")).is_none() {
        return error(422, "missing_required_field", "Missing `html` or `text` field");
    }
    let to = Some(text(&body, "/to/0")).filter(|to| !to.is_empty()).unwrap_or_else(|| text(&body, "/to"));
    if !deliverable(&to) {
        return error(422, "validation_error", "Invalid `to` field");
    }
    let key = request.header("idempotency-key").map(str::to_owned);
    if key.as_ref().is_some_and(|key| key.is_empty() || key.len() > 256) {
        return error(400, "invalid_idempotency_key", "The key must have 1 to 256 characters");
    }

    let answer = json!({"id": state.token()});
    if let Some(key) = &key {
        let mut memory = state.memory();
        match memory.mail_keys.get(key) {
            Some((first, answer)) if *first == body => return Answer::json(200, answer),
            Some(_) => {
                let message = "Same idempotency key used with a different request payload";
                return error(409, "invalid_idempotent_request", message);
            }
            None => memory.mail_keys.insert(key.clone(), (body.clone(), answer.clone())),
        };
    }
    let message = Message {
        received_at: Utc::now(),
        relay: "Resend",
        from: text(&body, "/from"),
        to,
        subject: text(&body, "/subject"),
        html: text(&body, "/html"),
        text: text(&body, "/text"),
    };
    let mut received = body.as_object().cloned().unwrap_or_default();
    received.insert("idempotency_key".to_owned(), json!(key));
    keep(state, received, message);
    Answer::json(200, &answer)
}

fn error(status: u16, name: &str, message: &str) -> Answer {
    Answer::json(status, &json!({"statusCode": status, "name": name, "message": message}))
}
