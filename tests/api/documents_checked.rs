//! Answers of the invoicing service are compared with the request, and its lists are read to
//! the end.

use crate::corrections::reason_of_difference;
use crate::refunded::pending_jobs;
use sandbox::fault::{Active, Named};
use sandbox::{Fault, Target};
use serde_json::{Value, json};
use tests::TestApp;

crate::cases![
    an_answer_for_another_buyer_gives_no_link,
    amounts_and_ids_may_have_any_form,
    an_invoice_among_thousands_is_found,
    a_correction_that_a_person_made_is_adopted,
    a_different_correction_needs_a_person,
    a_large_invoice_is_corrected,
    a_fault_of_the_account_uses_no_attempt,
    a_correction_of_another_account_waits,
];

fn answer(body: &Value) -> Fault {
    Fault::Status { status: 200, body: Some(body.clone()), headers: [].into() }
}

fn with(document: &Value, changes: &Value) -> Value {
    let mut document = document.clone();
    document.as_object_mut().unwrap().extend(changes.as_object().cloned().unwrap());
    document
}

/// A payment that gets the invoice of another payment as its answer, with `changes`.
async fn answered_with(app: &TestApp, user: &str, changes: &Value) -> (i64, Value) {
    app.sandbox.fault(Target::InvoicesCreate, Named::ResetAfter, Some(1));
    let id = app.paid(user, 1).await;
    let issued = with(&app.sandbox.state().invoices.pop().unwrap(), changes);
    app.database
        .execute("UPDATE outbox SET state = 'due', unknown_since = NULL WHERE state = 'unknown'")
        .await
        .unwrap();
    app.sandbox.fault(Target::InvoicesCreate, answer(&issued), Some(1));
    app.deliver_all().await;
    (id, issued)
}

async fn an_answer_for_another_buyer_gives_no_link(app: TestApp) {
    for (user, changes, difference) in [
        ("a", json!({"buyer_street": "Prosta 1"}), "a document with this number exists for another buyer"),
        ("b", json!({"buyer_tax_no": "5252445767"}), "a document with this number exists for another buyer"),
        ("c", json!({"buyer_name": "Eve"}), "a document with this number exists for another buyer"),
        ("d", json!({"currency": "EUR"}), "a document with this number exists in another currency"),
        ("e", json!({"cancelled": true}), "the document with this number is canceled"),
    ] {
        let (id, issued) = answered_with(&app, user, &changes).await;
        assert_eq!(
            pending_jobs(&app).await.as_array().unwrap().last().unwrap()[3],
            reason_of_difference(difference, &issued),
            "{user}"
        );
        assert_eq!(app.get(&format!("/{id}")).await.json()["invoice_url"], Value::Null);
        assert_eq!((app.documents(id).await.len(), app.subjects(user).len()), (0, 1));
    }
}

async fn amounts_and_ids_may_have_any_form(app: TestApp) {
    for (user, changes) in [
        ("a", json!({"id": "100001", "price_gross": 199.99, "buyer_company": "0", "number": 7})),
        ("b", json!({"price_gross": "199,99", "buyer_tax_no": "", "buyer_street": ""})),
    ] {
        let (id, issued) = answered_with(&app, user, &changes).await;
        assert_eq!(app.get(&format!("/{id}")).await.json()["invoice_url"], issued["view_url"], "{user}");
        assert_eq!(app.subjects(user).len(), 2);
    }
}

/// With and without the filter by `oid`.
async fn an_invoice_among_thousands_is_found(app: TestApp) {
    app.sandbox.fault(Target::InvoicesCreate, Named::ResetAfter, Some(1));
    let id = app.paid("ann", 1).await;
    let issued = app.sandbox.state().invoices[0].clone();
    let other = |number: usize| with(&issued, &json!({"id": number, "oid": format!("other-{number}")}));
    for page in 1..=30 {
        let mut documents: Vec<Value> = (0..100).map(|at| other(page * 100 + at)).collect();
        if page == 30 {
            documents[99] = issued.clone();
        }
        let matching = Some(format!("order=issue_date.desc&per_page=100&page={page}"));
        let fault = answer(&json!(documents));
        let active = Active { target: Target::InvoicesFind, fault, times: Some(1), probability: None, matching };
        app.sandbox.fault_when(active);
    }
    app.deliver_all().await;
    assert_eq!(app.get(&format!("/{id}")).await.json()["invoice_url"], issued["view_url"]);
    let calls = app.sandbox.state().calls;
    assert_eq!((calls.of(Target::InvoicesCreate), calls.of(Target::InvoicesFind)), (1, 30));
}

