//! The platform's receiver of events, told as Standard Webhooks has it
//! (<https://github.com/standard-webhooks/standard-webhooks>, specification 1.0.0).

pub(crate) mod secrets;

use super::NotAsked;
use crate::outbound::{NoReply, Reply, Request, exchange_for_status};
use crate::{Deadline, Environment};
use api::ReceiverTest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::Unavailable;
use domain::jobs::outbox::Failure;
use domain::model::event::Event;
use domain::model::reason::ReasonCode;
use domain::ports::{Clock as _, Random as _, Webhook, Webhooks};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use spin_sdk::http::Method;

/// The platform's receiver, if there is one.
pub struct Receiver {
    /// None without an address or without a secret: events are not sent, nor later.
    address: Option<Address>,
    deadline: Deadline,
}

struct Address {
    origin: String,
    path: String,
    /// At least one. Several sign side by side while one takes another's place.
    secrets: Vec<Vec<u8>>,
}

impl Receiver {
    /// As the variables `events_*` have it.
    ///
    /// # Errors
    ///
    /// When a variable is missing or unreadable.
    pub fn from_variables(deadline: Deadline) -> Result<Self, Unavailable> {
        use crate::config::table::{EVENTS_PATH, EVENTS_SECRET, EVENTS_URL};
        let Some(origin) = EVENTS_URL.read()? else { return Ok(Self { address: None, deadline }) };
        let (path, secrets) = (EVENTS_PATH.read()?, EVENTS_SECRET.read()?);
        let address = (!secrets.is_empty()).then_some(Address { origin, path, secrets });
        Ok(Self { address, deadline })
    }

    /// Sends an event of type `test`, once. `None` if there is no receiver.
    pub async fn test(&self) -> Option<ReceiverTest> {
        let (address, sent_at) = (self.address.as_ref()?, Environment.now());
        let id = format!("test_{}", Environment.random());
        let sent = address.send(&id, api::test_webhook(sent_at), self.deadline).await;
        let (status, taken) = match &sent {
            Ok(reply) => (Some(reply.status), taken(reply)),
            Err(no_reply) => (None, Err(not_taken(*no_reply))),
        };
        let reason = taken.err().map(|failure| failure.reason().code.word());
        let duration_ms = (Environment.now() - sent_at).num_milliseconds().max(0);
        Some(ReceiverTest { delivered: reason.is_none(), status, reason, duration_ms })
    }
}

impl Address {
    /// Signs a webhook and sends it.
    async fn send(&self, id: &str, body: Vec<u8>, deadline: Deadline) -> Result<Reply, NoReply> {
        let timestamp = Environment.now().timestamp().to_string();
        let signatures = sign(&self.secrets, id, &timestamp, &body);
        let request = Request {
            method: Method::Post,
            origin: &self.origin,
            path_and_query: &self.path,
            authorization: None,
            headers: &[("webhook-id", id), ("webhook-timestamp", &timestamp), ("webhook-signature", &signatures)],
            json: Some(body),
        };
        exchange_for_status(request, deadline).await
    }
}

impl Webhooks for Receiver {
    fn is_set(&self) -> bool {
        self.address.is_some()
    }

    async fn post(&self, webhook: &Webhook) -> Result<(), Failure> {
        let Some(address) = &self.address else {
            return Err(Failure::Down { reason: ReasonCode::NoReceiver.into(), after: None });
        };
        let sent = address.send(&id(&webhook.event), api::webhook(webhook), self.deadline).await;
        sent.map_err(not_taken).and_then(|reply| taken(&reply))
    }
}

impl Webhooks for NotAsked {
    fn is_set(&self) -> bool {
        match *self {}
    }

    async fn post(&self, _: &Webhook) -> Result<(), Failure> {
        match *self {}
    }
}

/// The same at every repeat, and never that of another event: after a database was
/// restored its numbers come again, but not at the same time.
fn id(event: &Event) -> String {
    format!("event_{}_{}", event.id, event.occurred_at.timestamp_millis())
}

