//! The mail relay, through its HTTP API. The variable `mail_provider` chooses the relay.

pub(crate) mod api;
mod refusal;
pub(crate) mod relays;
pub(crate) mod sender;

use crate::Deadline;
use crate::outbound::{NoReply, Reply, Request, exchange, exchange_paced};
use api::{Account, Api, Look, Sending};
use domain::Unavailable;
use domain::jobs::outbox::Failure;
use domain::model::email::Email;
use domain::model::mail::MailKind;
use domain::model::reason::ReasonCode;
use domain::ports::{Mail, Repeats};
use spin_sdk::http::Method;

/// An account at a mail relay.
pub struct Relay {
    api: &'static Api,
    account: Account,
    /// The kinds that are not sent.
    off: Vec<MailKind>,
    deadline: Deadline,
}

impl Relay {
    /// As the variables `mail_*` have it.
    ///
    /// # Errors
    ///
    /// When a variable is missing or unreadable.
    pub fn from_variables(deadline: Deadline) -> Result<Self, Unavailable> {
        use crate::config::table::{MAIL_FROM, MAIL_OFF, MAIL_PROVIDER, MAIL_REPLY_TO, MAIL_TOKEN, MAIL_URL};
        let (origin, token) = (MAIL_URL.read()?, MAIL_TOKEN.read()?);
        let account = Account { origin, token, from: MAIL_FROM.read()?, reply_to: MAIL_REPLY_TO.read()? };
        Ok(Self { api: MAIL_PROVIDER.read()?.api(), account, off: MAIL_OFF.read()?, deadline })
    }
}

impl Mail for Relay {
    fn is_off(&self, kind: MailKind) -> bool {
        self.off.contains(&kind)
    }

    fn repeats(&self) -> Repeats {
        self.api.repeats
    }

    async fn send(&self, email: &Email) -> Result<(), Failure> {
        let Sending { path, headers, json } = (self.api.sending)(&self.account, email);
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let request = Request {
            method: Method::Post,
            origin: &self.account.origin,
            path_and_query: &path,
            authorization: None,
            headers: &headers,
            json: Some(json),
        };
        // Boxed, as below: a component's stack is small.
        match Box::pin(exchange_paced(request, self.deadline)).await {
            Ok((reply, gap)) => (self.api.read)(&reply).map_err(|failure| at_pace(failure, gap)),
            Err(NoReply::NotSent(code)) => Err(Failure::Down { reason: code.into(), after: None }),
            Err(no_reply @ (NoReply::MaybeSent(_) | NoReply::TimedOut)) => Err(Failure::Unknown {
                reason: no_reply.code().into(),
                after: None,
                whole_system: no_reply == NoReply::TimedOut,
            }),
        }
    }

    async fn check(&self) -> Result<(), Failure> {
        let Some(look) = self.api.look else { return Ok(()) };
        let Look { method, path, header: (name, token) } = look(&self.account);
        let json = (method == Method::Post).then(|| b"{}".to_vec());
        let request = Request {
            method,
            origin: &self.account.origin,
            path_and_query: &path,
            authorization: None,
            headers: &[(name, &token)],
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
