//! Refunds whose invoice is not issued, or was issued by another system.

use crate::refunded::{MAIL, pending_jobs};
use sandbox::{Fault, Target};
use serde_json::json;
use tests::TestApp;

crate::cases![
    a_correction_waits_for_a_pending_invoice,
    an_invoice_is_issued_before_its_correction,
    a_dead_invoice_holds_its_correction,
    an_invoice_of_the_flask_service_needs_a_person,
    a_deletion_keeps_pending_jobs,
];

const FOR_A_PERSON: &str = "the number of the invoice is not known here: a person must make the correction";

async fn a_correction_waits_for_a_pending_invoice(app: TestApp) {
    app.sandbox.fault(Target::Invoices, Fault::status(503), None);
    let id = app.paid("ann", 1).await;
    assert_eq!(app.refund(id).await.status, 200);
    app.idle().await;
    let expected = json!([
        ["invoice", "unknown", 1, "server error: 503"],
        ["correction", "due", 0, "the document before it is not issued yet"],
    ]);
    assert_eq!(pending_jobs(&app).await, expected);
    // Waiting uses no attempt.
    for _ in 0..3 {
        app.deliver_all().await;
    }
    assert_eq!(pending_jobs(&app).await[1], expected[1]);
    app.sandbox.clear_faults();
    for _ in 0..2 {
        app.deliver_all().await;
    }
    let state = app.sandbox.state();
    assert_eq!((state.invoices.len(), state.corrections.len()), (1, 1));
    assert_eq!(state.corrections[0]["from_invoice_id"], state.invoices[0]["id"]);
    assert_eq!(app.subjects("ann")[1..], ["Your course payment confirmation", MAIL]);
    assert_eq!(pending_jobs(&app).await, json!([]));
}

async fn an_invoice_is_issued_before_its_correction(app: TestApp) {
    app.sandbox.fault(Target::Invoices, Fault::status(503), None);
    let id = app.paid("ann", 1).await;
    assert_eq!(app.refund(id).await.status, 200);
    app.idle().await;
    app.sandbox.clear_faults();
    app.pass_time(3_600_000).await;
    app.make_due("kind = 'correction'").await;
    app.cron("delivery-cron").await;
    assert_eq!((app.sandbox.state().invoices.len(), app.sandbox.state().corrections.len()), (1, 0));
    app.deliver_all().await;
    assert_eq!(app.sandbox.state().corrections.len(), 1);
    assert_eq!(app.subjects("ann")[1..], ["Your course payment confirmation", MAIL]);
}

async fn a_dead_invoice_holds_its_correction(app: TestApp) {
    app.sandbox.fault(Target::InvoicesCreate, Fault::status(422), Some(1));
    let id = app.paid("ann", 1).await;
    assert_eq!(app.refund(id).await.status, 200);
    app.deliver_all().await;
    let left = pending_jobs(&app).await;
    assert_eq!((&left[0][1], &left[1][3]), (&json!("dead"), &json!("the document before it is not issued yet")));
    let dead = app.get("/deliveries?state=dead").await.json()["deliveries"][0]["id"].clone();
    assert_eq!(app.call("POST", &format!("/deliveries/{dead}/retry")).await.status, 200);
    for _ in 0..2 {
        app.deliver_all().await;
    }
    assert_eq!((app.sandbox.state().invoices.len(), app.sandbox.state().corrections.len()), (1, 1));
    assert_eq!(pending_jobs(&app).await, json!([]));
}

async fn an_invoice_of_the_flask_service_needs_a_person(app: TestApp) {
    let (flask, earlier) = (app.enrolled("ann", 1).await, app.paid("bob", 1).await);
    let sql = format!(
        "UPDATE enrolments SET payment_status = 'PAID', invoice_url = 'https://a.example/1' WHERE id = {flask}"
    );
    app.database.execute(&sql).await.unwrap();
    // An invoice of a release without documents as well.
    app.database.execute("DELETE FROM documents; UPDATE enrolments SET paid_hundredths = NULL").await.unwrap();
    for id in [flask, earlier] {
        let answer = app.refund(id).await;
        assert_eq!((answer.status, &answer.json()["status"]), (200, &json!("canceled")));
        assert!(answer.json()["invoice_url"].is_string());
    }
    app.idle().await;
    let dead = json!(["correction", "dead", 1, FOR_A_PERSON]);
    assert_eq!(pending_jobs(&app).await, json!([dead, dead]));
    let state = app.sandbox.state();
    assert_eq!((state.calls.of(Target::InvoicesCreate), state.corrections.len(), state.emails.len()), (1, 0, 3));
    // A retry is dead again.
    let id = app.get("/deliveries").await.json()["deliveries"][0]["id"].clone();
    assert_eq!(app.call("POST", &format!("/deliveries/{id}/retry")).await.status, 200);
    app.deliver_all().await;
    assert_eq!(pending_jobs(&app).await[0], dead);
}

async fn a_deletion_keeps_pending_jobs(app: TestApp) {
    app.sandbox.fault(Target::Invoices, Fault::status(503), None);
    let id = app.paid("ann", 1).await;
    assert_eq!(app.refund(id).await.status, 200);
    app.idle().await;
    assert_eq!(app.call("DELETE", &format!("/{id}")).await.status, 204);
    app.sandbox.clear_faults();
    for _ in 0..2 {
        app.deliver_all().await;
    }
    assert_eq!((app.sandbox.state().invoices.len(), app.sandbox.state().corrections.len()), (1, 1));
    assert_eq!(app.subjects("ann")[1..], ["Your course payment confirmation", MAIL]);
    assert_eq!(app.refund(id).await.status, 404);
}
