//! Databases of earlier releases, and the tables of the migrations.

use crate::takeover::{FLASK, LAST, first_steps, migrate};
use serde_json::json;
use tests::{Settings, TestApp};

crate::cases![
    rows_of_release_0_1_0_are_served_and_delivered,
    a_taken_over_database_has_the_tables_of_a_new_one on MariaDb with without_tables(),
    an_empty_file_stays_empty on Sqlite with without_tables(),
    the_next_start_changes_nothing on Sqlite,
];

const ROWS: &str = include_str!("../fixtures/release_0_1_0.sql");

const SQLITE: &str = include_str!("../../migrations/sqlite/schema.sql");

fn without_tables() -> Settings {
    Settings { empty_database: true, ..Settings::default() }
}

async fn rows_of_release_0_1_0_are_served_and_delivered(app: TestApp) {
    app.database.execute(&ROWS.replace("ACCOUNT", &app.sandbox.origin())).await.unwrap();
    assert_eq!(app.get("/health?deep=1").await.status, 200);
    for id in 1..=9 {
        assert_eq!(app.get(&format!("/{id}")).await.json()["user_id"], format!("user-{id}"));
    }
    assert_eq!(app.events().await.len(), 2);
    assert_eq!(app.get("/2/history").await.json()["resolutions"][0]["note"], "sent by the bookkeeper");
    assert_eq!(app.documents(2).await[0]["ksef"]["status"], "ok");
    let repeated = app.call_with_key("answered", "POST", "", &json!({"course_id": 1, "user_id": "user-1"})).await;
    assert_eq!((repeated.status, &repeated.json()["id"]), (201, &json!(1)));
    assert_eq!(app.call_with_key("under-way", "PATCH", "/paid", &json!({"enrolment_id": 5})).await.status, 409);

    app.cron("delivery-cron").await;
    app.deliver_all().await;
    let left = "SELECT job_key, state FROM outbox WHERE state <> 'done' ORDER BY id";
    // Jobs: leased, dead, with an expired lease, and waiting.
    let expected = [
        ["enrolment_email:1", "due"],
        ["invoice:8", "dead"],
        ["enrolment_email:8", "dead"],
        ["enrolment_email:9", "unknown"],
    ];
    assert_eq!(app.database.rows(left).await.unwrap(), expected);
    let state = app.sandbox.state();
    let oids: Vec<_> = state.invoices.iter().map(|invoice| invoice["oid"].clone()).collect();
    assert_eq!(oids, ["enrolment-5-00000000000000a5", "enrolment-6-00000000000000a6"]);
    for (user, mails) in [("user-2", 1), ("user-3", 1), ("user-5", 1), ("user-6", 1), ("user-7", 1), ("user-8", 0)] {
        assert_eq!(app.subjects(user).len(), mails, "{user}");
    }
    assert_eq!(app.call("POST", "/deliveries/6/retry").await.status, 200);
    app.deliver_all().await;
    assert_eq!(app.sandbox.state().invoices[2]["buyer_name"], "Acme");

    // New rows have unused ids.
    assert_eq!(app.enrolled("user-51", 2).await, 51);
    app.idle().await;
    let job = "SELECT id > 60 FROM outbox WHERE job_key = 'enrolment_email:51'";
    assert_eq!(app.value(job).await, "1");
}

/// Columns and indexes by table. Their order may differ.
const TABLES: &str = "
    SELECT part FROM (
        SELECT CONCAT_WS(' ', table_name, column_name, column_type, is_nullable, collation_name, column_default) AS part
        FROM information_schema.columns WHERE table_schema = DATABASE()
        UNION ALL SELECT CONCAT_WS(' ', table_name, index_name, seq_in_index, column_name, non_unique)
        FROM information_schema.statistics WHERE table_schema = DATABASE()) AS parts
    WHERE part NOT LIKE 'refinery%' AND part NOT LIKE 'alembic%' ORDER BY part";

async fn a_taken_over_database_has_the_tables_of_a_new_one(app: TestApp) {
    app.database.execute("ALTER DATABASE CHARACTER SET utf8mb4").await.unwrap();
    app.database.execute(FLASK).await.unwrap();
    let canceled = "INSERT INTO enrolments (user_id, course_id, status, payment_status) \
                    VALUES ('ann', 1, 'CANCELED', 'PENDING')";
    app.database.execute(canceled).await.unwrap();
    let applied = migrate(&app, false).await;
    assert_eq!((applied.names.len(), applied.way_back), (first_steps(), true));
    let refused = app.enrol("ann", 1).await;
    assert_eq!((refused.status, refused.error().as_str()), (409, "conflict"));
    assert!(refused.text.contains("requires the last database migration"), "{}", refused.text);
    assert_eq!(app.enrolled("bob", 1).await, 3, "the id of the refused one is lost");

    assert_eq!(migrate(&app, true).await.names, LAST);
    assert!(migrate(&app, true).await.names.is_empty());
    assert_eq!(app.enrol("ann", 1).await.status, 201);
    assert!(app.enrol("bob", 1).await.text.contains("already enrolled"));
    app.idle().await;
    let taken_over = app.database.rows(TABLES).await.unwrap();
    let tables = "DROP TABLE enrolments, outbox, idempotency, paces, documents, course_seats, events, event_positions, \
                  resolutions, mail_texts, payments, refunds, refinery_schema_history, alembic_version";
    app.database.execute(tables).await.unwrap();
    assert_eq!(migrate(&app, false).await.names.len(), first_steps() + LAST.len());
    assert_eq!(taken_over, app.database.rows(TABLES).await.unwrap());
}

/// The SQL of tables and indexes.
async fn parts(app: &TestApp) -> Vec<Vec<String>> {
    app.database.rows("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name").await.unwrap()
}

async fn an_empty_file_stays_empty(app: TestApp) {
    assert_eq!(app.get("/health").await.status, 503);
    assert_eq!((app.get("/1").await.status, app.enrol("a", 1).await.status), (503, 503));
    app.cron("delivery-cron").await;
    assert!(parts(&app).await.is_empty());
    // Missing tables are not added either.
    app.database.execute("CREATE TABLE outbox (id INTEGER PRIMARY KEY AUTOINCREMENT)").await.unwrap();
    assert_eq!(app.get("/health").await.status, 503);
    assert_eq!(parts(&app).await.len(), 2);
}

async fn the_next_start_changes_nothing(app: TestApp) {
    app.database.execute(&ROWS.replace("ACCOUNT", &app.sandbox.origin())).await.unwrap();
    let rows = async || {
        let mut rows = Vec::new();
        for table in [
            "enrolments",
            "outbox",
            "idempotency",
            "documents",
            "events",
            "event_positions",
            "resolutions",
            "paces",
            "mail_texts",
        ] {
            rows.extend(app.database.rows(&format!("SELECT * FROM {table} ORDER BY 1")).await.unwrap());
        }
        rows
    };
    let (was, made) = (rows().await, parts(&app).await);
    app.database.execute(SQLITE).await.unwrap();
    app.take_invocations().await;
    assert_eq!(app.get("/health").await.status, 200);
    let health = app.take_invocations().await.remove(0);
    assert_eq!((health.statements.len(), health.connections), (2, 1), "{health:?}");
    assert_eq!((rows().await, parts(&app).await), (was, made));
    // The first version has no row.
    let later = tests::sqlite_schema().unwrap().len() - 1;
    assert_eq!(app.value("SELECT COUNT(*) FROM schema_migrations").await, later.to_string());
}
