//! Seats that are held until a time: `pay_until`, `PATCH /extended`, lapses, reminders and late payments.

use serde_json::{Value, json};
use tests::{Answer, TestApp};

crate::cases![
    a_seat_that_is_not_paid_in_time_lapses,
    paid_and_unlimited_seats_do_not_lapse,
    the_variable_holds_seats with crate::variables([("seats_held_for", "2h"), ("remind_before", "1h")]),
    a_free_course_holds_no_seat with crate::variables([("seats_held_for", "2h")]),
    a_time_is_in_the_next_365_days,
    a_seat_is_extended,
    a_payment_in_between_stops_the_reminder with crate::variables([("remind_before", "1h")]),
    a_time_that_is_set_again_has_one_reminder with crate::variables([("remind_before", "1h")]),
    what_lapsed_is_paid_late,
    a_late_payment_finds_no_seat,
    the_cron_component_does_the_same,
    a_thousand_lapse_in_few_statements,
    on_sqlite_many_courses_share_a_transaction on Sqlite,
    before_the_last_migration_the_variable_must_be_empty on MariaDb
        with tests::Settings { empty_database: true, ..crate::variables([("seats_held_for", "2h")]) },
    before_the_last_migration_no_seat_is_held on MariaDb with tests::Settings { empty_database: true, ..Default::default() },
];

/// A time after some minutes, as requests have it.
pub(crate) fn in_minutes(minutes: i64) -> String {
    (chrono::Utc::now() + chrono::TimeDelta::minutes(minutes)).to_rfc3339()
}

/// Enrols a user whose seat is held for an hour.
pub(crate) async fn held(app: &TestApp, user: &str, course: i64) -> i64 {
    let body = json!({"course_id": course, "user_id": user, "pay_until": in_minutes(60)});
    let answer = app.call_json("POST", "", &body).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()["id"].as_i64().unwrap()
}

/// Lets the time of every seat end that is held.
pub(crate) async fn end_holds(app: &TestApp) {
    app.database.execute("UPDATE enrolments SET pay_until = pay_until - 31536000000").await.unwrap();
}

pub(crate) fn conflict(answer: &Answer, error: &str) {
    assert_eq!((answer.status, answer.error().as_str()), (409, error), "{}", answer.text);
}

pub(crate) async fn full(app: &TestApp, id: i64) -> Value {
    app.get(&format!("/{id}?view=full")).await.json()
}

async fn a_seat_that_is_not_paid_in_time_lapses(app: TestApp) {
    let (a, b) = (held(&app, "a", 1).await, held(&app, "b", 1).await);
    assert_eq!(app.fail(b).await.status, 200);
    assert_eq!(app.call("PATCH", "/expired").await.json(), json!({"enrolments": [], "lapsed": 0, "offered": 0}));
    let seats = app.get("/courses/1/seats").await.json();
    assert_eq!(seats, json!({"course_id": 1, "limit": null, "taken": 2, "held": 2, "free": null, "waiting": 0}));
    end_holds(&app).await;
    assert_eq!(app.call("PATCH", "/expired").await.json(), json!({"enrolments": [], "lapsed": 2, "offered": 0}));
    for (id, user, payment) in [(a, "a", "pending"), (b, "b", "failed")] {
        let own = full(&app, id).await;
        assert_eq!(
            (&own["status"], &own["payment_status"], &own["lapsed"]),
            (&json!("canceled"), &json!(payment), &json!(true))
        );
        assert_eq!((&own["canceled"]["reason"], &own["canceled"]["by"]), (&json!("not_paid_in_time"), &Value::Null));
        assert!(own["canceled"]["at"].is_string());
        assert_eq!(app.history(id).await.last().unwrap(), "lapsed");
        app.deliver_all().await;
        assert_eq!(app.subjects(user).last().unwrap(), "Your course enrolment was not paid in time");
    }
    assert_eq!(app.call("PATCH", "/expired").await.json()["lapsed"], 0);
    // The user can enrol again.
    app.enrolled("a", 1).await;
}

