//! A database of an earlier release, brought up to date: a server's by `make migrate`.

pub(crate) mod sqlite;

use crate::takeover::{LAST, migrate};
use tests::{Settings, TestApp, TestDatabase};

crate::cases![
    make_migrate_goes_on_from_before_there_were_job_keys on MariaDb with without_tables(),
    make_migrate_goes_on_from_before_there_were_documents on MariaDb with without_tables(),
    make_migrate_goes_on_from_before_there_were_events on MariaDb with without_tables(),
    make_migrate_goes_on_and_keeps_the_way_back on MariaDb with without_tables(),
    the_release_before_writes_on,
];

const ROWS: &str = include_str!("../fixtures/before_job_keys/rows.sql");

fn without_tables() -> Settings {
    Settings { empty_database: true, ..Settings::default() }
}

/// As the release before jobs had keys left it.
async fn before_job_keys(app: &TestApp) {
    let schema = match app.database {
        TestDatabase::Sqlite(_) => include_str!("../fixtures/before_job_keys/sqlite.sql"),
        TestDatabase::MariaDb { .. } => include_str!("../fixtures/before_job_keys/mariadb.sql"),
    };
    for sql in [schema, ROWS] {
        app.database.execute(sql).await.unwrap();
    }
}

/// As the release before there were documents left it: it brought that one up to date.
async fn before_documents(app: &TestApp) {
    before_job_keys(app).await;
    let steps = match app.database {
        TestDatabase::Sqlite(_) => [
            "CREATE TABLE IF NOT EXISTS schema_migrations (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL)",
            include_str!("../../migrations/sqlite/V2__job_keys.sql"),
            include_str!("../fixtures/before_documents/sqlite.sql"),
        ],
        TestDatabase::MariaDb { .. } => [
            include_str!("../../migrations/mysql/V6__job_keys.sql"),
            include_str!("../../migrations/mysql/V7__keys_of_old_jobs.sql"),
            include_str!("../fixtures/before_documents/mariadb.sql"),
        ],
    };
    for sql in steps {
        app.database.execute(sql).await.unwrap();
    }
}

/// As the release before there were events left it: it brought that one up to date.
async fn before_events(app: &TestApp) {
    before_documents(app).await;
    let steps = match app.database {
        TestDatabase::Sqlite(_) => vec![
            include_str!("../../migrations/sqlite/V3__life_of_an_enrolment.sql"),
            include_str!("../fixtures/before_events/sqlite.sql"),
        ],
        TestDatabase::MariaDb { .. } => vec![
            include_str!("../../migrations/mysql/V8__refunds.sql"),
            include_str!("../../migrations/mysql/V9__open_enrolments.sql"),
            include_str!("../../migrations/mysql/V10__lists_and_seats.sql"),
            include_str!("../../migrations/mysql/V11__course_seats.sql"),
            include_str!("../../migrations/mysql/V12__documents.sql"),
            include_str!("../fixtures/before_events/mariadb.sql"),
        ],
    };
    for sql in steps {
        app.database.execute(sql).await.unwrap();
    }
}

/// Every row, as far as the releases before know its columns.
async fn rows(app: &TestApp) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for (table, columns) in [
        (
            "enrolments",
            "id, course_id, user_id, invoice_url, status, payment_status, created_at, updated_at, course_end_date",
        ),
        (
            "outbox",
            "id, enrolment_id, kind, payload, state, attempts, due_at, lease_token, unknown_since, last_error, \
             created_at, finished_at",
        ),
        ("idempotency", "idempotency_key, request, token, lease_until, outcome, created_at"),
    ] {
        rows.extend(app.database.rows(&format!("SELECT {columns} FROM {table} ORDER BY 1")).await.unwrap());
    }
    rows
}

/// The keys of the jobs that the release before left, by number.
async fn keys(app: &TestApp) -> Vec<String> {
    let keys = "SELECT job_key FROM outbox WHERE id < 60 AND payload_version = 1 ORDER BY id";
    app.database.rows(keys).await.unwrap().into_iter().flatten().collect()
}

/// What MySQL gets.
const NEW: [&str; 18] = [
    "V6__job_keys",
    "V7__keys_of_old_jobs",
    "V8__refunds",
    "V9__open_enrolments",
    "V10__lists_and_seats",
    "V11__course_seats",
    "V12__documents",
    "V14__events",
    "V15__event_positions",
    "V16__first_event_position",
    "V17__ksef",
    "V20__resolutions",
    "V21__events_of_users",
    "V22__requests_of_users",
    "V23__pruned_events",
    "V24__paces",
    "V25__removed_events",
    "V26__events_removed_before",
];

/// The tables' columns and indexes. A table's own may stand in another order.
const TABLES: &str = "
    SELECT GROUP_CONCAT(part ORDER BY part SEPARATOR '; ') FROM (
        SELECT CONCAT_WS(' ', table_name, column_name, column_type, is_nullable, collation_name, column_default)
            AS part
        FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name <> 'refinery_schema_history'
        UNION ALL SELECT CONCAT_WS(' ', table_name, index_name, seq_in_index, column_name, non_unique)
        FROM information_schema.statistics
        WHERE table_schema = DATABASE() AND table_name <> 'refinery_schema_history') AS parts";

