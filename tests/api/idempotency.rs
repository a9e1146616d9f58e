//! The header `Idempotency-Key` on `POST /` and `PATCH /paid`.

use futures::future::join_all;
use sandbox::{Fault, Target};
use serde_json::{Value, json};
use tests::{Answer, TestApp};

crate::cases![
    a_repeated_request_gets_the_first_answer,
    a_repeated_payment_gets_the_first_answer,
    a_thousand_replays,
    a_replay_after_the_deletion_says_so,
    another_request_under_the_key_is_refused,
    faulty_keys_are_refused,
    the_key_of_a_running_request_is_a_conflict,
    the_key_of_a_running_payment_is_a_conflict,
    a_failed_request_is_not_stored,
    refusals_are_repeated,
    a_refusal_that_may_change_is_not_repeated,
    fifty_equal_requests_run_once,
    the_key_of_a_killed_request_is_free_again,
    the_lost_answer_of_a_payment_is_repeated,
    keys_expire_after_a_day,
];

fn new(user_id: &str) -> Value {
    json!({"course_id": 1, "user_id": user_id})
}

async fn post(app: &TestApp, key: &str, body: &Value) -> Answer {
    app.call_with_key(key, "POST", "", body).await
}

async fn pay(app: &TestApp, key: &str, id: i64) -> Answer {
    app.call_with_key(key, "PATCH", "/paid", &json!({"enrolment_id": id})).await
}

async fn keys(app: &TestApp) -> String {
    app.value("SELECT COUNT(*) FROM idempotency").await
}

async fn a_repeated_request_gets_the_first_answer(app: TestApp) {
    let first = post(&app, "k-1", &new("a")).await;
    assert_eq!(first.status, 201);
    app.idle().await;
    app.database.execute("UPDATE enrolments SET status = 'COMPLETED', payment_status = 'PAID'").await.unwrap();
    // Quotes, blanks and order make no difference.
    let request = app.request("POST".parse().unwrap(), "").header("idempotency-key", "\"k-1\"");
    let request = request.header("content-type", "application/json").body("{ \"user_id\": \"a\", \"course_id\": 1 }");
    for again in [post(&app, "k-1", &new("a")).await, app.send(request).await] {
        assert_eq!((again.status, &again.text), (201, &first.text));
        assert_eq!(again.header("location"), first.header("location"));
    }
    app.idle().await;
    let state = app.sandbox.state();
    assert_eq!(
        (state.calls.of(Target::Users), state.calls.of(Target::Courses), state.emails.len()),
        (1, 1, 1),
        "nothing is done twice"
    );
    assert_eq!(post(&app, "k-2", &new("a")).await.status, 409, "under another key it is another request");
}

async fn a_repeated_payment_gets_the_first_answer(app: TestApp) {
    let (with, without) = (app.enrolled("a", 1).await, app.enrolled("b", 1).await);
    let first = pay(&app, "k-1", with).await;
    assert!(first.json()["invoice_url"].is_string());
    app.sandbox.fault(Target::Invoices, Fault::status(503), None);
    let second = pay(&app, "k-2", without).await;
    assert_eq!((second.status, second.json()["invoice_url"].is_null()), (200, true));
    app.idle().await;
    app.sandbox.clear_faults();
    app.pass_time(3_600_000).await;
    app.cron("delivery-cron").await;
    assert!(app.get(&format!("/{without}")).await.json()["invoice_url"].is_string());
    // The first answer, without the later link.
    for (key, id, answer) in [("k-1", with, &first), ("k-2", without, &second)] {
        let again = pay(&app, key, id).await;
        assert_eq!((again.status, &again.text), (200, &answer.text));
    }
    assert_eq!(app.sandbox.state().invoices.len(), 2);
}

async fn a_thousand_replays(app: TestApp) {
    let first = post(&app, "k", &new("a")).await.text;
    for _ in 0..20 {
        let answers = join_all((0..50).map(async |_| post(&app, "k", &new("a")).await)).await;
        assert!(answers.iter().all(|answer| (answer.status, &answer.text) == (201, &first)));
    }
    assert_eq!((app.value("SELECT COUNT(*) FROM enrolments").await, keys(&app).await), ("1".into(), "1".into()));
}

