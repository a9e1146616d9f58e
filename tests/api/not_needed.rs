//! `PATCH /paid`, `/canceled`, `/refunded` and `/failed` need only the database: faults of the
//! users and courses services stop no record.

use crate::buyers::pay;
use crate::refunded::pending_jobs;
use sandbox::fault::Named;
use sandbox::{Fault, Target};
use serde_json::{Value, json};
use std::time::Instant;
use tests::TestApp;

crate::cases![
    faults_of_the_services_stop_no_record,
    a_silent_service_costs_one_deadline,
    a_mail_needs_only_the_name_of_a_course,
    an_invoice_needs_only_its_own_data,
    a_mail_without_an_address_goes_out_later,
    a_refund_of_a_free_enrolment_is_mailed_later,
    both_mails_of_one_enrolment_may_wait,
    an_erased_user_gets_no_mail,
    a_mail_without_an_address_can_be_resolved,
    a_leap_second_is_a_time,
];

const FACTS: [&str; 4] = ["paid", "canceled", "refunded", "failed"];

/// An enrolment for which `fact` can be recorded.
async fn ready_for(app: &TestApp, fact: &str, user: &str) -> i64 {
    let id = app.enrolled(user, 1).await;
    if fact == "refunded" {
        assert_eq!(app.pay(id).await.status, 200);
    }
    id
}

async fn note(app: &TestApp, fact: &str, id: i64) -> Value {
    let answer = app.call_json("PATCH", &format!("/{fact}"), &json!({"enrolment_id": id})).await;
    assert_eq!(answer.status, 200, "{fact}: {}", answer.text);
    answer.json()
}

async fn faults_of_the_services_stop_no_record(app: TestApp) {
    let faults = || {
        let mut faults: Vec<_> = [500, 401, 302].map(Fault::status).into();
        faults.extend([Named::Reset, Named::Garbage, Named::Oversized].map(Fault::from));
        faults
    };
    let mut user = 0;
    for target in [Target::Users, Target::Courses] {
        for fault in faults() {
            let mut ids = Vec::new();
            for fact in FACTS {
                user += 1;
                ids.push(ready_for(&app, fact, &format!("user-{user}")).await);
            }
            app.idle().await;
            app.sandbox.fault(target, fault.clone(), None);
            for (fact, id) in FACTS.into_iter().zip(&ids) {
                note(&app, fact, *id).await;
            }
            app.idle().await;
            let mut states = Vec::new();
            for id in &ids {
                states.push(app.state_of(*id).await);
            }
            let expected = ["ACTIVE PAID", "CANCELED PENDING", "CANCELED PAID", "ACTIVE FAILED"];
            assert_eq!(states, expected, "{target:?} {fault:?}");
            app.sandbox.clear_faults();
            for _ in 0..2 {
                app.deliver_all().await;
            }
            assert_eq!(pending_jobs(&app).await, json!([]), "{target:?} {fault:?}");
            let subjects = |number: usize| app.subjects(&format!("user-{}", user - 4 + number)).split_off(1);
            assert_eq!(subjects(1), ["Your course payment confirmation"], "{target:?} {fault:?}");
            assert_eq!(subjects(2), ["Your course enrolment is canceled"], "{target:?} {fault:?}");
            let last = subjects(3).pop();
            assert_eq!(last.as_deref(), Some("Your course payment is refunded"), "{target:?} {fault:?}");
            assert_eq!(app.documents(ids[2]).await.len(), 2);
        }
    }
}

/// A caller waits for one deadline, not for two.
async fn a_silent_service_costs_one_deadline(app: TestApp) {
    let mut ids = Vec::new();
    for fact in FACTS {
        ids.push(ready_for(&app, fact, fact).await);
    }
    app.idle().await;
    for target in [Target::Users, Target::Courses] {
        app.sandbox.fault(target, Named::Silence, None);
    }
    for (fact, id) in FACTS.into_iter().zip(ids) {
        let calls = app.sandbox.state().calls.of(Target::Users);
        let asked = Instant::now();
        note(&app, fact, id).await;
        assert!(asked.elapsed() < tests::PATIENCE, "{fact}");
        let asked = app.sandbox.state().calls.of(Target::Users) - calls;
        assert!(asked <= 1 || fact != "paid", "{fact}: {asked}");
        app.idle().await;
    }
}

