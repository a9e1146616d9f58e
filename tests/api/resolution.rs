//! `POST /deliveries/{id}/resolution`. `resolution_refused.rs` has refusals and resolutions
//! during a run.

use crate::refunded::pending_jobs;
use sandbox::{Fault, Target};
use serde_json::{Value, json};
use tests::{Answer, TestApp};

crate::cases![
    a_refused_invoice_can_be_resolved,
    a_correction_can_be_resolved,
    a_resolved_payment_of_a_missing_user_sends_no_mail,
    a_note_is_enough,
    a_mail_is_resolved_with_a_note,
    a_resolved_event_releases_the_next_event with crate::webhooks::listening(sandbox::webhooks::SECRET),
    a_resolved_document_has_the_paid_amount,
    due_and_unknown_jobs_can_be_resolved,
    a_job_of_a_deleted_enrolment_can_be_resolved,
];

pub(crate) const PAGE: &str = "https://account.example/invoice/by-hand";

pub(crate) async fn settle(app: &TestApp, id: i64, body: &Value) -> Answer {
    let answer = app.call_json("POST", &format!("/deliveries/{id}/resolution"), body).await;
    app.idle().await;
    answer
}

/// The id of the only dead job.
pub(crate) async fn dead(app: &TestApp) -> i64 {
    let dead = app.get("/deliveries?state=dead").await.json();
    assert_eq!(dead["deliveries"].as_array().map(Vec::len), Some(1), "{dead}");
    dead["deliveries"][0]["id"].as_i64().unwrap()
}

/// An enrolment whose invoice the invoicing service refuses.
pub(crate) async fn refused(app: &TestApp, user: &str) -> i64 {
    let id = app.enrolled(user, 1).await;
    app.idle().await;
    app.sandbox.fault(Target::InvoicesCreate, Fault::status(422), Some(1));
    assert!(app.pay(id).await.json()["invoice_url"].is_null());
    app.idle().await;
    id
}

pub(crate) async fn resolutions(app: &TestApp, id: i64) -> Vec<Value> {
    let history = app.get(&format!("/{id}/history")).await.json();
    history["resolutions"].as_array().unwrap().clone()
}