async fn paid_and_unlimited_seats_do_not_lapse(app: TestApp) {
    let (paid, held_for_good) = (held(&app, "a", 1).await, app.enrolled("b", 1).await);
    assert_eq!(app.pay(paid).await.status, 200);
    end_holds(&app).await;
    assert_eq!(app.call("PATCH", "/expired").await.json()["lapsed"], 0);
    assert_eq!(
        (app.state_of(paid).await, app.state_of(held_for_good).await),
        ("ACTIVE PAID".into(), "ACTIVE PENDING".into())
    );
    assert_eq!(app.get("/courses/1/seats").await.json()["held"], 0);
}

async fn the_variable_holds_seats(app: TestApp) {
    let id = app.enrolled("a", 1).await;
    let until = full(&app, id).await["pay_until"].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    let minutes = (until - chrono::Utc::now()).num_minutes();
    assert!((118..=120).contains(&minutes), "{minutes}");
    app.idle().await;
    assert_eq!(app.subjects("a"), ["Course enrolment confirmation"]);
    app.cron("delivery-cron").await;
    assert_eq!(app.subjects("a").len(), 1, "the reminder is not due yet");
    app.deliver_all().await;
    assert_eq!(app.subjects("a"), ["Course enrolment confirmation", "Please pay for your course"]);
    let mail = app.sandbox.state().emails.last().cloned().unwrap();
    assert!(mail["text"].as_str().unwrap().contains("is held until"), "{mail}");
    // The time of a request counts more.
    let id = held(&app, "b", 1).await;
    let until = full(&app, id).await["pay_until"].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    assert!((until - chrono::Utc::now()).num_minutes() < 60);
}

async fn a_free_course_holds_no_seat(app: TestApp) {
    app.sandbox.set_course(20, json!({"price": 0}));
    let body = json!({"course_id": 20, "user_id": "a", "pay_until": in_minutes(5)});
    let id = app.call_json("POST", "", &body).await.json()["id"].as_i64().unwrap();
    assert_eq!(full(&app, id).await["pay_until"], Value::Null);
    let extension = json!({"enrolment_id": id, "pay_until": in_minutes(5)});
    conflict(&app.call_json("PATCH", "/extended", &extension).await, "conflict");
}

async fn a_time_is_in_the_next_365_days(app: TestApp) {
    let enrol =
        async |time: &str| app.call_json("POST", "", &json!({"course_id": 1, "user_id": "a", "pay_until": time})).await;
    for time in ["", "soon", "2030-01-01", "2030-01-01T00:00:00"] {
        assert_eq!(enrol(time).await.status, 400, "{time}");
    }
    for minutes in [-1, 0, 366 * 24 * 60] {
        conflict(&enrol(&in_minutes(minutes)).await, "conflict");
    }
    assert_eq!(enrol(&in_minutes(365 * 24 * 60 - 1)).await.status, 201);
}

async fn a_seat_is_extended(app: TestApp) {
    let id = app.enrolled("a", 1).await;
    let extend = async |time: &str| {
        app.call_json("PATCH", "/extended", &json!({"enrolment_id": id, "user_id": "a", "pay_until": time})).await
    };
    for time in ["2027-01-01T12:00:00.25+01:00", &in_minutes(5)] {
        let answer = extend(time).await;
        assert_eq!((answer.status, answer.json()), (200, app.get(&format!("/{id}")).await.json()));
    }
    assert_eq!(app.history(id).await, ["created", "extended", "extended"]);
    conflict(&extend(&in_minutes(-5)).await, "conflict");
    assert_eq!(app.pay(id).await.status, 200);
    conflict(&extend(&in_minutes(5)).await, "conflict");
    assert_eq!(app.cancel(id).await.status, 200);
    conflict(&extend(&in_minutes(5)).await, "conflict");
    let other = json!({"enrolment_id": id, "user_id": "b", "pay_until": in_minutes(5)});
    assert_eq!(app.call_json("PATCH", "/extended", &other).await.status, 404);
    let key = json!({"enrolment_id": held(&app, "k", 1).await, "pay_until": in_minutes(50)});
    let first = app.call_with_key("k", "PATCH", "/extended", &key).await;
    assert_eq!((first.status, &app.call_with_key("k", "PATCH", "/extended", &key).await.text), (200, &first.text));
    assert_eq!(app.count("events WHERE kind = 'enrolment.extended'").await, 3);
}

