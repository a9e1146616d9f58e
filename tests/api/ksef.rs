//! KSeF numbers: requested as `invoices_ksef` says, and followed until they are final.

use crate::buyers::company;
use crate::ksef_mails::looked_for_in_vain;
use sandbox::{Fault, Outcome, Target};
use serde_json::{Value, json};
use tests::TestApp;

crate::cases![
    no_number_is_requested_where_the_account_decides,
    a_document_that_the_account_sends_is_followed,
    only_companies_get_a_number with crate::variables([("invoices_ksef", "companies")]),
    every_document_gets_a_number with crate::variables([("invoices_ksef", "always")]),
    a_server_error_is_sent_again with crate::variables([("invoices_ksef", "always")]),
    a_refused_document_is_dead_with_its_reasons with crate::variables([("invoices_ksef", "always")]),
    a_duplicate_is_never_sent_again with crate::variables([("invoices_ksef", "always")]),
    an_account_without_access_is_reported with crate::variables([("invoices_ksef", "always")]),
    waiting_numbers_delay_no_other_job with crate::variables([("invoices_ksef", "always")]),
    an_invoice_whose_answer_is_lost_is_followed with crate::variables([("invoices_ksef", "always")]),
    an_invalid_setting_is_named with crate::variables([("invoices_ksef", "never")]),
];

async fn pay(app: &TestApp, user: &str, body: Value) -> i64 {
    let id = app.enrolled(user, 1).await;
    let mut payment = json!({"enrolment_id": id});
    payment.as_object_mut().unwrap().extend(body.as_object().cloned().unwrap_or_default());
    let paid = app.call_json("PATCH", "/paid", &payment).await;
    assert_eq!(paid.status, 200, "{}", paid.text);
    app.idle().await;
    id
}

async fn paid(app: &TestApp, user: &str) -> i64 {
    pay(app, user, json!({})).await
}

/// The status and the number of each document.
async fn ksef(app: &TestApp, id: i64) -> Vec<(Value, Value)> {
    app.documents(id).await.iter().map(|own| (own["ksef"]["status"].clone(), own["ksef"]["number"].clone())).collect()
}

async fn status(app: &TestApp, id: i64) -> String {
    ksef(app, id).await[0].0.as_str().unwrap_or_default().to_owned()
}

/// The jobs that follow documents: state, reason and wait in seconds.
async fn followed(app: &TestApp) -> Vec<Value> {
    let pending = app.get("/deliveries").await.json()["deliveries"].clone();
    let pending = pending.as_array().unwrap().iter();
    pending.filter(|own| own["kind"] == "ksef_number").map(|own| json!([own["state"], own["last_error"]])).collect()
}

async fn no_number_is_requested_where_the_account_decides(app: TestApp) {
    let person = paid(&app, "ann").await;
    let acme = pay(&app, "bob", json!({"buyer": company()})).await;
    for id in [person, acme] {
        assert_eq!(ksef(&app, id).await, [(Value::Null, Value::Null)]);
    }
    assert_eq!(followed(&app).await, [json!(["due", null])], "the number of the company is looked up");
    looked_for_in_vain(&app).await;
    assert_eq!((followed(&app).await.len(), app.sandbox.state().ksef_sent.len()), (0, 0));
}

/// The first answer has no status of KSeF.
async fn a_document_that_the_account_sends_is_followed(app: TestApp) {
    app.sandbox.set(|settings| settings.invoices.gov_auto_send_mode = Some(sandbox::AutoSend::PlCompanies));
    let id = pay(&app, "ann", json!({"buyer": company()})).await;
    assert_eq!((status(&app, id).await.as_str(), app.subjects("ann").len()), ("", 1));
    app.deliver_all().await;
    assert_eq!((status(&app, id).await.as_str(), app.subjects("ann").len()), ("processing", 1));
    app.deliver_all().await;
    app.deliver_all().await;
    assert_eq!((status(&app, id).await.as_str(), followed(&app).await.len()), ("ok", 0));
    assert_eq!(
        (app.subjects("ann").len(), app.get(&format!("/{id}")).await.json()["invoice_url"].is_string()),
        (2, true)
    );
}

async fn only_companies_get_a_number(app: TestApp) {
    let person = paid(&app, "ann").await;
    let acme = pay(&app, "bob", json!({"buyer": company()})).await;
    assert_eq!((status(&app, person).await.as_str(), status(&app, acme).await.as_str()), ("", "processing"));
    for _ in 0..2 {
        assert_eq!((followed(&app).await.len(), ksef(&app, acme).await[0].1.clone()), (1, Value::Null));
        app.deliver_all().await;
    }
    let sent = app.sandbox.state().invoices[1].clone();
    assert_eq!(ksef(&app, acme).await, [(json!("ok"), sent["gov_id"].clone())]);
    assert!(sent["gov_id"].is_string() && followed(&app).await.is_empty());
    // The correction has the same company.
    assert_eq!((app.refund(acme).await.status, app.refund(person).await.status), (200, 200));
    app.idle().await;
    let words = |all: Vec<(Value, Value)>| json!(all.into_iter().map(|(status, _)| status).collect::<Vec<_>>());
    assert_eq!(words(ksef(&app, acme).await), json!(["ok", "processing"]));
    assert_eq!(words(ksef(&app, person).await), json!([null, null]));
    assert_eq!(app.sandbox.state().corrections[0]["gov_corrected_invoice_number"], sent["gov_id"]);
}

