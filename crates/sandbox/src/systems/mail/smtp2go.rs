//! SMTP2GO: `POST /v3/email/send`. It has no idempotency keys: a repeated mail is sent again.

use super::account::Account;
use super::address::{Mailbox, mailbox};
use super::{Message, keep, text};
use crate::http::{Answer, Request};
use crate::state::State;
use chrono::Utc;
use serde_json::{Value, json};
use std::time::Duration;

/// How long it refuses all requests after the limit is exceeded.
pub(super) const PAUSE: Duration = Duration::from_secs(60);

pub(super) fn send(state: &State, token: &str, request: &Request) -> Answer {
    if request.header("x-smtp2go-api-key") != Some(token) {
        return error(state, 401, "API_EXCEPTION", "The API key is not valid");
    }
    let Some(Value::Object(received)) = request.json() else {
        return error(state, 400, "NON_VALIDATING_IN_PAYLOAD", "The body is not a JSON object");
    };
    let body = Value::Object(received.clone());
    let message = Message {
        received_at: Utc::now(),
        relay: "SMTP2GO",
        from: text(&body, "/sender"),
        to: text(&body, "/to/0"),
        reply_to: header(&body, "Reply-To").unwrap_or_default(),
        subject: text(&body, "/subject"),
        html: text(&body, "/html_body"),
        text: text(&body, "/text_body"),
    };
    if message.html.is_empty() && message.text.is_empty() {
        return invalid(state, "html_body");
    }
    if mailbox(&message.from).is_none_or(|from| !is_rfc822(&from)) {
        return invalid(state, "sender");
    }
    if FORBIDDEN.into_iter().any(|name| header(&body, name).is_some()) {
        return invalid(state, "custom_headers");
    }
    let Some(to) = mailbox(&message.to).filter(is_rfc822) else { return invalid(state, "to") };
    let account = state.memory().settings.emails.account;
    let failure = match account {
        Account::Well if to.is_inactive() => Some("The recipient is on your suppression list"),
        Account::Well => None,
        Account::Unverified => Some("The sender is not verified"),
        Account::Restricted => {
            let message = "You do not have permission to access this API endpoint";
            return error(state, 400, "ENDPOINT_PERMISSION_DENIED", message);
        }
        Account::Spent => return error(state, 402, "API_EXCEPTION", "The quota of your plan is used up"),
        Account::Suspended => return error(state, 403, "API_EXCEPTION", "Your account is closed"),
    };
    if let Some(failure) = failure {
        let data = json!({"succeeded": 0, "failed": 1, "failures": [failure]});
        return Answer::json(200, &json!({"request_id": state.token(), "data": data}));
    }
    keep(state, received, message);
    let data = json!({"succeeded": 1, "failed": 0, "failures": [], "email_id": state.token()});
    Answer::json(200, &json!({"request_id": state.token(), "data": data}))
}

/// The headers that a mail may not set.
const FORBIDDEN: [&str; 3] = ["Content-Type", "Content-Transfer-Encoding", "MIME-Version"];

/// The value of a custom header.
fn header(body: &Value, name: &str) -> Option<String> {
    let headers = body.get("custom_headers")?.as_array()?;
    let header = headers.iter().find(|header| text(header, "/header").eq_ignore_ascii_case(name))?;
    Some(text(header, "/value"))
}

/// Returns the permissions of the key. It sends nothing.
pub(super) fn look(state: &State, token: &str, request: &Request) -> Answer {
    if request.header("x-smtp2go-api-key") != Some(token) {
        return error(state, 401, "API_EXCEPTION", "The API key is not valid");
    }
    Answer::json(200, &json!({"request_id": state.token(), "data": {"permissions": ["/email/send"]}}))
}

/// Whether an address has the format of RFC 822, which is ASCII only.
fn is_rfc822(mailbox: &Mailbox<'_>) -> bool {
    mailbox.is_quoted_where_needed() && mailbox.is_ascii()
}

fn invalid(state: &State, field: &str) -> Answer {
    let fault = json!({"fieldname": field, "message": format!("The field '{field}' is not as it is expected")});
    let data = json!({"error": "The JSON data do not conform to the specification",
        "error_code": "E_ApiResponseCodes.NON_VALIDATING_IN_PAYLOAD", "field_validation_errors": fault});
    Answer::json(400, &json!({"request_id": state.token(), "data": data}))
}

pub(super) fn too_many() -> Answer {
    Answer::json(429, &json!({"data": {"error": "API key ratelimit exceeded"}}))
}

fn error(state: &State, status: u16, code: &str, message: &str) -> Answer {
    let data = json!({"error": message, "error_code": format!("E_ApiResponseCodes.{code}")});
    Answer::json(status, &json!({"request_id": state.token(), "data": data}))
}
