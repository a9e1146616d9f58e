//! `PATCH /refunded`

use crate::canceled::not_found;
use sandbox::{Fault, Target};
use serde_json::{Value, json};
use tests::TestApp;

crate::cases![
    a_refund_is_recorded_corrected_and_mailed,
    a_reason_is_on_the_correction_and_in_the_mail,
    a_completed_enrolment_stays_completed,
    a_canceled_enrolment_stays_canceled,
    unpaid_and_refunded_enrolments_cannot_be_refunded,
    the_seat_is_free_and_a_pending_confirmation_is_dropped,
    a_free_enrolment_gets_only_the_mail,
    a_missing_user_gets_no_mail,
    a_missing_course_is_named_by_its_id,
];

pub(crate) const MAIL: &str = "Your course payment is refunded";

/// The pending jobs as operators see them: kind, state, attempts, reason.
pub(crate) async fn pending_jobs(app: &TestApp) -> Value {
    let list = app.get("/deliveries").await.json()["deliveries"].as_array().cloned().unwrap();
    list.iter().map(|job| json!([job["kind"], job["state"], job["attempts"], job["last_error"]])).collect()
}

async fn a_refund_is_recorded_corrected_and_mailed(app: TestApp) {
    let id = app.paid("ann", 1).await;
    let before = app.get("/1").await.json();
    let answer = app.refund(id).await;
    assert_eq!(answer.status, 200);
    let mut expected = before;
    expected["status"] = json!("canceled");
    assert_eq!(answer.json(), expected);
    assert_eq!(app.get("/1").await.text, answer.text);
    app.idle().await;

    let state = app.sandbox.state();
    assert_eq!((state.invoices.len(), state.corrections.len()), (1, 1));
    let (invoice, correction) = (&state.invoices[0], &state.corrections[0]);
    for key in ["buyer_name", "buyer_first_name", "buyer_last_name", "buyer_email", "buyer_company", "currency"] {
        assert_eq!(correction[key], invoice[key], "{key}");
    }
    assert_eq!((&correction["kind"], &correction["lang"]), (&json!("correction"), &json!("pl")));
    assert_eq!((&correction["invoice_id"], &correction["from_invoice_id"]), (&invoice["id"], &invoice["id"]));
    assert_eq!(
        (&correction["price_gross"], &correction["correction_reason"]),
        (&json!("-199.99"), &json!("Zwrot płatności"))
    );
    let (sold, position) = (&invoice["positions"][0], &correction["positions"][0]);
    assert_eq!((&position["name"], &position["tax"]), (&sold["name"], &sold["tax"]));
    let oid = correction["oid"].as_str().unwrap();
    let reference = oid.strip_prefix("correction-1-").unwrap();
    assert!(reference.len() == 16 && reference.bytes().all(|byte| byte.is_ascii_hexdigit()), "{oid}");
    assert_ne!(correction["oid"], invoice["oid"]);

    assert_eq!(app.subjects("ann"), ["Course enrolment confirmation", "Your course payment confirmation", MAIL]);
    let mail = &state.emails[2];
    for body in ["html", "text"] {
        let body = mail[body].as_str().unwrap();
        assert!(body.contains("Your payment for the course Course 1 is refunded."), "{body}");
        assert!(body.contains(correction["view_url"].as_str().unwrap()), "{body}");
    }
    let jobs = ["enrolment_email done", "invoice done", "payment_email done", "correction done", "refund_email done"];
    assert_eq!(app.jobs().await, jobs);
    assert_eq!(app.count("outbox WHERE payload <> '{}'").await, 0);
    let row = app.database.rows("SELECT paid_hundredths, refunded_at > 0, reason FROM enrolments").await.unwrap();
    assert_eq!(row, [["19999", "1", "null"]]);
}

async fn a_reason_is_on_the_correction_and_in_the_mail(app: TestApp) {
    let id = app.paid("ann", 1).await;
    let reason = "kurs <odwołany> & \"przesunięty\"";
    let answer = app.call_json("PATCH", "/refunded", &json!({"enrolment_id": id, "reason": reason})).await;
    assert_eq!(answer.status, 200);
    app.idle().await;
    let state = app.sandbox.state();
    assert_eq!(state.corrections[0]["correction_reason"], reason);
    assert!(state.emails[2]["text"].as_str().unwrap().contains(&format!("Reason: {reason}")));
    assert_eq!(app.value("SELECT reason FROM enrolments").await, reason);
}

