//! `POST /` with the records of the user and the course, and the terms of an enrolment.

use crate::refunded::pending_jobs;
use crate::users::erase;
use sandbox::{Fault, Target};
use serde_json::{Value, json};
use tests::TestApp;

crate::cases![
    with_both_records_no_other_service_is_needed,
    mails_are_in_the_language_of_the_records,
    a_record_that_is_not_sent_is_looked_up,
    faulty_records_change_nothing,
    a_course_that_cannot_be_sold_is_a_bad_gateway,
    a_payment_has_the_terms_of_the_enrolment,
    an_enrolment_without_terms_is_looked_up,
    a_user_who_is_found_later_needs_no_course,
    another_record_is_another_request,
    a_record_is_in_no_answer_and_no_log,
    a_record_is_emptied_with_the_user_and_after_the_end with crate::variables([("retention_days", "30")]),
];

/// A request with both records, different from those of the sandbox.
pub(crate) fn with_records(user_id: &str) -> Value {
    json!({"course_id": 1, "user_id": user_id, "user": person(), "course": course()})
}

fn person() -> Value {
    json!({"first_name": "Eve", "last_name": "Sent", "email": "eve@sent.example", "street": "Prosta 1",
        "post_code": "00-001", "city": "Warszawa", "country": "PL"})
}

fn course() -> Value {
    json!({"name": "Sent course", "price": "149.50", "currency": "EUR", "tax": "zw", "tax_exemption": "art. 43",
        "gtu_code": "GTU_12", "end_date": "2099-01-01T00:00:00Z", "max_participants": 1000,
        "opens_at": "2020-01-01T00:00:00Z", "closes_at": null})
}

async fn enrolled_with(app: &TestApp, new: &Value) -> i64 {
    let answer = app.call_json("POST", "", new).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()["id"].as_i64().unwrap()
}

/// The users and courses services do not answer.
fn silent(app: &TestApp) {
    for target in [Target::Users, Target::Courses] {
        app.sandbox.fault(target, Fault::status(503), None);
    }
}

/// The number of look-ups of users and of courses.
fn asked(app: &TestApp) -> [u64; 2] {
    let calls = app.sandbox.state().calls;
    [calls.of(Target::Users), calls.of(Target::Courses)]
}

async fn with_both_records_no_other_service_is_needed(app: TestApp) {
    silent(&app);
    let with_one_seat = |user: &str| {
        let mut new = with_records(user);
        new["course"]["max_participants"] = json!(1);
        new
    };
    let id = enrolled_with(&app, &with_one_seat("eve")).await;
    let full = app.call_json("POST", "", &with_one_seat("ann")).await;
    assert_eq!((full.status, full.error().as_str()), (409, "course_full"), "one seat");
    assert_eq!(app.value("SELECT course_end_date FROM enrolments").await, "2099-01-01 00:00:00");
    assert_eq!(app.pay(id).await.status, 200);
    app.refunded(id).await;
    let other = enrolled_with(&app, &with_one_seat("ann")).await;
    assert_eq!(app.cancel(other).await.status, 200);
    app.deliver_all().await;

    let state = app.sandbox.state();
    let (invoice, correction) = (&state.invoices[0], &state.corrections[0]);
    assert_eq!((&invoice["buyer_email"], &invoice["currency"]), (&json!("eve@sent.example"), &json!("EUR")));
    assert_eq!((&invoice["price_gross"], &invoice["exempt_tax_kind"]), (&json!("149.50"), &json!("art. 43")));
    let address = ["buyer_street", "buyer_post_code", "buyer_city", "buyer_country"].map(|key| &invoice[key]);
    assert_eq!(address, ["Prosta 1", "00-001", "Warszawa", "PL"]);
    let position = &invoice["positions"][0];
    let sold = ["name", "tax", "gtu_code"].map(|key| position[key].as_str().unwrap_or_default());
    assert_eq!(sold, ["Sent course", "zw", "GTU_12"]);
    assert_eq!((&correction["currency"], &correction["positions"][0]["gtu_code"]), (&json!("EUR"), &json!("GTU_12")));
    assert_eq!((state.emails.len(), asked(&app)), (5, [0, 0]));
    for mail in &state.emails {
        assert_eq!(mail["to"], json!(["eve@sent.example"]), "{mail}");
        assert!(mail["text"].as_str().unwrap().contains("Sent course"), "{mail}");
    }
    assert_eq!(app.documents(id).await[0]["currency"], "EUR");
    assert_eq!(pending_jobs(&app).await, json!([]));
}

async fn mails_are_in_the_language_of_the_records(app: TestApp) {
    silent(&app);
    for (user, language) in [("eve", "user"), ("ann", "course")] {
        let mut new = with_records(user);
        new[language]["language"] = json!("pl-PL");
        let id = enrolled_with(&app, &new).await;
        assert_eq!((app.pay(id).await.status, app.cancel(id).await.status), (200, 200));
        app.idle().await;
    }
    let subjects: Vec<_> = app.sandbox.state().emails.iter().map(|mail| mail["subject"].clone()).collect();
    assert_eq!((subjects.len(), subjects[0].as_str()), (6, Some("Potwierdzenie zapisu na kurs")));
    assert_eq!(subjects[..3], subjects[3..]);
    assert!(subjects.iter().all(|subject| !subject.as_str().unwrap().contains("course")), "{subjects:?}");
}

