//! `GET /{id}`, `GET /{id}/details` and `DELETE /{id}`

use tests::{TestApp, TestDatabase};

crate::cases![
    an_enrolment_is_found_by_its_id,
    faulty_paths_are_not_found,
    one_connection_and_one_statement,
    details_need_the_right_user_id,
    details_need_one_user_id,
    a_deleted_enrolment_is_not_found,
    an_id_is_never_reused,
];

async fn an_enrolment_is_found_by_its_id(app: TestApp) {
    let created = app.enrol("a", 1).await;
    let answer = app.get("/1").await;
    assert_eq!((answer.status, &answer.text), (200, &created.text));
    assert_eq!(app.get("/1/").await.text, created.text);
    let answer = app.get("/2").await;
    assert_eq!(
        (answer.status, answer.text.as_str()),
        (404, r#"{"message":"Enrolment not found","error":"not_found"}"#)
    );
}

async fn faulty_paths_are_not_found(app: TestApp) {
    app.enrolled("a", 1).await;
    app.take_invocations().await;
    for id in
        ["0", "-1", "+1", "1.0", "01", "abc", "2147483648", "99999999999999999999", "1//", "/1", "1%20", "%31", "1'--"]
    {
        for path in [format!("/{id}"), format!("/{id}/details?user_id=a")] {
            let answer = app.get(&path).await;
            assert_eq!((answer.status, answer.error().as_str()), (404, "not_found"), "{path}");
        }
        assert_eq!(app.call("DELETE", &format!("/{id}")).await.status, 404);
    }
    assert!(app.take_invocations().await.iter().all(|invocation| invocation.connections == 0));
    assert_eq!(app.get("/1").await.status, 200);
}

/// On SQLite, also the lock timeout.
async fn one_connection_and_one_statement(app: TestApp) {
    let statements = if matches!(app.database, TestDatabase::Sqlite(_)) { 2 } else { 1 };
    app.enrolled("a", 1).await;
    app.take_invocations().await;
    app.get("/1").await;
    app.get("/1/details?user_id=a").await;
    for invocation in app.take_invocations().await {
        assert_eq!((invocation.connections, invocation.statements.len()), (1, statements), "{invocation:?}");
    }
}

async fn details_need_the_right_user_id(app: TestApp) {
    let created = app.enrol("żółw 🐢", 1).await.text;
    let answer = app.get("/1/details?user_id=%C5%BC%C3%B3%C5%82w+%F0%9F%90%A2").await;
    assert_eq!((answer.status, answer.text), (200, created));
    let unknown = app.get("/7/details?user_id=a").await;
    assert_eq!(unknown.status, 404);
    let long = "a".repeat(65);
    for other in ["b", "zolw", "%C5%BC%C3%B3%C5%82w+%F0%9F%90%A2+", "%FF", "%00", &long] {
        let answer = app.get(&format!("/1/details?user_id={other}")).await;
        assert_eq!((answer.status, &answer.text), (404, &unknown.text), "{other}");
    }
}

async fn details_need_one_user_id(app: TestApp) {
    app.enrolled("a", 1).await;
    for query in ["", "?", "?user_id", "?user_id=", "?user_id=a&user_id=a"] {
        let answer = app.get(&format!("/1/details{query}")).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, "missing_user_id"), "{query}");
    }
}

async fn a_deleted_enrolment_is_not_found(app: TestApp) {
    app.enrolled("a", 1).await;
    app.idle().await;
    let answer = app.call("DELETE", "/1").await;
    assert_eq!((answer.status, answer.text.as_str()), (204, ""));
    assert_eq!(app.call("DELETE", "/1").await.status, 404);
    assert_eq!(app.get("/1").await.status, 404);
    assert_eq!(app.pay(1).await.status, 404);
}

async fn an_id_is_never_reused(app: TestApp) {
    assert_eq!(app.enrolled("a", 1).await, 1);
    app.pay(1).await;
    assert_eq!(app.call("DELETE", "/1").await.status, 204);
    assert_eq!(app.enrolled("a", 1).await, 2);
    assert_eq!(app.pay(2).await.status, 200);
    app.idle().await;
    let state = app.sandbox.state();
    for (invoice, start) in state.invoices.iter().zip(["enrolment-1-", "enrolment-2-"]) {
        assert!(invoice["oid"].as_str().unwrap().starts_with(start), "{invoice}");
    }
    assert_eq!(state.invoices.len(), 2);
}
