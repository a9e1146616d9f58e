//! What differs between relays.

use super::sender::Sender;
use crate::outbound::Reply;
use domain::jobs::outbox::Failure;
use domain::model::email::Email;
use domain::ports::Repeats;
use serde::Serialize;
use spin_sdk::http::Method;
use std::borrow::Cow;

/// What every relay needs.
pub(crate) struct Account {
    pub(super) origin: String,
    pub(super) token: String,
    pub(super) from: Sender,
    /// The address for replies, if it is another one.
    pub(super) reply_to: Option<String>,
}

/// A request that sends one mail.
pub(crate) struct Sending {
    pub(super) path: Cow<'static, str>,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) json: Vec<u8>,
}

/// A request that a relay answers without sending anything.
pub(crate) struct Look {
    pub(super) method: Method,
    pub(super) path: Cow<'static, str>,
    /// The header with the token.
    pub(super) header: (&'static str, String),
}

/// A relay's requests and answers.
pub(crate) struct Api {
    /// What the relay does with a mail that it has sent.
    pub(super) repeats: Repeats,
    /// The request that sends a mail.
    pub(super) sending: fn(&Account, &Email) -> Sending,
    /// A request that shows whether the relay is up. None if the relay recognises repeats, which
    /// then do no harm.
    pub(super) look: Option<fn(&Account) -> Look>,
    /// What an answer to `sending` means.
    pub(super) read: fn(&Reply) -> Result<(), Failure>,
}

pub(super) fn json(wire: &impl Serialize) -> Vec<u8> {
    // Writing a plain record to memory does not fail.
    serde_json::to_vec(wire).unwrap_or_default()
}
