//! The courses service: `GET /api/course/{id}`, and with the token `GET /v2/courses/{id}`.
//!
//! Any course exists, costs 199.99, ends in a year and has no limit of participants, except
//! these:
//!
//! | id | difference |
//! | --- | --- |
//! | 2 | costs 0 |
//! | 3 | has ended |
//! | 4 | has no end date |
//! | 5 | its end date has an offset |
//! | 6 | ends 5 seconds after each request for it |
//! | 7 | has markup in its name |
//! | 8 | has a name of 300 characters |
//! | 9 | costs 0.01 |
//! | 10 | has 10 seats |
//! | 11 | has one seat |
//! | 12 | has no seat |
//! | 404, 404000 to 404999 | does not exist |

use crate::http::Answer;
use crate::state::State;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

/// Answers a request for the course whose id is the path segment.
#[must_use]
pub fn answer(state: &State, segment: &str) -> Answer {
    let not_found = || Answer::json(404, &json!({"message": "Course not found", "error": "not_found"}));
    let Ok(id) = segment.parse::<i64>() else { return not_found() };
    if id == 404 || (404_000..=404_999).contains(&id) {
        return not_found();
    }
    let mut memory = state.memory();
    let first_asked = *memory.first_asked.entry(id).or_insert_with(Utc::now);
    let mut course = course(id, first_asked);
    if let Some(course) = course.as_object_mut() {
        if let Some(Value::Object(changes)) = memory.courses.get(&id) {
            course.extend(changes.clone());
        }
        if memory.courses_full {
            course.insert("max_participants".to_owned(), json!(0));
        }
    }
    Answer::json(200, &course)
}

fn course(id: i64, first_asked: DateTime<Utc>) -> Value {
    let naive = |time: DateTime<Utc>| json!(time.format("%Y-%m-%dT%H:%M:%S").to_string());
    let name = match id {
        7 => "<i>Wasm</i> & \"friends\"".to_owned(),
        8 => "Ż".repeat(300),
        _ => format!("Course {id}"),
    };
    let price = match id {
        2 => 0.0,
        9 => 0.01,
        _ => 199.99,
    };
    let seats = match id {
        10 => Some(10),
        11 => Some(1),
        12 => Some(0),
        _ => None,
    };
    let in_a_year = first_asked + TimeDelta::days(365);
    let end_date = match id {
        3 => naive(first_asked - TimeDelta::days(1)),
        4 => Value::Null,
        5 => json!(in_a_year.format("%Y-%m-%dT%H:%M:%S+02:00").to_string()),
        6 => naive(Utc::now() + TimeDelta::seconds(5)),
        _ => naive(in_a_year),
    };
    json!({
        "id": id, "name": name, "description": "", "price": price, "max_participants": seats,
        "start_date": naive(first_asked - TimeDelta::days(30)), "end_date": end_date,
    })
}
