//! `POST /waiting`, `GET /waiting`, `DELETE /waiting/{id}`, and who gets a free seat.

use crate::holds::{conflict, end_holds};
use serde_json::{Value, json};
use tests::{Answer, TestApp};

crate::cases![
    who_waits_longest_gets_the_seat,
    only_a_full_course_has_a_list,
    twice_is_once,
    every_way_to_free_a_seat_offers_it,
    a_raised_limit_offers_seats,
    an_offer_that_lapses_goes_to_the_next,
    a_free_course_enrols_those_who_wait,
    a_sent_user_and_course_are_not_looked_up,
    lists_have_pages_and_positions,
    a_user_who_is_erased_is_gone_from_the_list,
    a_course_that_is_over_has_no_list,
    no_seat_is_offered_outside_of_the_window,
    what_the_release_before_frees_is_offered_by_the_next_run,
    bad_requests_are_refused,
    ten_thousand_wait,
];

pub(crate) async fn wait(app: &TestApp, user: &str, course: i64) -> Answer {
    app.call_json("POST", "/waiting", &json!({"course_id": course, "user_id": user})).await
}

/// Puts a user on a list. Returns the id of the entry.
pub(crate) async fn waits(app: &TestApp, user: &str, course: i64) -> i64 {
    let answer = wait(app, user, course).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()["id"].as_i64().unwrap()
}

/// The users with a seat, in the order of their enrolments.
pub(crate) async fn seated(app: &TestApp, course: i64) -> Vec<String> {
    let sql = format!("SELECT user_id FROM enrolments WHERE course_id = {course} AND status = 'ACTIVE' ORDER BY id");
    app.database.rows(&sql).await.unwrap().concat()
}

