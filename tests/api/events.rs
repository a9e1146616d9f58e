//! `GET /events`

use crate::events_written::words;
use crate::expired::insert_rows;
use serde_json::json;
use tests::{TestApp, TestDatabase};

crate::cases![
    pages_continue_after_the_last_event,
    faulty_parameters_are_refused,
    a_page_is_read_from_an_index,
    a_page_takes_flat_memory,
    unknown_kinds_are_left_out,
];

async fn pages_continue_after_the_last_event(app: TestApp) {
    assert_eq!(app.get("/events").await.text, r#"{"events":[],"next":0,"more":false}"#);
    for user in 0..7 {
        app.enrolled(&format!("user-{user}"), 1).await;
    }
    let page = async |query: &str| {
        let page = app.get(&format!("/events{query}")).await.json();
        let ids: Vec<_> =
            page["events"].as_array().unwrap().iter().map(|event| event["id"].as_i64().unwrap()).collect();
        (ids, page["next"].as_i64().unwrap(), page["more"].as_bool().unwrap())
    };
    assert_eq!(page("").await, ((1..=7).collect(), 7, false));
    assert_eq!(page("?limit=3").await, (vec![1, 2, 3], 3, true));
    assert_eq!(page("?limit=3&after=3").await, (vec![4, 5, 6], 6, true));
    assert_eq!(page("?limit=3&after=6").await, (vec![7], 7, false));
    assert_eq!(page("?after=7").await, (vec![], 7, false));
    // New events are after those that were read.
    app.enrolled("late", 1).await;
    assert_eq!(page("?after=7").await, (vec![8], 8, false));
    assert_eq!(page("?limit=8").await, ((1..=8).collect(), 8, false));
    assert_eq!(app.call("HEAD", "/events").await.status, 200);
    let answer = app.call("POST", "/events").await;
    assert_eq!((answer.status, answer.header("allow")), (405, "GET, HEAD, OPTIONS"));
}

async fn faulty_parameters_are_refused(app: TestApp) {
    app.take_invocations().await;
    for (query, name) in [
        ("after=x", "after"),
        ("after=-1", "after"),
        ("after=", "after"),
        ("after=9223372036854775808", "after"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=1.5", "limit"),
        ("after=1&after=1", "after"),
    ] {
        let answer = app.get(&format!("/events?{query}")).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, "validation_error"), "{query}: {}", answer.text);
        assert_eq!(answer.json()["details"][0]["loc"], json!([name]), "{query}: {}", answer.text);
    }
    assert!(app.take_invocations().await.iter().all(|run| run.connections == 0));
}

/// With many events, all of them published.
async fn a_page_is_read_from_an_index(app: TestApp) {
    insert_rows(&app, 3000, "'2020-01-01 00:00:00'").await;
    app.cron("expiry-cron").await;
    app.events().await;
    app.take_invocations().await;
    app.get("/events?limit=10&after=1500").await;
    let run = app.take_invocations().await.remove(0);
    // New events, the page, its end; on SQLite, also the lock timeout.
    let statements = if matches!(app.database, TestDatabase::Sqlite(_)) { 4 } else { 3 };
    assert_eq!((run.component.as_str(), run.connections, run.statements.len()), ("enrolments", 1, statements));
    assert!(run.outbound_calls.is_empty());
    let [.., new, page, _] = run.statements.as_slice() else { panic!("{:?}", run.statements) };
    if matches!(app.database, TestDatabase::MariaDb { .. }) {
        app.database.execute("ANALYZE TABLE events").await.unwrap();
    }
    crate::plans::walks(&app, new, &[], "ix_events_position").await;
    crate::plans::walks(&app, page, &["1500", "11"], "ix_events_position").await;
}

async fn a_page_takes_flat_memory(app: TestApp) {
    insert_rows(&app, 20_000, "'2020-01-01 00:00:00'").await;
    app.cron("expiry-cron").await;
    app.take_invocations().await;
    let answer = app.get("/events?limit=1000").await;
    assert_eq!(
        (words(answer.json()["events"].as_array().unwrap(), 1).len(), &answer.json()["next"]),
        (1000, &json!(1000))
    );
    // This request published all of them.
    let run = app.take_invocations().await.remove(0);
    assert!(run.peak_memory < 8 << 20, "{} bytes", run.peak_memory);
}

async fn unknown_kinds_are_left_out(app: TestApp) {
    app.enrolled("ann", 1).await;
    app.database.execute("UPDATE events SET kind = 'enrolment.later'").await.unwrap();
    app.enrolled("bob", 1).await;
    let events = app.events().await;
    assert_eq!((events.len(), words(&events, 2)), (1, vec!["created".to_owned()]));
}
