//! `DELETE /users/{user_id}`: pending jobs.

use crate::refunded::pending_jobs;
use crate::users::{erase, is_random, user_of};
use sandbox::{Fault, Target};
use serde_json::{Value, json};
use tests::TestApp;

crate::cases![
    a_later_note_is_not_stored,
    pending_mails_are_dropped,
    a_pending_invoice_is_issued_without_a_mail,
    an_unbilled_payment_keeps_the_id_until_it_is_invoiced,
    a_pending_correction_is_issued_without_a_reason,
    a_worker_loses_the_lease_of_an_invoice,
    later_webhooks_have_the_new_id with crate::webhooks::listening(sandbox::webhooks::SECRET),
    a_job_of_a_later_release_stops_the_erasure,
    a_later_answer_of_ksef_is_not_stored with crate::variables([("invoices_ksef", "always")]),
];

async fn pending_mails_are_dropped(app: TestApp) {
    app.sandbox.fault(Target::Emails, Fault::status(429), None);
    let id = app.enrolled("ann", 1).await;
    assert_eq!((app.pay(id).await.status, app.refund(id).await.status), (200, 200));
    let canceled = app.enrolled("ann", 2).await;
    assert_eq!(app.cancel(canceled).await.status, 200);
    app.enrolled("bob", 1).await;
    app.idle().await;
    // One is dead, one unknown, one leased.
    for (kind, state) in [
        ("payment_email", "state = 'dead', due_at = NULL"),
        ("refund_email", "state = 'unknown', unknown_since = 1"),
        ("cancellation_email", "lease_token = 'held', due_at = 9999999999999"),
    ] {
        app.database.execute(&format!("UPDATE outbox SET {state} WHERE kind = '{kind}'")).await.unwrap();
    }
    assert_eq!(erase(&app, "ann").await.status, 204);
    app.sandbox.clear_faults();
    app.deliver_all().await;
    assert_eq!((app.subjects("ann").len(), app.subjects("bob").len()), (0, 1));
    assert_eq!(pending_jobs(&app).await, json!([]));
    assert_eq!(app.count("outbox WHERE payload <> '{}' OR lease_token IS NOT NULL").await, 0);
}

async fn a_pending_invoice_is_issued_without_a_mail(app: TestApp) {
    app.sandbox.fault(Target::InvoicesCreate, Fault::status(429), None);
    app.sandbox.set_course(2, json!({"price": 7}));
    let (id, gone) = (app.enrolled("ann", 1).await, app.enrolled("ann", 2).await);
    for id in [id, gone] {
        assert!(app.pay(id).await.json()["invoice_url"].is_null());
    }
    assert_eq!(app.call("DELETE", &format!("/{gone}")).await.status, 204);
    app.idle().await;
    let mails = app.subjects("ann").len();
    assert_eq!(erase(&app, "ann").await.status, 204);
    // Operators still see it.
    let pending = app.get(&format!("/deliveries?enrolment_id={id}&kind=invoice")).await.json()["deliveries"][0].clone();
    assert_eq!((&pending["state"], &pending["attempts"]), (&json!("due"), &json!(0)));
    app.sandbox.clear_faults();
    app.deliver_all().await;
    let state = app.sandbox.state();
    assert_eq!(state.invoices.len(), 2);
    for invoice in &state.invoices {
        assert_eq!(
            (&invoice["buyer_name"], &invoice["buyer_email"]),
            (&json!("Customer ann"), &json!("ann@example.com"))
        );
    }
    assert_eq!((app.subjects("ann").len(), app.documents(id).await.len()), (mails, 1));
    assert!(app.get(&format!("/{id}")).await.json()["invoice_url"].is_string());
    assert_eq!(app.count("outbox WHERE payload <> '{}'").await, 0);
    // It can be corrected.
    assert_eq!(app.refund(id).await.status, 200);
    app.deliver_all().await;
    assert_eq!((app.documents(id).await.len(), app.subjects("ann").len()), (2, mails));
}

