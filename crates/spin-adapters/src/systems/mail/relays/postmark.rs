//! Postmark: `POST /email`. It knows no idempotency keys; error code 0 is a
//! success (Postmark's documents: API overview, with the error codes; Email API; Server API).

use crate::outbound::Reply;
use crate::systems::mail::api::{Account, Api, Look, Sending, json};
use crate::systems::mail::refusal::{self, Code};
use domain::jobs::outbox::Failure;
use domain::model::email::Email;
use domain::model::reason::ReasonCode;
use domain::ports::Repeats;
use serde::{Deserialize, Serialize};
use spin_sdk::http::Method;

pub(super) static API: Api = Api { repeats: Repeats::Sent, sending, look: Some(look), read };

/// What concerns the account or the sender, whatever the mail, in Postmark's words (API
/// error codes).
const ACCOUNT: [(i64, &str); 8] = [
    (10, "bad or missing API token"),
    (100, "maintenance"),
    (400, "sender signature not found"),
    (401, "sender signature not confirmed"),
    (405, "not allowed to send"),
    (412, "account is pending"),
    (413, "account may not send"),
    (1235, "message stream does not exist"),
];

/// Codes that concern the mail and say more with a word.
const MAIL: [(i64, &str); 2] = [(300, "invalid email request"), (406, "inactive recipient")];

const TOO_MANY: i64 = 429;

fn sending(account: &Account, email: &Email) -> Sending {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Wire<'a> {
        from: String,
        to: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        reply_to: Option<&'a str>,
        subject: &'a str,
        html_body: &'a str,
        text_body: &'a str,
        message_stream: &'static str,
    }
    let wire = Wire {
        from: account.from.to_string(),
        to: &email.to,
        reply_to: account.reply_to.as_deref(),
        subject: &email.subject,
        html_body: &email.html,
        text_body: &email.text,
        message_stream: "outbound",
    };
    Sending {
        path: "/email".into(),
        headers: vec![("x-postmark-server-token", account.token.clone())],
        json: json(&wire),
    }
}

/// The server's settings, which sends nothing.
fn look(account: &Account) -> Look {
    Look { method: Method::Get, path: "/server".into(), header: ("x-postmark-server-token", account.token.clone()) }
}

fn read(reply: &Reply) -> Result<(), Failure> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Wire {
        error_code: i64,
        #[serde(rename = "MessageID")]
        message_id: Option<String>,
        #[serde(default)]
        message: String,
    }
    match (reply.status, serde_json::from_slice(&reply.body).ok()) {
        (200..=299, Some(Wire { error_code: 0, message_id: Some(id), .. })) if !id.trim().is_empty() => Ok(()),
        (_, Some(Wire { error_code: TOO_MANY, .. })) => {
            Err(Failure::Paced { reason: ReasonCode::TooManyRequests.into(), after: reply.retry_after, gap: None })
        }
        (_, Some(Wire { error_code, message, .. })) if error_code != 0 => {
            Err(refusal::of(reply, Some(code(error_code, &message))))
        }
        _ => Err(refusal::of(reply, None)),
    }
}

/// 300 is the mail's, but where its message names the sender.
fn code(number: i64, message: &str) -> Code {
    let of_account = ACCOUNT.iter().any(|(own, _)| *own == number) || number == 300 && message.contains("'From'");
    let word = ACCOUNT.iter().chain(&MAIL).find(|(own, _)| *own == number).map(|(_, word)| word);
    Code { code: word.map_or_else(|| number.to_string(), |word| format!("{number} ({word})")), of_account }
}
