//! Brevo: `POST /v3/smtp/email`. It keeps the key in the body for 30 minutes
//! and answers a repeat with `duplicate_parameter` (Brevo's documents: API reference,
//! Batch email idempotency, Rate limits).

use crate::outbound::Reply;
use crate::systems::mail::api::{Account, Api, Sending, json};
use crate::systems::mail::refusal::{self, Code};
use crate::systems::mail::sender::Sender;
use chrono::TimeDelta;
use domain::jobs::outbox::Failure;
use domain::model::email::Email;
use domain::ports::Repeats;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

pub(super) static API: Api = Api {
    // Five minutes less than promised: its clock starts before ours.
    repeats: Repeats::Recognised(TimeDelta::minutes(25)),
    sending,
    look: None,
    read,
};

/// What concerns the account, whatever the mail (the codes of the API reference's error
/// model; what they mean here is said by clients alone).
const ACCOUNT: [&str; 4] = ["unauthorized", "permission_denied", "not_enough_credits", "account_under_validation"];

fn sending(account: &Account, email: &Email) -> Sending {
    #[derive(Serialize)]
    struct Wire<'a> {
        sender: From<'a>,
        to: [Recipient<'a>; 1],
        #[serde(rename = "replyTo", skip_serializing_if = "Option::is_none")]
        reply_to: Option<Recipient<'a>>,
        subject: &'a str,
        #[serde(rename = "htmlContent")]
        html: &'a str,
        #[serde(rename = "textContent")]
        text: &'a str,
        headers: Headers,
    }
    #[derive(Serialize)]
    struct From<'a> {
        #[serde(skip_serializing_if = "str::is_empty")]
        name: &'a str,
        email: &'a str,
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
    let Sender { name, email: from } = &account.from;
    let wire = Wire {
        sender: From { name, email: from },
        to: [Recipient { email: &email.to }],
        reply_to: account.reply_to.as_deref().map(|email| Recipient { email }),
        subject: &email.subject,
        html: &email.html,
        text: &email.text,
        headers: Headers { key: Uuid::new_v5(&Uuid::NAMESPACE_OID, email.idempotency_key.as_bytes()) },
    };
    Sending { path: "/v3/smtp/email".into(), headers: vec![("api-key", account.token.clone())], json: json(&wire) }
}

fn read(reply: &Reply) -> Result<(), Failure> {
    let body: Option<Value> = serde_json::from_slice(&reply.body).ok();
    let text = |key: &str| body.as_ref().and_then(|body| body.get(key)).and_then(Value::as_str);
    match (reply.status, text("code")) {
        (200..=299, _) if text("messageId").is_some_and(|id| !id.trim().is_empty()) => Ok(()),
        (400, Some("duplicate_parameter")) => Ok(()),
        (_, name) => Err(refusal::of(reply, name.map(|name| code(name, text("message"))))),
    }
}

/// `invalid_parameter` is the mail's, but where its message names the sender.
fn code(name: &str, message: Option<&str>) -> Code {
    let names_the_sender = message.is_some_and(|message| message.to_ascii_lowercase().contains("sender"));
    let of_account = ACCOUNT.contains(&name) || name == "invalid_parameter" && names_the_sender;
    Code { code: name.to_owned(), of_account }
}
