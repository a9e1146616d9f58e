//! `invoices_provider` is `none`: payments and refunds without documents.

use crate::agreed::{ask, deliver_with, with};
use crate::refunded::{MAIL, pending_jobs};
use sandbox::{Fault, Target};
use serde_json::{Value, json};
use tests::{Settings, TestApp};

crate::cases![
    the_readme_without_invoices with none(),
    the_mail_comes_later with none(),
    a_bad_currency_stops_payments with crate::variables([
        ("invoices_provider", "none"), ("invoices_currency", "eur"),
    ]),
    a_payment_without_an_invoice_is_never_corrected with none(),
    a_correction_waits_for_fakturownia,
    an_invoice_waits_for_fakturownia,
];

const PAID: &str = "Your course payment confirmation";
const WAITS: &str = "configuration: invoices_provider is none";

/// No invoices, and nothing that Fakturownia needs.
fn none() -> Settings {
    crate::variables([
        ("invoices_provider", "none"),
        ("invoices_url", ""),
        ("invoices_token", ""),
        ("invoices_tax", "23%"),
        ("invoices_payment_type", ""),
    ])
}

/// The mail with this subject to a user.
fn mail(app: &TestApp, user: &str, subject: &str) -> Value {
    let to = format!("{user}@example.com");
    let mut mails = app.sandbox.state().emails;
    mails.retain(|mail| mail["to"][0] == to.as_str() && mail["subject"] == subject);
    assert_eq!(mails.len(), 1, "{user}: {subject}");
    mails.remove(0)
}

/// Checks that Fakturownia was not asked.
async fn not_invoiced(app: &TestApp, id: i64) {
    let state = app.sandbox.state();
    assert_eq!((state.calls.of(Target::InvoicesCreate), state.calls.of(Target::InvoicesFind)), (0, 0));
    assert_eq!((state.invoices.len(), state.corrections.len()), (0, 0));
    assert_eq!(app.documents(id).await, [Value::Null; 0]);
}

async fn the_readme_without_invoices(app: TestApp) {
    assert_eq!(app.get("/health").await.status, 200);
    let id = app.enrolled("ann", 1).await;
    assert_eq!(app.fail(id).await.status, 200);
    let body = json!({"enrolment_id": id, "amount": "149.00", "buyer": crate::erasure::company()});
    let answer = app.call_with_key("k", "PATCH", "/paid", &body).await;
    assert_eq!((answer.status, &answer.json()["payment_status"]), (200, &json!("paid")), "{}", answer.text);
    assert_eq!(answer.json()["invoice_url"], Value::Null);
    assert_eq!(app.call_with_key("k", "PATCH", "/paid", &body).await.text, answer.text);
    app.idle().await;
    let text = mail(&app, "ann", PAID)["text"].to_string();
    assert!(!text.contains("http") && !text.contains("invoice"), "{text}");
    assert_eq!(app.value("SELECT paid_hundredths FROM enrolments").await, "14900");

    assert_eq!(app.refund(id).await.json()["status"], "canceled");
    app.idle().await;
    let text = mail(&app, "ann", MAIL)["text"].to_string();
    assert!(!text.contains("http"), "{text}");
    not_invoiced(&app, id).await;
    assert_eq!(app.history(id).await, ["created", "payment_failed", "paid", "refunded"]);
    assert_eq!((app.jobs().await.len(), pending_jobs(&app).await), (3, json!([])));
    assert_eq!(app.call("POST", "/deliveries").await.status, 200);
    app.cron("delivery-cron").await;
    let health = app.get("/health?deep=1").await;
    assert_eq!((health.status, &health.json()["status"]), (200, &json!("ok")), "{}", health.text);
    assert!(!app.app.captured_output().contains("invoices_"), "{}", app.app.captured_output());
}

async fn the_mail_comes_later(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    app.idle().await;
    app.sandbox.fault(Target::Users, Fault::status(503), None);
    assert_eq!(app.pay(id).await.status, 200);
    app.idle().await;
    let waiting = json!([["mail_data", "due", 0, "users service unavailable: server error"]]);
    assert_eq!(pending_jobs(&app).await, waiting);
    app.deliver_all().await;
    assert_eq!(pending_jobs(&app).await, waiting);
    app.sandbox.clear_faults();
    app.deliver_all().await;
    mail(&app, "ann", PAID);
    assert_eq!(pending_jobs(&app).await, json!([]));
    not_invoiced(&app, id).await;
}

