//! The mail relay: the API of each supported provider in a file of its own.
//! `mail/rules.toml` has the rules of their documentation and the tests that show them.
//!
//! ```json
//! PUT /sandbox/settings {"emails": {"account": "unverified", "requests_per_second": 2}}
//! ```
//!
//! Relays that report an inactive recipient in the response refuse mail to `inactive@…`.

mod account;
mod address;
mod brevo;
mod pace;
mod postmark;
mod resend;
mod smtp2go;

pub use account::{Account, Relay, Settings};

use crate::http::{Answer, Request};
use crate::state::State;
use crate::systems::Config;
use crate::systems::Target;
use chrono::{DateTime, Utc};
use hyper::Method;
use serde_json::{Map, Value};
use std::time::Instant;

/// The provider whose API is called.
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

/// A call to a relay.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// Whether it sends a mail.
    pub target: Target,
    provider: Provider,
    answer: fn(&State, &str, &Request) -> Answer,
}

impl Call {
    /// The call that a request is; none if it is not for a relay.
    #[must_use]
    pub fn of(request: &Request) -> Option<Self> {
        let (target, provider, answer): (_, _, fn(&State, &str, &Request) -> Answer) =
            match (&request.method, request.path.as_str()) {
                (&Method::POST, "/emails") => (Target::EmailsSend, Provider::Resend, resend::send),
                (&Method::POST, "/v3/email/send") => (Target::EmailsSend, Provider::Smtp2go, smtp2go::send),
                (&Method::POST, "/v3/smtp/email") => (Target::EmailsSend, Provider::Brevo, brevo::send),
                (&Method::POST, "/email") => (Target::EmailsSend, Provider::Postmark, postmark::send),
                (&Method::GET, "/server") => (Target::EmailsLook, Provider::Postmark, postmark::look),
                (&Method::POST, "/v3/api_keys/permissions") => (Target::EmailsLook, Provider::Smtp2go, smtp2go::look),
                _ => return None,
            };
        Some(Self { target, provider, answer })
    }

    /// Answers a request to a relay.
    #[must_use]
    pub fn answer(self, state: &State, config: &Config, request: &Request) -> Answer {
        let Self { provider, answer, .. } = self;
        let pause = (provider == Provider::Smtp2go).then_some(smtp2go::PAUSE);
        let mut memory = state.memory();
        let limit = memory.settings.emails.requests_per_second;
        let counted = memory.relay.count(limit, pause, Instant::now());
        drop(memory);
        let is_full = matches!(counted, Some(Err(_)));
        let mut answer = if is_full { too_many(provider) } else { answer(state, &config.mail_token, request) };
        if let Some(Ok(window) | Err(window)) = counted {
            answer.headers.extend(pace_headers(provider, window, is_full));
        }
        answer
    }
}

fn too_many(provider: Provider) -> Answer {
    match provider {
        Provider::Resend => resend::too_many(),
        Provider::Smtp2go => smtp2go::too_many(),
        Provider::Brevo => brevo::too_many(),
        Provider::Postmark => postmark::too_many(),
    }
}

/// The headers with the rate limit: Resend and Brevo have them in every response, the others
/// never.
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

/// A mail, independent of the provider's format.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// The provider.
    pub relay: &'static str,
    /// The sender.
    pub from: String,
    /// The recipient.
    pub to: String,
    /// The address for replies, or empty.
    pub reply_to: String,
    /// The subject.
    pub subject: String,
    /// The HTML body, or empty.
    pub html: String,
    /// The text body, or empty.
    pub text: String,
}

impl Message {
    /// The language of the HTML body, or empty.
    #[must_use]
    pub fn language(&self) -> &str {
        let tag = self.html.split_once("<html lang=\"").and_then(|(_, rest)| rest.split_once('"'));
        tag.map_or("", |(tag, _)| tag)
    }
}

/// The text at a JSON pointer, or empty.
fn text(body: &Value, pointer: &str) -> String {
    body.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Stores a mail: as it was received, and in one format for all providers.
fn keep(state: &State, received: Map<String, Value>, message: Message) {
    let mut memory = state.memory();
    memory.seen.emails.push(Value::Object(received));
    memory.inbox.push(message);
    drop(memory);
    state.changed();
}
