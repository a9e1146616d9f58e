//! Takeover of a Flask database in another character set than utf8mb4, back to the Flask
//! service, and the last step to utf8mb4.

use crate::takeover::{FLASK, LAST, all_served, examine, expected, first_steps, migrate};
use serde_json::json;
use tests::{Answer, Settings, TestApp};

crate::cases![
    a_latin1_table_is_taken_over on MariaDb with Settings { empty_database: true, ..Settings::default() },
    a_utf8mb3_table_is_taken_over on MariaDb with Settings { empty_database: true, ..Settings::default() },
    a_utf8mb4_table_is_taken_over on MariaDb with Settings { empty_database: true, ..Settings::default() },
];

const ROWS: &str = "
    INSERT INTO enrolments (id, course_id, user_id, invoice_url, status, payment_status, course_end_date) VALUES
        (1, 1, 'alice', NULL, 'ACTIVE', 'PENDING', NULL),
        (2, 2, 'ALICE', 'N/A', 'ACTIVE', 'PAID', NULL),
        (3, 1, 'müller', NULL, 'ACTIVE', 'PENDING', '2024-01-01'),
        (4, 1, 'bob', NULL, 'CANCELED', 'FAILED', NULL)";

async fn a_latin1_table_is_taken_over(app: TestApp) {
    taken_over(&app, "latin1", &["Jürgen"], &["Zażółć", "user-😀"]).await;
}

async fn a_utf8mb3_table_is_taken_over(app: TestApp) {
    taken_over(&app, "utf8mb3", &["Jürgen", "Zażółć"], &["user-😀"]).await;
}

async fn a_utf8mb4_table_is_taken_over(app: TestApp) {
    taken_over(&app, "utf8mb4", &["Jürgen", "Zażółć", "user-😀"], &[]).await;
}

/// The character set has the characters of the ids `fitting`, and not those of `foreign`.
async fn taken_over(app: &TestApp, characters: &str, fitting: &[&str], foreign: &[&str]) {
    app.database.execute(&format!("ALTER DATABASE CHARACTER SET {characters}")).await.unwrap();
    app.database.execute(&format!("{FLASK};{ROWS}")).await.unwrap();
    let found = examine(app).await;
    assert_eq!(found.text.as_ref().map(|(characters, _)| characters.as_str()), Some(characters));
    assert_eq!((found.split.as_slice(), found.apart.len()), ([r#""ALICE", "alice""#.to_owned()].as_slice(), 0));
    assert_eq!(found.to_string().contains("get 400"), characters != "utf8mb4");

    let before = expected(app).await;
    let applied = migrate(app, false).await.names.len();
    assert_eq!((applied, before[&3]["user_id"].as_str()), (first_steps(), Some("müller")));
    all_served(app, &before).await;
    for user in fitting {
        let id = app.enrolled(user, 9).await;
        assert_eq!(app.get(&format!("/{id}")).await.json()["user_id"], *user);
        assert_eq!((details(app, id, user).await.status, app.enrol(user, 9).await.status), (200, 409));
    }
    for user in foreign {
        is_refused(app, user).await;
    }
    one_user_is_one_text(app).await;
    the_rest_works(app).await;
    the_flask_service_comes_back(app).await;

    let before = expected(app).await;
    assert_eq!(migrate(app, true).await.names, LAST);
    assert_eq!(expected(app).await, before);
    all_served(app, &before).await;
    assert_eq!(app.enrol("ALICE", 1).await.status, 201);
    for user in foreign {
        let answer = app.call_with_key(&key(user), "POST", "", &json!({"course_id": 1, "user_id": user})).await;
        assert_eq!((answer.status, &answer.json()["user_id"]), (201, &json!(user)));
    }
    let found = examine(app).await;
    assert_eq!((found.text.unwrap().0.as_str(), found.apart.len(), found.pending.len()), ("utf8mb4", 1, 0));
}

async fn details(app: &TestApp, id: i64, user: &str) -> Answer {
    app.send(app.request(reqwest::Method::GET, &format!("/{id}/details")).query(&[("user_id", user)])).await
}

fn key(user: &str) -> String {
    format!("key-{}", user.len())
}

async fn is_refused(app: &TestApp, user: &str) {
    let before = app.value("SELECT COUNT(*) FROM enrolments").await;
    let body = json!({"course_id": 1, "user_id": user});
    for answer in [app.enrol(user, 1).await, app.call_with_key(&key(user), "POST", "", &body).await] {
        assert_eq!((answer.status, answer.error().as_str()), (400, "validation_error"), "{}", answer.text);
        assert_eq!(answer.json()["details"][0]["loc"], json!(["user_id"]), "{}", answer.text);
    }
    assert_eq!(details(app, 1, user).await.status, 404);
    let payment = json!({"enrolment_id": 1, "user_id": user});
    assert_eq!(app.call_json("PATCH", "/paid", &payment).await.status, 404);
    assert_eq!(app.value("SELECT COUNT(*) FROM enrolments").await, before);
    assert_eq!(app.count("idempotency").await, 0);
}

/// The service compares ids byte for byte. Only the unique index of the table does not.
async fn one_user_is_one_text(app: &TestApp) {
    for other in ["ALICE", "alice ", "alicé"] {
        assert_eq!(details(app, 1, other).await.status, 404, "{other}");
        let payment = json!({"enrolment_id": 1, "user_id": other});
        assert_eq!(app.call_json("PATCH", "/paid", &payment).await.status, 404, "{other}");
    }
    assert_eq!(details(app, 1, "alice").await.status, 200);
    assert_eq!(app.enrol("ALICE", 1).await.status, 409);
}

async fn the_rest_works(app: &TestApp) {
    assert!(app.pay(1).await.json()["invoice_url"].is_string());
    assert_eq!(app.pay(2).await.status, 409);
    let completed = app.call("PATCH", "/expired").await.enrolments();
    assert_eq!((completed.len(), &completed[0]["id"]), (1, &json!(3)));
    assert_eq!(app.call("DELETE", "/4").await.status, 204);
    app.idle().await;
    assert_eq!(app.count("outbox WHERE state <> 'done'").await, 0);
}

/// It writes the columns that it knows, on rows of both services.
async fn the_flask_service_comes_back(app: &TestApp) {
    for statement in [
        "INSERT INTO enrolments (id, course_id, user_id, status, payment_status) VALUES (99, 9, 'late', 'ACTIVE', 'PENDING')",
        "UPDATE enrolments SET payment_status = 'PAID', invoice_url = 'N/A' WHERE user_id = 'late'",
    ] {
        app.database.execute(statement).await.unwrap();
    }
    assert_eq!(app.get("/99").await.json()["payment_status"], "paid");
}
