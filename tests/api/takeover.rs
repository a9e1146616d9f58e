//! A database of the Flask service, taken over in place.

use futures::StreamExt;
use mysql_async::prelude::Queryable;
use sandbox::Target;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tests::{Settings, TestApp};

crate::cases![
    ten_thousand_rows_are_taken_over on MariaDb with Settings { empty_database: true, ..Settings::default() },
    an_empty_database_gets_everything on MariaDb with Settings { empty_database: true, ..Settings::default() },
    other_tables_are_left_alone on MariaDb with Settings { empty_database: true, ..Settings::default() },
];

/// The table of the Flask service's own migrations, in the default character set of its
/// server.
pub(crate) const FLASK: &str = "
    CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);
    INSERT INTO alembic_version VALUES ('4f2a9c1d7e3b');
    CREATE TABLE enrolments (
        id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
        course_id INT NOT NULL,
        user_id VARCHAR(64) NOT NULL,
        invoice_url VARCHAR(512) NULL,
        status ENUM('ACTIVE','CANCELED','COMPLETED') NOT NULL,
        payment_status ENUM('PENDING','PAID','FAILED') NOT NULL,
        created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
        updated_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
        course_end_date DATETIME NULL DEFAULT CURRENT_TIMESTAMP,
        UNIQUE KEY uq_enrolments (user_id, course_id),
        KEY ix_enrolments_course_id (course_id),
        KEY ix_enrolments_user_id (user_id)
    ) ENGINE=InnoDB";

const ROWS: usize = 10_000;

/// The step without a way back.
pub(crate) const LAST: [&str; 1] = ["U3__no_way_back"];

/// The number of steps with a way back.
pub(crate) fn first_steps() -> usize {
    std::fs::read_dir(tests::root().join("migrations/mysql")).unwrap().count() - LAST.len()
}

/// A row: every fifth has its user id in capitals; all statuses, links and ends occur.
fn row(n: usize) -> String {
    let user = format!("user-{}", n / 5);
    let user = if n % 5 == 4 { user.to_uppercase() } else { user };
    let status = ["CANCELED", "COMPLETED", "ACTIVE", "ACTIVE", "ACTIVE", "ACTIVE", "ACTIVE"][n % 7];
    let payment = ["PENDING", "PAID", "PAID", "FAILED"][n % 4];
    let link = match (payment, n % 3) {
        ("PAID", 0) => "'N/A'".to_owned(),
        ("PAID", 1) => "NULL".to_owned(),
        ("PAID", _) => format!("'https://account.example/invoice/{n}'"),
        _ => "NULL".to_owned(),
    };
    let end =
        ["NULL", "'2024-01-01 00:00:00'", "'2199-01-01 00:00:00'", "UTC_TIMESTAMP() - INTERVAL 1 MINUTE"][n % 11 % 4];
    format!("({}, '{user}', {link}, '{status}', '{payment}', NOW() + INTERVAL 2 HOUR, NOW(), {end})", n % 5 + 1)
}

async fn flask(app: &TestApp) {
    app.database.execute("ALTER DATABASE CHARACTER SET utf8mb4").await.unwrap();
    app.database.execute(FLASK).await.unwrap();
    let columns = "course_id, user_id, invoice_url, status, payment_status, created_at, updated_at, course_end_date";
    for rows in (0..ROWS).collect::<Vec<_>>().chunks(1000) {
        let rows: Vec<_> = rows.iter().map(|n| row(*n)).collect();
        app.database.execute(&format!("INSERT INTO enrolments ({columns}) VALUES {}", rows.join(","))).await.unwrap();
    }
}

pub(crate) async fn migrate(app: &TestApp, no_way_back: bool) -> migrate::Applied {
    migrate::run(app.database.connect().await.unwrap().opts().clone(), no_way_back).await.unwrap()
}

