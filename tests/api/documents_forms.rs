//! Forms, refusals and speed of the account: in the end each payment has one invoice, or a
//! dead job.

use crate::buyers::{company, pay};
use crate::ksef_mails::looked_for_in_vain;
use crate::refunded::pending_jobs;
use sandbox::fault::Named;
use sandbox::{Account, Fault, Refusal, Target};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::time::{Duration, Instant};
use tests::TestApp;

crate::cases![
    ids_and_amounts_may_have_any_form,
    large_documents_are_found_and_corrected,
    an_invoice_with_data_of_another_client_needs_a_person,
    a_used_up_plan_uses_no_attempts,
    an_unknown_department_uses_no_attempts with crate::variables([("invoices_department_id", "12")]),
    two_requests_a_second_are_enough,
    an_invoice_among_thousands_is_found,
];

fn set(app: &TestApp, change: impl FnOnce(&mut Account)) {
    app.sandbox.set(|settings| change(&mut settings.invoices));
}

/// Delivers until no job is pending.
async fn deliver_everything(app: &TestApp) {
    let patience = Instant::now() + Duration::from_secs(120);
    app.idle().await;
    while pending_jobs(app).await != json!([]) {
        assert!(Instant::now() < patience, "{}", pending_jobs(app).await);
        looked_for_in_vain(app).await;
    }
}

/// Number, amount and link of each document, as the service shows them.
async fn shown(app: &TestApp, id: i64) -> Value {
    let documents = app.documents(id).await;
    documents.iter().map(|own| json!([own["number"], own["gross"], own["url"]])).collect()
}

/// The same, as the account has them.
fn issued(app: &TestApp) -> (Vec<Value>, Vec<Value>) {
    let state = app.sandbox.state();
    let shown = |own: &Value, gross: &str| json!([own["number"], gross, own["view_url"]]);
    (
        state.invoices.iter().map(|own| shown(own, "199.99")).collect(),
        state.corrections.iter().map(|own| shown(own, "-199.99")).collect(),
    )
}

async fn ids_and_amounts_may_have_any_form(app: TestApp) {
    for (ids_as_text, amounts_as_numbers) in [(true, false), (false, true), (true, true)] {
        set(&app, |account| (account.ids_as_text, account.amounts_as_numbers) = (ids_as_text, amounts_as_numbers));
        let user = format!("user-{ids_as_text}-{amounts_as_numbers}");
        // In the answer and in a look-up.
        app.sandbox.fault(Target::InvoicesCreate, Named::ResetAfter, Some(1));
        let person = app.paid(&user, 1).await;
        let acme = app.enrolled(&format!("{user}-2"), 1).await;
        assert_eq!(pay(&app, acme, &json!({"buyer": company()})).await.status, 200);
        deliver_everything(&app).await;
        assert_eq!((app.refund(person).await.status, app.refund(acme).await.status), (200, 200));
        deliver_everything(&app).await;
        let (invoices, corrections) = issued(&app);
        for (id, at) in [(person, 2), (acme, 1)] {
            let own = [invoices[invoices.len() - at].clone(), corrections[corrections.len() - at].clone()];
            assert_eq!(shown(&app, id).await, json!(own), "{user}");
        }
        assert_eq!(app.subjects(&user).len(), 3);
    }
    let state = app.sandbox.state();
    assert_eq!((state.invoices.len(), state.corrections.len(), state.calls.of(Target::InvoicesCreate)), (6, 6, 12));
}

async fn large_documents_are_found_and_corrected(app: TestApp) {
    set(&app, |account| account.answer_bytes = 70 << 10);
    app.sandbox.fault(Target::InvoicesCreate, Named::ResetAfter, Some(1));
    let id = app.paid("ann", 1).await;
    deliver_everything(&app).await;
    assert_eq!(app.refund(id).await.status, 200);
    deliver_everything(&app).await;
    let (invoices, corrections) = issued(&app);
    assert_eq!((invoices.len(), corrections.len()), (1, 1));
    assert_eq!(shown(&app, id).await, json!([invoices[0], corrections[0]]));
}