async fn an_unbilled_payment_keeps_the_id_until_it_is_invoiced(app: TestApp) {
    let (id, other) = (app.enrolled("ann", 1).await, app.enrolled("ann", 2).await);
    app.idle().await;
    app.sandbox.set_user("ann", json!({"is_active": false}));
    let buyer =
        json!({"name": "Example", "tax_no": "5252445767", "street": "Prosta 1", "post_code": "00-001", "city": "Łódź"});
    assert_eq!(crate::buyers::pay(&app, id, &json!({"buyer": buyer, "amount": "149.00"})).await.status, 200);
    assert_eq!(crate::buyers::pay(&app, other, &json!({"amount": "1.00"})).await.status, 200);
    app.idle().await;
    assert_eq!(erase(&app, "ann").await.status, 204);
    assert!(is_random(&user_of(&app, id).await));
    // Only this job has the user id of the payment.
    let kept = "SELECT COUNT(*) FROM outbox WHERE kind = 'invoice_data' AND payload LIKE '%\"ann\"%'";
    assert_eq!(app.value(kept).await, "2");
    app.deliver_all().await;
    assert_eq!(pending_jobs(&app).await[0][3], "the user is not found or inactive, and the invoice waits");
    // The record comes back, or a person resolves the job.
    let job = app.get(&format!("/deliveries?enrolment_id={other}&kind=invoice_data")).await.json();
    let job = job["deliveries"][0]["id"].as_i64().unwrap();
    assert_eq!(crate::resolution::settle(&app, job, &json!({"note": "made", "number": "7"})).await.status, 200);
    app.sandbox.set_user("ann", json!({}));
    app.deliver_all().await;
    crate::ksef_mails::looked_for_in_vain(&app).await;
    let state = app.sandbox.state();
    assert_eq!((state.invoices.len(), &state.invoices[0]["buyer_tax_no"]), (1, &json!("5252445767")));
    assert_eq!((app.subjects("ann").len(), pending_jobs(&app).await), (2, json!([])));
    assert_eq!(app.count("outbox WHERE payload <> '{}'").await, 0);
}

async fn a_pending_correction_is_issued_without_a_reason(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    assert_eq!(app.pay(id).await.status, 200);
    app.sandbox.fault(Target::InvoicesCreate, Fault::status(429), None);
    let note = json!({"enrolment_id": id, "reason": "Ann was ill"});
    assert_eq!(app.call_json("PATCH", "/refunded", &note).await.status, 200);
    app.idle().await;
    let mails = app.subjects("ann").len();
    assert_eq!(erase(&app, "ann").await.status, 204);
    assert_eq!(app.count("enrolments WHERE reason IS NOT NULL").await, 0);
    app.sandbox.clear_faults();
    app.deliver_all().await;
    let correction = app.sandbox.state().corrections.pop().unwrap();
    assert_eq!(correction["correction_reason"], "Zwrot płatności");
    assert_eq!(
        (app.documents(id).await.len(), app.subjects("ann").len(), pending_jobs(&app).await),
        (2, mails, json!([]))
    );
}

async fn a_worker_loses_the_lease_of_an_invoice(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    app.idle().await;
    app.sandbox.fault(Target::InvoicesCreate, Fault::Delay { delay_ms: 1000 }, Some(1));
    let erased = async {
        assert!(app.sandbox.wait_until(|state| state.calls.of(Target::InvoicesCreate) == 1, tests::PATIENCE).await);
        assert_eq!(app.call("DELETE", "/users/ann").await.status, 204);
    };
    let (paid, ()) = futures::future::join(app.pay(id), erased).await;
    assert_eq!((paid.status, &paid.json()["invoice_url"]), (200, &Value::Null), "it follows");
    app.idle().await;
    assert_eq!(app.jobs().await, ["enrolment_email done", "invoice unknown"]);
    app.deliver_all().await;
    let state = app.sandbox.state();
    assert_eq!((state.invoices.len(), state.calls.of(Target::InvoicesCreate), state.emails.len()), (1, 1, 1));
    assert_eq!(app.get(&format!("/{id}")).await.json()["invoice_url"], state.invoices[0]["view_url"]);
    assert_eq!(app.count("outbox WHERE payload <> '{}'").await, 0);
}

