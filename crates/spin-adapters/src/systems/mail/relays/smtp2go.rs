//! SMTP2GO: `POST /v3/email/send`. It knows no idempotency keys, and counts in
//! a success how many recipients were refused (SMTP2GO's documents: API reference, Response
//! Codes, Rate Limiting).

use crate::outbound::Reply;
use crate::systems::mail::api::{Account, Api, Look, Sending, json};
use crate::systems::mail::refusal::{self, Code};
use domain::jobs::outbox::Failure;
use domain::model::email::Email;
use domain::model::reason::ReasonCode;
use domain::ports::Repeats;
use serde::{Deserialize, Serialize};
use spin_sdk::http::Method;
use std::time::Duration;

pub(super) static API: Api = Api { repeats: Repeats::Sent, sending, look: Some(look), read };

/// For at least so long it takes nothing after too many requests; it does not say how long
/// (Rate Limiting).
const PAUSE: Duration = Duration::from_secs(60);

const PREFIX: &str = "E_ApiResponseCodes.";

/// What concerns the account, whatever the mail (the API reference's example of 400).
const ACCOUNT: &str = "ENDPOINT_PERMISSION_DENIED";

fn sending(account: &Account, email: &Email) -> Sending {
    #[derive(Serialize)]
    struct Wire<'a> {
        sender: String,
        to: [&'a str; 1],
        subject: &'a str,
        html_body: &'a str,
        text_body: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        custom_headers: Option<[Header<'a>; 1]>,
    }
    #[derive(Serialize)]
    struct Header<'a> {
        header: &'static str,
        value: &'a str,
    }
    let wire = Wire {
        sender: account.from.to_string(),
        to: [&email.to],
        subject: &email.subject,
        html_body: &email.html,
        text_body: &email.text,
        custom_headers: account.reply_to.as_deref().map(|value| [Header { header: "Reply-To", value }]),
    };
    Sending {
        path: "/v3/email/send".into(),
        headers: vec![("x-smtp2go-api-key", account.token.clone())],
        json: json(&wire),
    }
}

/// What the key may do, which sends nothing.
fn look(account: &Account) -> Look {
    Look {
        method: Method::Post,
        path: "/v3/api_keys/permissions".into(),
        header: ("x-smtp2go-api-key", account.token.clone()),
    }
}

/// An error stands in `data`, in some of its examples at the top.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Wire {
    data: Data,
    error_code: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Data {
    succeeded: u32,
    failed: u32,
    failures: Vec<String>,
    error_code: String,
    field_validation_errors: Field,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Field {
    fieldname: String,
}

fn read(reply: &Reply) -> Result<(), Failure> {
    let Wire { data, error_code } = serde_json::from_slice(&reply.body).unwrap_or_default();
    let code = if data.error_code.is_empty() { &error_code } else { &data.error_code };
    match reply.status {
        200..=299 if data.failed == 0 && data.succeeded > 0 => Ok(()),
        200..=299 if data.failed > 0 => {
            // It has no code for this, only a text.
            let of_account = data.failures.iter().any(|text| text.to_ascii_lowercase().contains("sender"));
            let code = if of_account { "sender not accepted" } else { "recipient not accepted" };
            Err(refusal::of(reply, Some(Code { code: code.to_owned(), of_account })))
        }
        429 => Err(Failure::Paced {
            reason: ReasonCode::TooManyRequests.into(),
            after: Some(reply.retry_after.unwrap_or_default().max(PAUSE)),
            gap: None,
        }),
        status => {
            let name = code.strip_prefix(PREFIX).unwrap_or(code);
            let of_account = name == ACCOUNT || data.field_validation_errors.fieldname == "sender";
            let code = Code { code: format!("{name} ({status})"), of_account };
            Err(refusal::of(reply, (!name.is_empty()).then_some(code)))
        }
    }
}
