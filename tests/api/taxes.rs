//! Taxes and currencies of invoices: `invoices_tax`, `invoices_tax_exemption`,
//! `invoices_np_tax_kind`, `invoices_currency`.

use crate::agreed::{ask, with};
use crate::buyers::{company, pay};
use crate::refunded::pending_jobs;
use sandbox::Target;
use serde_json::{Value, json};
use tests::TestApp;

crate::cases![
    an_exempt_sale with crate::variables([("invoices_tax", "zw\n"), ("invoices_tax_exemption", GROUND)]),
    a_sale_that_is_not_subject_to_tax with crate::variables([
        ("invoices_tax", "np"),
        ("invoices_np_tax_kind", "export_service"),
    ]),
    euro with crate::variables([("invoices_currency", " EUR")]),
    yen with crate::variables([("invoices_currency", "JPY")]),
    unusable_variables_are_named_before_a_payment,
];

const GROUND: &str = "art. 113 ust. 1 i 9 ustawy o VAT";

/// Pays as a person. Returns the only invoice.
async fn invoice(app: &TestApp) -> Value {
    let id = app.enrolled("ann", 1).await;
    let answer = app.pay(id).await;
    assert_eq!((answer.status, answer.json()["invoice_url"].is_string()), (200, true), "{}", answer.text);
    app.idle().await;
    app.sandbox.state().invoices.pop().unwrap()
}

async fn an_exempt_sale(app: TestApp) {
    let invoice = invoice(&app).await;
    assert_eq!((&invoice["positions"][0]["tax"], &invoice["exempt_tax_kind"]), (&json!("zw"), &json!(GROUND)));
    assert_eq!(pay(&app, app.enrolled("bob", 1).await, &json!({"buyer": company()})).await.status, 200);
    app.idle().await;
    assert_eq!(app.sandbox.state().invoices[1]["exempt_tax_kind"], GROUND);
    crate::ksef_mails::looked_for_in_vain(&app).await;
    app.idle().await;
    assert_eq!(pending_jobs(&app).await, json!([]));
}

async fn a_sale_that_is_not_subject_to_tax(app: TestApp) {
    let invoice = invoice(&app).await;
    assert_eq!((&invoice["positions"][0]["tax"], &invoice["np_tax_kind"]), (&json!("np"), &json!("export_service")));
}

async fn euro(app: TestApp) {
    let invoice = invoice(&app).await;
    let exchange = (&invoice["currency"], &invoice["exchange_currency"], &invoice["exchange_kind"]);
    assert_eq!(exchange, (&json!("EUR"), &json!("PLN"), &json!("nbp")));
    assert_eq!(app.documents(1).await[0]["currency"], "EUR");
    assert_eq!(app.refund(1).await.status, 200);
    app.idle().await;
    let correction = app.sandbox.state().corrections.pop().unwrap();
    for key in ["currency", "exchange_currency", "exchange_currency_rate", "exchange_note"] {
        assert!(invoice[key].is_string() && correction[key] == invoice[key], "{key}: {correction}");
    }
    assert_eq!(correction["exchange_kind"], "own", "the rate of the invoice's day");
}

async fn yen(app: TestApp) {
    app.sandbox.set_course(1, json!({"price": 199}));
    let id = app.enrolled("ann", 1).await;
    let refused = pay(&app, id, &json!({"amount": "149.50"})).await;
    let detail = &refused.json()["details"][0];
    assert_eq!(
        (refused.status, &detail["loc"], &detail["msg"]),
        (400, &json!(["amount"]), &json!("JPY has no decimals"))
    );
    assert_eq!(app.state_of(id).await, "ACTIVE PENDING");
    let answer = pay(&app, id, &json!({"amount": "150.00"})).await;
    assert_eq!((answer.status, answer.json()["invoice_url"].is_string()), (200, true));
    assert_eq!(app.sandbox.state().invoices[0]["price_gross"], "150.00");

    // Yen has no decimals: no user is enrolled at such a price, and the invoice of an enrolment
    // without terms waits for another one.
    let priced = app.enrolled("bob", 1).await;
    app.forget_terms().await;
    app.sandbox.set_course(1, json!({}));
    assert_eq!(app.enrol("eve", 1).await.status, 502);
    assert_eq!(app.pay(priced).await.status, 200);
    app.idle().await;
    let reason = "courses service's answer cannot be used: price has decimals, JPY has none";
    app.deliver_all().await;
    assert_eq!(pending_jobs(&app).await, json!([["invoice_data", "due", 0, reason]]));
    app.sandbox.set_course(1, json!({"price": 200}));
    app.deliver_all().await;
    assert_eq!(
        (app.documents(priced).await[0]["gross"].clone(), pending_jobs(&app).await),
        (json!("200.00"), json!([]))
    );
}

async fn unusable_variables_are_named_before_a_payment(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    app.idle().await;
    for (variables, named) in [
        (&[("invoices_tax", "23%")][..], "invoices_tax"),
        (&[("invoices_tax", "zwolniony")], "invoices_tax"),
        (&[("invoices_tax", "zw")], "invoices_tax_exemption"),
        (&[("invoices_tax", "np")], "invoices_np_tax_kind"),
        (&[("invoices_tax", "np"), ("invoices_np_tax_kind", "export")], "invoices_np_tax_kind"),
        (&[("invoices_currency", "eur")], "invoices_currency"),
        (&[("invoices_currency", "EURO")], "invoices_currency"),
        (&[("invoices_department_id", "main")], "invoices_department_id"),
    ] {
        let other = with(&app, variables).await;
        let (status, answer) = ask(&other, "PATCH", "/paid", &json!({"enrolment_id": id})).await;
        assert_eq!(status, 503, "{variables:?}");
        let message = answer["message"].as_str().unwrap();
        assert!(message.contains(&format!("variable {named} ")), "{message}");
        assert!(other.captured_output().contains(&format!("variable {named} ")), "{variables:?}");
    }
    assert_eq!(app.state_of(id).await, "ACTIVE PENDING");
    assert_eq!(app.sandbox.state().calls.of(Target::InvoicesCreate), 0);
}
