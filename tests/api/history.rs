//! `GET /{id}/history`

use serde_json::{Value, json};
use tests::{TestApp, TestDatabase};

crate::cases![
    events_are_listed_oldest_first,
    the_user_id_is_optional_and_must_match,
    a_deleted_enrolment_has_its_history,
    an_older_enrolment_has_an_empty_history,
    a_history_has_the_newest_thousand_events,
    unknown_kinds_are_left_out,
    faulty_paths_are_not_found,
    one_connection_and_three_statements,
];

async fn events_are_listed_oldest_first(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    let other = app.enrolled("bob", 1).await;
    assert_eq!(app.history(id).await, ["created"]);
    assert_eq!((app.fail(id).await.status, app.pay(other).await.status), (200, 200));
    assert_eq!((app.pay(id).await.status, app.refund(id).await.status), (200, 200));
    app.idle().await;
    assert_eq!(app.history(id).await, ["created", "payment_failed", "paid", "invoiced", "refunded", "corrected"]);
    assert_eq!(app.history(other).await, ["created", "paid", "invoiced"]);
    // Each is as in the list of all events, which does not tell who asked.
    let own = app.events().await.into_iter().filter(|event| event["enrolment"]["id"] == id);
    let in_history = |mut event: Value| {
        event["by"] = Value::Null;
        event
    };
    let own: Vec<_> = own.map(in_history).collect();
    assert_eq!(app.get(&format!("/{id}/history")).await.json(), json!({"events": own, "resolutions": []}));
    assert_eq!(app.call("HEAD", &format!("/{id}/history")).await.status, 200);
}

async fn the_user_id_is_optional_and_must_match(app: TestApp) {
    let id = app.enrolled("żółw 🐢", 1).await;
    let all = app.get(&format!("/{id}/history")).await;
    let own = app.get(&format!("/{id}/history?user_id=%C5%BC%C3%B3%C5%82w+%F0%9F%90%A2")).await;
    assert_eq!((own.status, &own.text), (200, &all.text));
    let unknown = app.get("/77/history").await;
    assert_eq!((unknown.status, unknown.error().as_str()), (404, "not_found"));
    let long = "a".repeat(65);
    for other in ["b", "zolw", "%C5%BC%C3%B3%C5%82w+%F0%9F%90%A2+", "%FF", "%00", &long] {
        let answer = app.get(&format!("/{id}/history?user_id={other}")).await;
        assert_eq!((answer.status, &answer.text), (404, &unknown.text), "{other}");
    }
    for query in ["?user_id=", "?user_id", "?user_id=a&user_id=a", "?a=1&a=2"] {
        assert_eq!(app.get(&format!("/{id}/history{query}")).await.status, 400, "{query}");
    }
}

async fn a_deleted_enrolment_has_its_history(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    assert_eq!((app.pay(id).await.status, app.call("DELETE", &format!("/{id}")).await.status), (200, 204));
    assert_eq!(app.get(&format!("/{id}")).await.status, 404);
    assert_eq!(app.history(id).await, ["created", "paid", "invoiced", "deleted"]);
    let of = async |user: &str| app.get(&format!("/{id}/history?user_id={user}")).await.status;
    assert_eq!((of("ann").await, of("bob").await), (200, 404));
    // The next enrolment of the user has its own history.
    let next = app.enrolled("ann", 1).await;
    assert_eq!(app.history(next).await, ["created"]);
}

async fn an_older_enrolment_has_an_empty_history(app: TestApp) {
    crate::expired::insert_rows(&app, 2, "NULL").await;
    let of = async |query: &str| app.get(&format!("/1/history{query}")).await;
    for query in ["", "?user_id=user-0"] {
        let answer = of(query).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, r#"{"events":[],"resolutions":[]}"#));
    }
    assert_eq!(of("?user_id=user-1").await.status, 404);
    assert_eq!((app.fail(1).await.status, app.history(1).await), (200, vec!["payment_failed".to_owned()]));
    assert_eq!((of("?user_id=user-0").await.status, of("?user_id=user-1").await.status), (200, 404));
    // A deleted enrolment without events.
    app.database.execute("DELETE FROM enrolments WHERE id = 2").await.unwrap();
    assert_eq!(app.get("/2/history").await.status, 404);
}