async fn a_mail_needs_only_the_name_of_a_course(app: TestApp) {
    let (canceled, refunded) = (ready_for(&app, "canceled", "ann").await, ready_for(&app, "refunded", "bob").await);
    app.sandbox.set_course(1, json!({"price": 33.333, "end_date": "2026-05-01", "max_participants": "ten"}));
    assert_eq!(app.enrol("eve", 1).await.status, 502, "no enrolment is made");
    note(&app, "canceled", canceled).await;
    note(&app, "refunded", refunded).await;
    app.idle().await;
    assert_eq!(app.subjects("ann").last().map(String::as_str), Some("Your course enrolment is canceled"));
    assert_eq!(app.subjects("bob").last().map(String::as_str), Some("Your course payment is refunded"));
    assert_eq!(pending_jobs(&app).await, json!([]));
}

async fn an_invoice_needs_only_its_own_data(app: TestApp) {
    let (priced, given, waiting) =
        (app.enrolled("ann", 1).await, app.enrolled("bob", 1).await, app.enrolled("eve", 1).await);
    app.forget_terms().await;
    app.sandbox.set_course(1, json!({"end_date": "2026-05-01", "max_participants": "ten"}));
    assert!(note(&app, "paid", priced).await["invoice_url"].is_string());
    app.sandbox.set_course(1, json!({"price": 33.333}));
    assert!(pay(&app, given, &json!({"amount": "149.00"})).await.json()["invoice_url"].is_string());
    assert!(note(&app, "paid", waiting).await["invoice_url"].is_null());
    app.idle().await;
    assert_eq!(
        pending_jobs(&app).await,
        json!([["invoice_data", "due", 0, "courses service's answer cannot be used: price is out of range"]])
    );
    app.sandbox.set_course(1, json!({"price": 33.33}));
    app.deliver_all().await;
    assert_eq!(app.documents(waiting).await[0]["gross"], "33.33");
}

async fn a_mail_without_an_address_goes_out_later(app: TestApp) {
    let (canceled, refunded) = (ready_for(&app, "canceled", "ann").await, ready_for(&app, "refunded", "bob").await);
    app.idle().await;
    app.sandbox.fault(Target::Users, Fault::status(503), None);
    let body = |id: i64| json!({"enrolment_id": id, "reason": "too few people"});
    assert_eq!(app.call_json("PATCH", "/canceled", &body(canceled)).await.status, 200);
    assert_eq!(app.call_json("PATCH", "/refunded", &body(refunded)).await.status, 200);
    app.idle().await;
    // The wait uses no attempt, at any length; the correction does not wait for it.
    for _ in 0..3 {
        app.deliver_all().await;
    }
    let waiting = ["mail_data", "due", "users service unavailable: server error"];
    let found: Vec<_> =
        pending_jobs(&app).await.as_array().unwrap().iter().map(|job| json!([job[0], job[1], job[3]])).collect();
    assert_eq!(found, [json!(waiting), json!(waiting)]);
    assert_eq!(app.value("SELECT MAX(attempts) FROM outbox WHERE kind = 'mail_data'").await, "0");
    assert_eq!(app.documents(refunded).await.len(), 2);
    // An operator sees only the enrolment.
    let payloads = app.value("SELECT payload FROM outbox WHERE kind = 'mail_data'").await;
    assert!(!payloads.contains('@'), "{payloads}");
    let listed = app.get("/deliveries?kind=mail_data").await.json();
    assert_eq!(listed["deliveries"].as_array().map(Vec::len), Some(2));
    app.sandbox.clear_faults();
    app.deliver_all().await;
    let state = app.sandbox.state();
    for (user, subject) in [("ann", "Your course enrolment is canceled"), ("bob", "Your course payment is refunded")] {
        assert_eq!(app.subjects(user).last().map(String::as_str), Some(subject));
        let mail = state.emails.iter().find(|mail| mail["subject"] == subject).unwrap();
        assert!(mail["text"].as_str().unwrap().contains("Reason: too few people"), "{mail}");
    }
    let corrections = app.documents(refunded).await[1]["url"].clone();
    let mail = state.emails.iter().find(|mail| mail["subject"] == "Your course payment is refunded").unwrap();
    assert!(mail["text"].as_str().unwrap().contains(corrections.as_str().unwrap()), "{mail}");
    assert_eq!(app.count("outbox WHERE payload <> '{}'").await, 0);
}

