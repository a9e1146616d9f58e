//! `GET /metrics`

use sandbox::{Fault, Target};
use tests::{NewJob, TestApp};

crate::cases![
    enrolments_and_jobs_are_counted,
    all_are_counted,
    totals_never_fall with crate::variables([("retention_days", "1")]),
    the_end_of_each_run_is_told,
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

async fn all_are_counted(app: TestApp) {
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
    assert!(answer.text.contains("enrolments_deliveries{kind=\"invoice\",state=\"dead\"} 1500\n"), "{}", answer.text);
    let deep = app.get("/health?deep=1").await.json();
    assert_eq!((&deep["deliveries"]["dead"], &deep["deliveries"]["due"]), (&1500.into(), &0.into()));
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

/// A series of the metrics.
async fn sample(app: &TestApp, name: &str) -> i64 {
    let text = app.get("/metrics").await.text;
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("{name} in {text}")).parse().unwrap()
}

async fn totals_never_fall(app: TestApp) {
    let of = |kind: &str| format!("enrolments_events_total{{type=\"enrolment.{kind}\"}}");
    let a = app.enrolled("a", 1).await;
    let b = app.enrolled("b", 1).await;
    assert_eq!((app.pay(a).await.status, app.cancel(b).await.status), (200, 200));
    assert_eq!(sample(&app, &of("created")).await, 0);
    assert!(sample(&app, "enrolments_uncounted_events").await >= 4);
    app.deliver_all().await;
    let totals = async || {
        let mut totals = Vec::new();
        for kind in ["created", "paid", "canceled", "refunded", "invoiced"] {
            totals.push(sample(&app, &of(kind)).await);
        }
        totals
    };
    assert_eq!((totals().await, sample(&app, "enrolments_uncounted_events").await), (vec![2, 1, 1, 0, 1], 0));
    app.deliver_all().await;
    assert_eq!(totals().await, [2, 1, 1, 0, 1], "each is counted once");
    app.database.execute("UPDATE events SET occurred_at = 1").await.unwrap();
    app.database.execute("UPDATE outbox SET finished_at = 1, state = 'done'").await.unwrap();
    app.deliver_all().await;
    assert_eq!((app.count("events").await, totals().await), (0, vec![2, 1, 1, 0, 1]));
    // The release before writes events and counts none.
    app.enrolled("c", 1).await;
    app.database.execute("UPDATE events SET occurred_at = 1").await.unwrap();
    app.deliver_all().await;
    assert_eq!(totals().await, [3, 1, 1, 0, 1], "counted before it is removed");
}

async fn the_end_of_each_run_is_told(app: TestApp) {
    let of = |schedule: &str| format!("enrolments_last_run_timestamp_seconds{{schedule=\"{schedule}\"}}");
    let (deliveries, expiry) = (of("deliveries"), of("expiry"));
    assert_eq!((sample(&app, &deliveries).await, sample(&app, &expiry).await), (0, 0));
    let begin = chrono::Utc::now().timestamp();
    app.cron("delivery-cron").await;
    assert!(sample(&app, &deliveries).await >= begin);
    assert_eq!(sample(&app, &expiry).await, 0);
    app.cron("expiry-cron").await;
    assert!(sample(&app, &expiry).await >= begin);
    app.database.execute("UPDATE schedules SET ended_at = 1000").await.unwrap();
    assert_eq!(app.call("POST", "/deliveries").await.status, 200);
    assert_eq!(app.call("PATCH", "/expired").await.status, 200);
    assert!(sample(&app, &deliveries).await >= begin && sample(&app, &expiry).await >= begin);
}