async fn a_payment_in_between_stops_the_reminder(app: TestApp) {
    let body = |user| json!({"course_id": 1, "user_id": user, "pay_until": in_minutes(90)});
    let id = |answer: Answer| answer.json()["id"].as_i64().unwrap();
    let paid = id(app.call_json("POST", "", &body("a")).await);
    let extended = id(app.call_json("POST", "", &body("b")).await);
    assert_eq!(app.pay(paid).await.status, 200);
    let later = json!({"enrolment_id": extended, "pay_until": in_minutes(7 * 24 * 60)});
    assert_eq!(app.call_json("PATCH", "/extended", &later).await.status, 200);
    app.deliver_all().await;
    let reminded =
        |user: &str| app.subjects(user).iter().filter(|subject| *subject == "Please pay for your course").count();
    assert_eq!((reminded("a"), reminded("b")), (0, 0));
    // The mail itself is checked as well, if the relay was out of reach until the payment.
    let (late, none) = (id(app.call_json("POST", "", &body("c")).await), 0);
    app.idle().await;
    app.sandbox.fault(sandbox::Target::EmailsSend, sandbox::fault::Named::Reset, None);
    app.deliver_all().await;
    assert_eq!(app.pay(late).await.status, 200);
    app.idle().await;
    app.sandbox.clear_faults();
    app.deliver_all().await;
    app.deliver_all().await;
    assert_eq!(reminded("c"), none);
}

