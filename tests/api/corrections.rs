//! Faults of the invoicing service during corrections: in the end there is exactly one
//! correction, or a dead job.

use crate::refunded::pending_jobs;
use sandbox::fault::{Active, Named};
use sandbox::{Fault, Target};
use serde_json::{Value, json};
use tests::TestApp;

crate::cases![
    a_lost_answer_is_looked_up,
    a_lost_request_is_sent_again,
    an_unusable_answer_is_looked_up,
    an_answer_about_another_document_is_looked_up,
    a_look_up_that_fails_proves_nothing,
    a_correction_waits_until_its_invoice_can_be_read,
    a_changed_invoice_is_not_corrected,
    a_correction_is_dead_if_the_account_has_another,
    a_different_correction_under_the_number_is_not_adopted,
    a_refused_correction_can_be_retried,
    one_connection_is_enough,
];

/// A paid enrolment whose invoice is issued and mailed.
async fn paid(app: &TestApp, user: &str) -> i64 {
    let id = app.enrolled(user, 1).await;
    assert!(app.pay(id).await.json()["invoice_url"].is_string());
    app.idle().await;
    id
}

/// Checks that the user's invoice has exactly one correction, and that its mail is sent.
async fn is_corrected(app: &TestApp, user: &str) {
    let state = app.sandbox.state();
    let address = format!("{user}@example.com");
    let own = |documents: &[Value]| -> Vec<Value> {
        documents.iter().filter(|document| document["buyer_email"] == address.as_str()).cloned().collect()
    };
    let (invoices, corrections) = (own(&state.invoices), own(&state.corrections));
    assert_eq!((invoices.len(), corrections.len()), (1, 1), "{user}");
    assert_eq!(corrections[0]["from_invoice_id"], invoices[0]["id"]);
    assert_eq!(app.subjects(user).last().map(String::as_str), Some("Your course payment is refunded"));
    let mail = state.emails.last().unwrap();
    assert!(mail["text"].as_str().unwrap().contains(corrections[0]["view_url"].as_str().unwrap()), "{mail}");
    assert_eq!(pending_jobs(app).await, json!([]));
    app.deliver_all().await;
    assert_eq!(app.sandbox.state().calls, state.calls, "no further request");
}

async fn a_lost_answer_is_looked_up(app: TestApp) {
    for (user, fault) in [("reset", Named::ResetAfter), ("cut", Named::Truncated)] {
        let id = paid(&app, user).await;
        app.sandbox.fault(Target::InvoicesCreate, fault, Some(1));
        app.refunded(id).await;
        assert_eq!(pending_jobs(&app).await[0][1], "unknown");
        let before = app.sandbox.state().calls;
        app.deliver_all().await;
        is_corrected(&app, user).await;
        let after = app.sandbox.state().calls;
        assert_eq!(
            (after.of(Target::InvoicesCreate), after.of(Target::InvoicesFind)),
            (before.of(Target::InvoicesCreate), before.of(Target::InvoicesFind) + 1)
        );
    }
}

async fn a_lost_request_is_sent_again(app: TestApp) {
    let id = paid(&app, "ann").await;
    app.sandbox.fault(Target::InvoicesCreate, Named::Reset, Some(1));
    app.refunded(id).await;
    // A document that is not found may still arrive.
    app.make_due("kind = 'correction'").await;
    app.cron("delivery-cron").await;
    assert_eq!(pending_jobs(&app).await, json!([["correction", "unknown", 2, "not found yet"]]));
    assert_eq!(app.sandbox.state().calls.of(Target::InvoicesCreate), 2);
    app.deliver_all().await;
    is_corrected(&app, "ann").await;
    assert_eq!(app.sandbox.state().calls.of(Target::InvoicesCreate), 3);
}

async fn an_unusable_answer_is_looked_up(app: TestApp) {
    for (user, fault) in [("html", Named::Garbage.into()), ("500", Fault::status(500)), ("503", Fault::status(503))] {
        // The user of this id has another name.
        let user = format!("user-{user}");
        let id = paid(&app, &user).await;
        app.sandbox.fault(Target::InvoicesCreate, fault, Some(1));
        app.refunded(id).await;
        assert_eq!(pending_jobs(&app).await[0][1], "unknown");
        app.deliver_all().await;
        is_corrected(&app, &user).await;
    }
}

