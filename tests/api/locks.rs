//! A database that is locked or read-only: every answer comes in time, the log says why, and
//! the service recovers.

use futures::future::join_all;
use mysql_async::prelude::Queryable;
use serde_json::json;
use std::time::{Duration, Instant};
use tests::{Answer, Settings, TestApp, TestDatabase};

crate::cases![
    a_table_that_is_locked on MariaDb,
    a_migration_that_waits_for_its_turn on MariaDb,
    a_file_that_is_being_written on Sqlite,
    a_file_that_is_locked_for_reading_too on Sqlite,
    a_server_that_is_read_only on MariaDb with crate::variables([("mysql_user", "may write"), ("mysql_password", "w")]),
    a_connection_that_is_free_a_moment_later on MariaDb with Settings {
        wired: true,
        ..crate::variables([("mysql_user", "one by one"), ("mysql_password", "o")])
    },
];

/// Without a limit of the service, a statement waits for 50 s (MySQL's default) or longer.
const IN_TIME: Duration = Duration::from_secs(30);

const READS: [&str; 7] =
    ["/1", "/1/details?user_id=a", "/active", "/active?limit=1", "/metrics", "/health", "/deliveries?state=due"];

/// Checks that all of these requests at once get 503 in time. `/paid` has a key and none.
async fn unavailable_in_time(app: &TestApp, reads: &[&str], id: i64) {
    let pay = json!({"enrolment_id": id});
    let calls = reads.iter().map(|path| (None, "GET", *path, json!(null))).chain([
        (None, "GET", "/health?deep=1", json!(null)),
        (None, "POST", "", json!({"course_id": 1, "user_id": "b"})),
        (Some("k1"), "POST", "", json!({"course_id": 1, "user_id": "c"})),
        (None, "PATCH", "/paid", pay.clone()),
        (Some("k2"), "PATCH", "/paid", pay),
        (None, "DELETE", "/1", json!(null)),
        (None, "PATCH", "/expired", json!(null)),
        (None, "POST", "/deliveries", json!(null)),
    ]);
    join_all(calls.map(|(key, method, path, body)| async move {
        let begin = Instant::now();
        let answer = match (key, body.is_null()) {
            (Some(key), _) => app.call_with_key(key, method, path, &body).await,
            (None, true) => app.call(method, path).await,
            (None, false) => app.call_json(method, path, &body).await,
        };
        let took = begin.elapsed();
        assert_eq!((answer.status, answer.header("retry-after")), (503, "5"), "{method} {path}: {}", answer.text);
        assert!(took < IN_TIME, "{method} {path}: {took:?}");
    }))
    .await;
}

/// Checks that the service works again, and that no refused request was done.
async fn all_is_well(app: &TestApp, id: i64) {
    for path in READS {
        assert_eq!(app.get(path).await.status, 200, "{path}");
    }
    assert_eq!(app.get("/health?deep=1").await.status, 200);
    assert_eq!(app.count("enrolments").await, 1);
    assert_eq!(app.get(&format!("/{id}")).await.json()["payment_status"], "pending");
    let paid = app.call_with_key("k2", "PATCH", "/paid", &json!({"enrolment_id": id})).await;
    assert_eq!(paid.status, 200, "{}", paid.text);
}

async fn a_table_that_is_locked(app: TestApp) {
    let id = app.enrolled("a", 1).await;
    app.idle().await;
    let mut own = app.database.connect().await.unwrap();
    own.query_drop("LOCK TABLES enrolments WRITE, outbox WRITE, idempotency WRITE").await.unwrap();
    unavailable_in_time(&app, &READS, id).await;
    own.query_drop("UNLOCK TABLES").await.unwrap();
    assert!(app.app.captured_output().contains("statement timed out"), "{}", app.app.captured_output());
    all_is_well(&app, id).await;
}

