//! What the database does wrong. Most of it exists on a server only.

use tests::{Settings, TestApp};

crate::cases![
    wrong_credentials with crate::variables([("database", "mysql"), ("mysql_password", "wrong-p4ssword"), ("mysql_user", "nobody")]),
    out_of_reach with crate::variables([("database", "mysql"), ("mysql_address", "127.0.0.1:1"), ("mysql_password", "hidden-p4ssword")]),
    without_tables with Settings { empty_database: true, ..Settings::default() },
];

/// Every route but `/health` says that it is the database, and nothing says more.
async fn unavailable(app: &TestApp, secrets: &[&str]) {
    for (method, path) in [
        ("GET", "/1"),
        ("GET", "/1/details?user_id=a"),
        ("GET", "/active"),
        ("DELETE", "/1"),
        ("PATCH", "/expired"),
        ("POST", "/deliveries"),
    ] {
        let answer = app.call(method, path).await;
        assert_eq!(
            (answer.status, answer.error().as_str(), answer.header("retry-after")),
            (503, "service_unavailable", "5"),
            "{method} {path}"
        );
    }
    for answer in [app.enrol("a", 1).await, app.pay(1).await] {
        assert_eq!((answer.status, answer.error().as_str()), (503, "service_unavailable"), "{}", answer.text);
        assert!(answer.text.contains("database"));
    }
    app.cron("delivery-cron").await;
    app.cron("expiry-cron").await;
    let output = app.app.captured_output();
    assert!(output.contains("\"cause\":\"database: "), "{output}");
    for secret in secrets.iter().chain(&["SELECT", "enrol ments", "127.0.0.1"]) {
        assert!(!output.contains(secret), "{output}");
    }
}

async fn wrong_credentials(app: TestApp) {
    unavailable(&app, &["wrong-p4ssword", "nobody"]).await;
}

async fn out_of_reach(app: TestApp) {
    unavailable(&app, &["hidden-p4ssword"]).await;
}

async fn without_tables(app: TestApp) {
    unavailable(&app, &[]).await;
}