async fn an_answer_about_another_document_is_looked_up(app: TestApp) {
    let id = paid(&app, "ann").await;
    let other = json!({"id": 7, "oid": "enrolment-7-0000000000000000", "price_gross": "-199.99"});
    let fault = Fault::Status { status: 201, body: Some(other), headers: [].into() };
    app.sandbox.fault(Target::InvoicesCreate, fault, Some(1));
    app.refunded(id).await;
    assert_eq!(pending_jobs(&app).await, json!([["correction", "unknown", 1, "the answer is about another document"]]));
    assert_eq!(app.documents(id).await.len(), 1);
    app.deliver_all().await;
    is_corrected(&app, "ann").await;
}

async fn a_look_up_that_fails_proves_nothing(app: TestApp) {
    let id = paid(&app, "ann").await;
    app.sandbox.fault(Target::InvoicesCreate, Named::ResetAfter, Some(1));
    app.refunded(id).await;
    for fault in [Fault::status(503), Fault::status(404), Named::Garbage.into(), Named::Reset.into()] {
        app.sandbox.fault(Target::InvoicesFind, fault, None);
        app.deliver_all().await;
        app.sandbox.clear_faults();
        assert_eq!(pending_jobs(&app).await[0][1], "unknown");
        assert_eq!(app.sandbox.state().calls.of(Target::InvoicesCreate), 2);
    }
    app.deliver_all().await;
    is_corrected(&app, "ann").await;
}

/// The service reads the invoice before it asks for a correction.
async fn a_correction_waits_until_its_invoice_can_be_read(app: TestApp) {
    // An outage uses no attempt.
    for (user, fault, attempts, reason) in [
        ("a", Fault::status(503), 0, "server error: 503"),
        ("b", Fault::status(404), 1, "the invoice to be corrected is not found"),
        ("c", Fault::status(401), 0, "access refused"),
        ("d", Named::Garbage.into(), 0, "unreadable answer: invoice"),
    ] {
        let id = paid(&app, user).await;
        app.sandbox.fault(Target::InvoicesFind, fault, Some(1));
        app.refunded(id).await;
        assert_eq!(pending_jobs(&app).await, json!([["correction", "due", attempts, reason]]));
        app.deliver_all().await;
        is_corrected(&app, user).await;
    }
}

/// The answer to a read of the invoice, with `changes`.
fn changed(invoice: &Value, changes: &Value) -> Fault {
    let mut invoice = invoice.clone();
    invoice.as_object_mut().unwrap().extend(changes.as_object().cloned().unwrap());
    Fault::Status { status: 200, body: Some(invoice), headers: [].into() }
}

async fn a_changed_invoice_is_not_corrected(app: TestApp) {
    for (user, changes, reason) in [
        ("a", json!({"price_gross": "199.98"}), "the invoice to be corrected is not as it was issued: another amount"),
        ("b", json!({"cancelled": true}), "the invoice to be corrected is not as it was issued: canceled"),
        ("c", json!({"currency": "EUR"}), "the invoice to be corrected is not as it was issued: another currency"),
        (
            "d",
            json!({"kind": "proforma"}),
            "the invoice to be corrected is not as it was issued: another kind of document",
        ),
        ("e", json!({"positions": []}), "the invoice to be corrected is not as it was issued: other positions"),
    ] {
        let id = paid(&app, user).await;
        let invoice = app.sandbox.state().invoices.pop().unwrap();
        app.sandbox.fault(Target::InvoicesFind, changed(&invoice, &changes), Some(1));
        app.refunded(id).await;
        let dead = app.get("/deliveries?state=dead").await.json()["deliveries"].as_array().cloned().unwrap();
        assert_eq!(dead.last().unwrap()["last_error"], reason, "{user}");
        assert_eq!(app.documents(id).await.len(), 1);
    }
    let state = app.sandbox.state();
    assert_eq!((state.corrections.len(), state.calls.of(Target::InvoicesCreate), state.emails.len()), (0, 5, 10));
    // The answer with another invoice is not used, and the request is repeated.
    let id = paid(&app, "f").await;
    let invoice = app.sandbox.state().invoices.pop().unwrap();
    app.sandbox.fault(Target::InvoicesFind, changed(&invoice, &json!({"id": 1})), Some(1));
    app.refunded(id).await;
    assert_eq!(pending_jobs(&app).await[5], json!(["correction", "due", 1, "the answer is about another document"]));
    app.deliver_all().await;
    assert_eq!(app.sandbox.state().corrections.len(), 1);
}