async fn a_record_that_is_not_sent_is_looked_up(app: TestApp) {
    let mut only_user = with_records("ann");
    only_user.as_object_mut().unwrap().remove("course");
    enrolled_with(&app, &only_user).await;
    assert_eq!(asked(&app), [0, 1]);
    let mut only_course = with_records("bob");
    only_course.as_object_mut().unwrap().remove("user");
    let id = enrolled_with(&app, &only_course).await;
    assert_eq!(asked(&app), [1, 1]);
    assert_eq!(app.count("enrolments WHERE user_record IS NULL").await, 1, "a record that is looked up is not stored");
    // Without a stored user, mails and invoices go to the one that is found.
    assert_eq!(app.pay(id).await.status, 200);
    app.idle().await;
    assert_eq!((asked(&app), app.subjects("bob").len()), ([2, 1], 2));
    only_course["user_id"] = json!("missing");
    assert_eq!(app.call_json("POST", "", &only_course).await.status, 400);
}

async fn faulty_records_change_nothing(app: TestApp) {
    for (pointer, value, at) in [
        ("/user/first_name", json!("a\nb"), ["user", "first_name"]),
        ("/user/email", json!("a@b, c@d"), ["user", "email"]),
        ("/user/country", json!("Poland"), ["user", "country"]),
        ("/course/name", json!(""), ["course", "name"]),
        ("/course/price", json!("10000000.01"), ["course", "price"]),
        ("/course/currency", json!("zł"), ["course", "currency"]),
        ("/course/tax", json!("23%"), ["course", "tax"]),
        ("/course/tax_exemption", json!(null), ["course", "tax"]),
        ("/course/end_date", json!("9999-01-01T00:00:00Z"), ["course", "end_date"]),
        ("/course/max_participants", json!(1.5), ["course", "max_participants"]),
        ("/course/closes_at", json!("soon"), ["course", "closes_at"]),
    ] {
        let mut new = with_records("eve");
        *new.pointer_mut(pointer).unwrap() = value;
        let answer = app.call_json("POST", "", &new).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, "validation_error"), "{new}");
        let details = answer.json()["details"].clone();
        assert_eq!((details.as_array().map(Vec::len), &details[0]["loc"]), (Some(1), &json!(at)), "{new}");
    }
    for outer in ["user", "course"] {
        let mut new = with_records("eve");
        new[outer]["more"] = json!(1);
        let answer = app.call_json("POST", "", &new).await;
        assert_eq!(answer.json()["details"][0]["loc"], json!([outer, "more"]), "{}", answer.text);
    }
    let mut yen = with_records("eve");
    yen["course"]["currency"] = json!("JPY");
    let answer = app.call_json("POST", "", &yen).await;
    assert_eq!((answer.status, &answer.json()["details"][0]["loc"]), (400, &json!(["course", "price"])));
    assert_eq!((app.count("enrolments").await, asked(&app)), (0, [0, 0]));
    // At the top level unknown keys are ignored.
    let mut more = with_records("eve");
    more["more"] = json!({"a": 1});
    enrolled_with(&app, &more).await;
}

async fn a_course_that_cannot_be_sold_is_a_bad_gateway(app: TestApp) {
    for (changes, why) in [
        (json!({"currency": "zł"}), "currency is no code of ISO 4217"),
        (json!({"currency": "JPY"}), "price has decimals, JPY has none"),
        (json!({"tax": "zw"}), "tax zw needs a tax_exemption"),
        (json!({"gtu_code": 12}), "gtu_code is not text"),
        (json!({"opens_at": 5}), "opens_at is not text"),
        (json!({"closes_at": "soon"}), "closes_at is no time"),
    ] {
        app.sandbox.set_course(1, changes);
        let answer = app.enrol("ann", 1).await;
        assert_eq!((answer.status, answer.error().as_str()), (502, "bad_gateway"), "{why}: {}", answer.text);
        assert!(app.app.captured_output().contains(why), "{why}");
    }
    // What only invoices need does no harm.
    app.sandbox.set_course(1, json!({}));
    app.sandbox.set_user("ann", json!({"street": 5, "country": "Poland"}));
    app.enrolled("ann", 1).await;
}

async fn a_payment_has_the_terms_of_the_enrolment(app: TestApp) {
    app.sandbox.set_course(1, json!({"tax": 8, "gtu_code": "GTU_12"}));
    let id = app.enrolled("ann", 1).await;
    app.sandbox.set_course(1, json!({"name": "New name", "price": 500, "tax": 23}));
    assert_eq!(app.pay(id).await.status, 200);
    app.idle().await;
    let invoice = app.sandbox.state().invoices[0].clone();
    assert_eq!((&invoice["price_gross"], &invoice["currency"]), (&json!("199.99"), &json!("PLN")));
    let sold = ["name", "tax", "gtu_code"].map(|key| invoice["positions"][0][key].clone());
    assert_eq!(sold, ["Course 1", "8", "GTU_12"]);
    app.refunded(id).await;
    let text = app.sandbox.state().emails.last().unwrap()["text"].as_str().unwrap().to_owned();
    assert!(text.contains("Course 1"), "{text}");
    assert_eq!(asked(&app)[1], 1, "courses is asked at the enrolment alone");
}

