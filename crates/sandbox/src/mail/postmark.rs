//! Postmark: `POST /email`. It knows no keys: what comes twice is sent twice.

use super::{Message, deliverable, keep, text};
use crate::http::{Answer, Request};
use crate::state::State;
use chrono::Utc;
use serde_json::{Value, json};

pub(super) fn send(state: &State, token: &str, request: &Request) -> Answer {
    if request.header("x-postmark-server-token") != Some(token) {
        return error(401, 10, "The Server Token is missing or not valid");
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
        subject: text(&body, "/Subject"),
        html: text(&body, "/HtmlBody"),
        text: text(&body, "/TextBody"),
    };
    if message.from.is_empty() || !deliverable(&message.to) {
        return error(422, 300, "Invalid 'From' or 'To' address");
    }
    if message.html.is_empty() && message.text.is_empty() {
        return error(422, 300, "Provide either 'HtmlBody' or 'TextBody'");
    }
    let to = message.to.clone();
    keep(state, received, message);
    let id = state.token();
    Answer::json(200, &json!({"To": to, "MessageID": id, "ErrorCode": 0, "Message": "OK"}))
}

fn error(status: u16, code: u32, message: &str) -> Answer {
    Answer::json(status, &json!({"ErrorCode": code, "Message": message}))
}
