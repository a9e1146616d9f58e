//! `PATCH /paid` for a user or a course that no longer exists.

use crate::buyers::pay;
use crate::canceled::not_found;
use crate::refunded::pending_jobs;
use sandbox::{Fault, Target};
use serde_json::{Value, json};
use tests::TestApp;

crate::cases![
    a_payment_is_recorded_without_the_user,
    a_missing_course_costs_its_later_price,
    a_given_amount_is_invoiced,
    user_and_course_are_missing,
    a_free_payment_has_no_invoice,
    waiting_uses_no_attempt,
    a_service_that_is_down_delays_the_invoice,
    a_refund_waits_as_well,
    a_refund_of_a_course_that_turns_out_free,
    a_deleted_enrolment_is_still_invoiced,
    a_repeated_payment_gets_the_first_answer,
];

const NO_USER: &str = "the user is not found or inactive, and the invoice waits";

/// Pays for an enrolment whose user or course is gone.
async fn paid(app: &TestApp, id: i64, more: &Value) {
    app.idle().await;
    let answer = pay(app, id, more).await;
    assert_eq!((answer.status, &answer.json()["payment_status"]), (200, &json!("paid")), "{}", answer.text);
    assert!(answer.json()["invoice_url"].is_null());
    app.idle().await;
}

async fn a_payment_is_recorded_without_the_user(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    app.sandbox.set_user("ann", json!({"is_active": false}));
    paid(&app, id, &json!({})).await;
    assert_eq!(app.state_of(id).await, "ACTIVE PAID");
    assert_eq!(pending_jobs(&app).await, json!([["invoice_data", "due", 0, NO_USER]]));
    assert_eq!(app.sandbox.state().emails.len(), 1);
    // The price at the payment counts.
    app.sandbox.set_course(1, json!({"price": 500}));
    app.deliver_all().await;
    assert_eq!(pending_jobs(&app).await, json!([["invoice_data", "due", 0, NO_USER]]));
    app.sandbox.set_user("ann", json!({"last_name": "Married"}));
    app.deliver_all().await;
    let state = app.sandbox.state();
    assert_eq!(state.invoices.len(), 1);
    let invoice = &state.invoices[0];
    assert_eq!((&invoice["price_gross"], &invoice["buyer_name"]), (&json!("199.99"), &json!("Customer Married")));
    assert_eq!(app.get(&format!("/{id}")).await.json()["invoice_url"], invoice["view_url"]);
    assert_eq!(app.documents(id).await.len(), 1);
    assert_eq!(app.subjects("ann").last().map(String::as_str), Some("Your course payment confirmation"));
    let jobs = ["enrolment_email done", "invoice_data done", "invoice done", "payment_email done"];
    assert_eq!(app.jobs().await, jobs);
    assert_eq!(app.count("outbox WHERE payload <> '{}'").await, 0);
}

async fn a_missing_course_costs_its_later_price(app: TestApp) {
    let id = app.enrolled("ann", 77).await;
    app.forget_terms().await;
    app.sandbox.fault(Target::Courses, not_found(), None);
    paid(
        &app,
        id,
        &json!({"buyer": {
            "name": "Example", "tax_no": "5252445767", "street": "Prosta 1", "post_code": "00-001", "city": "Łódź",
        }}),
    )
    .await;
    assert_eq!(
        pending_jobs(&app).await,
        json!([["invoice_data", "due", 0, "the course is not found, and the invoice waits: 77"]])
    );
    assert_eq!(app.value("SELECT paid_hundredths FROM enrolments").await, "null");
    app.sandbox.clear_faults();
    app.sandbox.set_course(77, json!({"price": 500, "name": "Found again"}));
    app.deliver_all().await;
    let invoice = app.sandbox.state().invoices.pop().unwrap();
    assert_eq!((&invoice["price_gross"], &invoice["buyer_tax_no"]), (&json!("500.00"), &json!("5252445767")));
    assert_eq!(invoice["positions"][0]["name"], "Found again");
    crate::ksef_mails::looked_for_in_vain(&app).await;
    assert_eq!(pending_jobs(&app).await, json!([]));
}

async fn a_given_amount_is_invoiced(app: TestApp) {
    let id = app.enrolled("ann", 77).await;
    app.forget_terms().await;
    app.sandbox.fault(Target::Courses, not_found(), None);
    paid(&app, id, &json!({"amount": "149.00"})).await;
    app.sandbox.clear_faults();
    app.deliver_all().await;
    assert_eq!(app.documents(id).await[0]["gross"], "149.00");
    // The invoice has the day of the payment, in Warsaw.
    let state = app.sandbox.state();
    assert_eq!(state.invoices[0]["paid_date"], state.invoices[0]["sell_date"]);
}

async fn user_and_course_are_missing(app: TestApp) {
    let id = app.enrolled("ann", 77).await;
    app.forget_terms().await;
    app.idle().await;
    app.sandbox.fault(Target::Courses, not_found(), None);
    app.sandbox.fault(Target::Users, not_found(), None);
    paid(&app, id, &json!({})).await;
    app.sandbox.clear_faults();
    // One comes back after the other.
    app.sandbox.fault(Target::Courses, not_found(), None);
    app.deliver_all().await;
    assert_eq!(pending_jobs(&app).await[0][3], "the course is not found, and the invoice waits: 77");
    app.sandbox.clear_faults();
    app.deliver_all().await;
    assert_eq!((app.documents(id).await.len(), pending_jobs(&app).await), (1, json!([])));
}

