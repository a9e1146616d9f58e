//! Events of concurrent changes. An open transaction decides the order.

use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use sandbox::{Fault, Target, webhooks};
use serde_json::json;
use std::sync::Arc;
use tests::{Answer, TestApp};
use tokio::task::JoinHandle;

crate::cases![
    a_correction_event_has_the_changes_before_it on MariaDb,
    a_run_without_webhooks_keeps_later_positions on MariaDb,
    an_event_of_a_later_release_stays_pending with crate::variables([("events_secret", webhooks::SECRET)]),
];

/// Starts a run and waits until it reaches `statement`, where a lock of `own` holds it.
async fn deliver_up_to(statement: &str, app: &Arc<TestApp>, own: &mut Conn) -> JoinHandle<Answer> {
    let delivering = tokio::spawn({
        let app = Arc::clone(app);
        async move { app.call("POST", "/deliveries").await }
    });
    let seen = "SELECT COUNT(*) FROM information_schema.processlist WHERE db = DATABASE() AND info LIKE ?";
    while own.exec_first(seen, (statement,)).await.unwrap() == Some(0) && !delivering.is_finished() {}
    delivering
}

async fn a_correction_event_has_the_changes_before_it(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    app.pay(id).await;
    app.idle().await;
    app.sandbox.fault(Target::InvoicesCreate, Fault::status(429), Some(1));
    assert_eq!(app.refund(id).await.status, 200);
    app.idle().await;
    app.make_due("kind = 'correction'").await;

    let app = Arc::new(app);
    let mut own = app.database.connect().await.unwrap();
    own.query_drop("BEGIN").await.unwrap();
    own.query_drop("UPDATE enrolments SET status = 'COMPLETED'").await.unwrap();
    let delivering = deliver_up_to("INSERT INTO events%", &app, &mut own).await;
    own.query_drop("COMMIT").await.unwrap();
    assert_eq!(delivering.await.unwrap().json(), json!({"delivered": 2, "put_off": 0, "given_up": 0}));
    let last = app.events().await.pop().unwrap();
    assert_eq!((&last["type"], &last["enrolment"]["status"]), (&json!("enrolment.corrected"), &json!("completed")));
}

/// Another run has sent later events in between.
async fn a_run_without_webhooks_keeps_later_positions(app: TestApp) {
    app.enrolled("ann", 1).await;
    app.idle().await;
    assert_eq!(app.events().await.len(), 1);
    let app = Arc::new(app);
    let mut own = app.database.connect().await.unwrap();
    own.query_drop("BEGIN").await.unwrap();
    own.query_drop("UPDATE event_positions SET last = 3, owed = 3").await.unwrap();
    let delivering = deliver_up_to("UPDATE event_positions%", &app, &mut own).await;
    own.query_drop("COMMIT").await.unwrap();
    assert_eq!(delivering.await.unwrap().status, 200);
    assert_eq!(app.value("SELECT owed FROM event_positions").await, "3");
}

/// A worker that knows the event delivers it.
async fn an_event_of_a_later_release_stays_pending(app: TestApp) {
    for user in ["ann", "bob"] {
        app.enrolled(user, 1).await;
    }
    app.idle().await;
    app.database.execute("UPDATE events SET kind = 'later' WHERE enrolment_id = 1").await.unwrap();
    let run = async || {
        app.make_due("state = 'due'").await;
        app.call("POST", "/deliveries").await.json()
    };
    assert_eq!(run().await, json!({"delivered": 1, "put_off": 1, "given_up": 0}));
    app.database.execute("UPDATE events SET kind = 'enrolment.created' WHERE kind = 'later'").await.unwrap();
    assert_eq!(run().await, json!({"delivered": 1, "put_off": 0, "given_up": 0}));
    let state = app.sandbox.state();
    let received: Vec<_> = state.webhooks.iter().map(|own| &own["body"]["data"]["enrolment"]["id"]).collect();
    assert_eq!(received, [2, 1]);
}