pub(crate) async fn examine(app: &TestApp) -> migrate::Findings {
    migrate::examine(app.database.connect().await.unwrap().opts().clone()).await.unwrap()
}

/// The expected answers, by id.
pub(crate) async fn expected(app: &TestApp) -> BTreeMap<i64, Value> {
    let query = "SELECT id, user_id, course_id, LOWER(status), LOWER(payment_status), NULLIF(invoice_url, 'N/A') FROM enrolments";
    let mut own = app.database.connect().await.unwrap();
    let rows: Vec<(i64, String, i64, String, String, Option<String>)> = own.query(query).await.unwrap();
    let answer = |(id, user_id, course_id, status, payment_status, invoice_url)| {
        let answer = json!({"id": id, "user_id": user_id, "course_id": course_id, "status": status,
            "payment_status": payment_status, "invoice_url": invoice_url});
        (id, answer)
    };
    rows.into_iter().map(answer).collect()
}

pub(crate) async fn all_served(app: &TestApp, expected: &BTreeMap<i64, Value>) {
    let answers = futures::stream::iter(expected.keys()).map(|id| async move {
        let answer = app.get(&format!("/{id}")).await;
        (*id, answer.json())
    });
    let served: BTreeMap<_, _> = answers.buffer_unordered(16).collect().await;
    assert_eq!(served.len(), expected.len());
    for (id, answer) in &served {
        assert_eq!(answer, &expected[id]);
    }
}

