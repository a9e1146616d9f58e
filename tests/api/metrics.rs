//! `GET /metrics`

use sandbox::{Fault, Target};
use tests::{NewJob, TestApp};

crate::cases![
    enrolments_and_jobs_are_counted,
    counts_are_bounded,
    jobs_before_the_first_run_are_counted,
    a_database_that_is_down_is_reported with crate::variables([("database", "mysql"), ("mysql_address", "127.0.0.1:1")]),
];

async fn enrolments_and_jobs_are_counted(app: TestApp) {
    app.sandbox.fault(Target::InvoicesCreate, Fault::status(422), Some(1));
    let id = app.enrolled("a", 1).await;
    app.enrolled("b", 2).await;
    app.pay(id).await;
    app.sandbox.fault(Target::Emails, Fault::status(503), None);
    app.enrolled("c", 1).await;
    app.idle().await;
    app.database.execute("UPDATE outbox SET created_at = 1 WHERE state IN ('due', 'unknown')").await.unwrap();

    let answer = app.get("/metrics").await;
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    let sample = |name: &str| {
        let line = answer.text.lines().find_map(|line| line.strip_prefix(name)).expect(name);
        line.trim().parse::<u64>().expect(name)
    };
    assert_eq!(sample("enrolments_newest_id"), 3);
    assert_eq!(sample("enrolments_deliveries{kind=\"invoice\",state=\"dead\"}"), 1);
    // After a 5xx of the relay the result is unknown.
    assert_eq!(sample("enrolments_deliveries{kind=\"enrolment_email\",state=\"unknown\"}"), 1);
    assert!(sample("enrolments_oldest_delivery_age_seconds{kind=\"enrolment_email\"}") > 1_000_000_000);
}

/// The cost does not grow with the number of jobs.
async fn counts_are_bounded(app: TestApp) {
    let dead = |id| NewJob {
        enrolment_id: id,
        kind: "invoice",
        state: "dead",
        due_at: None,
        created_at: id,
        ..NewJob::default()
    };
    app.add_jobs((1..=1500).map(dead)).await.unwrap();
    app.enrolled("a", 1).await;
    app.idle().await;
    let answer = app.get("/metrics").await;
    assert!(answer.text.contains("enrolments_deliveries{kind=\"invoice\",state=\"dead\"} 1000\n"), "{}", answer.text);
    let deep = app.get("/health?deep=1").await.json();
    assert_eq!((&deep["deliveries"]["dead"], &deep["deliveries"]["due"]), (&1000.into(), &0.into()));
}

/// This shows that the schedule does not run.
async fn jobs_before_the_first_run_are_counted(app: TestApp) {
    let seen = async || {
        let text = app.get("/metrics").await.text;
        let deep = app.get("/health?deep=1").await.json()["deliveries"]["new_events"].clone();
        let sample = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse::<u64>().ok());
        assert_eq!(sample("enrolments_new_events"), deep.as_u64());
        (sample("enrolments_new_events").unwrap(), sample("enrolments_oldest_new_event_age_seconds").unwrap())
    };
    assert_eq!(seen().await, (0, 0));
    app.enrolled("a", 1).await;
    app.database.execute("UPDATE events SET occurred_at = 1").await.unwrap();
    // A read of the events makes no difference.
    for _ in 0..2 {
        let (number, age) = seen().await;
        assert!(number == 1 && age > 1_000_000_000, "{age}");
        app.get("/events").await;
    }
    app.cron("delivery-cron").await;
    assert_eq!(seen().await, (0, 0));
}

async fn a_database_that_is_down_is_reported(app: TestApp) {
    let answer = app.get("/metrics").await;
    assert_eq!((answer.status, answer.error().as_str()), (503, "service_unavailable"));
}
