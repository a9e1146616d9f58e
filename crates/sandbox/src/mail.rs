//! The mail relay, in the form of each provider that the service speaks:
//! one file for each, with what it takes, answers and recognises. `mail/rules.toml` lists
//! the rules of their own documents and the test that meets each.
//!
//! ```json
//! PUT /sandbox/settings {"emails": {"account": "unverified", "requests_per_second": 2}}
//! ```
//!
//! Mail to `inactive@…` is refused by the relays that say so at once.

mod account;
mod address;
mod brevo;
mod pace;
mod postmark;
mod resend;
mod smtp2go;

pub use account::{Account, Relay, Settings};

use crate::http::{Answer, Request};
use crate::server::Config;
use crate::state::State;
use chrono::{DateTime, Utc};
use hyper::Method;
use serde_json::{Map, Value};
use std::time::Instant;

/// Whose API is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// `POST /emails`
    Resend,
    /// `POST /v3/email/send`
    Smtp2go,
    /// `POST /v3/smtp/email`
    Brevo,
    /// `POST /email`
    Postmark,
}

/// What a relay is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// To send a mail.
    Send(Provider),
    /// Something that sends nothing.
    Look(Provider),
}

impl Asked {
    /// What a request asks of a relay, if it asks one.
    #[must_use]
    pub fn by(method: &Method, path: &str) -> Option<Self> {
        Some(match (method, path) {
            (&Method::POST, "/emails") => Self::Send(Provider::Resend),
            (&Method::POST, "/v3/email/send") => Self::Send(Provider::Smtp2go),
            (&Method::POST, "/v3/smtp/email") => Self::Send(Provider::Brevo),
            (&Method::POST, "/email") => Self::Send(Provider::Postmark),
            (&Method::GET, "/server") => Self::Look(Provider::Postmark),
            (&Method::POST, "/v3/api_keys/permissions") => Self::Look(Provider::Smtp2go),
            _ => return None,
        })
    }
}

/// Answers a request to a relay.
#[must_use]
pub fn answer(state: &State, config: &Config, asked: Asked, request: &Request) -> Answer {
    let token = &config.mail_token;
    let (Asked::Send(provider) | Asked::Look(provider)) = asked;
    let pause = (provider == Provider::Smtp2go).then_some(smtp2go::PAUSE);
    let mut memory = state.memory();
    let limit = memory.settings.emails.requests_per_second;
    let counted = memory.relay.count(limit, pause, Instant::now());
    drop(memory);
    let is_full = matches!(counted, Some(Err(_)));
    let mut answer = match asked {
        _ if is_full => too_many(provider),
        Asked::Send(Provider::Resend) => resend::send(state, token, request),
        Asked::Send(Provider::Smtp2go) => smtp2go::send(state, token, request),
        Asked::Send(Provider::Brevo) => brevo::send(state, token, request),
        Asked::Send(Provider::Postmark) => postmark::send(state, token, request),
        Asked::Look(Provider::Smtp2go) => smtp2go::look(state, token, request),
        Asked::Look(_) => postmark::look(token, request),
    };
    if let Some(Ok(window) | Err(window)) = counted {
        answer.headers.extend(pace_headers(provider, window, is_full));
    }
    answer
}

fn too_many(provider: Provider) -> Answer {
    match provider {
        Provider::Resend => resend::too_many(),
        Provider::Smtp2go => smtp2go::too_many(),
        Provider::Brevo => brevo::too_many(),
        Provider::Postmark => postmark::too_many(),
    }
}

/// What a provider says of its pace: Resend and Brevo in every answer, the others never.
fn pace_headers(provider: Provider, window: pace::Window, full: bool) -> Vec<(String, String)> {
    let names = match provider {
        Provider::Resend => ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"],
        Provider::Brevo => ["x-sib-ratelimit-limit", "x-sib-ratelimit-remaining", "x-sib-ratelimit-reset"],
        Provider::Smtp2go | Provider::Postmark => return Vec::new(),
    };
    let seconds = pace::whole_seconds(window.reset).to_string();
    let values = [window.limit.to_string(), window.remaining.to_string(), seconds.clone()];
    let mut headers: Vec<_> = names.map(str::to_owned).into_iter().zip(values).collect();
    if full && provider == Provider::Resend {
        headers.push(("retry-after".to_owned(), seconds));
    }
    headers
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

/// Keeps a mail as it was received and as it will be read.
fn keep(state: &State, received: Map<String, Value>, message: Message) {
    let mut memory = state.memory();
    memory.seen.emails.push(Value::Object(received));
    memory.inbox.push(message);
    drop(memory);
    state.changed();
}
