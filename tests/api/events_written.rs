//! The events that each change writes.

use crate::expired::insert_rows;
use sandbox::{Fault, Target};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tests::{TestApp, TestDatabase};

crate::cases![
    a_payment_and_its_refund,
    a_payment_that_failed,
    a_cancellation_and_another_enrolment,
    an_invoice_that_comes_later,
    a_payment_without_an_invoice,
    the_schedule_writes_an_event_for_each_completion,
    a_caller_writes_an_event_for_each_completion,
    a_refused_request_writes_no_event,
    a_failed_request_writes_no_event,
    a_replay_writes_no_event,
];

/// The types of the events, without `enrolment.`. Checks that their ids start at `first`
/// without a gap, and that each is recent and has an enrolment of six keys.
pub(crate) fn words(events: &[Value], first: i64) -> Vec<String> {
    let keys = BTreeSet::from(["id", "user_id", "course_id", "status", "payment_status", "invoice_url"]);
    let word = |(number, event): (i64, &Value)| {
        assert_eq!(event["id"], number, "{event}");
        let own: BTreeSet<_> = event["enrolment"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(own, keys, "{event}");
        event["type"].as_str().unwrap().strip_prefix("enrolment.").unwrap().to_owned()
    };
    (first..).zip(events).map(word).collect()
}

/// The events after the first `seen`.
async fn since(app: &TestApp, seen: usize) -> (Vec<String>, Vec<Value>) {
    app.idle().await;
    let events = app.events().await.split_off(seen);
    (words(&events, seen as i64 + 1), events.into_iter().map(|event| event["enrolment"].clone()).collect())
}

async fn a_payment_and_its_refund(app: TestApp) {
    let enrolled = app.enrol("ann", 1).await.json();
    assert_eq!(since(&app, 0).await, (vec!["created".to_owned()], vec![enrolled]));
    let paid = app.pay(1).await.json();
    let mut before = paid.clone();
    before["invoice_url"] = Value::Null;
    assert!(paid["invoice_url"].is_string());
    // The payment is recorded before the invoice exists.
    assert_eq!(since(&app, 1).await, (["paid", "invoiced"].map(str::to_owned).into(), vec![before, paid]));
    let refunded = app.refund(1).await.json();
    assert_eq!(refunded["status"], "canceled");
    let twice = vec![refunded.clone(), refunded.clone()];
    assert_eq!(since(&app, 3).await, (["refunded", "corrected"].map(str::to_owned).into(), twice));
    assert_eq!(app.call("DELETE", "/1").await.status, 204);
    assert_eq!(since(&app, 5).await, (vec!["deleted".to_owned()], vec![refunded]), "as before the deletion");
    let of_this_hour = app.events().await.iter().all(|event| {
        let at: chrono::DateTime<chrono::Utc> = event["occurred_at"].as_str().unwrap().parse().unwrap();
        (chrono::Utc::now() - at).num_hours() == 0
    });
    assert!(of_this_hour);
}

async fn a_payment_that_failed(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    let failed = app.fail(id).await.json();
    assert_eq!(failed["payment_status"], "failed");
    assert_eq!(app.fail(id).await.status, 200, "and again");
    assert_eq!(since(&app, 1).await, (vec!["payment_failed".to_owned()], vec![failed]));
    assert_eq!(app.pay(id).await.status, 200);
    assert_eq!(since(&app, 2).await.0, ["paid", "invoiced"]);
}

async fn a_cancellation_and_another_enrolment(app: TestApp) {
    let first = app.enrolled("ann", 1).await;
    let canceled = app.cancel(first).await.json();
    let second = app.enrol("ann", 1).await.json();
    let expected = ["canceled", "created"].map(str::to_owned).into();
    assert_eq!(since(&app, 1).await, (expected, vec![canceled, second]));
    // The event has the earlier payment.
    assert_eq!((app.pay(2).await.status, app.cancel(2).await.status, app.refund(2).await.status), (200, 200, 200));
    let (words, enrolments) = since(&app, 3).await;
    assert_eq!(words, ["paid", "invoiced", "canceled", "refunded", "corrected"]);
    let states: Vec<_> = enrolments.iter().map(|own| own["status"].as_str().unwrap()).collect();
    assert_eq!(states, ["active", "active", "canceled", "canceled", "canceled"]);
}

async fn an_invoice_that_comes_later(app: TestApp) {
    let (kept, deleted) = (app.enrolled("ann", 1).await, app.enrolled("bob", 1).await);
    app.sandbox.fault(Target::Invoices, Fault::status(429), None);
    for id in [kept, deleted] {
        assert!(app.pay(id).await.json()["invoice_url"].is_null());
    }
    assert_eq!(app.call("DELETE", &format!("/{deleted}")).await.status, 204);
    assert_eq!(since(&app, 2).await.0, ["paid", "paid", "deleted"]);
    app.sandbox.clear_faults();
    app.deliver_all().await;
    assert_eq!(app.sandbox.state().invoices.len(), 2);
    let now = app.get(&format!("/{kept}")).await.json();
    assert!(now["invoice_url"].is_string());
    assert_eq!(since(&app, 5).await, (vec!["invoiced".to_owned()], vec![now]), "nothing follows a deletion");
}

async fn a_payment_without_an_invoice(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    let answer = app.call_json("PATCH", "/paid", &json!({"enrolment_id": id, "amount": 0})).await;
    assert_eq!((answer.status, app.refund(id).await.status), (200, 200));
    assert_eq!(since(&app, 1).await.0, ["paid", "refunded"]);
}

/// Adds ended enrolments for several batches. Few different ends: a batch ends among equal
/// ones.
async fn ended(app: &TestApp) {
    for end in ["'2020-01-01 00:00:00'", "'2020-01-02 00:00:00'"] {
        insert_rows(app, 1250, end).await;
        app.database
            .execute("UPDATE enrolments SET user_id = CONCAT('one-', id) WHERE user_id LIKE 'user-%'")
            .await
            .unwrap();
    }
    insert_rows(app, 3, "NULL").await;
    app.database
        .execute("UPDATE enrolments SET payment_status = 'PAID', invoice_url = 'N/A' WHERE id % 2 = 0")
        .await
        .unwrap();
}

async fn each_is_completed_once(app: &TestApp) {
    let events = app.events().await;
    assert_eq!(events.len(), 2500);
    assert!(words(&events, 1).iter().all(|word| word == "completed"));
    let mut own: Vec<_> = events.iter().map(|event| event["enrolment"].clone()).collect();
    own.sort_by_key(|enrolment| enrolment["id"].as_i64());
    let mut rows = Vec::new();
    for after in (0..3000).step_by(1000) {
        rows.extend(app.get(&format!("?status=completed&limit=1000&after={after}")).await.enrolments());
    }
    assert_eq!(own, rows);
}

async fn the_schedule_writes_an_event_for_each_completion(app: TestApp) {
    ended(&app).await;
    app.cron("expiry-cron").await;
    each_is_completed_once(&app).await;
    app.cron("expiry-cron").await;
    assert_eq!(app.events().await.len(), 2500);
}

async fn a_caller_writes_an_event_for_each_completion(app: TestApp) {
    ended(&app).await;
    let answers = futures::future::join_all((0..3).map(|_| app.call("PATCH", "/expired"))).await;
    let completed: usize = answers.iter().map(|answer| answer.enrolments().len()).sum();
    assert_eq!(completed, 2500);
    each_is_completed_once(&app).await;
}

async fn a_refused_request_writes_no_event(app: TestApp) {
    let [pending, paid, canceled] =
        [app.enrolled("a", 1).await, app.enrolled("b", 1).await, app.enrolled("c", 1).await];
    assert_eq!((app.pay(paid).await.status, app.cancel(canceled).await.status), (200, 200));
    let seen = app.events().await.len();
    assert_eq!(app.enrol("a", 1).await.status, 409);
    assert_eq!((app.enrol("d", 404).await.status, app.call_json("POST", "", &json!({})).await.status), (400, 400));
    for (fact, id, status) in [
        ("paid", paid, 409),
        ("paid", canceled, 409),
        ("failed", paid, 409),
        ("failed", canceled, 409),
        ("canceled", canceled, 409),
        ("refunded", pending, 409),
        ("paid", 77, 404),
        ("refunded", 77, 404),
    ] {
        let answer = app.call_json("PATCH", &format!("/{fact}"), &json!({"enrolment_id": id})).await;
        assert_eq!(answer.status, status, "{fact} {id}: {}", answer.text);
    }
    for fact in ["paid", "failed", "canceled", "refunded"] {
        let others = json!({"enrolment_id": pending, "user_id": "b"});
        assert_eq!(app.call_json("PATCH", &format!("/{fact}"), &others).await.status, 404, "{fact}");
    }
    assert_eq!(app.call("DELETE", "/77").await.status, 404);
    assert_eq!(since(&app, seen).await.0, [""; 0]);
}

/// Without a change there is no event.
async fn a_failed_request_writes_no_event(app: TestApp) {
    let id = app.enrolled("a", 1).await;
    app.sandbox.fault(Target::Users, Fault::status(500), None);
    assert_eq!(app.enrol("b", 1).await.status, 503);
    app.sandbox.clear_faults();
    assert_eq!(since(&app, 1).await.0, [""; 0]);
    // The last statement of the transaction fails.
    let broken = match app.database {
        TestDatabase::Sqlite(_) => "CREATE TRIGGER t BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'no'); END",
        TestDatabase::MariaDb { .. } => "CREATE TRIGGER t BEFORE INSERT ON outbox FOR EACH ROW SIGNAL SQLSTATE '45000'",
    };
    app.database.execute(broken).await.unwrap();
    assert_eq!(
        (app.enrol("b", 1).await.status, app.pay(id).await.status, app.cancel(id).await.status),
        (503, 503, 503)
    );
    app.database.execute("DROP TRIGGER t").await.unwrap();
    assert_eq!(since(&app, 1).await.0, [""; 0]);
    assert_eq!(app.cancel(id).await.status, 200);
    assert_eq!(since(&app, 1).await.0, ["canceled"]);
}

async fn a_replay_writes_no_event(app: TestApp) {
    let enrol = json!({"course_id": 1, "user_id": "ann"});
    let body = json!({"enrolment_id": 1});
    for (key, method, path, body, all) in [
        ("k1", "POST", "", &enrol, 1),
        ("k2", "PATCH", "/failed", &body, 2),
        ("k3", "PATCH", "/paid", &body, 4),
        ("k4", "PATCH", "/canceled", &body, 5),
        ("k5", "PATCH", "/refunded", &body, 7),
    ] {
        for _ in 0..3 {
            let answer = app.call_with_key(key, method, path, body).await;
            assert!([200, 201].contains(&answer.status), "{path}: {}", answer.text);
            app.idle().await;
            assert_eq!(app.events().await.len(), all, "{path}");
        }
    }
    let all = ["created", "payment_failed", "paid", "invoiced", "canceled", "refunded", "corrected"];
    assert_eq!(since(&app, 0).await.0, all);
}
