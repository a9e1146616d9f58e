//! Links and mails for a company's invoice: there is none before the KSeF number, because
//! without the number it is no invoice.

use crate::buyers::company;
use crate::refunded::pending_jobs;
use sandbox::{Fault, Outcome, Target};
use serde_json::{Value, json};
use tests::TestApp;

crate::cases![
    link_and_mail_wait_for_the_number with crate::variables([("invoices_ksef", "companies")]),
    a_person_resolves_a_refused_invoice with crate::variables([("invoices_ksef", "companies")]),
    the_correction_waits_for_the_number_and_names_it with crate::variables([("invoices_ksef", "companies")]),
    a_refused_invoice_keeps_its_correction_for_a_person with crate::variables([("invoices_ksef", "companies")]),
    a_number_is_looked_up_for_ten_minutes,
    a_document_that_is_sent_late_is_followed,
    a_fault_that_the_account_notes_needs_an_operator,
    an_erased_company_gets_no_mail with crate::variables([("invoices_ksef", "companies")]),
];

async fn buy(app: &TestApp, user: &str) -> i64 {
    let id = app.enrolled(user, 1).await;
    let paid = app.call_json("PATCH", "/paid", &json!({"enrolment_id": id, "buyer": company()})).await;
    assert_eq!((paid.status, &paid.json()["invoice_url"]), (200, &Value::Null), "it follows");
    app.idle().await;
    id
}

/// The link, the links of the documents, and the number of mails after the first.
async fn has(app: &TestApp, id: i64, user: &str) -> Value {
    let link = app.get(&format!("/{id}")).await.json()["invoice_url"].clone();
    let pages: Vec<_> = app.documents(id).await.iter().map(|document| document["url"].clone()).collect();
    json!([link, pages, app.subjects(user).len() - 1])
}

async fn deliver(app: &TestApp, times: usize) {
    for _ in 0..times {
        app.deliver_all().await;
    }
}

async fn link_and_mail_wait_for_the_number(app: TestApp) {
    let id = buy(&app, "ann").await;
    assert_eq!(has(&app, id, "ann").await, json!([null, [null], 0]));
    assert_eq!(app.history(id).await, ["created", "paid"]);
    assert_eq!(app.documents(id).await[0]["number"], app.sandbox.state().invoices[0]["number"], "for a person to find");
    deliver(&app, 3).await;
    let page = app.sandbox.state().invoices[0]["view_url"].clone();
    assert_eq!(has(&app, id, "ann").await, json!([page, [page], 1]));
    assert_eq!(app.history(id).await, ["created", "paid", "invoiced"]);
    let mail = app.sandbox.state().emails.last().cloned().unwrap();
    assert!(mail["text"].as_str().unwrap().contains(page.as_str().unwrap()), "{mail}");
    // The correction and its mail wait as well.
    assert_eq!(app.refund(id).await.status, 200);
    app.idle().await;
    assert_eq!(has(&app, id, "ann").await, json!([page, [page, null], 1]));
    assert_eq!(app.history(id).await[3..], ["refunded"]);
    deliver(&app, 3).await;
    let correction = app.sandbox.state().corrections[0]["view_url"].clone();
    assert_eq!(has(&app, id, "ann").await, json!([page, [page, correction], 2]));
    assert_eq!(app.history(id).await[3..], ["refunded", "corrected"]);
    assert_eq!(pending_jobs(&app).await, json!([]));
    assert_eq!(app.count("outbox WHERE payload <> '{}'").await, 0);
}

async fn dead_number(app: &TestApp) -> Value {
    let dead = app.get("/deliveries?state=dead").await.json()["deliveries"].as_array().cloned().unwrap();
    dead.into_iter().find(|own| own["kind"] == "ksef_number").unwrap()["id"].clone()
}

async fn a_person_resolves_a_refused_invoice(app: TestApp) {
    app.sandbox.set_ksef(&[Outcome::DUPLICATE_ERROR]);
    let id = buy(&app, "ann").await;
    deliver(&app, 3).await;
    assert_eq!(pending_jobs(&app).await[0][1], "dead");
    assert_eq!(has(&app, id, "ann").await, json!([null, [null], 0]));
    let made = json!({"note": "made in the account", "number": "7/2026", "url": "https://account.example/invoice/7"});
    let settled = app.call_json("POST", &format!("/deliveries/{}/resolution", dead_number(&app).await), &made).await;
    assert_eq!(settled.status, 200, "{}", settled.text);
    app.idle().await;
    assert_eq!(has(&app, id, "ann").await, json!([made["url"], [made["url"]], 1]));
    let document = app.documents(id).await[0].clone();
    assert_eq!((&document["number"], &document["ksef"]), (&json!("7/2026"), &Value::Null));
    assert_eq!(app.history(id).await.last().map(String::as_str), Some("invoiced"));
    // The account's id of an invoice that a person made is not known.
    assert_eq!(app.refund(id).await.status, 200);
    app.idle().await;
    assert_eq!(
        pending_jobs(&app).await[0][3],
        "the number of the invoice is not known here: a person must make the correction"
    );
}

async fn the_correction_waits_for_the_number_and_names_it(app: TestApp) {
    app.sandbox.set_ksef(&[Outcome::PROCESSING]);
    let id = buy(&app, "ann").await;
    assert_eq!(app.refund(id).await.status, 200);
    app.idle().await;
    for _ in 0..4 {
        assert_eq!(
            pending_jobs(&app).await[1],
            json!(["correction", "due", 0, "the invoice has no number of KSeF yet"])
        );
        app.deliver_all().await;
    }
    assert_eq!(app.sandbox.state().corrections.len(), 0);
    // The number arrives.
    let invoice = app.sandbox.state().invoices[0].clone();
    app.sandbox.fault(Target::InvoicesFind, numbered(&invoice), Some(1));
    app.make_due("kind = 'ksef_number'").await;
    app.cron("delivery-cron").await;
    app.sandbox.fault(Target::InvoicesFind, numbered(&invoice), Some(1));
    app.deliver_all().await;
    let correction = app.sandbox.state().corrections[0].clone();
    assert_eq!(correction["gov_corrected_invoice_number"], "5252445767-20260201-0100001AF629-AF");
    assert_eq!(correction["invoice_id"], invoice["id"]);
}

