//! `PATCH /moved`.

use crate::holds::{conflict, full, held};
use crate::waiting::{seated, waits};
use serde_json::json;
use tests::{Answer, TestApp};

crate::cases![
    what_is_not_paid_gets_the_terms_of_the_other_course,
    what_is_paid_keeps_its_terms_and_documents,
    a_refused_move_changes_nothing,
    the_other_course_is_looked_up_as_for_an_enrolment,
    two_users_change_places_one_after_the_other,
    a_repeated_request_gets_the_first_answer,
];

async fn move_to(app: &TestApp, id: i64, course: i64) -> Answer {
    let body = json!({"enrolment_id": id, "course_id": course, "reason": "another date"});
    app.call_json("PATCH", "/moved", &body).await
}

async fn what_is_not_paid_gets_the_terms_of_the_other_course(app: TestApp) {
    app.sandbox.set_course(20, json!({"name": "Go", "price": "50.00", "end_date": "2199-01-01T00:00:00Z"}));
    let id = held(&app, "a", 1).await;
    let before = full(&app, id).await;
    let answer = move_to(&app, id, 20).await;
    assert_eq!((answer.status, &answer.json()["course_id"]), (200, &json!(20)), "{}", answer.text);
    let after = full(&app, id).await;
    assert_eq!((&after["terms"]["name"], &after["terms"]["price"]), (&json!("Go"), &json!("50.00")));
    assert_eq!((&after["pay_until"], &after["ends_at"]), (&before["pay_until"], &json!("2199-01-01T00:00:00.000Z")));
    assert_eq!(app.history(id).await, ["created", "moved"]);
    app.deliver_all().await;
    assert_eq!(app.subjects("a").last().unwrap(), "Your enrolment was moved to another course");
    let mail = app.sandbox.state().emails.last().cloned().unwrap();
    let text = mail["text"].as_str().unwrap();
    assert!(text.contains("Go") && text.contains("another date"), "{text}");
    // Its invoice has the new price.
    assert_eq!(app.pay(id).await.status, 200);
    assert_eq!(app.documents(id).await[0]["gross"], "50.00");
}

async fn what_is_paid_keeps_its_terms_and_documents(app: TestApp) {
    app.sandbox.set_course(20, json!({"name": "Go", "price": "50.00", "end_date": "2199-01-01T00:00:00Z"}));
    let id = app.paid("a", 1).await;
    let (before, documents) = (full(&app, id).await, app.documents(id).await);
    assert_eq!(move_to(&app, id, 20).await.status, 200);
    let after = full(&app, id).await;
    assert_eq!(
        (&after["terms"]["name"], &after["terms"]["price"]),
        (&before["terms"]["name"], &before["terms"]["price"])
    );
    assert_eq!(
        (&after["course_id"], &after["paid"], &after["ends_at"]),
        (&json!(20), &before["paid"], &json!("2199-01-01T00:00:00.000Z"))
    );
    assert_eq!(app.documents(id).await, documents);
    // The correction is of what was sold, and the mail names the other course.
    app.refunded(id).await;
    app.deliver_all().await;
    assert_eq!(app.documents(id).await.len(), 2);
    let mail = app.sandbox.state().emails.last().cloned().unwrap();
    assert!(mail["text"].as_str().unwrap().contains("Go"), "{mail}");
}

async fn a_refused_move_changes_nothing(app: TestApp) {
    let id = app.enrolled("a", 1).await;
    app.enrolled("other", 11).await;
    app.enrolled("a", 2).await;
    app.sandbox.set_course(20, json!({"closes_at": "2020-01-01T00:00:00Z"}));
    let before = full(&app, id).await;
    for (course, error) in [(11, "course_full"), (2, "conflict"), (1, "conflict"), (20, "course_closed")] {
        conflict(&move_to(&app, id, course).await, error);
        assert_eq!(full(&app, id).await, before);
    }
    // A seat that is waited for is not free.
    app.sandbox.set_course(21, json!({"max_participants": 1}));
    app.enrolled("b", 21).await;
    waits(&app, "c", 21).await;
    app.sandbox.set_course(21, json!({"max_participants": 2}));
    conflict(&move_to(&app, id, 21).await, "course_full");
    assert_eq!(seated(&app, 21).await, ["b", "c"], "the limit is stored all the same");
    assert_eq!(app.cancel(id).await.status, 200);
    conflict(&move_to(&app, id, 3).await, "conflict");
    assert_eq!(move_to(&app, 99, 3).await.status, 404);
    let other = json!({"enrolment_id": id, "user_id": "b", "course_id": 3});
    assert_eq!(app.call_json("PATCH", "/moved", &other).await.status, 404);
}

async fn the_other_course_is_looked_up_as_for_an_enrolment(app: TestApp) {
    let id = app.enrolled("a", 1).await;
    assert_eq!(move_to(&app, id, 404).await.status, 400);
    app.sandbox.set_course(20, json!({"price": "much"}));
    assert_eq!(move_to(&app, id, 20).await.status, 502);
    app.sandbox.fault(sandbox::Target::Courses, sandbox::fault::Named::Reset, None);
    assert_eq!(move_to(&app, id, 2).await.status, 503);
    let course = json!({"name": "Sent", "price": "1.00"});
    let body = json!({"enrolment_id": id, "course_id": 2, "course": course});
    assert_eq!(app.call_json("PATCH", "/moved", &body).await.status, 200);
    for wrong in [
        json!({"enrolment_id": id}),
        json!({"enrolment_id": id, "course_id": 0}),
        json!({"enrolment_id": id, "course_id": 2, "x": 1}),
    ] {
        assert_eq!(app.call_json("PATCH", "/moved", &wrong).await.status, 400, "{wrong}");
    }
}

async fn two_users_change_places_one_after_the_other(app: TestApp) {
    app.sandbox.set_course(20, json!({"max_participants": 1}));
    let (a, b) = (app.enrolled("a", 11).await, app.enrolled("b", 20).await);
    conflict(&move_to(&app, a, 20).await, "course_full");
    assert_eq!(move_to(&app, b, 1).await.status, 200);
    assert_eq!(move_to(&app, a, 20).await.status, 200);
    assert_eq!(move_to(&app, b, 11).await.status, 200);
    assert_eq!((seated(&app, 11).await, seated(&app, 20).await), (vec!["b".to_owned()], vec!["a".to_owned()]));
}

async fn a_repeated_request_gets_the_first_answer(app: TestApp) {
    let id = app.enrolled("a", 1).await;
    let body = json!({"enrolment_id": id, "course_id": 2});
    let first = app.call_with_key("k", "PATCH", "/moved", &body).await;
    let again = app.call_with_key("k", "PATCH", "/moved", &body).await;
    assert_eq!((first.status, &first.text), (200, &again.text));
    assert_eq!(app.history(id).await, ["created", "moved"]);
}
