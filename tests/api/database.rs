//! Faults of the database. Most exist on a server only.

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, OptsBuilder};
use sandbox::Target;
use std::time::{Duration, Instant};
use tests::{Answer, Settings, TestApp};

crate::cases![
    wrong_credentials with crate::variables([("database", "mysql"), ("mysql_password", "wrong-p4ssword"), ("mysql_user", "wr0ng-user")]),
    out_of_reach with crate::variables([("database", "mysql"), ("mysql_address", "127.0.0.1:1"), ("mysql_password", "hidden-p4ssword")]),
    without_tables with Settings { empty_database: true, ..Settings::default() },
    down_at_start_and_back_later on MariaDb with wired(),
    down_under_load_and_back_later on MariaDb with wired(),
    too_many_connections on MariaDb with crate::variables([("mysql_user", "limited"), ("mysql_password", "l")]),
    a_killed_connection_changes_nothing on MariaDb,
    a_deadlock_is_retried on MariaDb,
    a_repeated_deadlock_is_unavailable on MariaDb,
    a_held_lock_is_unavailable on MariaDb,
    a_failure_in_the_middle_changes_nothing,
    mysql_accepts_every_statement on MariaDb,
];

fn wired() -> Settings {
    Settings { wired: true, ..Settings::default() }
}

/// Checks that every route but `/health` answers 503, without a secret in the answer or log.
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
    unavailable(&app, &["wrong-p4ssword", "wr0ng-user"]).await;
}

async fn out_of_reach(app: TestApp) {
    unavailable(&app, &["hidden-p4ssword"]).await;
}

async fn without_tables(app: TestApp) {
    unavailable(&app, &[]).await;
}

fn is_unavailable(answer: &Answer) -> bool {
    (answer.status, answer.error().as_str(), answer.header("retry-after")) == (503, "service_unavailable", "5")
}

/// Checks that no payment is recorded.
async fn unpaid(app: &TestApp, id: i64) {
    assert_eq!(app.get(&format!("/{id}")).await.json()["payment_status"], "pending");
    app.idle().await;
    assert_eq!(app.count("outbox WHERE kind <> 'enrolment_email'").await, 0);
    assert_eq!(app.sandbox.state().calls.of(Target::InvoicesCreate), 0);
}

async fn down_at_start_and_back_later(mut app: TestApp) {
    assert_eq!(app.get("/health").await.status, 503);
    unavailable(&app, &[]).await;
    app.wire.as_mut().unwrap().mend().await.unwrap();
    assert_eq!(app.get("/health").await.status, 200);
    let id = app.enrolled("a", 1).await;
    assert_eq!(app.pay(id).await.status, 200);
}

async fn down_under_load_and_back_later(mut app: TestApp) {
    let mut wire = app.wire.take().unwrap();
    wire.mend().await.unwrap();
    let user = |number: i64| format!("user-{number}");
    let load = futures::future::join_all((0..60).map(|number| {
        let app = &app;
        async move { app.enrol(&user(number), 1).await }
    }));
    // When some users have been looked up.
    let cut = async {
        assert!(app.sandbox.wait_until(|state| state.calls.of(Target::Courses) > 10, tests::PATIENCE).await);
        wire.cut().await;
    };
    let (answers, ()) = futures::future::join(load, cut).await;
    let done = answers.iter().filter(|answer| answer.status == 201).count();
    assert!(answers.iter().all(|answer| answer.status == 201 || is_unavailable(answer)));
    assert!(done < 60, "the cut came too late");
    assert!(is_unavailable(&app.get("/1").await));

    wire.mend().await.unwrap();
    // A commit whose answer was lost may have arrived; no user is enrolled twice.
    for number in 0..60 {
        let status = app.enrol(&user(number), 1).await.status;
        assert!(status == 201 || status == 409, "{status}");
    }
    assert_eq!(app.count("enrolments").await, 60);
    assert_eq!(app.count("outbox").await, 60);
}

async fn too_many_connections(app: TestApp) {
    let mut own = app.database.connect().await.unwrap();
    own.query_drop("CREATE USER limited@'%' IDENTIFIED BY 'l' WITH MAX_USER_CONNECTIONS 1").await.unwrap();
    own.query_drop("GRANT ALL ON *.* TO limited@'%'").await.unwrap();
    let limited = OptsBuilder::from_opts(own.opts().clone()).user(Some("limited")).pass(Some("l"));
    let taken = Conn::new(limited).await.unwrap();
    let answer = app.get("/1").await;
    taken.disconnect().await.unwrap();
    // A connection is closed when the server no longer lists it.
    let listed = "SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'limited'";
    while own.query_first::<u64, _>(listed).await.unwrap() != Some(0) {}
    assert!(is_unavailable(&answer), "{}", answer.text);
    assert!(app.app.captured_output().contains("too many connections"), "{}", app.app.captured_output());
    assert_eq!(app.get("/1").await.status, 404);
}

