//! SQLite's, by whatever the service is asked for first.

use super::{KEYS, before_documents, before_events, before_job_keys, events_begin, keys};
use super::{numbers_go_on, rows, without_tables};
use futures::future::{join, join_all};
use serde_json::json;
use tests::TestApp;

crate::cases![
    a_start_with_the_schema_and_health on Sqlite with without_tables(),
    from_before_there_were_documents on Sqlite with without_tables(),
    from_before_there_were_events on Sqlite with without_tables(),
    health_without_a_start on Sqlite with without_tables(),
    reads_come_first on Sqlite with without_tables(),
    a_write_comes_first on Sqlite with without_tables(),
    a_payment_comes_first on Sqlite with without_tables(),
    a_run_by_cron_comes_first on Sqlite with without_tables(),
    many_come_first on Sqlite with without_tables(),
    a_failure_leaves_nothing on Sqlite with without_tables(),
    an_empty_file_stays_empty on Sqlite with without_tables(),
    the_next_start_changes_nothing on Sqlite,
];

const SCHEMA: &str = include_str!("../../../migrations/sqlite/schema.sql");

/// Stands for the statements of a release that names what is new: a job that is
/// written or taken has to be under the new schema.
const NAMES_WHAT_IS_NEW: &str = "
    CREATE TRIGGER added AFTER INSERT ON outbox BEGIN UPDATE outbox SET payload_version = 1 WHERE 1 = 0; END;
    CREATE TRIGGER taken AFTER UPDATE ON outbox BEGIN INSERT INTO outbox (job_key) SELECT '' WHERE 1 = 0; END;";

/// As the release before left it, with this release beside it.
async fn outdated(app: &TestApp) {
    before_job_keys(app).await;
    app.database.execute(NAMES_WHAT_IS_NEW).await.unwrap();
}

/// The versions that are written down, with how long ago that was.
async fn versions(app: &TestApp) -> Vec<(String, bool)> {
    let now = "applied_at BETWEEN unixepoch() * 1000 - 60000 AND unixepoch() * 1000 + 1000";
    let rows = app.database.rows(&format!("SELECT version, {now} FROM schema_migrations")).await.unwrap();
    rows.into_iter().map(|row| (row[0].clone(), row[1] == "1")).collect()
}

/// Tables and indexes as they were written.
async fn parts(app: &TestApp) -> Vec<Vec<String>> {
    app.database.rows("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name").await.unwrap()
}

/// So often the table was made anew.
async fn rebuilt(app: &TestApp) -> usize {
    let statements = app.take_invocations().await.into_iter().flat_map(|run| run.statements);
    statements.filter(|sql| sql.contains("RENAME TO outbox")).count()
}

async fn is_up_to_date(app: &TestApp) {
    assert_eq!(
        (versions(app).await, rebuilt(app).await),
        (["2", "3", "4", "5", "6", "7", "8", "9"].map(|version| (version.to_owned(), true)).into(), 1)
    );
    assert_eq!(keys(app).await, KEYS);
    let indexes = "SELECT GROUP_CONCAT(name) FROM (SELECT name FROM sqlite_master \
                   WHERE type = 'index' AND tbl_name = 'outbox' ORDER BY name)";
    assert_eq!(
        app.value(indexes).await,
        "ix_outbox_due,ix_outbox_enrolment,ix_outbox_lease,ix_outbox_state,sqlite_autoindex_outbox_1"
    );
    assert_eq!(app.value("PRAGMA integrity_check").await, "ok");
    for path in ["/health", "/health?deep=1"] {
        assert_eq!(app.get(path).await.status, 200, "{path}");
    }
    assert_eq!(rebuilt(app).await, 0);
    numbers_go_on(app).await;
}

async fn a_start_with_the_schema_and_health(app: TestApp) {
    outdated(&app).await;
    let was = rows(&app).await;
    app.database.execute(SCHEMA).await.unwrap();
    assert!(versions(&app).await.is_empty());
    let answer = app.get("/health").await;
    assert_eq!((answer.status, rows(&app).await), (200, was));
    is_up_to_date(&app).await;
}

async fn from_before_there_were_documents(app: TestApp) {
    before_documents(&app).await;
    goes_on(&app, 1).await;
}

async fn from_before_there_were_events(app: TestApp) {
    before_events(&app).await;
    goes_on(&app, 2).await;
}

/// From so many versions that are written down.
async fn goes_on(app: &TestApp, noted: usize) {
    let was = rows(app).await;
    app.database.execute(SCHEMA).await.unwrap();
    assert_eq!(versions(app).await.len(), noted);
    assert_eq!((app.get("/health").await.status, rows(app).await), (200, was));
    assert_eq!(versions(app).await.len(), 8);
    numbers_go_on(app).await;
    events_begin(app).await;
    // A canceled one is in nobody's way.
    assert_eq!((app.enrolled("user-7", 1).await, app.enrol("user-1", 1).await.status), (52, 409));
    assert_eq!(app.value("PRAGMA integrity_check").await, "ok");
}

/// Where a platform keeps the database, and the schema is not run again.
async fn health_without_a_start(app: TestApp) {
    outdated(&app).await;
    app.database.execute("CREATE VIEW owed AS SELECT id FROM outbox WHERE state <> 'done'").await.unwrap();
    let was = rows(&app).await;
    let answer = app.get("/health").await;
    assert_eq!((answer.status, rows(&app).await), (200, was));
    assert_eq!(app.value("SELECT COUNT(*) FROM owed").await, "6");
    is_up_to_date(&app).await;
}

