//! Changes through the service, beside the writers.

use futures::future::join;
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tests::{Answer, TestApp};
use tokio::sync::watch;

/// What was answered, by enrolment: the words of its events in their order.
pub(crate) type Called = Vec<(i64, Vec<&'static str>)>;

/// The enrolments that one run completes.
const ENDED: usize = 20;

/// Changes enrolments until the writers have written all.
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

/// One that is made, and goes through a life. What a locked database refuses is left out.
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

/// Several whose course has ended, and a run that completes them.
async fn complete(app: &TestApp, number: u64) -> Called {
    let rows: Vec<_> = (0..ENDED)
        .map(|row| format!("('ended-{number}-{row}', 2, 'ACTIVE', 'PENDING', '2020-01-01 00:00:00')"))
        .collect();
    let columns = "user_id, course_id, status, payment_status, course_end_date";
    // Where somebody else holds the database, the next run has them.
    let insert = format!("INSERT INTO enrolments ({columns}) VALUES {}", rows.join(","));
    if app.database.execute(&insert).await.is_err() {
        return Called::new();
    }
    let completed = app.call("PATCH", "/expired").await;
    completed.enrolments().iter().map(|enrolment| (id(enrolment), vec!["completed"])).collect()
}
