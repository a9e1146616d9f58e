//! The receiver of events: `POST /webhooks…` with Standard Webhooks
//! (<https://www.standardwebhooks.com>). Repeated events are stored, too.

use crate::http::{Answer, Request};
use crate::state::{Memory, State};
use serde::Serialize;
use serde_json::{Value, json};
use standardwebhooks::{HEADER_WEBHOOK_ID, HEADER_WEBHOOK_TIMESTAMP, Webhook, WebhookError};

/// The default secret.
pub const SECRET: &str = "whsec_c2FuZGJveC1zZWNyZXQtZm9yLWV2ZW50cy0w";

/// The arrival of an event at the receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Arrival {
    /// The time, in milliseconds since 1970.
    pub at: i64,
    /// Whether it got a response; a fault may close the connection instead.
    pub answered: bool,
}

/// A receiver that accepts events with a signature by one of its secrets.
pub struct Receiver {
    secrets: Vec<Webhook>,
}

impl Receiver {
    /// A receiver with these secrets. Without any, it refuses all events.
    ///
    /// # Errors
    ///
    /// If a secret is invalid.
    pub fn new(secrets: &[String]) -> Result<Self, WebhookError> {
        Ok(Self { secrets: secrets.iter().map(|secret| Webhook::new(secret)).collect::<Result<_, _>>()? })
    }

    /// Answers a request.
    #[must_use]
    pub fn answer(&self, state: &State, request: &Request) -> Answer {
        let verified = self.verify(request);
        let mut memory = state.memory();
        let answer = match verified {
            Ok(event) => {
                memory.keep_webhook(event);
                Answer::empty()
            }
            Err(error) => {
                memory.seen.webhooks_refused += 1;
                Answer::json(401, &json!({"message": error.to_string()}))
            }
        };
        drop(memory);
        state.changed();
        answer
    }

    /// The event, if it is signed with one of the secrets and not older than five minutes.
    fn verify(&self, request: &Request) -> Result<Value, WebhookError> {
        let mut verified = Err(WebhookError::InvalidSignature);
        for secret in &self.secrets {
            verified = secret.verify(&request.body, &request.headers);
            if verified.is_ok() {
                break;
            }
        }
        verified?;
        let timestamp = request.header(HEADER_WEBHOOK_TIMESTAMP).and_then(|seconds| seconds.parse::<i64>().ok());
        let body = request.json().ok_or(WebhookError::InvalidPayload)?;
        let agent = request.header("user-agent");
        Ok(json!({"id": request.header(HEADER_WEBHOOK_ID), "timestamp": timestamp, "user_agent": agent, "body": body}))
    }
}

impl Memory {
    /// Stores an event and counts it.
    fn keep_webhook(&mut self, event: Value) {
        *self.webhook_times.entry(id(&event).to_owned()).or_default() += 1;
        self.seen.webhooks.push(event);
        self.seen.webhook_arrivals.push(Arrival { at: chrono::Utc::now().timestamp_millis(), answered: true });
    }

    /// Marks the last event with the id of `request` as not answered.
    pub(crate) fn leave_unanswered(&mut self, request: &Request) {
        let sent = request.header(HEADER_WEBHOOK_ID);
        let last = self.seen.webhooks.iter().rposition(|event| sent == Some(id(event)));
        if let Some(arrival) = last.and_then(|last| self.seen.webhook_arrivals.get_mut(last)) {
            arrival.answered = false;
        }
    }
}

/// The id of an event, which is the same for every attempt.
pub(crate) fn id(event: &Value) -> &str {
    event.get("id").and_then(Value::as_str).unwrap_or_default()
}