async fn every_document_gets_a_number(app: TestApp) {
    let id = paid(&app, "ann").await;
    assert_eq!((app.subjects("ann").len(), app.refund(id).await.status), (2, 200), "a person's mail does not wait");
    app.idle().await;
    assert_eq!(app.documents(id).await.len(), 1, "the correction does");
    for _ in 0..6 {
        app.deliver_all().await;
    }
    let numbers = ksef(&app, id).await;
    assert!(numbers.iter().all(|(status, number)| status == "ok" && number.is_string()), "{numbers:?}");
    assert!(numbers.len() == 2 && numbers[0].1 != numbers[1].1, "{numbers:?}");
    let calls = app.sandbox.state().calls;
    app.deliver_all().await;
    assert_eq!(app.sandbox.state().calls, calls, "no further request");
}

async fn a_server_error_is_sent_again(app: TestApp) {
    app.sandbox.set_ksef(&[Outcome::SERVER_ERROR, Outcome::SERVER_ERROR, Outcome::OK]);
    let id = paid(&app, "ann").await;
    let mut seen = Vec::new();
    while !followed(&app).await.is_empty() {
        app.deliver_all().await;
        seen.push(status(&app, id).await);
        assert!(seen.len() < 20, "{seen:?} {:?}", followed(&app).await);
    }
    assert_eq!(app.sandbox.state().ksef_sent.len(), 3, "once, and twice again: {seen:?}");
    assert!(seen.contains(&"server_error".to_owned()) && seen.last().unwrap() == "ok", "{seen:?}");
}

async fn a_refused_document_is_dead_with_its_reasons(app: TestApp) {
    app.sandbox.set_ksef(&[Outcome::SEND_ERROR; 4]);
    let id = paid(&app, "ann").await;
    while followed(&app).await[0][0] != "dead" {
        app.deliver_all().await;
    }
    let reason = "KSeF: sent again in vain: send_error: NIP nabywcy jest nieprawidłowy; Brak adresu nabywcy";
    assert_eq!(followed(&app).await, [json!(["dead", reason])]);
    assert_eq!((status(&app, id).await.as_str(), app.sandbox.state().ksef_sent.len()), ("send_error", 4));
    // A person corrects it and retries.
    let dead = app.get("/deliveries?state=dead").await.json()["deliveries"][0]["id"].clone();
    assert_eq!(app.call("POST", &format!("/deliveries/{dead}/retry")).await.status, 200);
    for _ in 0..4 {
        app.deliver_all().await;
    }
    assert_eq!((status(&app, id).await.as_str(), followed(&app).await.len()), ("ok", 0));
}

async fn a_duplicate_is_never_sent_again(app: TestApp) {
    for (user, outcome, word) in
        [("ann", Outcome::DUPLICATE_ERROR, "duplicate_error"), ("bob", Outcome::SEND_ERROR_DUPLICATE, "send_error")]
    {
        app.sandbox.set_ksef(&[outcome]);
        let id = paid(&app, user).await;
        for _ in 0..4 {
            app.deliver_all().await;
        }
        assert_eq!(status(&app, id).await, word);
        let reason = format!("KSeF: refused: {word}: 440: Duplikat faktury");
        assert_eq!(followed(&app).await.last(), Some(&json!(["dead", reason])));
    }
    assert_eq!(app.sandbox.state().ksef_sent.len(), 2);
}

async fn an_account_without_access_is_reported(app: TestApp) {
    app.sandbox.set_ksef(&[Outcome::NOT_CONNECTED]);
    let id = paid(&app, "ann").await;
    app.deliver_all().await;
    app.deliver_all().await;
    assert_eq!(status(&app, id).await, "not_connected");
    assert_eq!(followed(&app).await, [json!(["dead", "KSeF: refused: not_connected"])]);
}

/// A backlog of missing numbers delays neither invoices nor mails.
async fn waiting_numbers_delay_no_other_job(app: TestApp) {
    app.sandbox.set_ksef(&[Outcome::PROCESSING; 40]);
    for number in 0..30 {
        paid(&app, &format!("user{number}")).await;
    }
    app.sandbox.fault(Target::InvoicesCreate, Fault::status(429), Some(1));
    let late = paid(&app, "late").await;
    assert!(app.documents(late).await.is_empty());
    app.deliver_all().await;
    assert_eq!((app.documents(late).await.len(), app.subjects("late").len()), (1, 2));
    let waiting = "KSeF: under way: processing";
    let looked_at = followed(&app).await.iter().filter(|own| own[1] == waiting).count();
    assert_eq!(looked_at, 6, "a run looks for a few only");
    let metrics = app.get("/metrics").await.text;
    assert!(metrics.contains("enrolments_deliveries{kind=\"ksef_number\",state=\"due\"} 31\n"), "{metrics}");
}

async fn an_invoice_whose_answer_is_lost_is_followed(app: TestApp) {
    app.sandbox.fault(Target::InvoicesCreate, sandbox::fault::Named::ResetAfter, Some(1));
    let id = paid(&app, "ann").await;
    assert!(app.documents(id).await.is_empty());
    for _ in 0..3 {
        app.deliver_all().await;
    }
    assert_eq!((status(&app, id).await.as_str(), app.sandbox.state().ksef_sent.len()), ("ok", 1));
}

async fn an_invalid_setting_is_named(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    assert_eq!(app.pay(id).await.status, 503);
    assert!(app.app.captured_output().contains("variable invoices_ksef is unreadable"));
}