async fn a_refused_invoice_can_be_resolved(app: TestApp) {
    let id = refused(&app, "ann").await;
    let pending = app.get("/deliveries").await.json()["deliveries"][0].clone();
    assert_eq!((&pending["kind"], &pending["state"]), (&json!("invoice"), &json!("dead")));
    assert!(pending["last_error"].as_str().unwrap().contains("refused"), "{pending}");
    let job = pending["id"].as_i64().unwrap();
    let body = json!({"note": "Made in the account,\nthe NIP was wrong.", "number": " 7/2026 ", "url": PAGE});
    let answer = settle(&app, job, &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let settled = answer.json();
    assert_eq!((&settled["id"], &settled["state"]), (&json!(job), &json!("done")));
    assert_eq!((&settled["due_at"], &settled["last_error"]), (&Value::Null, &Value::Null));
    assert_eq!(app.get(&format!("/deliveries?enrolment_id={id}&kind=invoice")).await.json()["deliveries"][0], settled);
    // The result is as if the invoicing service had issued it.
    let document = json!({
        "kind": "invoice", "number": "7/2026", "url": PAGE, "gross": "199.99", "currency": "PLN", "issued_on": null,
        "ksef": null,
    });
    assert_eq!(app.documents(id).await, [document]);
    assert_eq!(app.get(&format!("/{id}")).await.json()["invoice_url"], PAGE);
    assert_eq!(app.history(id).await, ["created", "paid", "invoiced"]);
    let mail = app.sandbox.state().emails.pop().unwrap();
    assert_eq!(mail["subject"], "Your course payment confirmation");
    assert!(mail["text"].as_str().unwrap().contains(PAGE), "{mail}");
    assert_eq!(app.jobs().await, ["enrolment_email done", "invoice done", "payment_email done"]);
    assert_eq!(app.count("outbox WHERE payload <> '{}'").await, 0);
    let resolved = resolutions(&app, id).await;
    assert_eq!(resolved.len(), 1);
    let [kind, note, by] = ["kind", "note", "settled_by"].map(|key| &resolved[0][key]);
    assert_eq!((kind, note, by), (&json!("invoice"), &body["note"], &Value::Null));
    let settled_at: chrono::DateTime<chrono::Utc> = resolved[0]["settled_at"].as_str().unwrap().parse().unwrap();
    assert!((chrono::Utc::now() - settled_at).num_seconds() < 60);
    // No document and no mail is repeated.
    let again = settle(&app, job, &body).await;
    assert_eq!((again.status, again.error().as_str()), (409, "already_settled"));
    app.deliver_all().await;
    let state = app.sandbox.state();
    assert_eq!(
        (state.calls.of(Target::InvoicesCreate), state.emails.len(), resolutions(&app, id).await.len()),
        (1, 2, 1)
    );
    // The id at the invoicing service is unknown, so the correction needs a person, too.
    assert_eq!(app.refund(id).await.status, 200);
    app.idle().await;
    let pending = crate::refunded::pending_jobs(&app).await[0].clone();
    assert_eq!((&pending[0], &pending[1]), (&json!("correction"), &json!("dead")));
    assert!(pending[3].as_str().unwrap().ends_with("a person must make the correction"), "{pending}");
}

async fn a_correction_can_be_resolved(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    assert_eq!(app.pay(id).await.status, 200);
    app.sandbox.fault(Target::InvoicesCreate, Fault::status(422), Some(1));
    let reason = json!({"enrolment_id": id, "reason": "moved"});
    assert_eq!(app.call_json("PATCH", "/refunded", &reason).await.status, 200);
    app.idle().await;
    let body = json!({"note": "made", "number": "KOR/7", "url": "https://account.example/invoice/kor"});
    assert_eq!(settle(&app, dead(&app).await, &body).await.status, 200);
    let documents = app.documents(id).await;
    let correction = json!({
        "kind": "correction", "number": "KOR/7", "url": body["url"], "gross": "-199.99", "currency": "PLN",
        "issued_on": null, "ksef": null,
    });
    assert_eq!((documents.len(), &documents[1]), (2, &correction));
    // The enrolment keeps the link of the invoice.
    assert_eq!(app.get(&format!("/{id}")).await.json()["invoice_url"], documents[0]["url"]);
    assert_eq!(app.history(id).await, ["created", "paid", "invoiced", "refunded", "corrected"]);
    let mail = app.sandbox.state().emails.pop().unwrap();
    let text = mail["text"].as_str().unwrap();
    assert!(text.contains(body["url"].as_str().unwrap()) && text.contains("moved"), "{text}");
}

/// The resolution counts as the invoice.
async fn a_resolved_payment_of_a_missing_user_sends_no_mail(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    app.idle().await;
    app.sandbox.set_user("ann", json!({"is_active": false}));
    assert_eq!(app.pay(id).await.status, 200);
    assert_eq!(app.refund(id).await.status, 200);
    app.idle().await;
    let job = app.get("/deliveries?kind=invoice_data").await.json()["deliveries"][0]["id"].as_i64().unwrap();
    assert_eq!(settle(&app, job, &json!({"note": "made", "number": "7", "url": PAGE})).await.status, 200);
    let documents = app.documents(id).await;
    assert_eq!((documents.len(), &documents[0]["gross"], &documents[0]["url"]), (1, &json!("199.99"), &json!(PAGE)));
    assert_eq!(app.history(id).await, ["created", "paid", "refunded", "invoiced"]);
    assert_eq!(
        (app.subjects("ann").len(), app.value("SELECT COUNT(*) FROM outbox WHERE payload LIKE '%ann%'").await),
        (1, "0".to_owned())
    );
    // The correction that waited for it needs a person as well.
    app.deliver_all().await;
    let job = dead(&app).await;
    assert_eq!(settle(&app, job, &json!({"note": "made", "number": "K/7"})).await.status, 200);
    assert_eq!((pending_jobs(&app).await, app.documents(id).await.len()), (json!([]), 2));
    assert_eq!(app.sandbox.state().calls.of(Target::InvoicesCreate), 0);
}

async fn a_note_is_enough(app: TestApp) {
    let id = refused(&app, "ann").await;
    assert_eq!(settle(&app, dead(&app).await, &json!({"note": "a test payment"})).await.status, 200);
    app.deliver_all().await;
    assert_eq!((app.documents(id).await.len(), app.subjects("ann").len()), (0, 1));
    assert_eq!(app.history(id).await, ["created", "paid"]);
    assert_eq!(app.jobs().await, ["enrolment_email done", "invoice done"]);
    assert_eq!(resolutions(&app, id).await.len(), 1);
}

async fn a_mail_is_resolved_with_a_note(app: TestApp) {
    app.sandbox.fault(Target::Emails, Fault::status(422), Some(1));
    let id = app.enrolled("ann", 1).await;
    app.idle().await;
    let job = dead(&app).await;
    for (more, fields) in [
        (json!({"number": "7"}), json!([["number"]])),
        (json!({"url": PAGE}), json!([["url"]])),
        (json!({"number": "7", "url": PAGE}), json!([["number"], ["url"]])),
    ] {
        let mut body = more;
        body["note"] = json!("called her");
        let answer = settle(&app, job, &body).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, "validation_error"), "{body}");
        let details = answer.json()["details"].as_array().cloned().unwrap();
        assert_eq!(json!(details.iter().map(|detail| detail["loc"].clone()).collect::<Vec<_>>()), fields);
    }
    assert!(resolutions(&app, id).await.is_empty());
    assert_eq!(settle(&app, job, &json!({"note": "called her"})).await.status, 200);
    app.deliver_all().await;
    assert_eq!((app.jobs().await, app.subjects("ann").len()), (vec!["enrolment_email done".to_owned()], 0));
    assert_eq!(resolutions(&app, id).await[0]["kind"], "enrolment_email");
}