async fn a_completed_enrolment_stays_completed(app: TestApp) {
    let id = app.paid("ann", 1).await;
    app.end_course_of(id).await;
    app.call("PATCH", "/expired").await;
    let answer = app.refund(id).await;
    assert_eq!((answer.status, &answer.json()["status"]), (200, &json!("completed")));
    assert_eq!(answer.json()["payment_status"], "paid");
    app.idle().await;
    assert_eq!(app.sandbox.state().corrections.len(), 1);
    // It is not canceled, so the user cannot enrol again.
    assert_eq!(app.enrol("ann", 1).await.json()["message"], "User is already enrolled in this course");
}

async fn a_canceled_enrolment_stays_canceled(app: TestApp) {
    let id = app.paid("ann", 1).await;
    assert_eq!((app.cancel(id).await.status, app.refund(id).await.status), (200, 200));
    app.idle().await;
    assert_eq!(app.state_of(id).await, "CANCELED PAID");
    let mails = app.subjects("ann");
    assert_eq!(mails[2..], ["Your course enrolment is canceled", MAIL]);
    assert_eq!(app.sandbox.state().corrections.len(), 1);
}

async fn unpaid_and_refunded_enrolments_cannot_be_refunded(app: TestApp) {
    let (pending, failed) = (app.enrolled("a", 1).await, app.enrolled("b", 1).await);
    assert_eq!(app.fail(failed).await.status, 200);
    let refunded = app.paid("c", 1).await;
    assert_eq!(app.refund(refunded).await.status, 200);
    app.idle().await;
    let (jobs, emails) = (app.jobs().await, app.sandbox.state().emails.len());
    for (id, message) in [
        (pending, "Enrolment is not paid"),
        (failed, "Enrolment is not paid"),
        (refunded, "Enrolment already refunded"),
    ] {
        let answer = app.refund(id).await;
        assert_eq!((answer.status, answer.error().as_str()), (409, "conflict"));
        assert_eq!(answer.json()["message"], message);
    }
    app.idle().await;
    assert_eq!((app.jobs().await, app.sandbox.state().emails.len()), (jobs, emails));
    assert_eq!(app.sandbox.state().corrections.len(), 1);
}

async fn the_seat_is_free_and_a_pending_confirmation_is_dropped(app: TestApp) {
    app.sandbox.fault(Target::Emails, Fault::status(429), None);
    let id = app.paid("ann", 11).await;
    assert_eq!(app.enrol("bob", 11).await.error(), "course_full");
    assert_eq!(app.refund(id).await.status, 200);
    app.enrolled("bob", 11).await;
    app.idle().await;
    app.sandbox.clear_faults();
    app.deliver_all().await;
    let mut mails = app.subjects("ann");
    mails.sort();
    assert_eq!(mails, ["Your course payment confirmation", MAIL]);
    assert_eq!(app.subjects("bob"), ["Course enrolment confirmation"]);
}

async fn a_free_enrolment_gets_only_the_mail(app: TestApp) {
    let free = app.paid("ann", 2).await;
    let given = app.enrolled("bob", 1).await;
    let body = json!({"enrolment_id": given, "amount": "0.00"});
    assert_eq!(app.call_json("PATCH", "/paid", &body).await.status, 200);
    for id in [free, given] {
        assert_eq!(app.refund(id).await.status, 200);
    }
    app.idle().await;
    let state = app.sandbox.state();
    assert_eq!((state.calls.of(Target::InvoicesCreate), state.calls.of(Target::InvoicesFind)), (0, 0));
    for user in ["ann", "bob"] {
        assert_eq!(app.subjects(user).last().map(String::as_str), Some(MAIL));
    }
    assert!(!state.emails.last().unwrap()["html"].as_str().unwrap().contains("href"));
    assert!(app.documents(free).await.is_empty());
    assert_eq!(app.count("outbox WHERE state <> 'done' OR payload <> '{}'").await, 0);
}

async fn a_missing_user_gets_no_mail(app: TestApp) {
    let id = app.paid("ann", 1).await;
    app.sandbox.set_user("ann", json!({"is_active": false}));
    assert_eq!(app.refund(id).await.status, 200);
    app.idle().await;
    let state = app.sandbox.state();
    assert_eq!((state.corrections.len(), state.emails.len()), (1, 2));
    assert_eq!(state.corrections[0]["buyer_name"], "Customer ann", "as the invoice has it");
    assert_eq!(app.jobs().await.last().map(String::as_str), Some("correction done"));
}

async fn a_missing_course_is_named_by_its_id(app: TestApp) {
    let id = app.paid("ann", 77).await;
    app.forget_terms().await;
    app.sandbox.fault(Target::Courses, not_found(), None);
    assert_eq!(app.refund(id).await.status, 200);
    app.idle().await;
    let state = app.sandbox.state();
    assert!(state.emails[2]["text"].as_str().unwrap().contains("Your payment for the course 77 is refunded."));
    assert_eq!(state.corrections[0]["positions"][0]["name"], "Course 77", "as the invoice has it");
}