/// The connection is killed between the change of the enrolment and the job.
async fn a_killed_connection_changes_nothing(app: TestApp) {
    let id = app.enrolled("a", 1).await;
    app.idle().await;
    let mut own = app.database.connect().await.unwrap();
    own.query_drop("LOCK TABLES outbox WRITE").await.unwrap();
    let kill = async {
        let waiting = "SELECT id FROM information_schema.processlist \
                       WHERE db = DATABASE() AND state LIKE 'Waiting for table%'";
        let end = Instant::now() + Duration::from_secs(10);
        while Instant::now() < end {
            if let Some(other) = own.query_first::<u64, _>(waiting).await.unwrap() {
                own.query_drop(format!("KILL {other}")).await.unwrap();
                own.query_drop("UNLOCK TABLES").await.unwrap();
                return true;
            }
        }
        false
    };
    let (answer, killed) = futures::future::join(app.pay(id), kill).await;
    assert!(killed);
    assert!(is_unavailable(&answer), "{}", answer.text);
    unpaid(&app, id).await;
    assert_eq!(app.pay(id).await.status, 200);
}

/// The database answers with a deadlock `times` times.
async fn deadlocks(app: &TestApp, times: u32) {
    let trigger = format!(
        "CREATE TRIGGER deadlock BEFORE INSERT ON outbox FOR EACH ROW \
         IF COALESCE(@deadlocks, 0) < {times} THEN SET @deadlocks = COALESCE(@deadlocks, 0) + 1; \
         SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213, MESSAGE_TEXT = 'Deadlock found'; END IF"
    );
    app.database.connect().await.unwrap().query_drop(trigger).await.unwrap();
}

async fn a_deadlock_is_retried(app: TestApp) {
    deadlocks(&app, 2).await;
    assert_eq!(app.enrol("a", 1).await.status, 201);
    app.idle().await;
    assert_eq!(
        (app.sandbox.state().calls.of(Target::Users), app.sandbox.state().emails.len()),
        (1, 1),
        "only the database is asked again"
    );
    assert_eq!(app.jobs().await, ["enrolment_email done"]);
}

async fn a_repeated_deadlock_is_unavailable(app: TestApp) {
    let id = app.enrolled("a", 1).await;
    app.idle().await;
    deadlocks(&app, 3).await;
    assert!(is_unavailable(&app.pay(id).await));
    unpaid(&app, id).await;
    app.app.clear_invocations();
    assert!(is_unavailable(&app.enrol("b", 1).await));
    let invocation = app.take_invocations().await.remove(0);
    let tries = invocation.statements.iter().filter(|sql| sql.starts_with("INSERT INTO outbox")).count();
    assert_eq!((tries, invocation.connections), (3, 1));
    assert_eq!(app.count("enrolments").await, 1);
}

async fn a_held_lock_is_unavailable(app: TestApp) {
    let id = app.enrolled("a", 1).await;
    app.idle().await;
    let mut own = app.database.connect().await.unwrap();
    own.query_drop("BEGIN").await.unwrap();
    own.query_drop(format!("SELECT * FROM enrolments WHERE id = {id} FOR UPDATE")).await.unwrap();
    assert!(is_unavailable(&app.pay(id).await));
    assert!(app.app.captured_output().contains("lock wait timed out"));
    own.query_drop("ROLLBACK").await.unwrap();
    own.query_drop("LOCK TABLES outbox WRITE").await.unwrap();
    assert!(is_unavailable(&app.pay(id).await));
    own.query_drop("UNLOCK TABLES").await.unwrap();
    unpaid(&app, id).await;
    assert_eq!(app.pay(id).await.status, 200);
}

async fn a_failure_in_the_middle_changes_nothing(app: TestApp) {
    let id = app.enrolled("a", 1).await;
    app.idle().await;
    app.database.execute("ALTER TABLE outbox RENAME TO away").await.unwrap();
    assert!(is_unavailable(&app.pay(id).await));
    assert!(is_unavailable(&app.enrol("b", 1).await));
    app.database.execute("ALTER TABLE away RENAME TO outbox").await.unwrap();
    unpaid(&app, id).await;
    assert_eq!(app.count("enrolments").await, 1);
    assert_eq!((app.pay(id).await.status, app.enrol("b", 1).await.status), (200, 201));
}

/// The host refuses what MySQL refuses in the prepared protocol, and values that Spin cannot
/// read. The words here are the rest that MariaDB accepts and MySQL does not.
async fn mysql_accepts_every_statement(app: TestApp) {
    let id = app.enrolled_until_end("a", 2).await;
    app.pay(id).await;
    app.call_with_key("k", "POST", "", &serde_json::json!({"course_id": 1, "user_id": "a"})).await;
    for (method, path) in [
        ("GET", "/1"),
        ("GET", "/1/details?user_id=a"),
        ("GET", "/active"),
        ("PATCH", "/expired"),
        ("POST", "/deliveries"),
        ("GET", "/deliveries?state=due"),
        ("POST", "/deliveries/1/retry"),
        ("GET", "/health?deep=1"),
        ("GET", "/metrics"),
        ("DELETE", "/1"),
    ] {
        app.call(method, path).await;
    }
    app.cron("delivery-cron").await;
    app.cron("expiry-cron").await;
    let statements: Vec<_> = app.take_invocations().await.into_iter().flat_map(|run| run.statements).collect();
    assert!(statements.len() > 40, "{}", statements.len());
    for statement in statements {
        let upper = statement.to_uppercase();
        for only in ["RETURNING", "EXCEPT ", "INTERSECT ", "NEXTVAL", "||"] {
            assert!(!upper.contains(only), "{statement}");
        }
    }
}
