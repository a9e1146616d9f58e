//! SMTP2GO: `POST /v3/email/send`. It knows no keys: what comes twice is sent
//! twice.

use super::{Message, deliverable, keep, text};
use crate::http::{Answer, Request};
use crate::state::State;
use chrono::Utc;
use serde_json::{Value, json};

pub(super) fn send(state: &State, token: &str, request: &Request) -> Answer {
    if request.header("x-smtp2go-api-key") != Some(token) {
        return error(401, "E_ApiResponseCodes.API_EXCEPTION", "The API key is not valid");
    }
    let Some(Value::Object(received)) = request.json() else {
        return error(400, "E_ApiResponseCodes.NON_VALIDATING_IN_PAYLOAD", "The body is not a JSON object");
    };
    let body = Value::Object(received.clone());
    let message = Message {
        received_at: Utc::now(),
        relay: "SMTP2GO",
        from: text(&body, "/sender"),
        to: text(&body, "/to/0"),
        subject: text(&body, "/subject"),
        html: text(&body, "/html_body"),
        text: text(&body, "/text_body"),
    };
    if message.from.is_empty() || message.to.is_empty() || (message.html.is_empty() && message.text.is_empty()) {
        return error(400, "E_ApiResponseCodes.NON_VALIDATING_IN_PAYLOAD", "A field is missing");
    }
    if !deliverable(&message.to) {
        let data = json!({"succeeded": 0, "failed": 1, "failures": ["The recipient is not valid"]});
        return Answer::json(200, &json!({"request_id": state.token(), "data": data}));
    }
    keep(state, received, message);
    let data = json!({"succeeded": 1, "failed": 0, "failures": [], "email_id": state.token()});
    Answer::json(200, &json!({"request_id": state.token(), "data": data}))
}

fn error(status: u16, code: &str, message: &str) -> Answer {
    Answer::json(status, &json!({"data": {"error": message, "error_code": code}}))
}