async fn an_invoice_with_data_of_another_client_needs_a_person(app: TestApp) {
    set(&app, |account| account.fills_in_empty = true);
    let other = json!({"name": "Customer ann", "street": "Obca 1", "post_code": "20-001", "city": "Lublin"});
    app.sandbox.add_client(other.as_object().cloned().unwrap());
    let id = app.paid("ann", 1).await;
    for _ in 0..2 {
        let invoice = app.sandbox.state().invoices[0].clone();
        assert_eq!(invoice["buyer_street"], "Obca 1");
        let (number, vendor_id) = (invoice["number"].as_str().unwrap(), &invoice["id"]);
        let left = pending_jobs(&app).await;
        let reason = left[0][3].as_str().unwrap();
        assert_eq!((left.as_array().unwrap().len(), &left[0][1]), (1, &json!("dead")));
        assert!(reason.starts_with("a document with this number exists for another buyer"), "{reason}");
        assert!(reason.contains(number) && reason.contains(&vendor_id.to_string()), "a person finds it: {reason}");
        assert_eq!(app.get(&format!("/{id}")).await.json()["invoice_url"], Value::Null);
        assert_eq!((app.documents(id).await.len(), app.subjects("ann").len()), (0, 1));
        app.deliver_all().await;
    }
    assert_eq!(app.sandbox.state().calls.of(Target::InvoicesCreate), 1);
    // Another name belongs to no other client.
    let bob = app.paid("bob", 1).await;
    assert_eq!((app.documents(bob).await.len(), app.subjects("bob").len()), (1, 2));
}

async fn a_used_up_plan_uses_no_attempts(app: TestApp) {
    uses_no_attempts(&app, Refusal::PlanLimit, "the account's plan is used up: 422").await;
}

async fn an_unknown_department_uses_no_attempts(app: TestApp) {
    uses_no_attempts(&app, Refusal::Department, "the account's settings are refused: 422, department_id").await;
    assert_eq!(app.sandbox.state().invoices[0]["department_id"], "12");
}

/// The account refuses everything for a long time; no attempts are used.
async fn uses_no_attempts(app: &TestApp, refusal: Refusal, reason: &str) {
    set(app, |account| account.refuses = Some(refusal));
    let users = ["a", "b", "c", "d"];
    let mut ids = Vec::new();
    for user in users {
        ids.push(app.paid(user, 1).await);
    }
    for _ in 0..30 {
        app.deliver_all().await;
    }
    let left = pending_jobs(app).await;
    assert_eq!(left.as_array().unwrap().len(), users.len(), "{left}");
    for job in left.as_array().unwrap() {
        assert_eq!((&job[0], &job[1], &job[2]), (&json!("invoice"), &json!("due"), &json!(0)), "{job}");
    }
    assert!(left.as_array().unwrap().iter().any(|job| job[3] == reason), "{left}");
    set(app, |account| account.refuses = None);
    deliver_everything(app).await;
    for (id, user) in ids.into_iter().zip(users) {
        assert_eq!((app.documents(id).await.len(), app.subjects(user).len()), (1, 2), "{user}");
    }
    assert_eq!(app.sandbox.state().invoices.len(), users.len());
}

async fn two_requests_a_second_are_enough(app: TestApp) {
    app.sandbox.fault(Target::InvoicesCreate, Fault::status(503), None);
    let mut ids = Vec::new();
    for number in 0..20 {
        ids.push(app.paid(&format!("user-{number}"), 1).await);
    }
    app.sandbox.clear_faults();
    set(&app, |account| account.requests_per_second = Some(2));
    deliver_everything(&app).await;
    assert_eq!(app.get("/deliveries?state=dead").await.json()["deliveries"], json!([]));
    let state = app.sandbox.state();
    let oids: HashSet<_> = state.invoices.iter().map(|own| own["oid"].as_str().unwrap().to_owned()).collect();
    assert_eq!((state.invoices.len(), oids.len()), (20, 20));
    for id in ids {
        assert_eq!(app.documents(id).await.len(), 1);
    }
}

/// The look-up reads the list to the end.
async fn an_invoice_among_thousands_is_found(app: TestApp) {
    app.sandbox.fault(Target::InvoicesCreate, Named::ResetAfter, Some(1));
    let id = app.paid("ann", 1).await;
    let own = app.sandbox.state().invoices[0].clone();
    app.sandbox.add_documents((0..3_000).map(|number| {
        let mut other = own.clone();
        other["oid"] = json!(format!("shop-{number}"));
        other
    }));
    deliver_everything(&app).await;
    assert_eq!(shown(&app, id).await, json!([issued(&app).0[0]]));
    let state = app.sandbox.state();
    assert_eq!(
        (state.calls.of(Target::InvoicesCreate), state.calls.of(Target::InvoicesFind), state.invoices.len()),
        (1, 31, 3_001)
    );
    assert_eq!(app.subjects("ann").len(), 2);
}