async fn later_webhooks_have_the_new_id(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    app.sandbox.fault(Target::Webhooks, Fault::status(500), None);
    app.cron("delivery-cron").await;
    app.sandbox.clear_faults();
    assert_eq!(app.pay(id).await.status, 200);
    app.idle().await;
    assert_eq!(erase(&app, "ann").await.status, 204);
    app.deliver_all().await;
    let instead = user_of(&app, id).await;
    let received: Vec<_> = app
        .sandbox
        .state()
        .webhooks
        .iter()
        .map(|received| received["body"]["data"]["enrolment"]["user_id"].clone())
        .collect();
    assert_eq!(received, vec![json!(instead); 3]);
    assert!(app.events().await.iter().all(|event| event["enrolment"]["user_id"] == *instead));
}

async fn a_job_of_a_later_release_stops_the_erasure(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    app.idle().await;
    let columns = "job_key, enrolment_id, kind, payload, payload_version, state, attempts, due_at, created_at";
    let row = format!("('later:1', {id}, 'later', '{{\"to\":\"ann\"}}', 1, 'due', 0, 1, 1)");
    app.database.execute(&format!("INSERT INTO outbox ({columns}) VALUES {row}")).await.unwrap();
    let answer = erase(&app, "ann").await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, "5"));
    assert!(app.app.captured_output().contains("a job of a later release"));
    assert_eq!(user_of(&app, id).await, "ann", "all of it or nothing");
    app.database.execute("DELETE FROM outbox WHERE kind = 'later'").await.unwrap();
    assert_eq!(erase(&app, "ann").await.status, 204);
}

/// The document is still followed.
async fn a_later_answer_of_ksef_is_not_stored(app: TestApp) {
    app.sandbox.set_ksef(&[sandbox::Outcome::PROCESSING]);
    let id = app.enrolled("ann", 1).await;
    assert_eq!(app.pay(id).await.status, 200);
    app.idle().await;
    assert_eq!(erase(&app, "ann").await.status, 204);
    let said = json!({
        "id": app.sandbox.state().invoices[0]["id"], "gov_status": "duplicate_error",
        "gov_error_messages": ["Customer ann has this invoice"],
    });
    let look = Fault::Status { status: 200, body: Some(said), headers: std::collections::BTreeMap::default() };
    app.sandbox.fault(Target::InvoicesFind, look, Some(1));
    app.deliver_all().await;
    let pending = app.get("/deliveries?state=dead").await.json()["deliveries"].clone();
    assert_eq!((&pending[0]["kind"], pending.as_array().map(Vec::len)), (&json!("ksef_number"), Some(1)));
    assert_eq!(pending[0]["last_error"], "KSeF: refused: duplicate_error");
}

/// For an enrolment that exists and for a deleted one.
async fn a_later_note_is_not_stored(app: TestApp) {
    for (user, deleted) in [("ann", false), ("bob", true)] {
        let id = crate::resolution::refused(&app, user).await;
        if deleted {
            assert_eq!(app.call("DELETE", &format!("/{id}")).await.status, 204);
        }
        assert_eq!(erase(&app, user).await.status, 204);
        let note = json!({"note": format!("called {user}")});
        let job = crate::resolution::dead(&app).await;
        assert_eq!(crate::resolution::settle(&app, job, &note).await.status, 200, "{user}");
        assert_eq!(crate::resolution::resolutions(&app, id).await[0]["note"], "", "{user}");
    }
    assert_eq!(app.count("resolutions WHERE note <> ''").await, 0);
    // The note about another user is stored.
    crate::resolution::refused(&app, "eve").await;
    let job = crate::resolution::dead(&app).await;
    assert_eq!(crate::resolution::settle(&app, job, &json!({"note": "called eve"})).await.status, 200);
    assert_eq!(app.count("resolutions WHERE note = 'called eve'").await, 1);
}