async fn a_bad_currency_stops_payments(app: TestApp) {
    // A course with a currency of its own does not need the variable.
    app.sandbox.set_course(2, json!({"price": 5, "currency": "PLN"}));
    let id = app.enrolled("ann", 2).await;
    for answer in [app.enrol("ann", 1).await, app.pay(id).await] {
        assert_eq!(answer.status, 503);
        assert!(answer.text.contains("variable invoices_currency is unreadable"), "{}", answer.text);
    }
    assert_eq!(app.get("/health").await.json()["variables"][0]["name"], "invoices_currency");
}

async fn a_payment_without_an_invoice_is_never_corrected(app: TestApp) {
    let id = app.paid("ann", 1).await;
    let later = app.enrolled("bob", 1).await;
    app.idle().await;
    app.sandbox.fault(Target::Users, Fault::status(503), None);
    assert_eq!(app.pay(later).await.status, 200);
    app.idle().await;
    app.sandbox.clear_faults();
    // Jobs are pruned some day: the row alone says it.
    app.database.execute(&format!("DELETE FROM outbox WHERE enrolment_id = {id}")).await.unwrap();
    let variables = [
        ("invoices_provider", "fakturownia"),
        ("invoices_url", &app.sandbox.origin()),
        ("invoices_token", "sandbox"),
        ("invoices_tax", "23"),
        ("invoices_payment_type", "transfer"),
    ];
    let fakturownia = with(&app, &variables).await;
    let body = |id: i64| json!({"enrolment_id": id});
    assert_eq!(ask(&fakturownia, "PATCH", "/refunded", &body(id)).await.0, 200);
    for _ in 0..2 {
        deliver_with(&app, &fakturownia).await;
    }
    mail(&app, "ann", MAIL);
    mail(&app, "bob", PAID);
    not_invoiced(&app, id).await;
    assert_eq!(pending_jobs(&app).await, json!([]));
    // The next payment gets its invoice.
    let next = app.enrolled("eve", 1).await;
    let (status, paid) = ask(&fakturownia, "PATCH", "/paid", &body(next)).await;
    assert!(status == 200 && paid["invoice_url"].is_string(), "{paid}");
    let providers = app.database.rows("SELECT invoices_provider FROM enrolments ORDER BY id").await.unwrap();
    assert_eq!(providers.concat(), ["none", "none", "fakturownia"]);
}

async fn a_correction_waits_for_fakturownia(app: TestApp) {
    let id = app.paid("ann", 1).await;
    // As a release before has written it.
    app.database.execute("UPDATE enrolments SET invoices_provider = NULL").await.unwrap();
    let without = with(&app, &[("invoices_provider", "none")]).await;
    assert_eq!(ask(&without, "PATCH", "/refunded", &json!({"enrolment_id": id})).await.0, 200);
    for _ in 0..3 {
        deliver_with(&app, &without).await;
        assert_eq!(pending_jobs(&app).await, json!([["correction", "due", 0, WAITS]]));
    }
    assert_eq!((app.sandbox.state().corrections.len(), app.subjects("ann").len()), (0, 2));
    let (status, health) = ask(&without, "GET", "/health?deep=1", &json!({})).await;
    assert_eq!((status, &health["deliveries"]["dead"]), (200, &json!(0)), "{health}");
    app.deliver_all().await;
    assert_eq!(app.documents(id).await.len(), 2);
    let corrected = app.documents(id).await[1]["url"].as_str().unwrap().to_owned();
    assert!(mail(&app, "ann", MAIL)["text"].as_str().unwrap().contains(&corrected));
    assert_eq!(pending_jobs(&app).await, json!([]));
}

async fn an_invoice_waits_for_fakturownia(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    app.sandbox.fault(Target::InvoicesCreate, Fault::status(429), Some(1));
    assert_eq!(app.pay(id).await.json()["invoice_url"], Value::Null);
    let without = with(&app, &[("invoices_provider", "none")]).await;
    deliver_with(&app, &without).await;
    assert_eq!(pending_jobs(&app).await, json!([["invoice", "due", 0, WAITS]]));
    assert!(!without.captured_output().contains("error"), "{}", without.captured_output());
    app.deliver_all().await;
    assert_eq!((app.sandbox.state().invoices.len(), pending_jobs(&app).await), (1, json!([])));
    assert!(mail(&app, "ann", PAID)["text"].as_str().unwrap().contains("/invoice"));
}
