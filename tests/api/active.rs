//! `GET /active`

use mysql_async::prelude::Queryable;
use tests::{TestApp, TestDatabase};

crate::cases![
    rows_are_ordered_by_id,
    pages_have_every_row,
    faulty_pages_are_refused,
    a_hundred_thousand_rows_take_flat_memory,
    a_page_costs_the_same_wherever_it_is on MariaDb,
];

async fn rows_are_ordered_by_id(app: TestApp) {
    assert_eq!(app.get("/active").await.text, r#"{"enrolments":[]}"#);
    for user in ["c", "a", "b"] {
        app.enrolled(user, 1).await;
    }
    app.database.execute("UPDATE enrolments SET status = 'CANCELED' WHERE id = 2").await.unwrap();
    let answer = app.get("/active").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    let users: Vec<_> = answer.enrolments().iter().map(|enrolment| enrolment["user_id"].clone()).collect();
    assert_eq!(users, ["c", "b"]);
    assert_eq!(answer.enrolments()[0].as_object().unwrap().len(), 6);
    assert_eq!(answer.json().as_object().unwrap().len(), 1);
}

async fn pages_have_every_row(app: TestApp) {
    for user in 1..=5 {
        app.enrolled(&user.to_string(), 1).await;
    }
    let page = async |query: &str| {
        let answer = app.get(&format!("/active?{query}")).await;
        let ids: Vec<_> = answer.enrolments().iter().map(|enrolment| enrolment["id"].as_i64().unwrap()).collect();
        (ids, answer.json().get("next").cloned())
    };
    assert_eq!(page("limit=2").await, (vec![1, 2], Some(2.into())));
    assert_eq!(page("limit=2&after=2").await, (vec![3, 4], Some(4.into())));
    assert_eq!(page("limit=2&after=4").await, (vec![5], Some(serde_json::Value::Null)));
    assert_eq!(page("after=3").await, (vec![4, 5], Some(serde_json::Value::Null)));
    assert_eq!(page("limit=1000&after=2147483647").await.0.len(), 0);
}

async fn faulty_pages_are_refused(app: TestApp) {
    for query in ["limit=0", "limit=1001", "limit=x", "limit=", "after=-1", "after=x", "after=2147483648"] {
        let answer = app.get(&format!("/active?{query}")).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, "validation_error"), "{query}");
    }
}

async fn a_hundred_thousand_rows_take_flat_memory(app: TestApp) {
    crate::expired::insert_rows(&app, 100_000, "NULL").await;
    let answer = app.get("/active").await;
    let enrolments = answer.enrolments();
    assert_eq!(enrolments.len(), 100_000);
    assert!(enrolments.windows(2).all(|pair| pair[0]["id"].as_i64() < pair[1]["id"].as_i64()));
    let invocation = app.take_invocations().await.pop().unwrap();
    assert!(invocation.peak_memory < 8 << 20, "{} bytes", invocation.peak_memory);
    // One for each batch, and one that finds no more; on SQLite, also the lock timeout.
    let statements = if matches!(app.database, TestDatabase::Sqlite(_)) { 102 } else { 101 };
    assert_eq!((invocation.connections, invocation.statements.len()), (1, statements));
}

/// Without a hint, the server reads the index from the first active row to the start of the
/// page, for every page.
async fn a_page_costs_the_same_wherever_it_is(app: TestApp) {
    crate::expired::insert_rows(&app, 20_000, "NULL").await;
    app.database
        .execute("UPDATE enrolments SET course_end_date = '2024-01-01 00:00:00' WHERE id <= 300")
        .await
        .unwrap();
    app.take_invocations().await;
    app.get("/active?limit=10&after=10000").await;
    app.call("PATCH", "/expired").await;
    let statements: Vec<_> = app.take_invocations().await.into_iter().flat_map(|run| run.statements).collect();
    let mut own = app.database.connect().await.unwrap();
    let mut explained = 0;
    for (part, params) in
        [("id > ?", vec!["10000", "1000"]), ("LIMIT ? FOR UPDATE", vec!["2026-01-01 00:00:00", "1000"])]
    {
        let statement = statements.iter().find(|statement| statement.contains(part)).expect(part);
        let plan: Vec<mysql_async::Row> = own.exec(crate::explain(statement), params).await.unwrap();
        let kind: String = plan[0].get("type").unwrap();
        let extra: String = plan[0].get::<Option<String>, _>("Extra").unwrap().unwrap_or_default();
        assert!(kind == "range" && !extra.contains("filesort"), "{statement}: {kind}, {extra}");
        explained += 1;
    }
    assert_eq!(explained, 2);
}
