//! SMTP2GO: `POST /v3/email/send`. It knows no idempotency keys, and counts in
//! a success how many recipients were refused (SMTP2GO's API reference).

use super::{Account, Sending, json, refusal};
use crate::outbound::Reply;
use domain::email::Email;
use domain::outbox::Failure;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What it asks to wait after too many requests.
const PAUSE: Duration = Duration::from_secs(60);

pub(super) fn sending(account: &Account, email: &Email) -> Sending {
    #[derive(Serialize)]
    struct Wire<'a> {
        sender: &'a str,
        to: [&'a str; 1],
        subject: &'a str,
        html_body: &'a str,
        text_body: &'a str,
    }
    let wire = Wire {
        sender: &account.from,
        to: [&email.to],
        subject: email.subject,
        html_body: &email.html,
        text_body: &email.text,
    };
    Sending { path: "/v3/email/send", headers: vec![("x-smtp2go-api-key", account.token.clone())], json: json(&wire) }
}

pub(super) fn read(reply: &Reply) -> Result<(), Failure> {
    #[derive(Deserialize)]
    struct Wire {
        data: Data,
    }
    #[derive(Deserialize)]
    struct Data {
        succeeded: u32,
        failed: u32,
    }
    match reply.status {
        200..=299 => match serde_json::from_slice(&reply.body) {
            Ok(Wire { data: Data { failed: 0, succeeded: 1.. } }) => Ok(()),
            Ok(Wire { data: Data { failed: 1.., .. } }) => {
                Err(Failure::Refused { reason: "recipient refused".to_owned() })
            }
            _ => Err(refusal::unreadable_success(reply)),
        },
        429 => Err(refusal::at_least(refusal::of(reply), PAUSE)),
        _ => Err(refusal::of(reply)),
    }
}
