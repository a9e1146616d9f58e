//! Resend: `POST /emails`. It keeps an `Idempotency-Key` for 24 hours and
//! gives the first answer again to the same request (Resend's documents: API reference,
//! Errors, Usage Limits, Idempotency Keys).

use crate::outbound::Reply;
use crate::systems::mail::api::{Account, Api, Sending, json};
use crate::systems::mail::refusal::{self, Code};
use chrono::TimeDelta;
use domain::jobs::outbox::Failure;
use domain::model::email::Email;
use domain::model::reason::ReasonCode;
use domain::ports::Repeats;
use serde::Serialize;
use serde_json::Value;

pub(super) static API: Api = Api {
    // An hour less than promised: its clock starts before ours.
    repeats: Repeats::Recognised(TimeDelta::hours(23)),
    sending,
    look: None,
    read,
};

/// What concerns the account or the sender, whatever the mail (Errors). `suspended_api_key`
/// and `invalid_permission` are in its own libraries only.
const ACCOUNT: [&str; 10] = [
    "missing_api_key",
    "restricted_api_key",
    "invalid_api_key",
    "suspended_api_key",
    "invalid_permission",
    "invalid_access",
    "invalid_from_address",
    "daily_quota_exceeded",
    "monthly_quota_exceeded",
    "security_error",
];

fn sending(account: &Account, email: &Email) -> Sending {
    #[derive(Serialize)]
    struct Wire<'a> {
        from: String,
        to: [&'a str; 1],
        #[serde(skip_serializing_if = "Option::is_none")]
        reply_to: Option<&'a str>,
        subject: &'a str,
        html: &'a str,
        text: &'a str,
    }
    let wire = Wire {
        from: account.from.to_string(),
        to: [&email.to],
        reply_to: account.reply_to.as_deref(),
        subject: &email.subject,
        html: &email.html,
        text: &email.text,
    };
    Sending {
        path: "/emails".into(),
        headers: vec![
            ("authorization", format!("Bearer {}", account.token)),
            ("idempotency-key", email.idempotency_key.clone()),
        ],
        json: json(&wire),
    }
}

fn read(reply: &Reply) -> Result<(), Failure> {
    let body: Option<Value> = serde_json::from_slice(&reply.body).ok();
    let text = |key: &str| body.as_ref().and_then(|body| body.get(key)).and_then(Value::as_str);
    match (reply.status, text("name")) {
        (200..=299, _) if text("id").is_some_and(|id| !id.trim().is_empty()) => Ok(()),
        // The key is this mail's alone, so this mail was sent, if with other bytes: before
        // `mail_from` or the text was changed.
        (409, Some("invalid_idempotent_request")) => Ok(()),
        (409, _) => Err(Failure::Later { reason: ReasonCode::StillBeingSent.into(), after: reply.retry_after }),
        (status, name) => Err(refusal::of(reply, name.map(|name| code(status, name, text("message"))))),
    }
}

/// `validation_error` says by its status what it concerns: with 401 the key, with 403 the
/// domain or the test mode of the account; with 400 the key if the message names it.
fn code(status: u16, name: &str, message: Option<&str>) -> Code {
    let names_the_key = || message.is_some_and(|message| message.to_ascii_lowercase().contains("api key"));
    let of_account = match name {
        "validation_error" => matches!(status, 401 | 403) || status == 400 && names_the_key(),
        name => ACCOUNT.contains(&name),
    };
    Code { code: format!("{name} ({status})"), of_account }
}