async fn a_replay_after_the_deletion_says_so(app: TestApp) {
    let id = post(&app, "k-1", &new("a")).await.json()["id"].as_i64().unwrap();
    assert_eq!(pay(&app, "k-2", id).await.status, 200);
    app.take_invocations().await;
    assert_eq!((post(&app, "k-1", &new("a")).await.status, pay(&app, "k-2", id).await.status), (201, 200));
    for replay in app.take_invocations().await {
        let selects = replay.statements.iter().filter(|statement| statement.contains("SELECT ")).count();
        assert_eq!((replay.connections, selects), (1, 2), "the key and the enrolment: {:?}", replay.statements);
    }
    assert_eq!(app.call("DELETE", &format!("/{id}")).await.status, 204);
    for _ in 0..2 {
        for answer in [post(&app, "k-1", &new("a")).await, pay(&app, "k-2", id).await] {
            assert_eq!((answer.status, answer.error().as_str()), (410, "gone"), "{}", answer.text);
            assert_eq!((answer.header("retry-after"), answer.header("location")), ("", ""));
        }
    }
    // Under a new key it is a new request.
    let again = post(&app, "k-3", &new("a")).await;
    assert_eq!(again.status, 201);
    assert_ne!(again.json()["id"], id);
    assert_eq!(post(&app, "k-1", &new("a")).await.status, 410);
}

async fn another_request_under_the_key_is_refused(app: TestApp) {
    let id = post(&app, "k", &new("a")).await.json()["id"].as_i64().unwrap();
    for answer in [post(&app, "k", &new("A")).await, pay(&app, "k", id).await] {
        assert_eq!((answer.status, answer.error().as_str()), (422, "idempotency_key_reused"));
    }
    assert_eq!(app.count("enrolments WHERE payment_status = 'PENDING'").await, 1);
}

async fn faulty_keys_are_refused(app: TestApp) {
    let long = "k".repeat(256);
    for key in ["", "\"\"", "a b", "\"a", long.as_str()] {
        for answer in [post(&app, key, &new("a")).await, pay(&app, key, 1).await] {
            assert_eq!((answer.status, answer.error().as_str()), (400, "validation_error"), "{key}");
            assert_eq!(answer.json()["details"][0]["loc"][0], "Idempotency-Key");
        }
    }
    assert_eq!(keys(&app).await, "0");
    assert_eq!(post(&app, &"k".repeat(255), &new("a")).await.status, 201);
}

async fn the_key_of_a_running_request_is_a_conflict(app: TestApp) {
    app.sandbox.fault(Target::Users, Fault::Delay { delay_ms: 1000 }, Some(1));
    let next = async {
        assert!(app.sandbox.wait_until(|state| state.calls.of(Target::Users) == 1, tests::PATIENCE).await);
        post(&app, "k", &new("a")).await
    };
    let (first, next) = futures::future::join(post(&app, "k", &new("a")), next).await;
    assert_eq!(first.status, 201);
    assert_eq!((next.status, next.error().as_str(), next.header("retry-after")), (409, "conflict", "5"));
    let again = post(&app, "k", &new("a")).await;
    assert_eq!((again.status, again.text), (201, first.text));
}

async fn the_key_of_a_running_payment_is_a_conflict(app: TestApp) {
    let id = app.enrolled("a", 1).await;
    app.sandbox.fault(Target::InvoicesCreate, Fault::Delay { delay_ms: 1000 }, Some(1));
    let next = async {
        assert!(app.sandbox.wait_until(|state| state.calls.of(Target::InvoicesCreate) == 1, tests::PATIENCE).await);
        pay(&app, "k", id).await
    };
    let (first, next) = futures::future::join(pay(&app, "k", id), next).await;
    assert_eq!((first.status, first.json()["invoice_url"].is_string()), (200, true));
    assert_eq!((next.status, next.header("retry-after")), (409, "5"));
    assert_eq!(pay(&app, "k", id).await.text, first.text);
}

