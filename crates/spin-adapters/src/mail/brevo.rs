//! Brevo: `POST /v3/smtp/email`. It keeps the key in the body for 30 minutes
//! and answers a repeat with `duplicate_parameter` (Brevo's API reference).

use super::{Account, Sending, json, refusal};
use crate::outbound::Reply;
use chrono::TimeDelta;
use domain::email::Email;
use domain::outbox::Failure;
use domain::ports::Repeats;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

/// Five minutes less than promised: its clock starts before ours.
pub(super) const REPEATS: Repeats = Repeats::Recognised(TimeDelta::minutes(25));

pub(super) fn sending(account: &Account, email: &Email) -> Sending {
    #[derive(Serialize)]
    struct Wire<'a> {
        sender: Sender<'a>,
        to: [Recipient<'a>; 1],
        subject: &'a str,
        #[serde(rename = "htmlContent")]
        html: &'a str,
        #[serde(rename = "textContent")]
        text: &'a str,
        headers: Headers,
    }
    #[derive(Serialize)]
    struct Recipient<'a> {
        email: &'a str,
    }
    #[derive(Serialize)]
    struct Headers {
        #[serde(rename = "idempotencyKey")]
        key: Uuid,
    }
    let wire = Wire {
        sender: sender(&account.from),
        to: [Recipient { email: &email.to }],
        subject: email.subject,
        html: &email.html,
        text: &email.text,
        headers: Headers { key: Uuid::new_v5(&Uuid::NAMESPACE_OID, email.idempotency_key.as_bytes()) },
    };
    Sending { path: "/v3/smtp/email", headers: vec![("api-key", account.token.clone())], json: json(&wire) }
}

#[derive(Serialize)]
struct Sender<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    email: &'a str,
}

/// `Name <address>` taken apart.
fn sender(from: &str) -> Sender<'_> {
    let parts = from.trim().strip_suffix('>').and_then(|from| from.rsplit_once('<'));
    let (name, email) = parts.unwrap_or(("", from));
    let name = name.trim().trim_matches('"');
    Sender { name: (!name.is_empty()).then_some(name), email: email.trim() }
}

pub(super) fn read(reply: &Reply) -> Result<(), Failure> {
    let body: Option<Value> = serde_json::from_slice(&reply.body).ok();
    let text = |key: &str| body.as_ref().and_then(|body| body.get(key)).and_then(Value::as_str);
    match reply.status {
        200..=299 if text("messageId").is_some_and(|id| !id.trim().is_empty()) => Ok(()),
        400 if text("code") == Some("duplicate_parameter") => Ok(()),
        _ => Err(refusal::of(reply)),
    }
}
