//! `PATCH /canceled`

use sandbox::{Fault, Target};
use serde_json::json;
use tests::TestApp;

crate::cases![
    a_cancellation_is_recorded_and_mailed,
    a_reason_is_mailed_and_stored,
    a_mail_without_a_reason_names_none,
    canceled_and_completed_enrolments_cannot_be_canceled,
    a_pending_confirmation_is_dropped,
    a_confirmation_under_a_lease_arrives,
    a_canceled_enrolment_stays_paid,
    a_pending_invoice_stays_pending,
    the_same_user_enrols_again,
    a_missing_user_gets_no_mail,
    a_missing_course_is_named_by_its_id,
    expiry_completes_no_canceled_enrolment,
    a_cancellation_is_recorded_while_the_relay_is_down,
];

const MAIL: &str = "Your course enrolment is canceled";

/// The answer of a service without the record.
pub(crate) fn not_found() -> Fault {
    Fault::Status { status: 404, body: Some(json!({"message": "not found"})), headers: [].into() }
}

async fn a_cancellation_is_recorded_and_mailed(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    app.idle().await;
    let answer = app.cancel(id).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.text,
        r#"{"id":1,"user_id":"ann","course_id":1,"status":"canceled","payment_status":"pending","invoice_url":null}"#
    );
    assert_eq!(app.get("/1").await.text, answer.text);
    assert_eq!(app.get("/active").await.text, r#"{"enrolments":[]}"#);
    app.idle().await;
    assert_eq!(app.subjects("ann"), ["Course enrolment confirmation", MAIL]);
    let mail = app.sandbox.state().emails.pop().unwrap();
    for body in ["html", "text"] {
        let body = mail[body].as_str().unwrap();
        assert!(body.contains("Your enrolment in the course Course 1 is canceled."), "{body}");
    }
    assert_eq!(app.jobs().await, ["enrolment_email done", "cancellation_email done"]);
    assert_eq!(app.count("outbox WHERE payload <> '{}'").await, 0);
}

async fn a_reason_is_mailed_and_stored(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    let reason = "moved to <May> & \"June\" 🐢";
    let body = json!({"enrolment_id": id, "user_id": "ann", "reason": format!(" {reason}\u{a0}")});
    assert_eq!(app.call_json("PATCH", "/canceled", &body).await.status, 200);
    app.idle().await;
    assert_eq!(app.value("SELECT reason FROM enrolments").await, reason);
    let mail = app.sandbox.state().emails.pop().unwrap();
    assert!(mail["text"].as_str().unwrap().contains(&format!("Reason: {reason}")), "{mail}");
    let html = mail["html"].as_str().unwrap();
    assert!(html.contains("Reason: moved to &lt;May&gt; &amp; &quot;June&quot; 🐢"), "{html}");
    // The longest reason.
    let id = app.enrolled("bob", 1).await;
    let long = "ż".repeat(255);
    let answer = app.call_json("PATCH", "/canceled", &json!({"enrolment_id": id, "reason": long})).await;
    assert_eq!(answer.status, 200);
    assert_eq!(app.value(&format!("SELECT reason FROM enrolments WHERE id = {id}")).await, long);
}

async fn a_mail_without_a_reason_names_none(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    app.cancel(id).await;
    app.idle().await;
    assert_eq!(app.value("SELECT reason FROM enrolments").await, "null");
    assert!(!app.sandbox.state().emails[1]["text"].as_str().unwrap().contains("Reason"));
}

async fn canceled_and_completed_enrolments_cannot_be_canceled(app: TestApp) {
    let (canceled, ended) = (app.enrolled("a", 1).await, app.enrolled_until_end("b", 1).await);
    assert_eq!(app.cancel(canceled).await.status, 200);
    assert_eq!(app.call("PATCH", "/expired").await.enrolments().len(), 1);
    app.idle().await;
    let (jobs, calls) = (app.jobs().await, app.sandbox.state().calls);
    for (id, message) in [(canceled, "Enrolment is canceled"), (ended, "Enrolment is completed")] {
        let answer = app.cancel(id).await;
        assert_eq!((answer.status, answer.error().as_str()), (409, "conflict"));
        assert_eq!(answer.json()["message"], message);
    }
    app.idle().await;
    assert_eq!((app.jobs().await, app.sandbox.state().calls), (jobs, calls));
    assert_eq!(app.state_of(ended).await, "COMPLETED PENDING");
}

async fn a_pending_confirmation_is_dropped(app: TestApp) {
    app.sandbox.fault(Target::Emails, Fault::status(503), None);
    let (id, other) = (app.enrolled("ann", 1).await, app.enrolled("bob", 1).await);
    app.idle().await;
    assert_eq!(app.jobs().await, ["enrolment_email unknown", "enrolment_email unknown"]);
    assert_eq!(app.cancel(id).await.status, 200);
    app.idle().await;
    app.sandbox.clear_faults();
    app.deliver_all().await;
    assert_eq!(app.subjects("ann"), [MAIL]);
    assert_eq!(app.subjects("bob"), ["Course enrolment confirmation"]);
    assert_eq!(app.jobs().await, ["enrolment_email done", "cancellation_email done"]);
    assert_eq!(app.state_of(other).await, "ACTIVE PENDING");
}

async fn a_confirmation_under_a_lease_arrives(app: TestApp) {
    app.sandbox.fault(Target::Emails, Fault::Delay { delay_ms: 500 }, Some(1));
    let id = app.enrolled("ann", 1).await;
    assert!(app.sandbox.wait_until(|state| state.calls.of(Target::EmailsSend) == 1, tests::PATIENCE).await);
    assert_eq!(app.cancel(id).await.status, 200);
    app.idle().await;
    let mut mails = app.subjects("ann");
    mails.sort();
    assert_eq!(mails, ["Course enrolment confirmation", MAIL]);
    assert_eq!(app.jobs().await, ["cancellation_email done"]);
    app.deliver_all().await;
    assert_eq!(app.sandbox.state().emails.len(), 2);
}