/// Adds `number` events of one enrolment, as the service writes them.
async fn add(app: &TestApp, number: usize) {
    let row = "(1, 'enrolment.payment_failed', 1, 'ann', 1, 'ACTIVE', 'FAILED', NULL)";
    let columns = "enrolment_id, kind, occurred_at, user_id, course_id, status, payment_status, invoice_url";
    let rows = vec![row; number].join(",");
    app.database.execute(&format!("INSERT INTO events ({columns}) VALUES {rows}")).await.unwrap();
}

async fn a_history_has_the_newest_thousand_events(app: TestApp) {
    app.enrolled("ann", 1).await;
    add(&app, 998).await;
    app.cancel(1).await;
    assert_eq!((app.history(1).await.len(), app.history(1).await[0].as_str()), (1000, "created"));
    add(&app, 1).await;
    let history = app.history(1).await;
    assert_eq!((history.len(), history[0].as_str(), history[998].as_str()), (1000, "payment_failed", "canceled"));
}

async fn unknown_kinds_are_left_out(app: TestApp) {
    app.enrolled("ann", 1).await;
    app.database.execute("UPDATE events SET kind = 'enrolment.later'").await.unwrap();
    assert_eq!(app.get("/1/history?user_id=ann").await.text, r#"{"events":[],"resolutions":[]}"#);
    app.fail(1).await;
    assert_eq!(app.history(1).await, ["payment_failed"]);
}

async fn faulty_paths_are_not_found(app: TestApp) {
    app.enrolled("ann", 1).await;
    app.take_invocations().await;
    for path in ["/0/history", "/x/history", "/01/history", "/2147483648/history", "/1/history/1", "/history/1"] {
        assert_eq!(app.get(path).await.status, 404, "{path}");
    }
    let answer = app.call("DELETE", "/1/history").await;
    assert_eq!((answer.status, answer.header("allow")), (405, "GET, HEAD, OPTIONS"));
    assert!(app.take_invocations().await.iter().all(|run| run.connections == 0));
}

async fn one_connection_and_three_statements(app: TestApp) {
    app.enrolled("ann", 1).await;
    app.history(1).await;
    app.take_invocations().await;
    app.history(1).await;
    let run = app.take_invocations().await.remove(0);
    // New events, its events, its resolutions; on SQLite, also the lock timeout.
    let statements = if matches!(app.database, TestDatabase::Sqlite(_)) { 4 } else { 3 };
    assert_eq!((run.connections, run.statements.len(), run.outbound_calls.len()), (1, statements, 0));
    // With many events of others.
    crate::expired::insert_rows(&app, 3000, "'2020-01-01 00:00:00'").await;
    app.cron("expiry-cron").await;
    app.events().await;
    if matches!(app.database, TestDatabase::MariaDb { .. }) {
        app.database.execute("ANALYZE TABLE events").await.unwrap();
    }
    let [.., events, settled] = run.statements.as_slice() else { panic!("{:?}", run.statements) };
    crate::plans::walks(&app, events, &["1500"], "ix_events_enrolment").await;
    let columns = "enrolment_id, kind, note, settled_at";
    let rows: Vec<_> = (1..3000).map(|id| format!("({id}, 'invoice', 'made', 1)")).collect();
    app.database.execute(&format!("INSERT INTO resolutions ({columns}) VALUES {}", rows.join(","))).await.unwrap();
    if matches!(app.database, TestDatabase::MariaDb { .. }) {
        app.database.execute("ANALYZE TABLE resolutions").await.unwrap();
    }
    crate::plans::walks(&app, settled, &["1500"], "ix_resolutions_enrolment").await;
}
