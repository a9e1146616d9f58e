//! The mail relay, through its HTTP API. Which one is spoken is chosen by the
//! variable `mail_provider`; each has a file of its own with its request, its
//! answers and what it makes of a repeated mail.

mod brevo;
mod postmark;
mod refusal;
mod resend;
mod smtp2go;

use crate::Deadline;
use crate::outbound::{NoReply, Reply, Request, exchange};
use domain::email::Email;
use domain::outbox::Failure;
use domain::ports::{Mail, Repeats};
use domain::{System, Unavailable};
use serde::Serialize;
use spin_sdk::http::Method;

/// An account at a mail relay.
pub struct Relay {
    provider: Provider,
    account: Account,
    deadline: Deadline,
}

/// Whose API is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Provider {
    Resend,
    Smtp2go,
    Brevo,
    Postmark,
}

/// What every relay needs.
struct Account {
    origin: String,
    token: String,
    /// `Name <address>` or an address alone.
    from: String,
}

/// A request that sends one mail.
#[derive(Debug, PartialEq, Eq)]
struct Sending {
    path: &'static str,
    headers: Vec<(&'static str, String)>,
    json: Vec<u8>,
}

impl Provider {
    fn named(name: &str) -> Option<Self> {
        match name {
            "resend" => Some(Self::Resend),
            "smtp2go" => Some(Self::Smtp2go),
            "brevo" => Some(Self::Brevo),
            "postmark" => Some(Self::Postmark),
            _ => None,
        }
    }

    fn sending(self, account: &Account, email: &Email) -> Sending {
        match self {
            Self::Resend => resend::sending(account, email),
            Self::Smtp2go => smtp2go::sending(account, email),
            Self::Brevo => brevo::sending(account, email),
            Self::Postmark => postmark::sending(account, email),
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
        use crate::config::{filled, origin, text, token};
        let provider = Provider::named(&text("mail_provider")?)
            .ok_or_else(|| Unavailable::new(System::Configuration, "variable mail_provider is unreadable"))?;
        let account = Account { origin: origin("mail_url")?, token: token("mail_token")?, from: filled("mail_from")? };
        Ok(Self { provider, account, deadline })
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
        match exchange(request, self.deadline).await {
            Ok(reply) => self.provider.read(&reply),
            Err(NoReply::NotSent(name)) => Err(Failure::Down { reason: name.to_owned(), after: None }),
            Err(no_reply @ (NoReply::MaybeSent(_) | NoReply::TimedOut)) => Err(Failure::Unknown {
                reason: no_reply.name().to_owned(),
                after: None,
                whole_system: no_reply == NoReply::TimedOut,
            }),
        }
    }
}

fn json(wire: &impl Serialize) -> Vec<u8> {
    // Writing a plain record to memory does not fail.
    serde_json::to_vec(wire).unwrap_or_default()
}

#[cfg(test)]
mod tests;