async fn a_canceled_enrolment_stays_paid(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    let url = app.pay(id).await.json()["invoice_url"].clone();
    let canceled = app.cancel(id).await.json();
    assert_eq!((&canceled["status"], &canceled["payment_status"]), (&json!("canceled"), &json!("paid")));
    assert_eq!(canceled["invoice_url"], url);
    app.deliver_all().await;
    let state = app.sandbox.state();
    assert_eq!((state.invoices.len(), state.corrections.len()), (1, 0));
    assert_eq!(app.value("SELECT refunded_at FROM enrolments").await, "null");
    assert_eq!(app.subjects("ann").last().map(String::as_str), Some(MAIL));
}

async fn a_pending_invoice_stays_pending(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    app.sandbox.fault(Target::Invoices, Fault::status(503), None);
    assert!(app.pay(id).await.json()["invoice_url"].is_null());
    assert_eq!(app.cancel(id).await.status, 200);
    app.idle().await;
    app.sandbox.clear_faults();
    app.deliver_all().await;
    let state = app.sandbox.state();
    assert_eq!(state.invoices.len(), 1);
    assert_eq!(app.get(&format!("/{id}")).await.json()["invoice_url"], state.invoices[0]["view_url"]);
    let subjects = app.subjects("ann");
    assert_eq!(subjects, ["Course enrolment confirmation", MAIL, "Your course payment confirmation"]);
}

async fn the_same_user_enrols_again(app: TestApp) {
    let first = app.enrolled("ann", 1).await;
    assert_eq!(app.pay(first).await.status, 200);
    assert_eq!(app.enrol("ann", 1).await.status, 409);
    assert_eq!(app.cancel(first).await.status, 200);
    let second = app.enrolled("ann", 1).await;
    assert_ne!(first, second);
    assert_eq!(app.enrol("ann", 1).await.status, 409);
    assert_eq!(app.state_of(first).await, "CANCELED PAID");
    assert_eq!(app.state_of(second).await, "ACTIVE PENDING");
    assert_eq!(app.pay(second).await.status, 200);
    app.idle().await;
    let state = app.sandbox.state();
    assert_eq!(state.invoices.len(), 2);
    for (id, invoice) in [first, second].into_iter().zip(&state.invoices) {
        assert!(invoice["oid"].as_str().unwrap().starts_with(&format!("enrolment-{id}-")), "{invoice}");
        assert_eq!(app.documents(id).await[0]["number"], invoice["number"]);
    }
    assert_ne!(state.invoices[0]["number"], state.invoices[1]["number"]);
    // Again and again.
    assert_eq!(app.cancel(second).await.status, 200);
    let third = app.enrolled("ann", 1).await;
    assert_eq!(app.cancel(third).await.status, 200);
    app.idle().await;
    let mails = app.subjects("ann");
    assert_eq!(mails.iter().filter(|subject| *subject == MAIL).count(), 3);
    assert_eq!(mails.iter().filter(|subject| *subject == "Course enrolment confirmation").count(), 3);
}

async fn a_missing_user_gets_no_mail(app: TestApp) {
    let (inactive, unknown) = (app.enrolled("ann", 1).await, app.enrolled("bob", 1).await);
    app.idle().await;
    app.sandbox.set_user("ann", json!({"is_active": false}));
    assert_eq!(app.cancel(inactive).await.status, 200);
    app.sandbox.fault(Target::Users, not_found(), None);
    assert_eq!(app.cancel(unknown).await.status, 200);
    app.idle().await;
    assert_eq!(app.jobs().await, ["enrolment_email done", "enrolment_email done"]);
    assert_eq!(app.sandbox.state().emails.len(), 2);
    assert_eq!(app.state_of(unknown).await, "CANCELED PENDING");
}

async fn a_missing_course_is_named_by_its_id(app: TestApp) {
    let id = app.enrolled("ann", 77).await;
    app.forget_terms().await;
    app.idle().await;
    app.sandbox.fault(Target::Courses, not_found(), None);
    assert_eq!(app.cancel(id).await.status, 200);
    app.idle().await;
    let mail = app.sandbox.state().emails.pop().unwrap();
    assert!(mail["text"].as_str().unwrap().contains("Your enrolment in the course 77 is canceled."), "{mail}");
}

async fn expiry_completes_no_canceled_enrolment(app: TestApp) {
    let (canceled, active) = (app.enrolled_until_end("a", 1).await, app.enrolled_until_end("b", 1).await);
    assert_eq!(app.cancel(canceled).await.status, 200);
    let completed = app.call("PATCH", "/expired").await.enrolments();
    assert_eq!(completed.iter().map(|enrolment| enrolment["id"].clone()).collect::<Vec<_>>(), [active]);
    assert_eq!(app.state_of(canceled).await, "CANCELED PENDING");
}

async fn a_cancellation_is_recorded_while_the_relay_is_down(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    app.idle().await;
    app.sandbox.fault(Target::Emails, sandbox::fault::Named::Reset, None);
    assert_eq!(app.cancel(id).await.status, 200);
    app.idle().await;
    app.sandbox.clear_faults();
    for _ in 0..2 {
        app.deliver_all().await;
        assert_eq!(app.subjects("ann"), ["Course enrolment confirmation", MAIL]);
    }
}