/// A correction of the last invoice, made by a person in the account.
fn made_by_a_person(app: &TestApp, changes: &Value) -> Value {
    let invoice = app.sandbox.state().invoices.pop().unwrap();
    let correction = json!({"id": 555, "kind": "correction", "number": "KOR/9", "oid": null, "price_gross": "-199.99",
        "invoice_id": invoice["id"].to_string(), "from_invoice_id": "", "view_url": null,
        "token": "hand"});
    with(&with(&invoice, &correction), changes)
}

fn listed(app: &TestApp, corrections: &Value) {
    let matching = Some("kind=correction".to_owned());
    let fault = answer(corrections);
    app.sandbox.fault_when(Active { target: Target::InvoicesFind, fault, times: None, probability: None, matching });
}

async fn a_correction_that_a_person_made_is_adopted(app: TestApp) {
    let id = app.paid("ann", 1).await;
    let canceled = made_by_a_person(&app, &json!({"id": 554, "cancelled": true}));
    listed(&app, &json!([canceled, made_by_a_person(&app, &json!({}))]));
    app.refunded(id).await;
    let state = app.sandbox.state();
    assert_eq!((state.calls.of(Target::InvoicesCreate), state.corrections.len()), (1, 0));
    let correction = app.documents(id).await[1].clone();
    assert_eq!((&correction["number"], &correction["gross"]), (&json!("KOR/9"), &json!("-199.99")));
    let mail = state.emails.last().unwrap();
    assert!(mail["text"].as_str().unwrap().contains("/invoice/hand"), "{mail}");
    assert_eq!(pending_jobs(&app).await, json!([]));
}

async fn a_different_correction_needs_a_person(app: TestApp) {
    let id = app.paid("ann", 1).await;
    listed(&app, &json!([made_by_a_person(&app, &json!({"price_gross": "-50.00"}))]));
    app.refunded(id).await;
    let left = pending_jobs(&app).await;
    let reason = left[0][3].as_str().unwrap();
    assert!(reason.starts_with("another correction of the invoice exists: ") && reason.ends_with(", id 555, KOR/9"));
    assert_eq!((&left[0][1], app.sandbox.state().calls.of(Target::InvoicesCreate)), (&json!("dead"), 1));
}

async fn a_large_invoice_is_corrected(app: TestApp) {
    let id = app.paid("ann", 1).await;
    let invoice = app.sandbox.state().invoices[0].clone();
    let large = with(&invoice, &json!({"description_long": "x".repeat(70 * 1024)}));
    app.sandbox.fault(Target::InvoicesFind, answer(&large), Some(1));
    app.refunded(id).await;
    assert_eq!((app.sandbox.state().corrections.len(), pending_jobs(&app).await), (1, json!([])));
}

async fn a_fault_of_the_account_uses_no_attempt(app: TestApp) {
    for (user, message, reason) in [
        ("a", json!({"department_id": ["- nie istnieje"]}), "the account's settings are refused: 422, department_id"),
        ("b", json!("Przekroczono limit dokumentów"), "the account's plan is used up: 422"),
    ] {
        let body = json!({"code": "error", "message": message});
        let refused = Fault::Status { status: 422, body: Some(body), headers: [].into() };
        app.sandbox.fault(Target::InvoicesCreate, refused, None);
        let id = app.paid(user, 1).await;
        for _ in 0..3 {
            assert_eq!(pending_jobs(&app).await, json!([["invoice", "due", 0, reason]]));
            app.deliver_all().await;
        }
        app.sandbox.clear_faults();
        app.deliver_all().await;
        assert_eq!((app.documents(id).await.len(), app.subjects(user).len()), (1, 2));
    }
}

async fn a_correction_of_another_account_waits(app: TestApp) {
    let id = app.paid("ann", 1).await;
    let url = app.documents(id).await[0]["url"].clone();
    // Both rows have the page.
    let set = |url: &str| format!("UPDATE documents SET url = '{url}'; UPDATE enrolments SET invoice_url = '{url}'");
    app.database.execute(&set("https://old.example/invoice/1")).await.unwrap();
    app.refunded(id).await;
    let reason = "for an account that is not the one that is set: https://old.example";
    for _ in 0..3 {
        assert_eq!(pending_jobs(&app).await, json!([["correction", "due", 0, reason]]));
        app.deliver_all().await;
    }
    app.database.execute(&set(url.as_str().unwrap())).await.unwrap();
    app.deliver_all().await;
    assert_eq!((app.sandbox.state().corrections.len(), pending_jobs(&app).await), (1, json!([])));
}