/// Those who wait, in their order.
pub(crate) async fn waiting(app: &TestApp, course: i64) -> Vec<String> {
    let answer = app.get(&format!("/waiting?course_id={course}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let entries = answer.json()["waiting"].as_array().cloned().unwrap_or_default();
    entries.iter().map(|entry| entry["user_id"].as_str().unwrap_or_default().to_owned()).collect()
}

async fn who_waits_longest_gets_the_seat(app: TestApp) {
    let ann = app.enrolled("ann", 11).await;
    crate::seats::assert_full(&app.enrol("bob", 11).await);
    let entry = wait(&app, "bob", 11).await;
    assert_eq!((entry.status, &entry.json()["position"], &entry.json()["user_id"]), (201, &json!(1), &json!("bob")));
    waits(&app, "eve", 11).await;
    let seats = app.get("/courses/11/seats").await.json();
    assert_eq!(seats, json!({"course_id": 11, "limit": 1, "taken": 1, "held": 0, "free": 0, "waiting": 2}));
    assert_eq!(app.cancel(ann).await.status, 200);
    assert_eq!((seated(&app, 11).await, waiting(&app, 11).await), (vec!["bob".to_owned()], vec!["eve".to_owned()]));
    let bob = ann + 1;
    assert_eq!(app.history(bob).await, ["offered"]);
    let full = app.get(&format!("/{bob}?view=full")).await.json();
    let until: chrono::DateTime<chrono::Utc> = full["pay_until"].as_str().unwrap().parse().unwrap();
    let hours = (until - chrono::Utc::now()).num_minutes();
    assert!((47 * 60..=48 * 60).contains(&hours), "{hours}");
    assert_eq!((&full["terms"]["name"], &full["status"]), (&json!("Course 11"), &json!("active")));
    app.deliver_all().await;
    assert_eq!(app.subjects("bob"), ["A seat in your course is free"]);
    // It is paid, invoiced and mailed as any other.
    let paid = app.pay(bob).await;
    assert_eq!((paid.status, paid.json()["invoice_url"].is_string()), (200, true), "{}", paid.text);
    crate::seats::assert_full(&app.enrol("dan", 11).await);
}

async fn only_a_full_course_has_a_list(app: TestApp) {
    conflict(&wait(&app, "a", 1).await, "seat_free");
    conflict(&wait(&app, "a", 11).await, "seat_free");
    app.enrolled("a", 11).await;
    conflict(&wait(&app, "a", 11).await, "conflict");
    assert_eq!((wait(&app, "b", 404).await.status, app.count("waiting").await), (400, 0));
    assert_eq!(wait(&app, "b", 12).await.status, 201, "no seat at all");
}

async fn twice_is_once(app: TestApp) {
    app.enrolled("a", 11).await;
    let first = wait(&app, "b", 11).await;
    let again = wait(&app, "b", 11).await;
    assert_eq!((first.status, again.status, &first.text), (201, 200, &again.text));
    assert_eq!(app.count("waiting").await, 1);
}

async fn every_way_to_free_a_seat_offers_it(app: TestApp) {
    let mut last = app.enrolled("a", 11).await;
    for user in ["b", "c", "d", "e", "f"] {
        waits(&app, user, 11).await;
    }
    for (way, next) in [("canceled", "b"), ("deleted", "c"), ("refunded", "d"), ("lapsed", "e"), ("moved", "f")] {
        match way {
            "canceled" => assert_eq!(app.cancel(last).await.status, 200),
            "deleted" => assert_eq!(app.call("DELETE", &format!("/{last}")).await.status, 204),
            "refunded" => assert_eq!((app.pay(last).await.status, app.refund(last).await.status), (200, 200)),
            "lapsed" => {
                end_holds(&app).await;
                assert_eq!(app.call("PATCH", "/expired").await.json()["offered"], 1);
            }
            _ => {
                let body = json!({"enrolment_id": last, "course_id": 1});
                assert_eq!(app.call_json("PATCH", "/moved", &body).await.status, 200);
            }
        }
        assert_eq!(seated(&app, 11).await, [next], "{way}");
        last += 1;
    }
    assert_eq!(app.count("waiting").await, 0);
    assert_eq!(app.count("events WHERE kind = 'enrolment.offered'").await, 5);
    app.cron("delivery-cron").await;
    assert_eq!(app.count("outbox WHERE kind = 'notice' AND job_key LIKE '%:offer'").await, 4, "one is deleted");
}

async fn a_raised_limit_offers_seats(app: TestApp) {
    let limit = |seats: Value| app.sandbox.set_course(20, json!({"max_participants": seats}));
    limit(json!(1));
    app.enrolled("a", 20).await;
    for user in ["b", "c", "d"] {
        waits(&app, user, 20).await;
    }
    limit(json!(2));
    crate::seats::assert_full(&app.enrol("x", 20).await);
    assert_eq!(seated(&app, 20).await, ["a", "b"]);
    limit(json!(4));
    crate::seats::assert_full(&app.enrol("x", 20).await);
    assert_eq!((seated(&app, 20).await.len(), app.count("waiting").await), (4, 0));
    waits(&app, "e", 20).await;
    limit(Value::Null);
    app.enrolled("x", 20).await;
    assert_eq!((seated(&app, 20).await.len(), app.count("waiting").await), (6, 0));
    assert_eq!(app.get("/courses/20/seats").await.json()["limit"], Value::Null);
}

async fn an_offer_that_lapses_goes_to_the_next(app: TestApp) {
    let a = app.enrolled("a", 11).await;
    for user in ["b", "c"] {
        waits(&app, user, 11).await;
    }
    assert_eq!(app.cancel(a).await.status, 200);
    end_holds(&app).await;
    assert_eq!(app.call("PATCH", "/expired").await.json(), json!({"enrolments": [], "lapsed": 1, "offered": 1}));
    assert_eq!(seated(&app, 11).await, ["c"]);
    end_holds(&app).await;
    app.cron("expiry-cron").await;
    assert_eq!((seated(&app, 11).await, app.get("/courses/11/seats").await.json()["free"].clone()), (vec![], json!(1)));
}

async fn a_free_course_enrols_those_who_wait(app: TestApp) {
    app.sandbox.set_course(20, json!({"max_participants": 1, "price": 0}));
    let a = app.enrolled("a", 20).await;
    waits(&app, "b", 20).await;
    assert_eq!(app.cancel(a).await.status, 200);
    assert_eq!(app.history(a + 1).await, ["created"]);
    app.deliver_all().await;
    assert_eq!(app.subjects("b"), ["Course enrolment confirmation"]);
    end_holds(&app).await;
    assert_eq!(app.call("PATCH", "/expired").await.json()["lapsed"], 0);
}

async fn a_sent_user_and_course_are_not_looked_up(app: TestApp) {
    app.sandbox.fault(sandbox::Target::Users, sandbox::fault::Named::Reset, None);
    app.sandbox.fault(sandbox::Target::Courses, sandbox::fault::Named::Reset, None);
    let user = |name: &str| json!({"first_name": name, "last_name": "", "email": format!("{name}@example.com"), "language": "pl"});
    let course = json!({"name": "Wasm", "price": "10.00", "max_participants": 1});
    let body = |name: &str| json!({"course_id": 30, "user_id": name, "user": user(name), "course": course});
    let first = app.call_json("POST", "", &body("a")).await;
    assert_eq!((first.status, app.call_json("POST", "/waiting", &body("b")).await.status), (201, 201));
    assert_eq!(app.cancel(first.json()["id"].as_i64().unwrap()).await.status, 200);
    app.deliver_all().await;
    assert_eq!(app.subjects("b"), ["Jest wolne miejsce na Twoim kursie"]);
}

async fn lists_have_pages_and_positions(app: TestApp) {
    for course in [11, 12] {
        if course == 11 {
            app.enrolled("first", course).await;
        }
        for user in ["a", "b", "c"] {
            waits(&app, user, course).await;
        }
    }
    let entries = |answer: &Answer| {
        let list = answer.json()["waiting"].as_array().cloned().unwrap();
        list.iter()
            .map(|entry| format!("{} {} {}", entry["course_id"], entry["user_id"], entry["position"]))
            .collect::<Vec<_>>()
    };
    let page = app.get("/waiting?course_id=11&limit=2").await;
    assert_eq!(entries(&page), ["11 \"a\" 1", "11 \"b\" 2"]);
    let rest = app.get(&format!("/waiting?course_id=11&limit=2&after={}", page.json()["next"])).await;
    assert_eq!((entries(&rest), rest.json()["next"].clone()), (vec!["11 \"c\" 3".to_owned()], Value::Null));
    assert_eq!(entries(&app.get("/waiting?user_id=b").await), ["11 \"b\" 2", "12 \"b\" 2"]);
    assert_eq!(entries(&app.get("/waiting?user_id=c&course_id=12").await), ["12 \"c\" 3"]);
    assert_eq!(entries(&app.get("/waiting?user_id=c&course_id=12&after=99").await), [""; 0]);
    assert_eq!(entries(&app.get("/waiting?user_id=none&course_id=12").await), [""; 0]);
    let id = app.get("/waiting?user_id=a&course_id=12").await.json()["waiting"][0]["id"].as_i64().unwrap();
    assert_eq!(app.call("DELETE", &format!("/waiting/{id}")).await.status, 204);
    assert_eq!(app.call("DELETE", &format!("/waiting/{id}")).await.status, 404);
    assert_eq!(entries(&app.get("/waiting?course_id=12").await), ["12 \"b\" 1", "12 \"c\" 2"]);
}

async fn a_user_who_is_erased_is_gone_from_the_list(app: TestApp) {
    let a = crate::holds::held(&app, "a", 11).await;
    for user in ["b", "c"] {
        waits(&app, user, 11).await;
    }
    for user in ["a", "b"] {
        assert_eq!(app.call("DELETE", &format!("/users/{user}")).await.status, 204);
    }
    assert_eq!(waiting(&app, 11).await, ["c"]);
    assert_eq!(app.get("/courses/11/seats").await.json()["taken"], 1, "an erasure frees no seat");
    let before = app.sandbox.state().emails.len();
    end_holds(&app).await;
    assert_eq!(app.call("PATCH", "/expired").await.json(), json!({"enrolments": [], "lapsed": 1, "offered": 1}));
    app.deliver_all().await;
    assert_eq!((app.state_of(a).await, seated(&app, 11).await), ("CANCELED PENDING".into(), vec!["c".to_owned()]));
    assert_eq!(app.sandbox.state().emails.len(), before + 1, "only that to c");
}

async fn a_course_that_is_over_has_no_list(app: TestApp) {
    app.enrolled("a", 11).await;
    waits(&app, "b", 11).await;
    let terms = r#"{"name":"Rust","price_hundredths":100,"currency":"PLN","ends_at":1577836800000}"#;
    app.database.execute(&format!("UPDATE course_seats SET terms = '{terms}' WHERE course_id = 11")).await.unwrap();
    assert_eq!(app.call("PATCH", "/expired").await.json()["offered"], 0);
    assert_eq!(app.count("waiting").await, 0);
}

async fn no_seat_is_offered_outside_of_the_window(app: TestApp) {
    let a = app.enrolled("a", 11).await;
    waits(&app, "b", 11).await;
    app.database.execute("UPDATE course_seats SET closes_at = 1").await.unwrap();
    assert_eq!(app.cancel(a).await.status, 200);
    assert_eq!(app.call("PATCH", "/expired").await.json()["offered"], 0);
    assert_eq!((seated(&app, 11).await, waiting(&app, 11).await), (vec![], vec!["b".to_owned()]));
    // The course opens again: the next request about it stores that.
    crate::seats::assert_full(&wait_for_nothing(&app).await);
    assert_eq!(seated(&app, 11).await, ["b"]);
    app.sandbox.set_course(20, json!({"max_participants": 0, "closes_at": "2020-01-01T00:00:00Z"}));
    conflict(&wait(&app, "c", 20).await, "course_closed");
}

async fn wait_for_nothing(app: &TestApp) -> Answer {
    app.enrol("x", 11).await
}

async fn what_the_release_before_frees_is_offered_by_the_next_run(app: TestApp) {
    let a = app.enrolled("a", 11).await;
    waits(&app, "b", 11).await;
    app.database.execute(&format!("UPDATE enrolments SET status = 'CANCELED' WHERE id = {a}")).await.unwrap();
    assert_eq!(app.call("PATCH", "/expired").await.json()["offered"], 1);
    assert_eq!(seated(&app, 11).await, ["b"]);
    // It enrols a user who waits.
    waits(&app, "c", 11).await;
    waits(&app, "d", 11).await;
    app.database
        .execute(
            "INSERT INTO enrolments (user_id, course_id, status, payment_status) VALUES ('c', 11, 'ACTIVE', 'PENDING')",
        )
        .await
        .unwrap();
    app.sandbox.set_course(11, json!({"max_participants": 3}));
    crate::seats::assert_full(&app.enrol("x", 11).await);
    assert_eq!((seated(&app, 11).await, app.count("waiting").await), (["b", "c", "d"].map(str::to_owned).to_vec(), 0));
}

async fn bad_requests_are_refused(app: TestApp) {
    for body in [
        json!({}),
        json!({"course_id": 1}),
        json!({"course_id": 1, "user_id": ""}),
        json!({"course_id": 1, "user_id": "a", "x": 1}),
    ] {
        assert_eq!(app.call_json("POST", "/waiting", &body).await.status, 400, "{body}");
    }
    for query in ["", "?limit=1", "?course_id=x", "?course_id=1&page=2"] {
        assert_eq!(app.get(&format!("/waiting{query}")).await.status, 400, "{query}");
    }
    for path in ["/waiting/0", "/waiting/x", "/courses/0/seats", "/courses/x/seats", "/courses/1"] {
        assert_eq!(app.get(path).await.status, 404, "{path}");
    }
    assert_eq!(app.get("/courses/1/seats?x=1").await.status, 400);
}

async fn ten_thousand_wait(app: TestApp) {
    let a = app.enrolled("a", 11).await;
    waits(&app, "b", 11).await;
    for first in (0..10_000).step_by(5000) {
        let rows: Vec<_> = (first..first + 5000).map(|user| format!("(11, 'user-{user}', 1)")).collect();
        app.database
            .execute(&format!("INSERT INTO waiting (course_id, user_id, created_at) VALUES {}", rows.join(",")))
            .await
            .unwrap();
    }
    app.take_invocations().await;
    assert_eq!(app.cancel(a).await.status, 200);
    let run = app.take_invocations().await.remove(0);
    assert!(run.statements.len() <= 24, "{:#?}", run.statements);
    assert_eq!(seated(&app, 11).await, ["b"]);
    // A raised limit offers a part at once, and the next run the rest.
    app.sandbox.set_course(11, json!({"max_participants": 3000}));
    crate::seats::assert_full(&app.enrol("x", 11).await);
    assert_eq!(app.count("waiting").await, 9000);
    assert_eq!(app.call("PATCH", "/expired").await.json()["offered"], 1999);
    let seats = app.get("/courses/11/seats").await.json();
    assert_eq!((&seats["taken"], &seats["free"], &seats["waiting"]), (&json!(3000), &json!(0), &json!(7001)));
}
