//! `GET /metrics`

use sandbox::{Fault, Target};
use tests::TestApp;

crate::cases![
    counts_enrolments_and_what_is_owed,
    says_that_the_database_is_down with crate::variables([("database", "mysql"), ("mysql_address", "127.0.0.1:1")]),
];

async fn counts_enrolments_and_what_is_owed(app: TestApp) {
    app.sandbox.fault(Target::InvoicesCreate, Fault::status(422), Some(1));
    let id = app.enrolled("a", 1).await;
    app.enrolled("b", 3).await;
    app.pay(id).await;
    app.sandbox.fault(Target::Emails, Fault::status(503), None);
    app.enrolled("c", 1).await;
    app.idle().await;
    app.call("PATCH", "/expired").await;
    app.database.execute("UPDATE outbox SET created_at = 1 WHERE state IN ('due', 'unknown')").await.unwrap();

    let answer = app.get("/metrics").await;
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    let sample = |name: &str| {
        let line = answer.text.lines().find_map(|line| line.strip_prefix(name)).expect(name);
        line.trim().parse::<u64>().expect(name)
    };
    assert_eq!(sample("enrolments{status=\"active\"}"), 2);
    assert_eq!(sample("enrolments{status=\"completed\"}"), 1);
    assert_eq!(sample("enrolments{status=\"canceled\"}"), 0);
    assert_eq!(sample("enrolments_deliveries{kind=\"invoice\",state=\"dead\"}"), 1);
    // A 5xx of the relay leaves a doubt.
    assert_eq!(sample("enrolments_deliveries{kind=\"enrolment_email\",state=\"unknown\"}"), 1);
    assert!(sample("enrolments_oldest_delivery_age_seconds") > 1_000_000_000);
}

async fn says_that_the_database_is_down(app: TestApp) {
    let answer = app.get("/metrics").await;
    assert_eq!((answer.status, answer.error().as_str()), (503, "service_unavailable"));
}
