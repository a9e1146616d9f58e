//! Changes through the service, beside the writers.

use futures::future::join;
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tests::{Answer, TestApp};
use tokio::sync::watch;

/// The acknowledged events of each enrolment, in their order.
pub(crate) type Called = Vec<(i64, Vec<&'static str>)>;

/// The enrolments that one run completes.
const ENDED: usize = 20;

/// Changes enrolments until the writers have ended.
pub(crate) async fn call(app: Arc<TestApp>, left: Arc<AtomicU64>, commits: watch::Sender<u64>) -> Called {
    let mut called = Called::new();
    let mut number = 0;
    while left.load(Ordering::Relaxed) > 0 {
        number += 1;
        let (lives, completed) = join(live(&app, number), complete(&app, number)).await;
        called.extend(lives);
        called.extend(completed);
        commits.send_modify(|number| *number += 1);
        app.app.clear_invocations();
    }
    app.idle().await;
    called
}

fn id(enrolment: &Value) -> i64 {
    enrolment["id"].as_i64().unwrap_or_default()
}

/// Makes an enrolment and changes it. Requests that a locked database refuses are left out.
async fn live(app: &TestApp, number: u64) -> Called {
    let made = app.enrol(&format!("caller-{number}"), 1).await;
    if made.status != 201 {
        return Called::new();
    }
    let id = id(&made.json());
    let mut words = vec!["created"];
    let mut note = |answer: &Answer, word| words.extend((answer.status == 200).then_some(word));
    note(&app.fail(id).await, "payment_failed");
    note(&app.pay(id).await, "paid");
    note(&app.refund(id).await, "refunded");
    vec![(id, words)]
}

/// Makes ended enrolments, and completes them in one run.
async fn complete(app: &TestApp, number: u64) -> Called {
    let rows: Vec<_> = (0..ENDED)
        .map(|row| format!("('ended-{number}-{row}', 2, 'ACTIVE', 'PENDING', '2020-01-01 00:00:00')"))
        .collect();
    let columns = "user_id, course_id, status, payment_status, course_end_date";
    // If another connection locks the database, the next run completes them.
    let insert = format!("INSERT INTO enrolments ({columns}) VALUES {}", rows.join(","));
    if app.database.execute(&insert).await.is_err() {
        return Called::new();
    }
    let completed = app.call("PATCH", "/expired").await;
    completed.enrolments().iter().map(|enrolment| (id(enrolment), vec!["completed"])).collect()
}