async fn a_refund_of_a_free_enrolment_is_mailed_later(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    assert_eq!(pay(&app, id, &json!({"amount": 0})).await.status, 200);
    app.forget_terms().await;
    app.idle().await;
    app.sandbox.fault(Target::Courses, Fault::status(503), None);
    note(&app, "refunded", id).await;
    app.idle().await;
    assert_eq!(pending_jobs(&app).await, json!([["mail_data", "due", 0, "courses service unavailable: server error"]]));
    app.sandbox.clear_faults();
    app.deliver_all().await;
    assert_eq!(app.subjects("ann").last().map(String::as_str), Some("Your course payment is refunded"));
}

async fn both_mails_of_one_enrolment_may_wait(app: TestApp) {
    let id = ready_for(&app, "refunded", "ann").await;
    app.idle().await;
    app.sandbox.fault(Target::Users, Fault::status(503), None);
    note(&app, "canceled", id).await;
    note(&app, "refunded", id).await;
    app.idle().await;
    app.sandbox.clear_faults();
    for _ in 0..2 {
        app.deliver_all().await;
    }
    let mut mails = app.subjects("ann").split_off(2);
    mails.sort();
    assert_eq!(mails, ["Your course enrolment is canceled", "Your course payment is refunded"]);
    assert_eq!(pending_jobs(&app).await, json!([]));
}

async fn an_erased_user_gets_no_mail(app: TestApp) {
    let (canceled, refunded) = (ready_for(&app, "canceled", "ann").await, app.enrolled("ann", 2).await);
    assert_eq!(pay(&app, refunded, &json!({"amount": 5})).await.status, 200);
    app.idle().await;
    let before = app.subjects("ann").len();
    app.sandbox.fault(Target::Users, Fault::status(503), None);
    note(&app, "canceled", canceled).await;
    note(&app, "refunded", refunded).await;
    app.idle().await;
    assert_eq!(crate::users::erase(&app, "ann").await.status, 204);
    let named = "SELECT COUNT(*) FROM outbox WHERE payload LIKE '%ann%'";
    assert_eq!(app.value(named).await, "0");
    app.sandbox.clear_faults();
    for _ in 0..2 {
        app.deliver_all().await;
    }
    assert_eq!((pending_jobs(&app).await, app.subjects("ann").len()), (json!([]), before));
    assert_eq!(app.documents(refunded).await.len(), 2);
    // Later reasons are not stored.
    let later = app.enrolled("bob", 2).await;
    let failed = app.enrolled("bob", 4).await;
    assert_eq!(app.pay(failed).await.status, 200);
    app.idle().await;
    assert_eq!(crate::users::erase(&app, "bob").await.status, 204);
    app.sandbox.fault(Target::Users, Fault::status(503), None);
    let calls = app.sandbox.state().calls.of(Target::Users);
    for (fact, id) in [("failed", later), ("canceled", later), ("refunded", failed)] {
        let body = json!({"enrolment_id": id, "reason": "bob is ill"});
        assert_eq!(app.call_json("PATCH", &format!("/{fact}"), &body).await.status, 200, "{fact}");
    }
    app.idle().await;
    assert_eq!(app.count("enrolments WHERE reason IS NOT NULL").await, 0);
    assert_eq!(app.count("outbox WHERE payload LIKE '%ill%'").await, 0);
    assert_eq!(app.sandbox.state().calls.of(Target::Users), calls, "an erased user is not looked up");
}

async fn a_mail_without_an_address_can_be_resolved(app: TestApp) {
    let id = ready_for(&app, "canceled", "ann").await;
    app.idle().await;
    app.sandbox.fault(Target::Users, Fault::status(503), None);
    note(&app, "canceled", id).await;
    app.idle().await;
    let job = app.get("/deliveries?kind=mail_data").await.json()["deliveries"][0]["id"].as_i64().unwrap();
    let with_number = crate::resolution::settle(&app, job, &json!({"note": "told", "number": "7"})).await;
    assert_eq!(with_number.status, 400, "a mail has no number");
    assert_eq!(crate::resolution::settle(&app, job, &json!({"note": "told by phone"})).await.status, 200);
    app.sandbox.clear_faults();
    app.deliver_all().await;
    assert_eq!((pending_jobs(&app).await, app.subjects("ann").len()), (json!([]), 1));
}

/// The services and both databases accept one.
async fn a_leap_second_is_a_time(app: TestApp) {
    app.sandbox.set_course(20, json!({"end_date": "2096-12-31T23:59:60Z"}));
    let id = app.enrolled("ann", 20).await;
    let kept = app.value(&format!("SELECT CAST(course_end_date AS CHAR) FROM enrolments WHERE id = {id}")).await;
    assert!(kept.starts_with("2097-01-01 00:00:00"), "{kept}");
}
