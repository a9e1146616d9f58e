//! The mail relay, in the form of each provider that the service speaks:
//! one file for each, with what it takes, answers and recognises.

mod brevo;
mod postmark;
mod resend;
mod smtp2go;

use crate::http::{Answer, Request};
use crate::state::State;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

/// A provider's way to take a mail: the state, the token it wants, the request.
pub type Take = fn(&State, &str, &Request) -> Answer;

/// Which provider takes mails at `path`.
#[must_use]
pub fn provider(path: &str) -> Option<Take> {
    match path {
        "/emails" => Some(resend::send),
        "/v3/email/send" => Some(smtp2go::send),
        "/v3/smtp/email" => Some(brevo::send),
        "/email" => Some(postmark::send),
        _ => None,
    }
}

/// A mail, whatever form it came in.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// Which provider took it.
    pub relay: &'static str,
    /// Who sent it.
    pub from: String,
    /// Who is to get it.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// Its body as HTML, or nothing.
    pub html: String,
    /// Its body as text, or nothing.
    pub text: String,
}

/// Text at a path of JSON, or nothing.
fn text(body: &Value, pointer: &str) -> String {
    body.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Whether a mail can go there.
fn deliverable(address: &str) -> bool {
    address.contains('@') && !address.contains(['\r', '\n', '\0'])
}

/// Keeps a mail as it was received and as it will be read.
fn keep(state: &State, received: Map<String, Value>, message: Message) {
    let mut memory = state.memory();
    memory.seen.emails.push(Value::Object(received));
    memory.inbox.push(message);
    drop(memory);
    state.changed();
}
