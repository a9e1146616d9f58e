//! The mail relay, through its HTTP API. Which one is spoken is chosen by the
//! variable `mail_provider`; each has a file of its own with its request, its
//! answers and what it makes of a repeated mail.

mod brevo;
mod postmark;
pub(crate) mod provider;
mod refusal;
mod resend;
pub(crate) mod sender;
mod smtp2go;

use crate::Deadline;
use crate::outbound::{NoReply, Reply, Request, exchange, exchange_paced};
use domain::Unavailable;
use domain::jobs::outbox::Failure;
use domain::model::email::Email;
use domain::model::reason::ReasonCode;
use domain::ports::{Mail, Repeats};
use provider::Provider;
use sender::Sender;
use serde::Serialize;
use spin_sdk::http::Method;

/// An account at a mail relay.
pub struct Relay {
    provider: Provider,
    account: Account,
    deadline: Deadline,
}

/// What every relay needs.
struct Account {
    origin: String,
    token: String,
    from: Sender,
}

/// A request that sends one mail.
#[derive(Debug, PartialEq, Eq)]
struct Sending {
    path: &'static str,
    headers: Vec<(&'static str, String)>,
    json: Vec<u8>,
}

/// A request that a relay answers without sending anything.
struct Look {
    method: Method,
    path: &'static str,
    /// The header with the token.
    header: &'static str,
}

impl Provider {
    fn sending(self, account: &Account, email: &Email) -> Sending {
        match self {
            Self::Resend => resend::sending(account, email),
            Self::Smtp2go => smtp2go::sending(account, email),
            Self::Brevo => brevo::sending(account, email),
            Self::Postmark => postmark::sending(account, email),
        }
    }

    /// None for those that know keys: there a repeat does no harm.
    fn look(self) -> Option<Look> {
        match self {
            Self::Resend | Self::Brevo => None,
            Self::Smtp2go => Some(smtp2go::LOOK),
            Self::Postmark => Some(postmark::LOOK),
        }
    }

    fn read(self, reply: &Reply) -> Result<(), Failure> {
        match self {
            Self::Resend => resend::read(reply),
            Self::Smtp2go => smtp2go::read(reply),
            Self::Brevo => brevo::read(reply),
            Self::Postmark => postmark::read(reply),
        }
    }
}

impl Relay {
    /// As the variables `mail_*` have it.
    ///
    /// # Errors
    ///
    /// When a variable is missing or unreadable.
    pub fn from_variables(deadline: Deadline) -> Result<Self, Unavailable> {
        use crate::config::table::{MAIL_FROM, MAIL_PROVIDER, MAIL_TOKEN, MAIL_URL};
        let account = Account { origin: MAIL_URL.read()?, token: MAIL_TOKEN.read()?, from: MAIL_FROM.read()? };
        Ok(Self { provider: MAIL_PROVIDER.read()?, account, deadline })
    }
}

impl Mail for Relay {
    fn repeats(&self) -> Repeats {
        match self.provider {
            Provider::Resend => resend::REPEATS,
            Provider::Brevo => brevo::REPEATS,
            Provider::Smtp2go | Provider::Postmark => Repeats::Sent,
        }
    }

    async fn send(&self, email: &Email) -> Result<(), Failure> {
        let Sending { path, headers, json } = self.provider.sending(&self.account, email);
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let request = Request {
            method: Method::Post,
            origin: &self.account.origin,
            path_and_query: path,
            authorization: None,
            headers: &headers,
            json: Some(json),
        };
        // Boxed, as below: a component's stack is small.
        match Box::pin(exchange_paced(request, self.deadline)).await {
            Ok((reply, gap)) => self.provider.read(&reply).map_err(|failure| at_pace(failure, gap)),
            Err(NoReply::NotSent(code)) => Err(Failure::Down { reason: code.into(), after: None }),
            Err(no_reply @ (NoReply::MaybeSent(_) | NoReply::TimedOut)) => Err(Failure::Unknown {
                reason: no_reply.code().into(),
                after: None,
                whole_system: no_reply == NoReply::TimedOut,
            }),
        }
    }

    async fn check(&self) -> Result<(), Failure> {
        let Some(Look { method, path, header }) = self.provider.look() else { return Ok(()) };
        let json = (method == Method::Post).then(|| b"{}".to_vec());
        let request = Request {
            method,
            origin: &self.account.origin,
            path_and_query: path,
            authorization: None,
            headers: &[(header, &self.account.token)],
            json,
        };
        answers(Box::pin(exchange(request, self.deadline)).await)
    }
}

/// Whether what came is the answer of a relay that is up, be it a refusal.
fn answers(reply: Result<Reply, NoReply>) -> Result<(), Failure> {
    let down = |detail: &str, after| Failure::Down { reason: ReasonCode::RelayDown.with(detail), after };
    match reply {
        Ok(Reply { status: 200..=499, .. }) => Ok(()),
        Ok(Reply { status, retry_after, .. }) => Err(down(&format!("it answered {status}"), retry_after)),
        Err(no_reply) => Err(down(no_reply.code().text(), None)),
    }
}

/// The same with the pace that the relay's headers tell.
fn at_pace(failure: Failure, gap: Option<std::time::Duration>) -> Failure {
    match failure {
        Failure::Paced { reason, after, .. } => Failure::Paced { reason, after, gap },
        other => other,
    }
}

fn json(wire: &impl Serialize) -> Vec<u8> {
    // Writing a plain record to memory does not fail.
    serde_json::to_vec(wire).unwrap_or_default()
}

#[cfg(test)]
mod tests;
