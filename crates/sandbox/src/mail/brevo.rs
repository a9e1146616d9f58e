//! Brevo: `POST /v3/smtp/email`, with a UUID as the key in the body.

use super::{Message, deliverable, keep, text};
use crate::http::{Answer, Request};
use crate::state::State;
use chrono::Utc;
use serde_json::{Value, json};

pub(super) fn send(state: &State, token: &str, request: &Request) -> Answer {
    if request.header("api-key") != Some(token) {
        return error(401, "unauthorized", "Key not found");
    }
    let Some(Value::Object(received)) = request.json() else {
        return error(400, "bad_request", "Input must be a valid JSON object");
    };
    let body = Value::Object(received.clone());
    let message = Message {
        received_at: Utc::now(),
        relay: "Brevo",
        from: text(&body, "/sender/email"),
        to: text(&body, "/to/0/email"),
        subject: text(&body, "/subject"),
        html: text(&body, "/htmlContent"),
        text: text(&body, "/textContent"),
    };
    if !deliverable(&message.from) || !deliverable(&message.to) {
        return error(400, "invalid_parameter", "email is not valid");
    }
    if message.subject.is_empty() || message.html.is_empty() {
        return error(400, "missing_parameter", "subject or htmlContent is missing");
    }
    let key = text(&body, "/headers/idempotencyKey");
    if !key.is_empty() {
        if !is_uuid(&key) {
            return error(400, "invalid_parameter", "idempotencyKey is not a UUID");
        }
        if state.memory().mail_keys.insert(key, (body, Value::Null)).is_some() {
            return error(400, "duplicate_parameter", "A request with this idempotency key was processed");
        }
    }
    keep(state, received, message);
    Answer::json(201, &json!({"messageId": format!("<{}@relay>", state.token())}))
}

fn is_uuid(key: &str) -> bool {
    let groups: Vec<_> = key.split('-').map(str::len).collect();
    groups == [8, 4, 4, 4, 12] && key.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
}

fn error(status: u16, code: &str, message: &str) -> Answer {
    Answer::json(status, &json!({"code": code, "message": message}))
}
