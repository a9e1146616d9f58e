//! Common behaviour of `PATCH /canceled`, `PATCH /failed` and `PATCH /refunded`.

use sandbox::Target;
use serde_json::{Value, json};
use tests::{Answer, TestApp};

crate::cases![
    faulty_fields_are_named,
    other_content_types_are_refused,
    another_users_enrolment_is_not_found,
    a_repeated_request_gets_the_first_answer,
    another_reason_is_another_request,
    a_replay_after_the_deletion_says_so,
    refusals_are_repeated_where_they_are_final,
    one_connection_and_few_statements,
];

const FACTS: [&str; 3] = ["canceled", "failed", "refunded"];

/// An enrolment for which `fact` can be recorded; all its jobs are delivered.
async fn ready_for(app: &TestApp, fact: &str, user: &str) -> i64 {
    let id = app.enrolled(user, 1).await;
    if fact == "refunded" {
        assert_eq!(app.pay(id).await.status, 200);
    }
    app.idle().await;
    id
}

async fn note(app: &TestApp, fact: &str, body: &Value) -> Answer {
    app.call_json("PATCH", &format!("/{fact}"), body).await
}

async fn note_under(app: &TestApp, key: &str, fact: &str, body: &Value) -> Answer {
    app.call_with_key(key, "PATCH", &format!("/{fact}"), body).await
}

async fn faulty_fields_are_named(app: TestApp) {
    for fact in FACTS {
        let id = ready_for(&app, fact, fact).await;
        let (before, asked) = (app.state_of(id).await, app.sandbox.state().calls.of(Target::Users));
        let long = "ż".repeat(256);
        for (body, fields) in [
            (json!({}), json!([["enrolment_id"]])),
            (json!({"enrolment_id": "1"}), json!([["enrolment_id"]])),
            (json!({"enrolment_id": 1.5}), json!([["enrolment_id"]])),
            (json!({"enrolment_id": 0}), json!([["enrolment_id"]])),
            (json!({"enrolment_id": null}), json!([["enrolment_id"]])),
            (json!({"enrolment_id": id, "reason": ""}), json!([["reason"]])),
            (json!({"enrolment_id": id, "reason": " \u{a0}"}), json!([["reason"]])),
            (json!({"enrolment_id": id, "reason": "a\nb"}), json!([["reason"]])),
            (json!({"enrolment_id": id, "reason": long}), json!([["reason"]])),
            (json!({"enrolment_id": id, "reason": null}), json!([["reason"]])),
            (json!({"enrolment_id": id, "reason": 5}), json!([["reason"]])),
            (json!({"enrolment_id": id, "user_id": ""}), json!([["user_id"]])),
            (json!({"enrolment_id": id, "user_id": null}), json!([["user_id"]])),
            (json!({"user_id": 1, "reason": []}), json!([["enrolment_id"], ["user_id"], ["reason"]])),
            (json!([]), json!([[]])),
            (json!(null), json!([[]])),
        ] {
            let answer = note(&app, fact, &body).await;
            assert_eq!((answer.status, answer.error().as_str()), (400, "validation_error"), "{fact} {body}");
            let details = answer.json()["details"].as_array().cloned().unwrap();
            let named: Vec<_> = details.iter().map(|detail| detail["loc"].clone()).collect();
            assert_eq!(json!(named), fields, "{fact} {body}");
        }
        assert_eq!(app.state_of(id).await, before);
        assert_eq!(app.sandbox.state().calls.of(Target::Users), asked, "no user is looked up");
    }
}

async fn other_content_types_are_refused(app: TestApp) {
    for fact in FACTS {
        let request = app.request("PATCH".parse().unwrap(), &format!("/{fact}")).body("{\"enrolment_id\": 1}");
        let answer = app.send(request).await;
        assert_eq!((answer.status, answer.error().as_str()), (415, "unsupported_media_type"), "{fact}");
    }
}

async fn another_users_enrolment_is_not_found(app: TestApp) {
    for fact in FACTS {
        let alice = format!("alice-{fact}");
        let id = ready_for(&app, fact, &alice).await;
        let before = app.state_of(id).await;
        let unknown = note(&app, fact, &json!({"enrolment_id": 77})).await;
        assert_eq!((unknown.status, unknown.json()["message"].as_str()), (404, Some("Enrolment not found")));
        for other in ["bob", &alice.to_uppercase(), &format!("{alice} ")] {
            let answer = note(&app, fact, &json!({"enrolment_id": id, "user_id": other})).await;
            assert_eq!((answer.status, &answer.text), (404, &unknown.text), "{fact} {other}");
        }
        assert_eq!(app.state_of(id).await, before);
        assert_eq!(note(&app, fact, &json!({"enrolment_id": id, "user_id": alice})).await.status, 200, "{fact}");
    }
}