async fn a_time_that_is_set_again_has_one_reminder(app: TestApp) {
    let (first, other) = (in_minutes(90), in_minutes(95));
    let body = json!({"course_id": 1, "user_id": "a", "pay_until": first});
    let id = app.call_json("POST", "", &body).await.json()["id"].as_i64().unwrap();
    for time in [&first, &other, &first] {
        let body = json!({"enrolment_id": id, "pay_until": time});
        let answer = app.call_json("PATCH", "/extended", &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    app.deliver_all().await;
    assert_eq!(app.subjects("a"), ["Course enrolment confirmation", "Please pay for your course"]);
}

async fn what_lapsed_is_paid_late(app: TestApp) {
    let id = held(&app, "a", 11).await;
    end_holds(&app).await;
    assert_eq!(app.call("PATCH", "/expired").await.json()["lapsed"], 1);
    assert_eq!(app.get("/courses/11/seats").await.json()["free"], 1);
    let answer = app.pay(id).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!((&answer.json()["status"], &answer.json()["payment_status"]), (&json!("active"), &json!("paid")));
    assert!(answer.json()["invoice_url"].is_string());
    let own = full(&app, id).await;
    assert_eq!((&own["lapsed"], &own["canceled"]), (&json!(false), &Value::Null));
    app.deliver_all().await;
    assert!(!app.subjects("a").contains(&"Your course enrolment was not paid in time".to_owned()), "it was paid");
    crate::seats::assert_full(&app.enrol("b", 11).await);
}

async fn a_late_payment_finds_no_seat(app: TestApp) {
    let ids = [held(&app, "a", 11).await, held(&app, "b", 10).await];
    end_holds(&app).await;
    assert_eq!(app.call("PATCH", "/expired").await.json()["lapsed"], 2);
    app.enrolled("other", 11).await;
    app.enrolled("b", 10).await;
    for (id, error) in ids.into_iter().zip(["course_full", "conflict"]) {
        for _ in 0..2 {
            let body = json!({"enrolment_id": id, "reference": format!("pi_{id}")});
            conflict(&app.call_with_key(&format!("k{id}"), "PATCH", "/paid", &body).await, error);
        }
        assert_eq!((app.count("payments").await, app.count("idempotency").await), (0, 0));
        assert_eq!(app.state_of(id).await, "CANCELED PENDING");
    }
    let (_, over) = (held(&app, "c", 20).await, "2020-01-01 00:00:00");
    let id = app.value("SELECT MAX(id) FROM enrolments").await.parse().unwrap();
    end_holds(&app).await;
    assert_eq!(app.call("PATCH", "/expired").await.json()["lapsed"], 1);
    let terms = r#"terms = '{"name":"Rust","price_hundredths":100,"currency":"PLN","ends_at":1577836800000}'"#;
    app.database
        .execute(&format!("UPDATE enrolments SET course_end_date = '{over}', {terms} WHERE id = {id}"))
        .await
        .unwrap();
    conflict(&app.pay(id).await, "course_closed");
    // What a person canceled stays canceled.
    let canceled = held(&app, "d", 1).await;
    assert_eq!(app.cancel(canceled).await.status, 200);
    conflict(&app.pay(canceled).await, "conflict");
}

async fn the_cron_component_does_the_same(app: TestApp) {
    let id = held(&app, "a", 1).await;
    end_holds(&app).await;
    app.cron("expiry-cron").await;
    assert_eq!(app.state_of(id).await, "CANCELED PENDING");
}

async fn a_thousand_lapse_in_few_statements(app: TestApp) {
    crate::expired::insert_rows(&app, 2500, "NULL").await;
    app.database.execute("UPDATE enrolments SET pay_until = id").await.unwrap();
    app.take_invocations().await;
    assert_eq!(app.call("PATCH", "/expired").await.json()["lapsed"], 2500);
    let run = app.take_invocations().await.remove(0);
    assert!(run.statements.len() <= 60, "{:#?}", run.statements);
    assert_eq!(app.count("events WHERE kind = 'enrolment.lapsed'").await, 2500);
    app.cron("delivery-cron").await;
    assert_eq!(app.count("outbox WHERE kind = 'notice'").await, 2500, "a run writes the jobs of their mails");
    assert_eq!(app.count("enrolments WHERE status = 'CANCELED' AND lapsed = 1").await, 2500);
}

async fn on_sqlite_many_courses_share_a_transaction(app: TestApp) {
    crate::expired::insert_rows(&app, 2500, "NULL").await;
    app.database.execute("UPDATE enrolments SET pay_until = id, course_id = 1 + id % 50").await.unwrap();
    app.take_invocations().await;
    assert_eq!(app.call("PATCH", "/expired").await.json()["lapsed"], 2500);
    let run = app.take_invocations().await.remove(0);
    let commits = run.statements.iter().filter(|statement| **statement == "COMMIT").count();
    assert!(commits < 10, "{commits} commits of 50 courses");
    assert_eq!(app.count("enrolments WHERE status = 'CANCELED' AND lapsed = 1").await, 2500);
}

/// The database of the Flask service with a row, before the step without a way back.
async fn take_over(app: &TestApp) {
    app.database.execute(crate::takeover::FLASK).await.unwrap();
    app.database
        .execute(
            "INSERT INTO enrolments (course_id, user_id, status, payment_status) VALUES (1, 'x', 'ACTIVE', 'PENDING')",
        )
        .await
        .unwrap();
    crate::takeover::migrate(app, false).await;
}

async fn before_the_last_migration_the_variable_must_be_empty(app: TestApp) {
    take_over(&app).await;
    let answer = app.enrol("a", 1).await;
    assert_eq!(answer.status, 503);
    assert!(answer.text.contains("seats_held_for needs the last database migration"), "{}", answer.text);
}

async fn before_the_last_migration_no_seat_is_held(app: TestApp) {
    take_over(&app).await;
    let body = json!({"course_id": 1, "user_id": "a", "pay_until": in_minutes(5)});
    conflict(&app.call_json("POST", "", &body).await, "not_yet");
    let id = app.enrolled("a", 1).await;
    conflict(
        &app.call_json("PATCH", "/extended", &json!({"enrolment_id": id, "pay_until": in_minutes(5)})).await,
        "not_yet",
    );
    conflict(&app.call_json("POST", "/waiting", &json!({"course_id": 1, "user_id": "b"})).await, "not_yet");
    conflict(&app.call_json("PATCH", "/moved", &json!({"enrolment_id": id, "course_id": 2})).await, "not_yet");
}
