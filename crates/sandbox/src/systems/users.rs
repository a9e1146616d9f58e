//! The users service: `GET /api/users/id?user_id=`, and with the token `GET /v2/users/{user_id}`.
//!
//! Any user exists, except `missing` and ids that begin with `missing-`. The name of `html`
//! has markup, the name of `crlf` has a line break.

use crate::http::Answer;
use crate::state::State;
use serde_json::{Value, json};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// Answers a request for the user with this id.
#[must_use]
pub fn answer(state: &State, id: Option<String>) -> Answer {
    let Some(id) = id.filter(|id| !id.is_empty()) else {
        return Answer::json(400, &json!({"message": "Validation failed", "error": "validation_error"}));
    };
    if id == "missing" || id.starts_with("missing-") {
        return Answer::json(404, &json!({"message": "Active user not found", "error": "not_found"}));
    }
    let mut user = user(&id);
    if let (Some(user), Some(Value::Object(changes))) = (user.as_object_mut(), state.memory().users.get(&id)) {
        user.extend(changes.clone());
    }
    Answer::json(200, &user)
}

/// The record of a user, derived from the id.
fn user(id: &str) -> Value {
    let (first_name, last_name) = match id {
        "html" => ("<b>Eve</b> & \"Co\"".to_owned(), "<script>alert(1)</script>".to_owned()),
        "crlf" => ("Line\r\nBcc: other@example.com".to_owned(), "Break".to_owned()),
        _ => ("Customer".to_owned(), id.to_owned()),
    };
    // Different for different ids, with characters and a length that an address can have.
    let plain = id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    let local = if plain { id.to_owned() } else { format!("user-{:016x}", hash(id)) };
    json!({
        "id": id, "username": local, "first_name": first_name, "last_name": last_name,
        "email": format!("{local}@example.com"), "gender": "other", "role": "user", "is_active": true,
    })
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
