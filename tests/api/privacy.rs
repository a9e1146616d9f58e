//! Personal data during the whole life of an enrolment: none stays in done jobs, and none is
//! logged.

use sandbox::fault::Named;
use sandbox::{Fault, Target};
use serde_json::{Value, json};
use tests::TestApp;

crate::cases![
    no_personal_data_stays_in_done_jobs,
    nothing_is_logged_without_a_fault,
    nothing_is_logged_after_a_reset,
    nothing_is_logged_of_garbage,
    nothing_is_logged_of_a_401,
    nothing_is_logged_of_a_422,
    nothing_is_logged_of_a_503,
    nothing_is_logged_without_tables,
];

fn company() -> Value {
    json!({"name": "canary-company", "tax_no": "525-244-57-67", "street": "canary-street", "post_code": "canary-code",
        "city": "canary-city", "recipient": {"name": "canary-school", "street": "canary-road", "city": "canary-town", "role": "recipient"}})
}

async fn patch(app: &TestApp, path: &str, body: &Value) -> u16 {
    app.call_json("PATCH", path, body).await.status
}

async fn no_personal_data_stays_in_done_jobs(app: TestApp) {
    let id = app.enrolled("canary-user", 1).await;
    // A cancellation drops the pending mail.
    app.idle().await;
    let reason = "canary-reason";
    let body = json!({"enrolment_id": id, "reason": reason});
    assert_eq!(patch(&app, "/failed", &body).await, 200);
    // The user is not found at the payment, so that every kind of job exists.
    app.sandbox.set_user("canary-user", json!({"is_active": false}));
    let paid = json!({"enrolment_id": id, "buyer": company(), "amount": "1.00"});
    assert_eq!(patch(&app, "/paid", &paid).await, 200);
    app.sandbox.set_user("canary-user", json!({}));
    assert_eq!(patch(&app, "/canceled", &body).await, 200);
    assert_eq!(patch(&app, "/refunded", &body).await, 200);
    // The correction waits for the KSeF number of the invoice.
    for _ in 0..2 {
        app.deliver_all().await;
        crate::ksef_mails::looked_for_in_vain(&app).await;
    }
    let mut jobs = app.jobs().await;
    jobs.sort();
    let kinds = [
        "cancellation_email",
        "correction",
        "enrolment_email",
        "invoice",
        "invoice_data",
        "ksef_number",
        "payment_email",
        "refund_email",
    ];
    assert_eq!(jobs, kinds.map(|kind| format!("{kind} done")));
    assert_eq!(app.count("outbox WHERE payload <> '{}' OR last_error IS NOT NULL").await, 0);
    // A document has its number, and no person.
    let kept = app.database.rows("SELECT * FROM documents").await.unwrap().concat().join(" ");
    assert!(!kept.contains("canary") && !kept.contains("5252445767"), "{kept}");
}

async fn nothing_is_logged_without_a_fault(app: TestApp) {
    live_with(&app, None).await;
}

async fn nothing_is_logged_after_a_reset(app: TestApp) {
    live_with(&app, Some(Named::ResetAfter.into())).await;
}

async fn nothing_is_logged_of_garbage(app: TestApp) {
    live_with(&app, Some(Named::Garbage.into())).await;
}

async fn nothing_is_logged_of_a_401(app: TestApp) {
    live_with(&app, Some(Fault::status(401))).await;
}

async fn nothing_is_logged_of_a_422(app: TestApp) {
    live_with(&app, Some(Fault::status(422))).await;
}

async fn nothing_is_logged_of_a_503(app: TestApp) {
    live_with(&app, Some(Fault::status(503))).await;
}

/// Every request and every kind of job, while each system in turn has the fault.
async fn live_with(app: &TestApp, fault: Option<Fault>) {
    app.sandbox.set_course(1, json!({"name": "canary-course"}));
    let mut reasons = Vec::new();
    for target in [Target::Users, Target::Courses, Target::InvoicesCreate, Target::InvoicesFind, Target::Emails] {
        let user = format!("canary-{}", target as u8);
        app.sandbox.set_user(&user, json!({"last_name": "canary-last", "email": "canary@person.example"}));
        let id = app.enrolled(&user, 1).await;
        app.idle().await;
        let break_it = || fault.iter().for_each(|fault| app.sandbox.fault(target, fault.clone(), None));
        let note = json!({"enrolment_id": id, "user_id": user, "reason": "canary-reason"});
        let payment = json!({"enrolment_id": id, "user_id": user, "amount": "7654.32", "buyer": company()});
        let patch = async |path: &str, body: &Value| {
            app.call_with_key(&format!("canary{path}-{id}"), "PATCH", path, body).await.status
        };
        break_it();
        patch("/failed", &note).await;
        if patch("/paid", &payment).await != 200 {
            // A refund needs a payment.
            app.sandbox.clear_faults();
            assert_eq!(patch("/paid", &payment).await, 200);
            break_it();
        }
        patch("/canceled", &note).await;
        patch("/refunded", &note).await;
        app.get(&format!("?user_id={user}")).await;
        app.get(&format!("/{id}/documents?user_id={user}")).await;
        app.get("?status=canary-status").await;
        app.deliver_all().await;
        app.sandbox.clear_faults();
        reasons.extend(app.database.rows("SELECT last_error FROM outbox WHERE last_error IS NOT NULL").await.unwrap());
    }
    assert!(!reasons.is_empty());
    let output = app.app.captured_output();
    assert!(fault.is_none() || !output.is_empty());
    nothing_personal(&output, &reasons.concat());
}

/// The database fails in the middle of every request.
async fn nothing_is_logged_without_tables(app: TestApp) {
    app.sandbox.set_user("canary-paid", json!({"last_name": "canary-last", "email": "canary@person.example"}));
    let paid = app.enrolled("canary-paid", 1).await;
    assert_eq!(patch(&app, "/paid", &json!({"enrolment_id": paid})).await, 200);
    app.database.execute("DROP TABLE documents").await.unwrap();
    let id = app.enrolled("canary-late", 1).await;
    for path in ["/paid", "/refunded", "/canceled"] {
        patch(&app, path, &json!({"enrolment_id": id})).await;
    }
    assert_eq!(app.get(&format!("/{id}/documents")).await.status, 503);
    app.deliver_all().await;
    app.database.execute("DROP TABLE outbox").await.unwrap();
    patch(&app, "/refunded", &json!({"enrolment_id": paid, "reason": "canary-reason"})).await;
    app.idle().await;
    let output = app.app.captured_output();
    assert!(output.contains("\"status\":503") && output.contains("\"route\":\"PATCH /refunded\""), "{output}");
    nothing_personal(&output, &[]);
}

fn nothing_personal(output: &str, reasons: &[String]) {
    for line in output.lines().chain(reasons.iter().map(String::as_str)) {
        let lower = line.to_lowercase();
        for never in ["canary", "@", "5252445767", "525-244", "7654", "p%40ss", "p@ss", "insert", "select"] {
            assert!(!lower.contains(never), "{never} is in: {line}");
        }
    }
}
