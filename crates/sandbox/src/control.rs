//! `/sandbox/…`: received data, faults and settings.
//!
//! ```json
//! PUT /sandbox/ksef {"outcomes": ["server_error", "demo_ok"]}
//! PUT /sandbox/settings {"invoices": {"gov_auto_send_mode": "all"}}
//! ```

use crate::fault::Active;
use crate::http::{Answer, Request};
use crate::page;
use crate::page::switches;
use crate::state::State;
use crate::systems::invoices::Outcome;
use hyper::Method;
use serde::Deserialize;
use serde_json::{Value, json};

/// Answers a request below `/sandbox/`.
#[must_use]
pub fn answer(state: &State, request: &Request, segments: &[&str]) -> Answer {
    match (&request.method, segments) {
        (&Method::GET, ["state"]) => Answer::json(200, &state.memory().seen),
        (&Method::POST, ["reset"]) => {
            state.reset();
            Answer::empty()
        }
        (&Method::GET, ["settings"]) => Answer::json(200, &state.memory().settings),
        (&Method::PUT, ["settings"]) => match state.change_settings(request.json().unwrap_or_default()) {
            Ok(()) => Answer::empty(),
            Err(error) => malformed(&error.to_string()),
        },
        (&Method::GET, ["faults"]) => Answer::json(200, &state.memory().faults),
        (&Method::DELETE, ["faults"]) => {
            state.memory().faults.clear();
            Answer::empty()
        }
        (&Method::POST, ["faults"]) => match serde_json::from_slice::<Active>(&request.body) {
            Ok(active) => {
                state.memory().faults.push(active);
                Answer::empty()
            }
            Err(error) => malformed(&error.to_string()),
        },
        (&Method::POST, ["switch"]) => switches::set(state, request),
        (&Method::GET, ["page.js"]) => Answer::new(200, "text/javascript", page::SCRIPT.into()),
        (&Method::GET, ["page.css"]) => Answer::new(200, "text/css", page::STYLE.into()),
        (&Method::PUT, ["courses", id]) => match (id.parse(), object(request)) {
            (Ok(id), Some(changes)) => {
                state.memory().courses.insert(id, changes);
                Answer::empty()
            }
            _ => malformed("the id of a course and a JSON object are required"),
        },
        (&Method::POST, ["clients"]) => match request.json() {
            Some(Value::Object(fields)) if fields.get("name").is_some_and(Value::is_string) => {
                let name = fields.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
                state.memory().add_client(&name, fields);
                Answer::empty()
            }
            _ => malformed("a JSON object with a name is required"),
        },
        (&Method::PUT, ["invoices", id]) => match (id.parse(), object(request)) {
            (Ok(id), Some(changes)) if state.memory().change_document(id, &changes) => Answer::empty(),
            _ => malformed("the id of a document and a JSON object are required"),
        },
        (&Method::PUT, ["ksef"]) => match serde_json::from_slice::<Next>(&request.body) {
            Ok(next) => {
                state.memory().set_ksef(next.outcomes);
                Answer::empty()
            }
            Err(error) => malformed(&error.to_string()),
        },
        (&Method::PUT, ["users"]) => match (request.parameter("user_id"), object(request)) {
            (Some(id), Some(changes)) => {
                state.memory().users.insert(id, changes);
                Answer::empty()
            }
            _ => malformed("?user_id= and a JSON object are required"),
        },
        _ => Answer::json(404, &json!({"message": "There is no such path"})),
    }
}

/// The outcomes of the next documents that are sent to KSeF.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Next {
    outcomes: Vec<Outcome>,
}

fn object(request: &Request) -> Option<Value> {
    request.json().filter(Value::is_object)
}

fn malformed(message: &str) -> Answer {
    Answer::json(400, &json!({"message": message}))
}