const KEYS: [&str; 8] = [
    "enrolment_email:2",
    "invoice:2",
    "payment_email:2",
    "enrolment_email:1",
    "invoice:5",
    "invoice:8",
    "enrolment_email:8",
    "enrolment_email:9",
];

/// New rows have numbers that were never there.
async fn numbers_go_on(app: &TestApp) {
    assert_eq!(app.enrolled("user-51", 2).await, 51);
    app.idle().await;
    assert_eq!(app.value("SELECT MAX(id) FROM outbox").await, "61");
}

async fn make_migrate_goes_on_from_before_there_were_job_keys(app: TestApp) {
    before_job_keys(&app).await;
    goes_on(&app, &NEW).await;
}

async fn make_migrate_goes_on_from_before_there_were_documents(app: TestApp) {
    before_documents(&app).await;
    goes_on(&app, &NEW[2..]).await;
}

async fn make_migrate_goes_on_from_before_there_were_events(app: TestApp) {
    before_events(&app).await;
    goes_on(&app, &NEW[7..]).await;
}

async fn goes_on(app: &TestApp, new: &[&str]) {
    let was = rows(app).await;
    assert_eq!(was.len(), 9 + 8 + 2);
    let applied = migrate(app, false).await;
    assert_eq!((applied.names, applied.way_back), (new.iter().map(|name| (*name).to_owned()).collect(), true));
    assert_eq!((rows(app).await, keys(app).await), (was.clone(), KEYS.map(str::to_owned).into()));
    assert_eq!(app.get("/health?deep=1").await.status, 200);
    numbers_go_on(app).await;
    events_begin(app).await;
    a_canceled_one_is_in_the_way(app).await;

    let was = rows(app).await;
    assert_eq!(migrate(app, true).await.names, LAST[1..]);
    assert!(migrate(app, true).await.names.is_empty());
    assert_eq!((rows(app).await, keys(app).await), (was, KEYS.map(str::to_owned).into()));
    assert!(app.enrolled("user-7", 1).await > 51);
    let made = app.value(TABLES).await;
    // As on an empty one.
    let tables = "DROP TABLE enrolments, outbox, idempotency, paces, documents, course_seats, events, event_positions, \
                  resolutions, refinery_schema_history";
    app.database.execute(tables).await.unwrap();
    assert_eq!(migrate(app, false).await.names.len(), 24);
    assert_eq!(made, app.value(TABLES).await);
}

/// With what happens from now on: the only one so far is the enrolment of `user-51`.
async fn events_begin(app: &TestApp) {
    let events = app.get("/events").await.json();
    let first = &events["events"][0];
    assert_eq!((events["events"].as_array().unwrap().len(), &first["enrolment"]["id"]), (1, &serde_json::json!(51)));
    assert_eq!(app.get("/1/history").await.text, r#"{"events":[],"resolutions":[]}"#);
}

/// Until the last step, which is said.
async fn a_canceled_one_is_in_the_way(app: &TestApp) {
    let refused = app.enrol("user-7", 1).await;
    assert_eq!((refused.status, refused.error().as_str()), (409, "conflict"));
    assert!(refused.text.contains("requires the last database migration"), "{}", refused.text);
    let enrolled = app.enrol("user-1", 1).await;
    assert_eq!((enrolled.status, enrolled.text.contains("already enrolled")), (409, true));
}

/// The Flask service's, on which the release before ran.
async fn make_migrate_goes_on_and_keeps_the_way_back(app: TestApp) {
    before_job_keys(&app).await;
    let flask = "DELETE FROM refinery_schema_history WHERE version = 5; CREATE TABLE alembic_version (version_num INT)";
    app.database.execute(flask).await.unwrap();
    let was = rows(&app).await;
    let applied = migrate(&app, false).await;
    assert_eq!((applied.names, applied.way_back), (NEW.map(str::to_owned).into(), true));
    assert_eq!((rows(&app).await, keys(&app).await), (was.clone(), KEYS.map(str::to_owned).into()));
    assert_eq!(migrate(&app, true).await.names, LAST);
    assert_eq!((rows(&app).await, keys(&app).await), (was, KEYS.map(str::to_owned).into()));
    assert!(!migrate(&app, false).await.way_back);
}

/// It knows neither the keys nor that there are versions.
async fn the_release_before_writes_on(app: TestApp) {
    let id = app.enrolled("a", 1).await;
    app.idle().await;
    let insert = |enrolment: i64| {
        format!(
            "INSERT INTO outbox (enrolment_id, kind, payload, state, attempts, due_at, lease_token, created_at) \
             VALUES ({enrolment}, 'invoice', '{{}}', 'due', 1, 1, NULL, 1)"
        )
    };
    for enrolment in [id + 1, id + 2] {
        app.database.execute(&insert(enrolment)).await.unwrap();
    }
    let unnamed = "SELECT COUNT(*) FROM outbox WHERE job_key IS NULL AND payload_version = 1 AND kind = 'invoice'";
    assert_eq!(app.value(unnamed).await, "2");
}