async fn an_enrolment_without_terms_is_looked_up(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    app.database.execute("UPDATE enrolments SET terms = NULL").await.unwrap();
    app.sandbox.set_course(1, json!({"name": "New name", "price": 500, "currency": "EUR", "tax": 8}));
    assert_eq!(app.pay(id).await.status, 200);
    let invoice = app.sandbox.state().invoices[0].clone();
    assert_eq!((&invoice["price_gross"], &invoice["positions"][0]["name"]), (&json!("500.00"), &json!("New name")));
    assert_eq!((&invoice["currency"], &invoice["positions"][0]["tax"]), (&json!("PLN"), &json!("23")), "as before");
}

async fn a_user_who_is_found_later_needs_no_course(app: TestApp) {
    let (paid, canceled) = (app.enrolled("ann", 1).await, app.enrolled("bob", 1).await);
    app.idle().await;
    silent(&app);
    assert_eq!((app.pay(paid).await.status, app.cancel(canceled).await.status), (200, 200));
    app.idle().await;
    let kinds = "SELECT kind, payload_version FROM outbox WHERE state <> 'done' ORDER BY id";
    assert_eq!(app.database.rows(kinds).await.unwrap(), [["invoice_data", "2"], ["mail_data", "2"]]);
    app.sandbox.clear_faults();
    app.sandbox.fault(Target::Courses, Fault::status(503), None);
    app.deliver_all().await;
    assert_eq!((pending_jobs(&app).await, asked(&app)[1]), (json!([]), 2));
    assert_eq!((app.subjects("ann").len(), app.subjects("bob").len()), (2, 2));
    assert_eq!(app.sandbox.state().invoices[0]["price_gross"], "199.99");
}

async fn another_record_is_another_request(app: TestApp) {
    let first = app.call_with_key("k", "POST", "", &with_records("eve")).await;
    assert_eq!(first.status, 201, "{}", first.text);
    let mut same = with_records("eve");
    same["course"]["price"] = json!(149.5);
    same["user"]["email"] = json!(" eve@sent.example ");
    let again = app.call_with_key("k", "POST", "", &same).await;
    assert_eq!((again.status, again.text), (201, first.text), "written in another way");
    for (pointer, value) in [
        ("/user/city", json!("Poznań")),
        ("/course/price", json!(1)),
        ("/course/closes_at", json!("2029-01-01T00:00:00Z")),
    ] {
        let mut other = with_records("eve");
        *other.pointer_mut(pointer).unwrap() = value;
        assert_eq!(app.call_with_key("k", "POST", "", &other).await.status, 422, "{pointer}");
    }
    let without = json!({"course_id": 1, "user_id": "eve"});
    assert_eq!(app.call_with_key("k", "POST", "", &without).await.status, 422);
}

async fn a_record_is_in_no_answer_and_no_log(app: TestApp) {
    let id = enrolled_with(&app, &with_records("eve")).await;
    assert_eq!(app.pay(id).await.status, 200);
    app.idle().await;
    let paths =
        [format!("/{id}"), format!("/{id}/details?user_id=eve"), format!("/{id}/history"), format!("/{id}/documents")];
    for path in paths.iter().map(String::as_str).chain(["", "/active", "/events", "/deliveries", "/metrics"]) {
        let answer = app.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(!answer.text.contains("sent.example") && !answer.text.contains("Prosta"), "{path}: {}", answer.text);
    }
    assert!(!app.app.captured_output().contains("sent.example"));
}

async fn a_record_is_emptied_with_the_user_and_after_the_end(app: TestApp) {
    let mut new = with_records("eve");
    let mut ids = Vec::new();
    for user in ["erased", "deleted", "old", "recent", "active"] {
        new["user_id"] = json!(user);
        ids.push(enrolled_with(&app, &new).await);
    }
    assert_eq!(erase(&app, "erased").await.status, 204);
    assert_eq!(app.call("DELETE", &format!("/{}", ids[1])).await.status, 204);
    for id in &ids[2..4] {
        assert_eq!(app.cancel(*id).await.status, 200);
    }
    app.idle().await;
    let long_ago =
        format!("UPDATE enrolments SET updated_at = '2020-01-01 00:00:00' WHERE id IN ({}, {})", ids[2], ids[4]);
    app.database.execute(&long_ago).await.unwrap();
    app.cron("delivery-cron").await;
    let kept =
        app.database.rows("SELECT user_id FROM enrolments WHERE user_record IS NOT NULL ORDER BY id").await.unwrap();
    assert_eq!(kept, [["recent"], ["active"]]);
    assert_eq!(app.count("enrolments WHERE terms IS NOT NULL").await, 4, "terms are not about a person");
}
