//! Webhooks during outages: a receiver that is silent or down, and times without a secret.

use crate::webhooks::{events_left, listening, received, run};
use futures::future::join;
use host::{App, Runtime};
use sandbox::fault::Named;
use sandbox::{Fault, Snapshot, Target};
use serde_json::json;
use std::cell::Cell;
use std::sync::LazyLock;
use std::time::Duration;
use tests::TestApp;

crate::cases![
    a_silent_receiver_delays_no_other_job with listening(sandbox::webhooks::SECRET),
    hundreds_of_events_wait_for_the_receiver with crate::variables([
        ("events_secret", sandbox::webhooks::SECRET),
        // No server listens there.
        ("events_url", "http://127.0.0.1:9"),
    ]),
    two_events_with_one_position_are_both_sent with listening(sandbox::webhooks::SECRET),
    events_before_the_first_secret_are_not_sent,
    events_without_a_secret_are_sent_later with listening(sandbox::webhooks::SECRET),
];

/// Shorter than the timeout of the receiver.
const PATIENCE: Duration = Duration::from_secs(8);

pub(crate) static COMPONENTS: LazyLock<Runtime> =
    LazyLock::new(|| Runtime::load(tests::root().join("spin.toml")).expect("the components"));

/// Starts the same service with the sandbox as receiver and this secret.
async fn with_secret(app: &TestApp, secret: &str) -> App {
    let own = [("events_secret", secret.to_owned()), ("events_url", app.sandbox.origin())];
    let own = own.map(|(name, value)| (name.to_owned(), value));
    app.start_beside_with(&COMPONENTS, app.variables().into_iter().chain(own).collect()).await.expect("it starts")
}

fn words(received: &[(String, i64)]) -> Vec<&str> {
    received.iter().map(|(word, _)| word.as_str()).collect()
}

async fn a_silent_receiver_delays_no_other_job(app: TestApp) {
    app.sandbox.fault(Target::InvoicesCreate, Fault::status(429), Some(1));
    let id = app.enrolled("ann", 1).await;
    assert!(app.pay(id).await.json()["invoice_url"].is_null());
    app.enrolled("bob", 1).await;
    app.idle().await;
    assert_eq!(app.sandbox.state().emails.len(), 2);

    app.sandbox.fault(Target::Webhooks, Named::Silence, None);
    let is_over = Cell::new(false);
    let silent = async {
        let counts = run(&app).await;
        is_over.set(true);
        counts
    };
    let others_go_on = async {
        let others =
            |seen: &Snapshot| (seen.calls.of(Target::Webhooks), seen.invoices.len(), seen.emails.len()) == (1, 1, 3);
        assert!(app.sandbox.wait_until(others, PATIENCE).await, "the invoice and its mail do not wait");
        app.enrolled("cyd", 1).await;
        assert!(app.sandbox.wait_until(|seen| seen.emails.len() == 4, PATIENCE).await, "nor does a request");
        assert!(!is_over.get(), "the run still waits for the receiver");
    };
    let (counts, ()) = join(silent, others_go_on).await;
    // That run asks it once.
    assert_eq!(counts, json!({"delivered": 2, "put_off": 1, "given_up": 0}));
    assert_eq!((app.sandbox.state().calls.of(Target::Webhooks), received(&app).len()), (1, 0));
    app.sandbox.clear_faults();
    run(&app).await;
    assert_eq!(
        (words(&received(&app)), events_left(&app).await.as_str()),
        (vec!["created", "paid", "created", "invoiced", "created"], "0")
    );
}

async fn hundreds_of_events_wait_for_the_receiver(app: TestApp) {
    let mut ids = Vec::new();
    for user in 0..150 {
        ids.push(app.enrolled(&format!("user-{user}"), 1).await);
        if user % 30 == 0 {
            app.idle().await;
            run(&app).await;
        }
    }
    for id in &ids {
        assert_eq!(app.cancel(*id).await.status, 200);
    }
    app.idle().await;
    // Each run tries one event, and leaves the others.
    for _ in 0..5 {
        assert_eq!(run(&app).await, json!({"delivered": 0, "put_off": 1, "given_up": 0}));
    }
    assert_eq!(events_left(&app).await, "300");
    assert_eq!(app.value("SELECT MAX(attempts) FROM outbox WHERE kind = 'event'").await, "0");

    let back = with_secret(&app, sandbox::webhooks::SECRET).await;
    app.make_due("state = 'due'").await;
    back.run_cron("delivery-cron").await.unwrap();
    let created = ids.iter().map(|id| ("created".to_owned(), *id));
    let canceled = ids.iter().map(|id| ("canceled".to_owned(), *id));
    assert_eq!(received(&app), created.chain(canceled).collect::<Vec<_>>());
    assert_eq!(events_left(&app).await, "0");
}

/// A database with several writing nodes can have such events.
async fn two_events_with_one_position_are_both_sent(app: TestApp) {
    for user in ["ann", "bob", "cyd"] {
        app.enrolled(user, 1).await;
    }
    app.idle().await;
    app.get("/events").await;
    app.database.execute("UPDATE events SET position = 1 WHERE position = 2").await.unwrap();
    run(&app).await;
    run(&app).await;
    let mut received: Vec<_> = received(&app).into_iter().map(|(_, id)| id).collect();
    received.sort_unstable();
    assert_eq!((received, events_left(&app).await.as_str()), (vec![1, 2, 3], "0"));
}

async fn events_before_the_first_secret_are_not_sent(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    app.fail(id).await;
    app.cron("delivery-cron").await;
    let listened = with_secret(&app, sandbox::webhooks::SECRET).await;
    listened.run_cron("delivery-cron").await.unwrap();
    assert_eq!(app.sandbox.state().calls.of(Target::Webhooks), 0);
    app.pay(id).await;
    app.idle().await;
    listened.run_cron("delivery-cron").await.unwrap();
    assert_eq!(words(&received(&app)), ["paid", "invoiced"]);
    // The history has all events.
    assert_eq!(app.history(id).await, ["created", "payment_failed", "paid", "invoiced"]);
}

async fn events_without_a_secret_are_sent_later(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    app.sandbox.fault(Target::Webhooks, Fault::status(503), Some(1));
    run(&app).await;
    let deaf = with_secret(&app, "").await;
    app.fail(id).await;
    deaf.run_cron("delivery-cron").await.unwrap();
    assert_eq!((app.sandbox.state().calls.of(Target::Webhooks), events_left(&app).await.as_str()), (1, "1"));
    app.cancel(id).await;
    run(&app).await;
    // Pending events are sent once the secret is back.
    assert_eq!((words(&received(&app)), events_left(&app).await.as_str()), (vec!["created", "canceled"], "0"));
}