/// The migration waits for a read. All other statements wait for the migration, even while
/// they are prepared.
async fn a_migration_that_waits_for_its_turn(app: TestApp) {
    let id = app.enrolled("a", 1).await;
    app.idle().await;
    let mut reader = app.database.connect().await.unwrap();
    reader.query_drop("BEGIN").await.unwrap();
    reader.query_drop("SELECT COUNT(*) FROM enrolments").await.unwrap();
    let mut migration = app.database.connect().await.unwrap();
    let altered = tokio::spawn(async move { migration.query_drop("ALTER TABLE enrolments ADD COLUMN x INT").await });
    let waiting = "SELECT COUNT(*) FROM information_schema.processlist \
                   WHERE db = DATABASE() AND state = 'Waiting for table metadata lock'";
    while reader.query_first::<u64, _>(waiting).await.unwrap() != Some(1) {}
    let reads = ["/1", "/1/details?user_id=a", "/active", "/metrics", "/health"];
    let answers = join_all(reads.map(|path| {
        let app = &app;
        async move {
            let begin = Instant::now();
            let answer = app.get(path).await;
            assert_eq!(answer.status, 503, "{path}: {}", answer.text);
            assert!(begin.elapsed() < IN_TIME, "{path}: {:?}", begin.elapsed());
        }
    }));
    answers.await;
    assert!(app.app.captured_output().contains("lock wait timed out"), "{}", app.app.captured_output());
    reader.query_drop("COMMIT").await.unwrap();
    altered.await.unwrap().unwrap();
    all_is_well(&app, id).await;
}

fn file(app: &TestApp) -> rusqlite::Connection {
    let TestDatabase::Sqlite(file) = &app.database else { panic!("no file") };
    rusqlite::Connection::open(file).unwrap()
}

/// Reads still work.
async fn a_file_that_is_being_written(app: TestApp) {
    let id = app.enrolled("a", 1).await;
    app.idle().await;
    let own = file(&app);
    own.execute_batch("BEGIN EXCLUSIVE").unwrap();
    unavailable_in_time(&app, &[], id).await;
    for path in READS {
        assert_eq!(app.get(path).await.status, 200, "{path}");
    }
    assert!(app.app.captured_output().contains("database: locked"), "{}", app.app.captured_output());
    own.execute_batch("ROLLBACK").unwrap();
    drop(own);
    all_is_well(&app, id).await;
}

async fn a_file_that_is_locked_for_reading_too(app: TestApp) {
    let id = app.enrolled("a", 1).await;
    app.idle().await;
    let own = file(&app);
    own.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; COMMIT").unwrap();
    unavailable_in_time(&app, &READS, id).await;
    drop(own);
    all_is_well(&app, id).await;
}

async fn a_server_that_is_read_only(app: TestApp) {
    let mut own = app.database.connect().await.unwrap();
    own.query_drop("CREATE USER 'may write'@'%' IDENTIFIED BY 'w'").await.unwrap();
    // A user without the right to write to a read-only server.
    own.query_drop("GRANT SELECT, INSERT, UPDATE, DELETE ON *.* TO 'may write'@'%'").await.unwrap();
    let id = app.enrolled("a", 1).await;
    app.idle().await;
    own.query_drop("SET GLOBAL read_only = 1").await.unwrap();
    let answers = [app.pay(id).await, app.enrol("b", 1).await, app.get("/health?deep=1").await];
    let reads = [app.get(&format!("/{id}")).await, app.get("/health").await];
    own.query_drop("SET GLOBAL read_only = 0").await.unwrap();
    let status = |answer: &Answer| answer.status;
    assert_eq!((answers.each_ref().map(status), reads.each_ref().map(status)), ([503; 3], [200; 2]));
    let log = app.app.captured_output();
    assert_eq!(log.matches("\"cause\":\"database: the server is read-only\"").count(), 3, "{log}");
    assert_eq!((app.pay(id).await.status, app.get("/health?deep=1").await.status), (200, 200));
}

/// Another client has the only connection of the user when the request comes, and closes it
/// within a second.
async fn a_connection_that_is_free_a_moment_later(mut app: TestApp) {
    let mut own = app.database.connect().await.unwrap();
    own.query_drop("CREATE USER 'one by one'@'%' IDENTIFIED BY 'o' WITH MAX_USER_CONNECTIONS 1").await.unwrap();
    own.query_drop("GRANT ALL ON *.* TO 'one by one'@'%'").await.unwrap();
    let options = mysql_async::OptsBuilder::from_opts(own.opts().clone()).user(Some("one by one")).pass(Some("o"));
    let taken = mysql_async::Conn::new(options).await.unwrap();
    app.wire.as_mut().unwrap().mend().await.unwrap();
    let wire = app.wire.as_ref().unwrap();
    let freed = async {
        // Two round trips: the greeting and the refusal.
        let mut round_trips = 0;
        while round_trips < 2 {
            tokio::task::yield_now().await;
            round_trips += wire.take_round_trips();
        }
        taken.disconnect().await.unwrap();
    };
    let (answer, ()) = futures::future::join(app.get("/1"), freed).await;
    assert_eq!(answer.status, 404, "{}", answer.text);
}