async fn a_resolved_event_releases_the_next_event(app: TestApp) {
    app.sandbox.fault(Target::Webhooks, Fault::status(500), None);
    let id = app.enrolled("ann", 1).await;
    assert_eq!(app.fail(id).await.status, 200);
    app.cron("delivery-cron").await;
    app.sandbox.clear_faults();
    let first = app.get("/deliveries?kind=event").await.json()["deliveries"][0]["id"].as_i64().unwrap();
    assert_eq!(settle(&app, first, &json!({"note": "they know"})).await.status, 200);
    app.cron("delivery-cron").await;
    let received: Vec<_> =
        app.sandbox.state().webhooks.iter().map(|received| received["body"]["type"].clone()).collect();
    assert_eq!(received, ["enrolment.payment_failed"]);
    assert_eq!(resolutions(&app, id).await[0]["kind"], "event");
}

/// The payload of the job is unreadable.
async fn a_resolved_document_has_the_paid_amount(app: TestApp) {
    let id = refused(&app, "ann").await;
    app.database.execute("UPDATE outbox SET payload = '{\"broken\"' WHERE kind = 'invoice'").await.unwrap();
    assert_eq!(settle(&app, dead(&app).await, &json!({"note": "made", "number": "7"})).await.status, 200);
    assert_eq!(app.documents(id).await[0]["gross"], "199.99");
    // The buyer is not known, so no mail is sent.
    app.deliver_all().await;
    assert_eq!(app.subjects("ann").len(), 1);
}

async fn due_and_unknown_jobs_can_be_resolved(app: TestApp) {
    for (state, more) in [
        ("due", "due_at = 9999999999999"),
        ("unknown", "unknown_since = 1, due_at = 9999999999999"),
        ("due", "due_at = 1, lease_token = 'of-the-dead'"),
    ] {
        let user = format!("{state}-{}", more.len());
        let id = refused(&app, &user).await;
        let job = dead(&app).await;
        app.database.execute(&format!("UPDATE outbox SET state = '{state}', {more} WHERE id = {job}")).await.unwrap();
        assert_eq!(settle(&app, job, &json!({"note": "made", "url": PAGE})).await.status, 200, "{state} {more}");
        assert_eq!((app.documents(id).await.len(), app.subjects(&user).len()), (1, 2), "{state} {more}");
    }
    app.deliver_all().await;
    assert_eq!(app.sandbox.state().calls.of(Target::InvoicesCreate), 3);
}

async fn a_job_of_a_deleted_enrolment_can_be_resolved(app: TestApp) {
    let id = refused(&app, "ann").await;
    assert_eq!(app.call("DELETE", &format!("/{id}")).await.status, 204);
    assert_eq!(settle(&app, dead(&app).await, &json!({"note": "made", "number": "7", "url": PAGE})).await.status, 200);
    let mail = app.sandbox.state().emails.pop().unwrap();
    assert!(mail["text"].as_str().unwrap().contains(PAGE), "{mail}");
    assert_eq!((resolutions(&app, id).await.len(), app.history(id).await.len()), (1, 3));
    assert_eq!(app.value("SELECT number FROM documents").await, "7");
}
