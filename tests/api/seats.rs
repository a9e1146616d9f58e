//! `POST /` for courses with a limit.

use serde_json::json;
use tests::{Answer, TestApp};

crate::cases![
    a_full_course_refuses_users,
    a_limit_of_zero_and_no_limit,
    a_seat_is_free_after_a_cancellation_and_a_deletion,
    paid_failed_and_completed_enrolments_keep_their_seats,
    an_enrolled_user_gets_a_conflict,
    a_changed_limit_counts_at_once,
    an_impossible_limit_is_refused,
    a_full_course_is_not_stored_under_the_key,
    few_statements_read_an_index,
    an_enrolment_without_a_limit_has_no_statement_for_seats,
];

pub(crate) fn assert_full(answer: &Answer) {
    assert_eq!((answer.status, answer.error().as_str()), (409, "course_full"), "{}", answer.text);
    assert_eq!(answer.json()["message"], "Course is full");
    assert_eq!(answer.header("retry-after"), "");
}

async fn a_full_course_refuses_users(app: TestApp) {
    for user in 0..10 {
        app.enrolled(&format!("user-{user}"), 10).await;
    }
    app.idle().await;
    let jobs = app.jobs().await.len();
    for user in ["eve", "bob"] {
        assert_full(&app.enrol(user, 10).await);
    }
    app.idle().await;
    assert_eq!((app.jobs().await.len(), app.sandbox.state().emails.len()), (jobs, 10));
    assert_eq!(app.count("enrolments").await, 10);
    // Another course has seats of its own.
    app.enrolled("eve", 11).await;
    assert_full(&app.enrol("bob", 11).await);
    app.enrolled("bob", 1).await;
}

async fn a_limit_of_zero_and_no_limit(app: TestApp) {
    assert_full(&app.enrol("a", 12).await);
    assert_eq!(app.count("enrolments").await, 0);
    app.sandbox.set_course(20, json!({"max_participants": null}));
    app.sandbox.set_course(21, json!({"max_participants": 4_294_967_295_u32}));
    for user in ["a", "b", "c"] {
        app.enrolled(user, 20).await;
        app.enrolled(user, 21).await;
    }
}

async fn a_seat_is_free_after_a_cancellation_and_a_deletion(app: TestApp) {
    let ann = app.enrolled("ann", 11).await;
    assert_full(&app.enrol("bob", 11).await);
    assert_eq!(app.cancel(ann).await.status, 200);
    let bob = app.enrolled("bob", 11).await;
    // An earlier enrolment keeps no seat.
    assert_full(&app.enrol("ann", 11).await);
    assert_eq!(app.call("DELETE", &format!("/{bob}")).await.status, 204);
    let again = app.enrolled("ann", 11).await;
    assert_ne!(again, ann);
    assert_full(&app.enrol("bob", 11).await);
    // A refund frees a seat, too.
    assert_eq!((app.pay(again).await.status, app.refund(again).await.status), (200, 200));
    app.enrolled("bob", 11).await;
}

async fn paid_failed_and_completed_enrolments_keep_their_seats(app: TestApp) {
    app.sandbox.set_course(20, json!({"max_participants": 3}));
    let ids = [app.enrolled("a", 20).await, app.enrolled("b", 20).await, app.enrolled("c", 20).await];
    assert_eq!((app.pay(ids[0]).await.status, app.fail(ids[1]).await.status), (200, 200));
    assert_full(&app.enrol("d", 20).await);
    for id in ids {
        app.end_course_of(id).await;
    }
    assert_eq!(app.call("PATCH", "/expired").await.enrolments().len(), 3);
    assert_full(&app.enrol("d", 20).await);
    // A completed enrolment stays completed after a refund.
    assert_eq!(app.refund(ids[0]).await.status, 200);
    assert_full(&app.enrol("d", 20).await);
}