/// The answer to a read of the invoice with its number.
fn numbered(invoice: &Value) -> Fault {
    let mut invoice = invoice.clone();
    invoice["gov_status"] = json!("ok");
    invoice["gov_id"] = json!("5252445767-20260201-0100001AF629-AF");
    Fault::Status { status: 200, body: Some(invoice), headers: [].into() }
}

async fn a_refused_invoice_keeps_its_correction_for_a_person(app: TestApp) {
    app.sandbox.set_ksef(&[Outcome::DUPLICATE_ERROR]);
    let id = buy(&app, "ann").await;
    deliver(&app, 3).await;
    assert_eq!(app.refund(id).await.status, 200);
    app.idle().await;
    let reason = "KSeF refused the invoice: a person must settle that first, then retry the correction";
    assert_eq!(pending_jobs(&app).await[1], json!(["correction", "dead", 1, reason]));
    assert_eq!(app.sandbox.state().corrections.len(), 0);
}

/// The answer of an account that may send the next invoice later by itself.
fn without_status(app: &TestApp, changes: &Value) {
    let mut body = json!({"id": 77, "number": "1/2026", "token": "t", "gov_status": null});
    body.as_object_mut().unwrap().extend(changes.as_object().cloned().unwrap());
    let fault = |body: &Value| Fault::Status { status: 200, body: Some(body.clone()), headers: [].into() };
    app.sandbox.fault(Target::InvoicesCreate, fault(&body), Some(1));
    app.sandbox.fault(Target::InvoicesFind, fault(&body), None);
}

async fn ten_minutes_pass(app: &TestApp) {
    let sql = "UPDATE outbox SET created_at = created_at - 600000 WHERE kind = 'ksef_number'";
    app.database.execute(sql).await.unwrap();
}

/// The account does not send documents by itself: after ten minutes the look-up ends, and
/// companies have link and mail.
pub(crate) async fn looked_for_in_vain(app: &TestApp) {
    app.idle().await;
    ten_minutes_pass(app).await;
    deliver(app, 2).await;
}

async fn a_number_is_looked_up_for_ten_minutes(app: TestApp) {
    without_status(&app, &json!({}));
    let id = buy(&app, "ann").await;
    deliver(&app, 3).await;
    assert_eq!(pending_jobs(&app).await, json!([["ksef_number", "due", 0, "KSeF: not sent yet: no status"]]));
    assert_eq!(has(&app, id, "ann").await, json!([null, [null], 0]));
    ten_minutes_pass(&app).await;
    deliver(&app, 2).await;
    let document = app.documents(id).await[0].clone();
    assert_eq!(has(&app, id, "ann").await, json!([document["url"], [document["url"]], 1]));
    assert!(document["url"].as_str().unwrap().ends_with("/invoice/t") && document["ksef"].is_null(), "{document}");
    assert_eq!((pending_jobs(&app).await, app.sandbox.state().ksef_sent.len()), (json!([]), 0));
    // A person gets the mail at once.
    without_status(&app, &json!({"id": 78}));
    let person = app.enrolled("bob", 1).await;
    assert!(app.pay(person).await.json()["invoice_url"].is_string());
}

async fn a_document_that_is_sent_late_is_followed(app: TestApp) {
    without_status(&app, &json!({}));
    let id = buy(&app, "ann").await;
    deliver(&app, 1).await;
    app.sandbox.clear_faults();
    without_status(&app, &json!({"gov_status": "processing"}));
    ten_minutes_pass(&app).await;
    deliver(&app, 2).await;
    assert_eq!(has(&app, id, "ann").await, json!([null, [null], 0]));
    app.sandbox.clear_faults();
    without_status(&app, &json!({"gov_status": "ok", "gov_id": "5252445767-1"}));
    deliver(&app, 2).await;
    assert_eq!(app.documents(id).await[0]["ksef"], json!({"status": "ok", "number": "5252445767-1"}));
    assert_eq!(app.subjects("ann").len(), 2);
}

async fn a_fault_that_the_account_notes_needs_an_operator(app: TestApp) {
    without_status(&app, &json!({"gov_error_messages": ["NIP nabywcy jest nieprawidłowy"]}));
    let id = app.enrolled("ann", 1).await;
    assert_eq!(app.pay(id).await.status, 200);
    deliver(&app, 1).await;
    let reason = "KSeF: refused: no status: NIP nabywcy jest nieprawidłowy";
    assert_eq!(pending_jobs(&app).await, json!([["ksef_number", "dead", 1, reason]]));
    assert_eq!((app.subjects("ann").len(), app.sandbox.state().ksef_sent.len()), (2, 0));
}

async fn an_erased_company_gets_no_mail(app: TestApp) {
    let id = buy(&app, "ann").await;
    assert_eq!(app.call("DELETE", "/users/ann").await.status, 204);
    assert_eq!(app.count("outbox WHERE payload LIKE '%example.com%'").await, 0);
    deliver(&app, 3).await;
    assert_eq!(app.subjects("ann").len(), 1);
    assert_eq!(app.history(id).await, ["created", "paid", "invoiced"]);
    assert_eq!(pending_jobs(&app).await, json!([]));
}