async fn reads_come_first(app: TestApp) {
    outdated(&app).await;
    let was = rows(&app).await;
    for id in 1..=9 {
        assert_eq!(app.get(&format!("/{id}")).await.json()["user_id"], format!("user-{id}"));
    }
    assert_eq!(app.get("/active").await.enrolments().len(), 3);
    assert_eq!(app.get("/deliveries").await.json()["deliveries"].as_array().map(Vec::len), Some(6));
    assert_eq!(app.get("/metrics").await.status, 200);
    app.get("/health").await;
    assert_eq!(rows(&app).await, was);
    is_up_to_date(&app).await;
}

async fn a_write_comes_first(app: TestApp) {
    outdated(&app).await;
    let was = rows(&app).await;
    let answer = app.call_with_key("k", "POST", "", &json!({"course_id": 1, "user_id": "user-0"})).await;
    assert_eq!((answer.status, &answer.json()["id"]), (201, &json!(51)), "{}", answer.text);
    app.idle().await;
    assert_eq!(app.sandbox.state().emails.len(), 1);
    for table in ["enrolments WHERE id = 51", "outbox WHERE id = 61", "idempotency WHERE idempotency_key = 'k'"] {
        assert_eq!(app.value(&format!("SELECT COUNT(*) FROM {table}")).await, "1", "{table}");
        app.database.execute(&format!("DELETE FROM {table}")).await.unwrap();
    }
    assert_eq!(rows(&app).await, was);
    let highest = "SELECT GROUP_CONCAT(seq) FROM (SELECT seq FROM sqlite_sequence \
                   WHERE name IN ('enrolments', 'outbox') ORDER BY name)";
    assert_eq!(app.value(highest).await, "51,61");
    assert_eq!((versions(&app).await.len(), rebuilt(&app).await), (8, 1));
}

async fn a_payment_comes_first(app: TestApp) {
    outdated(&app).await;
    let answer = app.pay(1).await;
    assert!(answer.status == 200 && answer.json()["invoice_url"].is_string(), "{}", answer.text);
    app.idle().await;
    assert_eq!((app.sandbox.state().invoices.len(), app.sandbox.state().emails.len()), (1, 1));
    assert_eq!((versions(&app).await.len(), rebuilt(&app).await), (8, 1));
    assert_eq!(app.jobs().await[8..], ["invoice done", "payment_email done"]);
}

async fn a_run_by_cron_comes_first(app: TestApp) {
    outdated(&app).await;
    app.cron("expiry-cron").await;
    app.cron("delivery-cron").await;
    assert_eq!(app.sandbox.state().emails.len(), 1);
    let ended = "SELECT GROUP_CONCAT(id || state) FROM (SELECT id, state FROM outbox \
                 WHERE state IN ('done', 'dead') ORDER BY id)";
    // A worker that is long gone left the last one.
    assert_eq!(app.value(ended).await, "1done,2done,3done,6dead,7dead");
    is_up_to_date(&app).await;
}

async fn many_come_first(app: TestApp) {
    outdated(&app).await;
    let users: Vec<_> = (0..10).map(|number| format!("new-{number}")).collect();
    let writes = join_all(users.iter().map(|user| app.enrol(user, 1)));
    let looks = join_all((0..10).map(|_| app.get("/health")));
    let crons = join_all([app.cron("delivery-cron"), app.cron("expiry-cron")]);
    let (answers, _) = join(join(writes, looks), crons).await;
    for answer in [answers.0, answers.1].concat() {
        assert!([200, 201].contains(&answer.status), "{}", answer.text);
    }
    assert_eq!((versions(&app).await.len(), rebuilt(&app).await), (8, 1));
    assert_eq!(keys(&app).await, KEYS);
    assert_eq!(app.value("SELECT COUNT(*) FROM outbox WHERE enrolment_id BETWEEN 51 AND 60").await, "10");
}

async fn a_failure_leaves_nothing(app: TestApp) {
    before_job_keys(&app).await;
    // The last table of all meets it.
    app.database.execute("CREATE VIEW event_positions AS SELECT 1").await.unwrap();
    let (was, made) = (rows(&app).await, parts(&app).await);
    for path in ["/health", "/health?deep=1"] {
        assert_eq!(app.get(path).await.status, 503, "{path}");
    }
    assert!(app.app.captured_output().contains("\"cause\":\"database: statement failed\""));
    assert_eq!((rows(&app).await, parts(&app).await), (was, made));
    app.database.execute("DROP VIEW event_positions").await.unwrap();
    app.take_invocations().await;
    assert_eq!(app.get("/health").await.status, 200);
    is_up_to_date(&app).await;
}

async fn an_empty_file_stays_empty(app: TestApp) {
    assert_eq!(app.get("/health").await.status, 503);
    assert_eq!((app.get("/1").await.status, app.enrol("a", 1).await.status), (503, 503));
    app.cron("delivery-cron").await;
    assert!(parts(&app).await.is_empty());
    // Nor does what is left of one become whole.
    app.database.execute("CREATE TABLE outbox (id INTEGER PRIMARY KEY AUTOINCREMENT)").await.unwrap();
    assert_eq!(app.get("/health").await.status, 503);
    assert_eq!(parts(&app).await.len(), 2);
}

async fn the_next_start_changes_nothing(app: TestApp) {
    app.enrolled("a", 1).await;
    app.idle().await;
    let (was, made) = (rows(&app).await, parts(&app).await);
    app.database.execute(SCHEMA).await.unwrap();
    app.take_invocations().await;
    assert_eq!(app.get("/health").await.status, 200);
    let health = app.take_invocations().await.remove(0);
    assert_eq!((health.statements.len(), health.connections), (2, 1), "{health:?}");
    assert_eq!((rows(&app).await, parts(&app).await), (was, made));
    assert_eq!(versions(&app).await.len(), 8);
}
