//! Retention: events and finished jobs are kept forever, or for some days.

use tests::{TestApp, TestDatabase};

crate::cases![
    nothing_is_pruned_by_default,
    old_rows_are_pruned with crate::variables([("retention_days", "30")]),
    events_of_a_pending_job_are_erased_by_user with crate::variables([("retention_days", "30")]),
    resolutions_are_erased_by_user with crate::variables([("retention_days", "30")]),
    pending_jobs_do_not_stop_pruning with crate::variables([("retention_days", "30")]),
    a_run_prunes_a_bounded_number with crate::variables([("retention_days", "30")]),
];

/// Two enrolments; one is 31 days old, with its mail.
async fn past(app: &TestApp) {
    for user in ["ann", "bob"] {
        app.enrolled(user, 1).await;
    }
    app.idle().await;
    // This publishes the events.
    assert_eq!(app.get("/events").await.json()["events"].as_array().map(Vec::len), Some(2));
    let ago = chrono::Utc::now().timestamp_millis() - 31 * 86_400_000;
    for sql in [
        format!("UPDATE events SET occurred_at = {ago} WHERE enrolment_id = 1"),
        format!("UPDATE outbox SET finished_at = {ago} WHERE enrolment_id = 1"),
    ] {
        app.database.execute(&sql).await.unwrap();
    }
}

async fn left(app: &TestApp) -> [String; 2] {
    let mut left = Vec::new();
    for table in ["events", "outbox"] {
        left.push(app.value(&format!("SELECT COUNT(*) FROM {table}")).await);
    }
    left.try_into().unwrap()
}

async fn nothing_is_pruned_by_default(app: TestApp) {
    past(&app).await;
    app.cron("delivery-cron").await;
    assert_eq!(left(&app).await, ["2", "2"]);
}

async fn old_rows_are_pruned(app: TestApp) {
    past(&app).await;
    app.cron("delivery-cron").await;
    assert_eq!(left(&app).await, ["1", "1"]);
    assert_eq!(app.get("/1/history").await.json()["events"].as_array().map(Vec::len), Some(0));
    assert_eq!(app.get("/2/history").await.json()["events"].as_array().map(Vec::len), Some(1));
    // The ids continue.
    app.enrolled("eve", 1).await;
    let events = app.get("/events").await.json();
    let ids: Vec<_> = events["events"].as_array().unwrap().iter().map(|event| event["id"].clone()).collect();
    assert_eq!(ids, [2, 3]);
    // A pending job stays, at any age.
    app.database.execute("UPDATE outbox SET state = 'dead', finished_at = 1 WHERE enrolment_id = 2").await.unwrap();
    app.cron("delivery-cron").await;
    assert_eq!(app.count("outbox WHERE state = 'dead'").await, 1);
}

/// Only the events of a deleted enrolment have its user.
async fn events_of_a_pending_job_are_erased_by_user(app: TestApp) {
    past(&app).await;
    app.database
        .execute(
            "DELETE FROM enrolments; UPDATE events SET occurred_at = 1; \
             UPDATE outbox SET state = 'dead', payload = '{\"to\":\"ann\"}' WHERE enrolment_id = 1",
        )
        .await
        .unwrap();
    app.cron("delivery-cron").await;
    assert_eq!(left(&app).await, ["1", "2"]);
    assert_eq!(crate::users::erase(&app, "ann").await.status, 204);
    assert_eq!(app.count("outbox WHERE payload <> '{}'").await, 0);
    app.cron("delivery-cron").await;
    assert_eq!(left(&app).await[0], "0");
}

/// The notes about an erased user are found, too.
async fn resolutions_are_erased_by_user(app: TestApp) {
    for user in ["ann", "bob"] {
        let id = crate::resolution::refused(&app, user).await;
        if user == "ann" {
            assert_eq!(app.call("DELETE", &format!("/{id}")).await.status, 204);
        }
        let note = serde_json::json!({"note": format!("called {user}")});
        assert_eq!(crate::resolution::settle(&app, crate::resolution::dead(&app).await, &note).await.status, 200);
    }
    assert_eq!(app.get("/events").await.status, 200);
    app.cron("delivery-cron").await;
    app.database.execute("UPDATE events SET occurred_at = 1; UPDATE outbox SET finished_at = 1").await.unwrap();
    app.cron("delivery-cron").await;
    assert_eq!(app.count("outbox").await, 0);
    assert_eq!(app.count("events WHERE user_id = 'bob'").await, 0);
    for user in ["ann", "bob"] {
        assert_eq!(crate::users::erase(&app, user).await.status, 204);
    }
    assert_eq!(app.count("resolutions WHERE note <> ''").await, 0);
    app.cron("delivery-cron").await;
    assert_eq!(left(&app).await, ["0", "0"]);
}

/// Even if many of the oldest stay.
async fn pending_jobs_do_not_stop_pruning(app: TestApp) {
    crate::expired::insert_rows(&app, 1500, "'2020-01-01 00:00:00'").await;
    app.cron("expiry-cron").await;
    assert_eq!(app.events().await.len(), 1500);
    app.database
        .execute(
            "INSERT INTO outbox (job_key, enrolment_id, kind, payload, payload_version, state, attempts, created_at, finished_at) \
             SELECT id, id, 'enrolment_email', '{}', 1, 'dead', 1, 1, 1 FROM enrolments WHERE id <= 1000; \
             UPDATE events SET occurred_at = 1",
        )
        .await
        .unwrap();
    for _ in 0..5 {
        app.cron("delivery-cron").await;
    }
    assert_eq!(left(&app).await[0], "1000");
}

/// A run prunes a bounded number of rows, and reads a bounded number.
async fn a_run_prunes_a_bounded_number(app: TestApp) {
    crate::expired::insert_rows(&app, 3000, "'2020-01-01 00:00:00'").await;
    app.cron("expiry-cron").await;
    assert_eq!(app.events().await.len(), 3000);
    app.database
        .execute(
            "INSERT INTO outbox (job_key, enrolment_id, kind, payload, payload_version, state, attempts, created_at, finished_at) \
             SELECT id, id, 'invoice', '{}', 1, 'done', 1, 1, 1 FROM enrolments",
        )
        .await
        .unwrap();
    app.database.execute("UPDATE events SET occurred_at = 1 WHERE id % 2 = 0").await.unwrap();
    if matches!(app.database, TestDatabase::MariaDb { .. }) {
        app.database.execute("ANALYZE TABLE events, outbox").await.unwrap();
    }
    app.take_invocations().await;
    app.cron("delivery-cron").await;
    assert_eq!(left(&app).await, ["2500", "2000"]);
    let run = app.take_invocations().await.remove(0);
    let mut explained = 0;
    for statement in run.statements.iter().filter(|sql| sql.contains("FROM events") || sql.contains("FROM outbox")) {
        explained += usize::from(crate::plans::reads_no_whole_table(&app, statement).await);
    }
    assert!(explained >= 4, "{explained}");
}
