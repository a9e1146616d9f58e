//! Brevo: `POST /v3/smtp/email`, with a UUID as the idempotency key in the body.

use super::account::Account;
use super::address::mailbox;
use super::{Message, keep, text};
use crate::http::{Answer, Request};
use crate::state::State;
use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};

/// How long a key is valid.
const KEPT: TimeDelta = TimeDelta::minutes(30);

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
        reply_to: text(&body, "/replyTo/email"),
        subject: text(&body, "/subject"),
        html: text(&body, "/htmlContent"),
        text: text(&body, "/textContent"),
    };
    if mailbox(&message.from).is_none() {
        return error(400, "invalid_parameter", "valid sender email required");
    }
    if mailbox(&message.to).is_none() {
        return error(400, "invalid_parameter", "email is not valid in to");
    }
    if body.get("replyTo").is_some() && mailbox(&message.reply_to).is_none() {
        return error(400, "invalid_parameter", "email is not valid in replyTo");
    }
    if message.subject.is_empty() || (message.html.is_empty() && message.text.is_empty()) {
        return error(400, "missing_parameter", "subject or htmlContent is missing");
    }
    let key = text(&body, "/headers/idempotencyKey");
    if !key.is_empty() && !is_uuid(&key) {
        return error(400, "invalid_parameter", "idempotencyKey is not a UUID");
    }
    let mut memory = state.memory();
    let account = memory.settings.emails.account;
    let relay = &mut memory.relay;
    match account {
        Account::Well | Account::Unverified => {}
        Account::Restricted => return error(403, "account_under_validation", "Your account is under validation"),
        Account::Spent => return error(402, "not_enough_credits", "You do not have enough credits"),
        Account::Suspended => return error(403, "permission_denied", "Your account is not allowed to send"),
    }
    if !key.is_empty() {
        if relay.known(&key, &body, KEPT).is_some() {
            return error(400, "duplicate_parameter", "A request with this idempotency key was processed");
        }
        relay.remember(key, body, Value::Null);
    }
    // It accepts a mail from a sender that is not verified, but drops it.
    let dropped = account == Account::Unverified;
    drop(memory);
    if !dropped {
        keep(state, received, message);
    }
    Answer::json(201, &json!({"messageId": format!("<{}@relay>", state.token())}))
}

fn is_uuid(key: &str) -> bool {
    let groups: Vec<_> = key.split('-').map(str::len).collect();
    groups == [8, 4, 4, 4, 12] && key.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
}

pub(super) fn too_many() -> Answer {
    error(429, "too_many_requests", "Too many requests")
}

fn error(status: u16, code: &str, message: &str) -> Answer {
    Answer::json(status, &json!({"code": code, "message": message}))
}