async fn a_free_payment_has_no_invoice(app: TestApp) {
    let (free, given, other) =
        (app.enrolled("ann", 2).await, app.enrolled("ann", 1).await, app.enrolled("bob", 77).await);
    app.forget_terms().await;
    app.idle().await;
    app.sandbox.set_user("ann", json!({"is_active": false}));
    paid(&app, free, &json!({})).await;
    paid(&app, given, &json!({"amount": 0})).await;
    assert_eq!(app.sandbox.state().emails.len(), 3, "a user who is not found gets no mail");
    app.sandbox.fault(Target::Courses, not_found(), None);
    paid(&app, other, &json!({"amount": 0})).await;
    let mail = app.sandbox.state().emails.pop().unwrap();
    assert!(mail["text"].as_str().unwrap().contains("The course 77 is paid."), "{mail}");
    assert_eq!(pending_jobs(&app).await, json!([]));
    // There is no correction either.
    for id in [free, given, other] {
        assert_eq!(app.refund(id).await.status, 200);
    }
    app.idle().await;
    assert_eq!(pending_jobs(&app).await, json!([]));
    assert_eq!((app.sandbox.state().calls.of(Target::InvoicesCreate), app.subjects("bob").len()), (0, 3));
}

async fn waiting_uses_no_attempt(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    app.sandbox.set_user("ann", json!({"is_active": false}));
    paid(&app, id, &json!({})).await;
    for _ in 0..70 {
        app.make_due("kind = 'invoice_data'").await;
        app.cron("delivery-cron").await;
    }
    assert_eq!(pending_jobs(&app).await, json!([["invoice_data", "due", 0, NO_USER]]));
    // An operator sees only the enrolment.
    let payload = app.value("SELECT payload FROM outbox WHERE kind = 'invoice_data'").await;
    assert!(!payload.contains("Customer") && !payload.contains('@'), "{payload}");
    app.sandbox.set_user("ann", json!({}));
    app.deliver_all().await;
    assert_eq!(app.documents(id).await.len(), 1);
}

async fn a_service_that_is_down_delays_the_invoice(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    app.sandbox.set_user("ann", json!({"is_active": false}));
    paid(&app, id, &json!({})).await;
    app.sandbox.set_user("ann", json!({}));
    app.sandbox.fault(Target::Users, Fault::status(503), None);
    app.deliver_all().await;
    assert_eq!(
        pending_jobs(&app).await,
        json!([["invoice_data", "due", 0, "users service unavailable: server error"]])
    );
    app.sandbox.clear_faults();
    // An unusable record is waited for.
    app.sandbox.set_user("ann", json!({"email": "nowhere"}));
    app.deliver_all().await;
    assert_eq!(
        pending_jobs(&app).await,
        json!([["invoice_data", "due", 0, "users service's answer cannot be used: email is not one plain address"]])
    );
    app.sandbox.set_user("ann", json!({}));
    app.deliver_all().await;
    assert_eq!((app.documents(id).await.len(), pending_jobs(&app).await), (1, json!([])));
}

async fn a_refund_waits_as_well(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    app.sandbox.set_user("ann", json!({"is_active": false}));
    paid(&app, id, &json!({"amount": "149.00"})).await;
    assert_eq!(app.refund(id).await.status, 200);
    app.idle().await;
    let waiting = json!(["correction", "due", 0, "the document before it is not issued yet"]);
    assert_eq!(pending_jobs(&app).await[1], waiting);
    app.sandbox.set_user("ann", json!({}));
    for _ in 0..2 {
        app.deliver_all().await;
    }
    let gross: Vec<_> = app.documents(id).await.iter().map(|document| document["gross"].clone()).collect();
    assert_eq!(gross, ["149.00", "-149.00"]);
    // The user was not found when the refund was recorded: no mail.
    assert_eq!(app.subjects("ann")[1..], ["Your course payment confirmation"]);
    assert_eq!(pending_jobs(&app).await, json!([]));
}

async fn a_refund_of_a_course_that_turns_out_free(app: TestApp) {
    let id = app.enrolled("ann", 77).await;
    app.forget_terms().await;
    app.idle().await;
    app.sandbox.fault(Target::Courses, not_found(), None);
    paid(&app, id, &json!({})).await;
    assert_eq!(app.refund(id).await.status, 200);
    app.idle().await;
    app.sandbox.clear_faults();
    app.sandbox.set_course(77, json!({"price": 0}));
    for _ in 0..2 {
        app.deliver_all().await;
    }
    assert_eq!(pending_jobs(&app).await, json!([]));
    assert_eq!(app.sandbox.state().calls.of(Target::InvoicesCreate), 0);
    let mut mails = app.subjects("ann");
    mails.sort();
    assert_eq!(mails[1..], ["Your course payment confirmation", "Your course payment is refunded"]);
}

async fn a_deleted_enrolment_is_still_invoiced(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    app.sandbox.set_user("ann", json!({"is_active": false}));
    paid(&app, id, &json!({})).await;
    assert_eq!(app.call("DELETE", &format!("/{id}")).await.status, 204);
    app.sandbox.set_user("ann", json!({}));
    app.deliver_all().await;
    assert_eq!((app.sandbox.state().invoices.len(), app.subjects("ann").len()), (1, 2));
}

async fn a_repeated_payment_gets_the_first_answer(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    app.sandbox.set_user("ann", json!({"is_active": false}));
    let pay = async || app.call_with_key("k", "PATCH", "/paid", &json!({"enrolment_id": id})).await;
    let first = pay().await;
    assert_eq!((first.status, first.json()["invoice_url"].is_null()), (200, true));
    app.sandbox.set_user("ann", json!({}));
    app.deliver_all().await;
    assert!(app.get(&format!("/{id}")).await.json()["invoice_url"].is_string());
    let again = pay().await;
    assert_eq!((again.status, again.text), (200, first.text));
    assert_eq!(app.sandbox.state().invoices.len(), 1);
}
