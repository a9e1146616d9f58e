//! Resend: `POST /emails`. It keeps an `Idempotency-Key` for 24 hours and
//! gives the first answer again to the same request (Resend's API reference).

use super::{Account, Sending, json, refusal};
use crate::outbound::Reply;
use chrono::TimeDelta;
use domain::email::Email;
use domain::outbox::Failure;
use domain::ports::Repeats;
use serde::Serialize;
use serde_json::Value;

/// An hour less than promised: its clock starts before ours.
pub(super) const REPEATS: Repeats = Repeats::Recognised(TimeDelta::hours(23));

pub(super) fn sending(account: &Account, email: &Email) -> Sending {
    #[derive(Serialize)]
    struct Wire<'a> {
        from: &'a str,
        to: [&'a str; 1],
        subject: &'a str,
        html: &'a str,
        text: &'a str,
    }
    let wire =
        Wire { from: &account.from, to: [&email.to], subject: email.subject, html: &email.html, text: &email.text };
    Sending {
        path: "/emails",
        headers: vec![
            ("authorization", format!("Bearer {}", account.token)),
            ("idempotency-key", email.idempotency_key.clone()),
        ],
        json: json(&wire),
    }
}

pub(super) fn read(reply: &Reply) -> Result<(), Failure> {
    let body: Option<Value> = serde_json::from_slice(&reply.body).ok();
    let text = |key: &str| body.as_ref().and_then(|body| body.get(key)).and_then(Value::as_str);
    match reply.status {
        200..=299 if text("id").is_some_and(|id| !id.trim().is_empty()) => Ok(()),
        409 if text("name") == Some("invalid_idempotent_request") => {
            Err(Failure::Refused { reason: "another mail was sent under this key".to_owned() })
        }
        409 => Err(Failure::Later { reason: "still being sent".to_owned(), after: reply.retry_after }),
        // The key makes it safe to ask again, for as long as it is kept.
        500.. => Err(refusal::unknown("server error", reply)),
        _ => Err(refusal::of(reply)),
    }
}
