//! Replicas with different clocks.

use chrono::TimeDelta;
use host::Runtime;
use sandbox::{Fault, Target};
use std::sync::LazyLock;
use tests::TestApp;

crate::cases![
    a_replica_with_another_clock_respects_leases on MariaDb,
    a_postponed_job_is_not_due_for_another_replica on MariaDb,
    a_running_key_is_a_conflict_on_another_replica on MariaDb,
];

static COMPONENTS: LazyLock<Runtime> =
    LazyLock::new(|| Runtime::load(tests::root().join("spin.toml")).expect("the components"));

/// Differences in seconds, longer than a lease, in both directions.
const APART: [i64; 3] = [70, 300, -300];

async fn a_replica_with_another_clock_respects_leases(app: TestApp) {
    for (round, apart) in APART.into_iter().enumerate() {
        let other = app.start_ahead(&COMPONENTS, TimeDelta::seconds(apart)).await.expect("it starts");
        let id = app.enrolled(&format!("user-{round}"), 1).await;
        app.idle().await;
        app.sandbox.reset();
        app.add_jobs([crate::invoice(&app, id, &format!("user-{round}"))]).await.unwrap();
        app.sandbox.fault(Target::InvoicesCreate, Fault::Delay { delay_ms: 3000 }, None);
        let held = app.call("POST", "/deliveries");
        let other_replica = async {
            let asked = |state: &sandbox::Snapshot| state.calls.of(Target::InvoicesCreate) == 1;
            assert!(app.sandbox.wait_until(asked, tests::PATIENCE).await);
            other.run_cron("delivery-cron").await.expect("a run");
        };
        let (held, ()) = futures::future::join(held, other_replica).await;
        assert_eq!(held.json()["delivered"], 2, "{apart}: the invoice and its mail");
        let state = app.sandbox.state();
        assert_eq!((state.calls.of(Target::InvoicesCreate), state.emails.len()), (1, 1), "{apart}");
        app.sandbox.clear_faults();
    }
}

async fn a_postponed_job_is_not_due_for_another_replica(app: TestApp) {
    for apart in APART {
        let other = app.start_ahead(&COMPONENTS, TimeDelta::seconds(apart)).await.expect("it starts");
        app.database.execute("DELETE FROM outbox").await.unwrap();
        app.database.execute("UPDATE paces SET free_at = 0").await.unwrap();
        app.add_jobs([crate::invoice(&app, 1, "ann")]).await.unwrap();
        let headers = [("retry-after".to_owned(), "7200".to_owned())].into();
        app.sandbox.fault(Target::InvoicesCreate, Fault::Status { status: 401, body: None, headers }, None);
        other.run_cron("delivery-cron").await.expect("a run");
        let asked = app.sandbox.state().calls.of(Target::InvoicesCreate);
        let wait = "SELECT (due_at - UNIX_TIMESTAMP() * 1000) BETWEEN 7190000 AND 7202000 FROM outbox";
        assert_eq!(app.value(wait).await, "1", "{apart}: by the database's clock");
        app.database.execute("UPDATE paces SET free_at = 0").await.unwrap();
        app.cron("delivery-cron").await;
        assert_eq!(app.sandbox.state().calls.of(Target::InvoicesCreate), asked, "{apart}");
    }
}

async fn a_running_key_is_a_conflict_on_another_replica(app: TestApp) {
    let other = app.start_ahead(&COMPONENTS, TimeDelta::seconds(300)).await.expect("it starts");
    app.sandbox.fault(Target::Users, Fault::Delay { delay_ms: 1000 }, None);
    let body = serde_json::json!({"course_id": 1, "user_id": "ann"});
    let first = app.request("POST".parse().unwrap(), "").header("idempotency-key", "k").json(&body);
    let other_replica = async {
        let asked = |state: &sandbox::Snapshot| state.calls.of(Target::Users) == 1;
        assert!(app.sandbox.wait_until(asked, tests::PATIENCE).await);
        let url = format!("http://{}/api/enrolment", other.address());
        let again = reqwest::Client::new().post(url).header("idempotency-key", "k").json(&body).send().await;
        again.expect("an answer").status().as_u16()
    };
    let (first, again) = futures::future::join(app.send(first), other_replica).await;
    assert_eq!((first.status, again), (201, 409));
}