async fn a_correction_is_dead_if_the_account_has_another(app: TestApp) {
    let id = paid(&app, "ann").await;
    let body = json!({"code": "error", "message": {"invoice_id": ["- faktura ma już korektę"]}});
    app.sandbox.fault(
        Target::InvoicesCreate,
        Fault::Status { status: 422, body: Some(body), headers: [].into() },
        None,
    );
    app.refunded(id).await;
    assert_eq!(pending_jobs(&app).await, json!([["correction", "dead", 1, "document refused: 422, invoice_id"]]));
    assert_eq!(app.sandbox.state().corrections.len(), 0);
}

/// The reason of a dead job: the difference and the document.
pub(crate) fn reason_of_difference(difference: &str, document: &Value) -> String {
    let text = |key: &str| document[key].as_str().unwrap_or_default().to_owned();
    format!("{difference}: {}, id {}, {}", text("oid"), document["id"], text("number"))
}

/// The look-up finds the correction with changes.
async fn a_different_correction_under_the_number_is_not_adopted(app: TestApp) {
    for (user, changes, reason) in [
        ("a", json!({"price_gross": "-1.00"}), "a document with this number exists over another amount"),
        (
            "b",
            json!({"invoice_id": 5, "from_invoice_id": 5}),
            "a correction with this number exists for another invoice",
        ),
        ("c", json!({"currency": "EUR"}), "a document with this number exists in another currency"),
        ("d", json!({"kind": "vat"}), "a document of another kind exists with this number"),
        ("e", json!({"cancelled": true}), "the document with this number is canceled"),
    ] {
        let id = paid(&app, user).await;
        app.sandbox.fault(Target::InvoicesCreate, Named::ResetAfter, Some(1));
        app.refunded(id).await;
        let correction = app.sandbox.state().corrections.pop().unwrap();
        let Fault::Status { body, .. } = changed(&correction, &changes) else { unreachable!() };
        let fault = Fault::Status { status: 200, body: Some(json!([body.unwrap()])), headers: [].into() };
        let matching = Some("kind=correction".to_owned());
        app.sandbox.fault_when(Active {
            target: Target::InvoicesFind,
            fault,
            times: Some(1),
            probability: None,
            matching,
        });
        app.deliver_all().await;
        let dead = app.get("/deliveries?state=dead").await.json()["deliveries"].as_array().cloned().unwrap();
        assert_eq!(dead.last().unwrap()["last_error"], reason_of_difference(reason, &correction), "{user}");
        assert_eq!((app.documents(id).await.len(), app.subjects(user).len()), (1, 2));
    }
    assert_eq!(app.sandbox.state().corrections.len(), 5, "no second one");
}

async fn a_refused_correction_can_be_retried(app: TestApp) {
    let id = paid(&app, "ann").await;
    app.sandbox.fault(Target::InvoicesCreate, Fault::status(422), Some(1));
    app.refunded(id).await;
    let dead = app.get("/deliveries?state=dead").await.json()["deliveries"][0]["id"].clone();
    let retried = app.call("POST", &format!("/deliveries/{dead}/retry")).await.json();
    assert_eq!((&retried["kind"], &retried["state"]), (&json!("correction"), &json!("due")));
    app.cron("delivery-cron").await;
    is_corrected(&app, "ann").await;
}

async fn one_connection_is_enough(app: TestApp) {
    let id = paid(&app, "ann").await;
    app.take_invocations().await;
    app.refunded(id).await;
    let run = app.take_invocations().await.remove(0);
    let calls: Vec<_> = run.outbound_calls.iter().map(|call| call.split(['/', ' ']).next_back().unwrap()).collect();
    let invoice = format!("{}.json", app.sandbox.state().invoices[0]["id"]);
    assert_eq!(run.connections, 1);
    assert_eq!(calls.len(), 5, "the user, the invoice, a look for its correction, that, the mail: {calls:?}");
    assert!(calls.contains(&invoice.as_str()) && calls.contains(&"invoices.json") && calls.contains(&"emails"));
}
