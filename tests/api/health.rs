//! `GET /health`

use sandbox::Target;
use std::path::{Path, PathBuf};
use tests::{Settings, TestApp, TestDatabase};

crate::cases![
    a_healthy_service_is_ok,
    one_connection_and_one_read,
    a_database_that_is_down_is_reported with crate::variables([("database", "mysql"), ("mysql_address", "127.0.0.1:1")]),
    an_unreadable_variable_is_reported with crate::variables([("database", "oracle")]),
    missing_tables_are_reported with Settings { empty_database: true, ..Settings::default() },
    one_missing_table_is_reported,
    a_missing_file_is_reported on Sqlite,
    a_truncated_file_is_reported on Sqlite,
];

async fn a_healthy_service_is_ok(app: TestApp) {
    let answer = app.get("/health").await;
    assert_eq!(
        (answer.status, answer.text.as_str()),
        (200, r#"{"status":"ok","database":"ok","enrolment_service":"ok"}"#)
    );
    assert_eq!(app.call("HEAD", "/health").await.status, 200);
}

async fn one_connection_and_one_read(app: TestApp) {
    app.get("/health").await;
    let invocation = app.take_invocations().await.remove(0);
    let reads = invocation.statements.iter().filter(|sql| sql.contains("SELECT")).count();
    assert_eq!((invocation.connections, reads), (1, 1), "{invocation:?}");
}

async fn a_database_that_is_down_is_reported(app: TestApp) {
    let answer = app.get("/health").await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.text, r#"{"status":"error","database":"down","enrolment_service":"ok"}"#);
}

async fn an_unreadable_variable_is_reported(app: TestApp) {
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
    assert_eq!(app.sandbox.state().calls.of(Target::Users), 0);
}

/// Checks that health is 503.
async fn is_down(app: &TestApp) {
    for path in ["/health", "/health?deep=1"] {
        let answer = app.get(path).await;
        assert_eq!((answer.status, answer.json()["database"].as_str()), (503, Some("down")), "{path}");
    }
}

async fn missing_tables_are_reported(app: TestApp) {
    is_down(&app).await;
    let answer = app.get("/1").await;
    assert_eq!(
        (answer.status, answer.error().as_str(), answer.header("retry-after")),
        (503, "service_unavailable", "5")
    );
    assert!(app.app.captured_output().contains("missing table"));
}

async fn one_missing_table_is_reported(app: TestApp) {
    for table in ["enrolments", "outbox", "idempotency"] {
        app.database.execute(&format!("ALTER TABLE {table} RENAME TO away")).await.unwrap();
        is_down(&app).await;
        app.database.execute(&format!("ALTER TABLE away RENAME TO {table}")).await.unwrap();
        assert_eq!(app.get("/health?deep=1").await.status, 200, "{table}");
    }
}

fn file(app: &TestApp) -> &Path {
    let TestDatabase::Sqlite(file) = &app.database else { panic!("no file") };
    file
}

async fn a_missing_file_is_reported(app: TestApp) {
    app.enrolled("a", 1).await;
    app.idle().await;
    assert_eq!(app.get("/health").await.status, 200);
    for end in ["", "-wal", "-shm"] {
        let mut path = file(&app).as_os_str().to_owned();
        path.push(end);
        // The last connection has deleted the other two files.
        let _ = std::fs::remove_file(PathBuf::from(path));
    }
    is_down(&app).await;
    assert_eq!(app.get("/1").await.status, 503);
}

async fn a_truncated_file_is_reported(app: TestApp) {
    app.enrolled("a", 1).await;
    app.idle().await;
    let whole = std::fs::read(file(&app)).unwrap();
    for bytes in [0, 100, 4096, 3 * 4096] {
        std::fs::write(file(&app), &whole[..bytes]).unwrap();
        is_down(&app).await;
        assert_eq!(app.get("/1").await.status, 503, "{bytes} bytes");
    }
    std::fs::write(file(&app), &whole).unwrap();
    assert_eq!(app.get("/health?deep=1").await.status, 200);
}
