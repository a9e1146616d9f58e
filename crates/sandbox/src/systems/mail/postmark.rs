//! Postmark: `POST /email`. It has no idempotency keys: a repeated mail is sent again.

use super::account::Account;
use super::address::{Mailbox, mailbox};
use super::{Message, keep, text};
use crate::http::{Answer, Request};
use crate::state::State;
use chrono::Utc;
use serde_json::{Value, json};

pub(super) fn send(state: &State, token: &str, request: &Request) -> Answer {
    if request.header("x-postmark-server-token") != Some(token) {
        return error(401, 10, "The Server Token is missing or not valid");
    }
    for header in ["accept", "content-type"] {
        if !request.header(header).is_some_and(|value| value.starts_with("application/json")) {
            return error(415, 409, "Accept and Content-Type have to be application/json");
        }
    }
    let Some(Value::Object(received)) = request.json() else {
        return error(422, 402, "The body is not a JSON object");
    };
    let body = Value::Object(received.clone());
    let message = Message {
        received_at: Utc::now(),
        relay: "Postmark",
        from: text(&body, "/From"),
        to: text(&body, "/To"),
        reply_to: text(&body, "/ReplyTo"),
        subject: text(&body, "/Subject"),
        html: text(&body, "/HtmlBody"),
        text: text(&body, "/TextBody"),
    };
    if mailbox(&message.from).is_none_or(|from| !is_legal(&from)) {
        return error(422, 300, "Error parsing 'From': Illegal email address");
    }
    let Some(to) = mailbox(&message.to).filter(is_legal) else {
        return error(422, 300, "Error parsing 'To': Illegal email address");
    };
    let is_wrong = |address: &str| mailbox(address).is_none_or(|mailbox| !is_legal(&mailbox));
    if !message.reply_to.is_empty() && message.reply_to.split(',').any(is_wrong) {
        return error(422, 300, "Error parsing 'ReplyTo': Illegal email address");
    }
    if message.html.is_empty() && message.text.is_empty() {
        return error(422, 300, "Provide either email TextBody or HtmlBody or both");
    }
    let stream = text(&body, "/MessageStream");
    if !matches!(stream.as_str(), "" | "outbound") {
        return error(422, 1235, "The 'MessageStream' provided does not exist on this server");
    }
    let refused = match state.memory().settings.emails.account {
        Account::Well if to.is_inactive() => (406, "You tried to send to a recipient that is marked as inactive"),
        Account::Well => (0, ""),
        Account::Unverified => (400, "The 'From' address is not a Sender Signature on your account"),
        Account::Restricted => (412, "While your account is pending approval, recipients must share your domain"),
        Account::Spent => (405, "Not allowed to send: you ran out of credits"),
        Account::Suspended => (413, "The account is not allowed to send"),
    };
    if refused.0 != 0 {
        return error(422, refused.0, refused.1);
    }
    let to = message.to.clone();
    keep(state, received, message);
    let id = state.token();
    Answer::json(200, &json!({"To": to, "MessageID": id, "ErrorCode": 0, "Message": "OK"}))
}

/// Returns the settings of the server. It sends nothing.
pub(super) fn look(_: &State, token: &str, request: &Request) -> Answer {
    if request.header("x-postmark-server-token") != Some(token) {
        return error(401, 10, "The Server Token is missing or not valid");
    }
    Answer::json(200, &json!({"ID": 1, "Name": "Courses"}))
}

/// Whether a mailbox matches the patterns that Postmark documents for error code 300.
fn is_legal(mailbox: &Mailbox<'_>) -> bool {
    let Mailbox { local, domain, .. } = mailbox;
    let in_local = |c: char| c.is_ascii_alphanumeric() || ".!#$%&'`*+-/=^_{}|~".contains(c);
    let in_domain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    mailbox.is_quoted_where_needed()
        && local.chars().all(in_local)
        && domain.split('.').all(|label| !label.is_empty() && label.chars().all(in_domain))
}

pub(super) fn too_many() -> Answer {
    error(429, 429, "Rate limit exceeded")
}

fn error(status: u16, code: u32, message: &str) -> Answer {
    Answer::json(status, &json!({"ErrorCode": code, "Message": message}))
}
