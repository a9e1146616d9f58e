//! `POST /` for courses that take no enrolments yet, or no longer.

use chrono::{SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};
use tests::TestApp;

crate::cases![a_closed_course_takes_no_enrolments, a_closed_course_is_not_stored_under_the_key,];

/// The time in this number of hours, as answers show it.
fn in_hours(hours: i64) -> String {
    (Utc::now() + TimeDelta::hours(hours)).to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Times of a course, and what the answer says, if it takes no enrolments.
fn courses() -> [(Value, Option<String>); 5] {
    let (before, long_before, later) = (in_hours(-1), in_hours(-2), in_hours(1));
    [
        (json!({"opens_at": later}), Some(format!("Enrolling in the course begins at {later}"))),
        (json!({"closes_at": before}), Some(format!("Enrolling in the course ended at {before}"))),
        (json!({"closes_at": long_before, "end_date": before}), Some(format!("The course ended at {before}"))),
        (json!({"opens_at": before, "closes_at": later, "end_date": later}), None),
        (json!({"opens_at": null, "closes_at": null, "end_date": null}), None),
    ]
}

async fn a_closed_course_takes_no_enrolments(app: TestApp) {
    for (course, (times, message)) in (20..).zip(courses()) {
        app.sandbox.set_course(course, times.clone());
        let looked_up = app.enrol("ann", course).await;
        let mut new = crate::records::with_records("bob");
        new["course_id"] = json!(course);
        new["course"].as_object_mut().unwrap().extend(times.as_object().unwrap().clone());
        let sent = app.call_json("POST", "", &new).await;
        for answer in [looked_up, sent] {
            match &message {
                None => assert_eq!(answer.status, 201, "{times}: {}", answer.text),
                Some(message) => {
                    assert_eq!((answer.status, answer.error().as_str()), (409, "course_closed"), "{times}");
                    assert_eq!(
                        (answer.json()["message"].as_str(), answer.header("retry-after")),
                        (Some(message.as_str()), "")
                    );
                }
            }
        }
    }
    app.idle().await;
    assert_eq!((app.count("enrolments").await, app.jobs().await.len()), (4, 4));
}

async fn a_closed_course_is_not_stored_under_the_key(app: TestApp) {
    app.sandbox.set_course(20, json!({"opens_at": in_hours(1)}));
    let body = json!({"course_id": 20, "user_id": "ann"});
    for _ in 0..2 {
        assert_eq!(app.call_with_key("k", "POST", "", &body).await.error(), "course_closed");
    }
    assert_eq!(app.count("idempotency").await, 0);
    app.sandbox.set_course(20, json!({"opens_at": in_hours(-1)}));
    let first = app.call_with_key("k", "POST", "", &body).await;
    app.sandbox.set_course(20, json!({"closes_at": in_hours(-1)}));
    let again = app.call_with_key("k", "POST", "", &body).await;
    assert_eq!((first.status, again.status, again.text), (201, 201, first.text));
}