async fn an_enrolled_user_gets_a_conflict(app: TestApp) {
    app.enrolled("ann", 11).await;
    let answer = app.enrol("ann", 11).await;
    assert_eq!((answer.status, answer.error().as_str()), (409, "conflict"));
    assert_eq!(answer.json()["message"], "User is already enrolled in this course");
}

async fn a_changed_limit_counts_at_once(app: TestApp) {
    let limit = |seats: u32| app.sandbox.set_course(20, json!({"max_participants": seats}));
    limit(2);
    for user in ["a", "b"] {
        app.enrolled(user, 20).await;
    }
    assert_full(&app.enrol("c", 20).await);
    limit(3);
    let last = app.enrolled("c", 20).await;
    // Enrolments stay.
    limit(1);
    assert_full(&app.enrol("d", 20).await);
    assert_eq!(app.count("enrolments WHERE status = 'ACTIVE'").await, 3);
    assert_eq!(app.cancel(last).await.status, 200);
    assert_full(&app.enrol("d", 20).await);
    app.sandbox.set_course(20, json!({}));
    app.enrolled("d", 20).await;
}

async fn an_impossible_limit_is_refused(app: TestApp) {
    for seats in [json!(-1), json!("10"), json!(1.5), json!(true), json!([]), json!(4_294_967_296_u64)] {
        app.sandbox.set_course(20, json!({"max_participants": seats}));
        let answer = app.enrol("a", 20).await;
        assert_eq!((answer.status, answer.error().as_str()), (502, "bad_gateway"), "{seats}");
    }
    assert_eq!(app.count("enrolments").await, 0);
}

async fn a_full_course_is_not_stored_under_the_key(app: TestApp) {
    let ann = app.enrolled("ann", 11).await;
    let body = json!({"course_id": 11, "user_id": "bob"});
    for _ in 0..2 {
        assert_full(&app.call_with_key("k", "POST", "", &body).await);
    }
    assert_eq!(app.count("idempotency").await, 0);
    assert_eq!(app.cancel(ann).await.status, 200);
    let first = app.call_with_key("k", "POST", "", &body).await;
    assert_eq!(first.status, 201);
    let again = app.call_with_key("k", "POST", "", &body).await;
    assert_eq!((again.status, again.text), (201, first.text));
}

async fn few_statements_read_an_index(app: TestApp) {
    app.enrolled("a", 11).await;
    crate::expired::insert_rows(&app, 2000, "NULL").await;
    app.sandbox.set_course(20, json!({"max_participants": 5}));
    app.take_invocations().await;
    app.enrolled("b", 20).await;
    let run = app.take_invocations().await.remove(0);
    // Two more than without a limit: one stores the course and locks its row, one counts its seats. The
    // first statement of a session has its settings.
    assert!(run.statements.len() <= 11, "{:#?}", run.statements);
    let count = run.statements.iter().find(|statement| statement.contains("COUNT(*)")).unwrap();
    // In a large course it reads no more rows than seats.
    assert!(crate::plans::reads_no_whole_table(&app, count).await);
    let taken = app.value(&crate::plans::filled(count, &["1", "5", "1"])).await;
    assert_eq!(taken, "5");
}

async fn an_enrolment_without_a_limit_has_no_statement_for_seats(app: TestApp) {
    let statements = async |user: &str| {
        app.take_invocations().await;
        app.enrolled(user, 1).await;
        app.take_invocations().await.remove(0).statements
    };
    let before = statements("a").await;
    assert!(before.len() <= 9, "{before:#?}");
    assert!(before.iter().all(|statement| !statement.starts_with("INSERT INTO course_seats")), "{before:#?}");
    // Once the course has had a limit, its row is kept up to date.
    app.sandbox.set_course(1, json!({"max_participants": 100}));
    app.enrolled("b", 1).await;
    app.sandbox.set_course(1, json!({"max_participants": null}));
    assert_eq!(statements("c").await.len(), before.len() + 2);
    assert_eq!(app.get("/courses/1/seats").await.json()["limit"], serde_json::Value::Null);
}
