//! Resend: `POST /emails`, with an `Idempotency-Key`.

use super::account::{Account, Known};
use super::address::mailbox;
use super::{Message, keep, text};
use crate::http::{Answer, Request};
use crate::state::State;
use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};

/// How long a key is valid.
const KEPT: TimeDelta = TimeDelta::hours(24);

pub(super) fn send(state: &State, token: &str, request: &Request) -> Answer {
    if request.header("user-agent").is_none() {
        return Answer::new(403, "text/plain", b"error code: 1010".to_vec());
    }
    if request.header("authorization").is_none() {
        return error(401, "missing_api_key", "Missing API Key");
    }
    if !request.has_bearer(token) {
        return error(401, "validation_error", "API key is invalid");
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
    if mailbox(&text(&body, "/from")).is_none() {
        return error(422, "invalid_from_address", "Invalid `from` field");
    }
    let to = Some(text(&body, "/to/0")).filter(|to| !to.is_empty()).unwrap_or_else(|| text(&body, "/to"));
    if mailbox(&to).is_none() {
        return error(422, "validation_error", "Invalid `to` field");
    }
    let reply_to = body.get("reply_to").filter(|value| !value.is_null());
    let replies = match reply_to {
        Some(Value::Array(list)) => list.iter().map(Value::as_str).collect(),
        value => value.map(Value::as_str).into_iter().collect::<Vec<_>>(),
    };
    if replies.iter().any(|address| address.and_then(mailbox).is_none()) {
        return error(422, "validation_error", "Invalid `reply_to` field");
    }
    let reply_to = replies.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let key = request.header("idempotency-key").map(str::to_owned);
    if key.as_ref().is_some_and(|key| key.is_empty() || key.len() > 256) {
        return error(400, "invalid_idempotency_key", "The key must have 1 to 256 characters");
    }
    if let Some(refusal) = refusal(state.memory().settings.emails.account) {
        return refusal;
    }

    let answer = json!({"id": state.token()});
    if let Some(key) = &key {
        let relay = &mut state.memory().relay;
        match relay.known(key, &body, KEPT) {
            Some(Known::Same(answer)) => return Answer::json(200, &answer),
            Some(Known::Other) => {
                let message = "Same idempotency key used with a different request payload";
                return error(409, "invalid_idempotent_request", message);
            }
            None => relay.remember(key.clone(), body.clone(), answer.clone()),
        }
    }
    let message = Message {
        received_at: Utc::now(),
        relay: "Resend",
        from: text(&body, "/from"),
        to,
        reply_to,
        subject: text(&body, "/subject"),
        html: text(&body, "/html"),
        text: text(&body, "/text"),
    };
    let mut received = body.as_object().cloned().unwrap_or_default();
    received.insert("idempotency_key".to_owned(), json!(key));
    keep(state, received, message);
    Answer::json(200, &answer)
}

fn refusal(account: Account) -> Option<Answer> {
    let (status, name, message) = match account {
        Account::Well => return None,
        Account::Unverified => (403, "validation_error", "The example.com domain is not verified"),
        Account::Restricted => (403, "validation_error", "You can only send testing emails to your own email address"),
        Account::Spent => (429, "daily_quota_exceeded", "You have reached your daily email quota"),
        Account::Suspended => (403, "suspended_api_key", "This API key is suspended"),
    };
    Some(error(status, name, message))
}

pub(super) fn too_many() -> Answer {
    error(429, "rate_limit_exceeded", "Too many requests")
}

fn error(status: u16, name: &str, message: &str) -> Answer {
    Answer::json(status, &json!({"statusCode": status, "name": name, "message": message}))
}
