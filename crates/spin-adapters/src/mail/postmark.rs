//! Postmark: `POST /email`. It knows no idempotency keys; error code 0 is a
//! success (Postmark's API reference).

use super::{Account, Sending, json, refusal};
use crate::outbound::Reply;
use domain::email::Email;
use domain::outbox::Failure;
use serde::{Deserialize, Serialize};

pub(super) fn sending(account: &Account, email: &Email) -> Sending {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Wire<'a> {
        from: &'a str,
        to: &'a str,
        subject: &'a str,
        html_body: &'a str,
        text_body: &'a str,
        message_stream: &'static str,
    }
    let wire = Wire {
        from: &account.from,
        to: &email.to,
        subject: email.subject,
        html_body: &email.html,
        text_body: &email.text,
        message_stream: "outbound",
    };
    Sending { path: "/email", headers: vec![("x-postmark-server-token", account.token.clone())], json: json(&wire) }
}

pub(super) fn read(reply: &Reply) -> Result<(), Failure> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Wire {
        error_code: i64,
        #[serde(rename = "MessageID")]
        message_id: Option<String>,
    }
    match reply.status {
        200..=299 => match serde_json::from_slice(&reply.body) {
            Ok(Wire { error_code: 0, message_id: Some(id) }) if !id.trim().is_empty() => Ok(()),
            Ok(Wire { error_code: 1.., .. }) => {
                Err(Failure::Refused { reason: "refused with an error code".to_owned() })
            }
            _ => Err(refusal::unreadable_success(reply)),
        },
        _ => Err(refusal::of(reply)),
    }
}