async fn ten_thousand_rows_are_taken_over(app: TestApp) {
    flask(&app).await;
    let found = examine(&app).await;
    assert_eq!(found.rows.iter().map(|(.., number)| number).sum::<u64>(), ROWS as u64);
    assert_eq!(found.without_link.len(), (0..ROWS).filter(|n| row(*n).contains("'N/A'")).count());
    assert_eq!(found.split.len(), ROWS / 5);
    assert!(found.split.contains(&r#""USER-77", "user-77""#.to_owned()), "{:?}", found.split);
    assert_eq!((found.apart.len(), found.ahead > 0, found.alembic.as_deref()), (0, true, Some("4f2a9c1d7e3b")));
    assert_eq!(
        (found.pending.len(), found.no_way_back.as_slice()),
        (first_steps(), LAST.map(str::to_owned).as_slice())
    );
    let text = found.to_string();
    assert!(text.contains("10000") && text.ends_with("Nothing was changed.\n"), "{text}");
    assert_eq!(app.database.rows("SHOW TABLES").await.unwrap().len(), 2, "the check only reads");

    let before = expected(&app).await;
    let applied = migrate(&app, false).await;
    assert_eq!((applied.names.len(), applied.way_back), (first_steps(), true));
    assert_eq!(migrate(&app, false).await.names.len(), 0);
    assert_eq!(expected(&app).await, before);
    all_served(&app, &before).await;

    expiry_completes_what_has_ended(&app, &before).await;
    nothing_paid_before_is_invoiced(&app, &before).await;
    the_flask_service_can_still_write(&app).await;

    // The ids are the Flask service's until the last step.
    let enrol = |user: &'static str| app.enrol(user, 1);
    assert_eq!(enrol("USER-8").await.status, 409);
    let before = expected(&app).await;
    let applied = migrate(&app, true).await;
    assert_eq!((applied.names, applied.way_back), (LAST.map(str::to_owned).into(), false));
    assert_eq!(migrate(&app, false).await.names.len(), 0);
    assert_eq!(expected(&app).await, before);
    for user in ["USER-8", "user-8 "] {
        assert_eq!(enrol(user).await.status, 201, "{user}");
    }
    assert_eq!(enrol("user-8").await.status, 409);
    assert_eq!(examine(&app).await.apart.len(), 1);
}

async fn expiry_completes_what_has_ended(app: &TestApp, before: &BTreeMap<i64, Value>) {
    let ended = "SELECT id FROM enrolments WHERE status = 'ACTIVE' AND course_end_date <= UTC_TIMESTAMP()";
    let ended: BTreeSet<i64> =
        app.database.rows(ended).await.unwrap().into_iter().flatten().map(|id| id.parse().unwrap()).collect();
    assert!(ended.len() > 2000, "{}", ended.len());
    app.take_invocations().await;
    let completed = app.call("PATCH", "/expired").await.enrolments();
    let ids: BTreeSet<_> = completed.iter().map(|enrolment| enrolment["id"].as_i64().unwrap()).collect();
    assert_eq!((ids.len(), &ids), (completed.len(), &ended));
    let statements = app.take_invocations().await.remove(0).statements.len();
    // The last one notes the end of the run.
    assert!(statements <= 5 * (ended.len() / 1000 + 2) + 1, "{statements} statements for {} rows", ended.len());
    for (id, enrolment) in expected(app).await {
        let mut was = before[&id].clone();
        if ended.contains(&id) {
            was["status"] = json!("completed");
        }
        assert_eq!(enrolment, was);
    }
}

async fn nothing_paid_before_is_invoiced(app: &TestApp, before: &BTreeMap<i64, Value>) {
    let of = |payment: &str| before.values().find(|row| row["payment_status"] == payment && row["status"] == "active");
    let id = |row: Option<&Value>| row.unwrap()["id"].as_i64().unwrap();
    let without_link = before.values().find(|row| row["payment_status"] == "paid" && row["invoice_url"].is_null());
    for paid in [id(of("paid")), id(without_link)] {
        assert_eq!(app.pay(paid).await.status, 409);
    }
    app.cron("delivery-cron").await;
    app.cron("expiry-cron").await;
    assert_eq!(app.call("POST", "/deliveries").await.text, r#"{"delivered":0,"put_off":0,"given_up":0}"#);
    let calls = app.sandbox.state().calls;
    assert_eq!(
        (calls.of(Target::InvoicesCreate), calls.of(Target::InvoicesFind), calls.of(Target::EmailsSend)),
        (0, 0, 0)
    );

    let answer = app.pay(id(of("pending"))).await;
    assert!(answer.status == 200 && answer.json()["invoice_url"].is_string(), "{}", answer.text);
    app.idle().await;
    assert_eq!((app.sandbox.state().invoices.len(), app.sandbox.state().emails.len()), (1, 1));
}

/// It writes the columns that it knows.
async fn the_flask_service_can_still_write(app: &TestApp) {
    let insert = "INSERT INTO enrolments (course_id, user_id, status, payment_status, course_end_date) \
                  VALUES (9, 'late', 'ACTIVE', 'PENDING', NULL)";
    app.database.execute(insert).await.unwrap();
    let id = app.value("SELECT id FROM enrolments WHERE user_id = 'late'").await;
    assert_eq!(app.get(&format!("/{id}")).await.json()["user_id"], "late");
}

async fn an_empty_database_gets_everything(app: TestApp) {
    let found = examine(&app).await;
    let all = first_steps() + LAST.len();
    assert_eq!((found.enrolments, found.pending.len(), found.no_way_back.len()), (false, all, 0));
    let applied = migrate(&app, false).await;
    assert_eq!((applied.names.len(), applied.way_back), (all, false));
    assert_eq!(migrate(&app, false).await.names.len(), 0);
    for user in ["alice", "ALICE", "alice "] {
        assert_eq!(app.enrol(user, 1).await.status, 201, "{user}");
    }
    assert!(examine(&app).await.pending.is_empty());
}

async fn other_tables_are_left_alone(app: TestApp) {
    app.database.execute("CREATE TABLE enrolments (id INT NOT NULL PRIMARY KEY, note TEXT)").await.unwrap();
    let refused = migrate::examine(app.database.connect().await.unwrap().opts().clone()).await.unwrap_err();
    assert!(refused.to_string().contains("this is not the Flask service's table"), "{refused}");
}