/// A signature for each secret.
fn sign(secrets: &[Vec<u8>], id: &str, timestamp: &str, body: &[u8]) -> String {
    let signature = |secret: &Vec<u8>| {
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(secret).ok()?;
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body);
        Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
    };
    // A key of any length is one.
    secrets.iter().filter_map(signature).collect::<Vec<_>>().join(" ")
}

/// Only a 2xx takes it. A receiver that refuses this event may take the next one; where it
/// is out of order, is not there or does not let anybody in, all of them wait.
fn taken(reply: &Reply) -> Result<(), Failure> {
    let reason = ReasonCode::EventNotTaken.with(reply.status);
    let after = reply.retry_after;
    Err(match reply.status {
        200..=299 => return Ok(()),
        410 => Failure::Refused { reason: ReasonCode::ReceiverGone.into() },
        408 | 425 | 429 => Failure::Paced { reason, after, gap: None },
        300..=399 | 401..=405 | 500.. => Failure::Down { reason, after },
        _ => Failure::Later { reason, after },
    })
}

fn not_taken(no_reply: NoReply) -> Failure {
    let (reason, after) = (no_reply.code().into(), None);
    match no_reply {
        NoReply::MaybeSent(_) => Failure::Later { reason, after },
        NoReply::NotSent(_) | NoReply::TimedOut => Failure::Down { reason, after },
    }
}

#[cfg(test)]
mod tests {
    use super::secrets::secrets;
    use super::*;
    use std::time::Duration;

    /// The specification's own example.
    #[test]
    fn signatures_are_as_the_specification_has_them() {
        let keys = secrets("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let (id, timestamp, body) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", br#"{"test": 2432232314}"#);
        let expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(sign(&keys, id, timestamp, body), expected);
        let twice =
            secrets(" whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\twhsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD\n").unwrap();
        let signatures = sign(&twice, id, timestamp, body);
        let signatures: Vec<_> = signatures.split(' ').collect();
        assert_eq!((signatures.len(), signatures[0]), (2, expected));
    }

    #[test]
    fn what_is_no_secret_is_said_and_none_means_that_nobody_is_told() {
        assert_eq!(secrets(" \n"), Some(Vec::new()));
        let short = format!("whsec_{}", STANDARD.encode([1; 23]));
        let long = format!("whsec_{}", STANDARD.encode([1; 65]));
        for bad in ["secret", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_!", &short, &long] {
            assert_eq!(secrets(bad), None, "{bad}");
            assert_eq!(secrets(&format!("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw {bad}")), None, "{bad}");
        }
    }

    #[test]
    fn only_a_success_takes_an_event() {
        let answered = |status| taken(&Reply { status, retry_after: Some(Duration::from_secs(7)), body: Vec::new() });
        for status in [200, 201, 202, 204, 299] {
            assert_eq!(answered(status), Ok(()));
        }
        assert_eq!(answered(410), Err(Failure::Refused { reason: ReasonCode::ReceiverGone.into() }));
        let reason = |status: u16| ReasonCode::EventNotTaken.with(status);
        let after = Some(Duration::from_secs(7));
        for status in [301, 302, 401, 403, 404, 500, 502, 503, 504, 599] {
            assert_eq!(answered(status), Err(Failure::Down { reason: reason(status), after }));
        }
        for status in [408, 425, 429] {
            assert_eq!(answered(status), Err(Failure::Paced { reason: reason(status), after, gap: None }));
        }
        for status in [100, 199, 400, 406, 409, 413, 422] {
            assert_eq!(answered(status), Err(Failure::Later { reason: reason(status), after }));
        }
        for no_reply in [NoReply::TimedOut, NoReply::NotSent(ReasonCode::ConnectionRefused)] {
            assert!(matches!(not_taken(no_reply), Failure::Down { .. }), "{no_reply:?}");
        }
        assert!(matches!(not_taken(NoReply::MaybeSent(ReasonCode::ReplyBrokeOff)), Failure::Later { .. }));
    }
}