async fn a_failed_request_is_not_stored(app: TestApp) {
    assert_eq!(post(&app, "k", &json!({"course_id": 1})).await.status, 400);
    assert_eq!(app.call_with_key("k", "POST", "", &json!({"course_id": 404, "user_id": "a"})).await.status, 400);
    assert_eq!(post(&app, "k", &new("missing")).await.status, 400);
    app.sandbox.fault(Target::Courses, Fault::status(500), Some(1));
    assert_eq!(post(&app, "k", &new("a")).await.status, 503);
    assert_eq!(keys(&app).await, "0");
    assert_eq!(post(&app, "k", &new("b")).await.status, 201);
}

async fn refusals_are_repeated(app: TestApp) {
    let paid = app.enrolled("a", 1).await;
    assert_eq!(app.pay(paid).await.status, 200);
    let conflict = pay(&app, "k-1", paid).await;
    assert_eq!((conflict.status, conflict.header("retry-after")), (409, ""));
    assert_eq!(app.call("DELETE", &format!("/{paid}")).await.status, 204);
    let again = pay(&app, "k-1", paid).await;
    assert_eq!((again.status, again.text), (409, conflict.text));
}

/// The enrolment does not exist yet, or the next request cancels it.
async fn a_refusal_that_may_change_is_not_repeated(app: TestApp) {
    assert_eq!(pay(&app, "k-1", 1).await.status, 404);
    let first = app.enrolled("a", 1).await;
    assert_eq!(pay(&app, "k-1", first).await.status, 200);
    assert_eq!(post(&app, "k-2", &new("a")).await.status, 409);
    assert_eq!(app.cancel(first).await.status, 200);
    assert_eq!(post(&app, "k-2", &new("a")).await.status, 201);
}

async fn fifty_equal_requests_run_once(app: TestApp) {
    let answers = join_all((0..50).map(|_| async { post(&app, "k", &new("a")).await })).await;
    let (created, waiting): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 201);
    assert!(!created.is_empty() && created.iter().all(|answer| answer.text == created[0].text));
    for answer in waiting {
        assert_eq!((answer.status, answer.header("retry-after")), (409, "5"), "{}", answer.text);
    }
    app.idle().await;
    assert_eq!((app.value("SELECT COUNT(*) FROM enrolments").await, app.sandbox.state().emails.len()), ("1".into(), 1));
}

/// A request was killed before it changed anything.
async fn the_key_of_a_killed_request_is_free_again(app: TestApp) {
    let reserve = "INSERT INTO idempotency (idempotency_key, request, token, lease_until, created_at) \
                   VALUES ('k', 'enrol 1 a', 'of-the-dead', 9999999999999, 9999999999000)";
    app.database.execute(reserve).await.unwrap();
    let answer = post(&app, "k", &new("a")).await;
    assert_eq!((answer.status, answer.header("retry-after")), (409, "5"));
    app.database.execute("UPDATE idempotency SET lease_until = 1").await.unwrap();
    let first = post(&app, "k", &new("a")).await;
    assert_eq!(first.status, 201);
    assert_eq!(post(&app, "k", &new("a")).await.text, first.text);
}

/// A request was killed after the commit, before the answer.
async fn the_lost_answer_of_a_payment_is_repeated(app: TestApp) {
    let id = app.enrolled("a", 1).await;
    app.sandbox.fault(Target::Invoices, Fault::status(503), None);
    let first = pay(&app, "k", id).await;
    app.database.execute("UPDATE idempotency SET token = 'of-the-dead', lease_until = 1").await.unwrap();
    for _ in 0..2 {
        let again = pay(&app, "k", id).await;
        assert_eq!((again.status, &again.text), (200, &first.text));
    }
    assert_eq!(app.count("outbox WHERE kind = 'invoice'").await, 1);
}

async fn keys_expire_after_a_day(app: TestApp) {
    post(&app, "young", &new("a")).await;
    post(&app, "old", &new("b")).await;
    app.idle().await;
    let day = 24 * 3600 * 1000;
    let age = format!("UPDATE idempotency SET created_at = created_at - {day} WHERE idempotency_key = 'old'");
    app.database.execute(&age).await.unwrap();
    // An old key does not count, even before the cron run.
    assert_eq!(post(&app, "old", &new("c")).await.status, 201);
    app.database.execute(&age).await.unwrap();
    app.cron("delivery-cron").await;
    assert_eq!(app.value("SELECT idempotency_key FROM idempotency").await, "young");
}