async fn a_repeated_request_gets_the_first_answer(app: TestApp) {
    for fact in FACTS {
        let id = ready_for(&app, fact, fact).await;
        let body = json!({"enrolment_id": id, "user_id": fact, "reason": "moved to May"});
        let first = note_under(&app, fact, fact, &body).await;
        assert_eq!(first.status, 200, "{}", first.text);
        app.idle().await;
        let (jobs, calls) = (app.jobs().await, app.sandbox.state().calls);
        // A later change does not change the answer.
        let sql = format!("UPDATE enrolments SET status = 'COMPLETED', payment_status = 'PAID' WHERE id = {id}");
        app.database.execute(&sql).await.unwrap();
        for _ in 0..2 {
            let again = note_under(&app, fact, fact, &body).await;
            assert_eq!((again.status, &again.text), (200, &first.text));
        }
        app.idle().await;
        assert_eq!((app.jobs().await, app.sandbox.state().calls), (jobs, calls), "nothing is done twice");
    }
}

async fn another_reason_is_another_request(app: TestApp) {
    for fact in FACTS {
        let id = ready_for(&app, fact, fact).await;
        let body = |reason: &str| json!({"enrolment_id": id, "reason": reason});
        let first = note_under(&app, fact, fact, &body("moved")).await;
        assert_eq!(first.status, 200);
        for other in [
            body("moved away"),
            json!({"enrolment_id": id}),
            json!({"enrolment_id": id, "reason": "moved", "user_id": fact}),
            json!({"enrolment_id": id + 1, "reason": "moved"}),
        ] {
            let answer = note_under(&app, fact, fact, &other).await;
            assert_eq!((answer.status, answer.error().as_str()), (422, "idempotency_key_reused"), "{fact} {other}");
        }
        // Another fact or a payment is another request.
        for path in FACTS.into_iter().filter(|other| *other != fact).chain(["paid"]) {
            assert_eq!(note_under(&app, fact, path, &body("moved")).await.status, 422, "{fact} {path}");
        }
        // Blanks around a reason make no difference.
        let again = note_under(&app, fact, fact, &body(" moved ")).await;
        assert_eq!((again.status, again.text), (200, first.text));
    }
}

async fn a_replay_after_the_deletion_says_so(app: TestApp) {
    for fact in FACTS {
        let id = ready_for(&app, fact, fact).await;
        let body = json!({"enrolment_id": id});
        assert_eq!(note_under(&app, fact, fact, &body).await.status, 200);
        assert_eq!(app.call("DELETE", &format!("/{id}")).await.status, 204);
        for _ in 0..2 {
            let answer = note_under(&app, fact, fact, &body).await;
            assert_eq!((answer.status, answer.error().as_str()), (410, "gone"), "{fact}");
        }
        assert_eq!(note(&app, fact, &body).await.status, 404, "{fact}");
    }
}

async fn refusals_are_repeated_where_they_are_final(app: TestApp) {
    let id = app.enrolled("a", 1).await;
    let body = json!({"enrolment_id": id});
    let early = note_under(&app, "r-1", "refunded", &body).await;
    assert_eq!((early.status, early.json()["message"].as_str()), (409, Some("Enrolment is not paid")));
    assert_eq!(app.pay(id).await.status, 200);
    let failed = note_under(&app, "f-1", "failed", &body).await;
    // A payment may follow, so this refusal is not stored.
    assert_eq!(note_under(&app, "r-1", "refunded", &body).await.status, 200);
    let refunded = note_under(&app, "r-2", "refunded", &body).await;
    let canceled = note_under(&app, "c-1", "canceled", &body).await;
    app.database.execute("UPDATE enrolments SET status = 'ACTIVE', payment_status = 'PENDING'").await.unwrap();
    for (key, fact, first, message) in [
        ("f-1", "failed", failed, "Enrolment already paid"),
        ("r-2", "refunded", refunded, "Enrolment already refunded"),
        ("c-1", "canceled", canceled, "Enrolment is canceled"),
    ] {
        assert_eq!((first.status, first.json()["message"].as_str()), (409, Some(message)), "{fact}");
        let again = note_under(&app, key, fact, &body).await;
        assert_eq!((again.status, again.text), (409, first.text), "{fact}");
    }
}

async fn one_connection_and_few_statements(app: TestApp) {
    // The enrolment; begin, lock, change, event, jobs, commit; then the ends of mails and
    // documents. One more on SQLite and for the first change of a session. What frees a seat locks the
    // course and looks for who waits.
    for (fact, component, most, calls) in
        [("canceled", "enrolments", 13, 2), ("failed", "payments", 7, 0), ("refunded", "payments", 23, 5)]
    {
        let id = ready_for(&app, fact, fact).await;
        app.take_invocations().await;
        assert_eq!(note(&app, fact, &json!({"enrolment_id": id})).await.status, 200);
        let run = app.take_invocations().await.remove(0);
        assert_eq!((run.component.as_str(), run.connections), (component, 1));
        assert!(run.statements.len() <= most, "{fact}: {:#?}", run.statements);
        assert_eq!(run.outbound_calls.len(), calls, "{fact}: {:?}", run.outbound_calls);
    }
}
