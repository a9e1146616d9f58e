//! `GET /health`

use tests::{Settings, TestApp};

crate::cases![
    says_that_all_is_well,
    one_connection_and_one_statement,
    says_that_the_database_is_down with crate::variables([("database", "mysql"), ("mysql_address", "127.0.0.1:1")]),
    a_variable_is_unreadable with crate::variables([("database", "oracle")]),
    without_tables_the_database_answers with Settings { empty_database: true, ..Settings::default() },
];

async fn says_that_all_is_well(app: TestApp) {
    let answer = app.get("/health").await;
    assert_eq!(
        (answer.status, answer.text.as_str()),
        (200, r#"{"status":"ok","database":"ok","enrolment_service":"ok"}"#)
    );
    assert_eq!(app.call("HEAD", "/health").await.status, 200);
}

async fn one_connection_and_one_statement(app: TestApp) {
    app.get("/health").await;
    let invocation = app.take_invocations().await.remove(0);
    assert_eq!((invocation.connections, invocation.statements), (1, vec!["SELECT 1".to_owned()]));
}

async fn says_that_the_database_is_down(app: TestApp) {
    let answer = app.get("/health").await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.text, r#"{"status":"error","database":"down","enrolment_service":"ok"}"#);
}

async fn a_variable_is_unreadable(app: TestApp) {
    assert_eq!(app.get("/health").await.status, 503);
    for (method, path) in
        [("GET", "/1"), ("GET", "/active"), ("DELETE", "/1"), ("PATCH", "/expired"), ("POST", "/deliveries")]
    {
        let answer = app.call(method, path).await;
        assert_eq!((answer.status, answer.error().as_str()), (503, "service_unavailable"), "{method} {path}");
        assert!(answer.text.contains("database") && !answer.text.contains("oracle"), "{}", answer.text);
    }
    for answer in [app.enrol("a", 1).await, app.pay(1).await] {
        assert_eq!(answer.status, 503);
        assert!(answer.text.contains("variable database"), "{}", answer.text);
    }
    assert_eq!(app.sandbox.state().calls.users, 0);
}

async fn without_tables_the_database_answers(app: TestApp) {
    assert_eq!(app.get("/health").await.status, 200);
    let answer = app.get("/1").await;
    assert_eq!(
        (answer.status, answer.error().as_str(), answer.header("retry-after")),
        (503, "service_unavailable", "5")
    );
    assert!(app.app.captured_output().contains("missing table"));
}
