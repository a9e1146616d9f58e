//! The terms of a payment are those of its time, even if the variables change before its
//! invoice is issued.

use crate::refunded::pending_jobs;
use crate::resolution::{PAGE, settle};
use host::{App, Runtime};
use sandbox::fault::Named;
use sandbox::{Fault, Target};
use serde_json::{Value, json};
use std::sync::LazyLock;
use tests::TestApp;

crate::cases![
    terms_stay_while_the_account_is_down,
    terms_stay_while_the_user_is_not_found,
    terms_stay_while_the_result_is_unknown,
    an_invalid_tax_stops_only_new_payments,
    an_invoice_of_another_account_waits_for_it,
    an_invoice_of_another_account_can_be_resolved,
];

static COMPONENTS: LazyLock<Runtime> =
    LazyLock::new(|| Runtime::load(tests::root().join("spin.toml")).expect("the components"));

/// All variables of the terms, with other values than the defaults.
const OTHER: [(&str, &str); 7] = [
    ("invoices_tax", "8"),
    ("invoices_currency", "EUR"),
    ("invoices_payment_type", "card"),
    ("invoices_department_id", "12"),
    ("invoices_oid_prefix", "other"),
    ("invoices_ksef", "always"),
    ("invoices_tax_exemption", "art. 43"),
];

/// The same service on the same database, with other variables.
pub(crate) async fn with(app: &TestApp, variables: &[(&str, &str)]) -> App {
    let own = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    app.start_beside_with(&COMPONENTS, app.variables().into_iter().chain(own).collect()).await.expect("it starts")
}

/// Sends a request to another service on the same database.
pub(crate) async fn ask(other: &App, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let url = format!("http://{}/api/enrolment{path}", other.address());
    let request = reqwest::Client::new().request(method.parse().unwrap(), url).json(body);
    let answer = request.send().await.expect("an answer");
    let status = answer.status().as_u16();
    let answer = answer.json().await.unwrap_or_default();
    other.idle().await;
    (status, answer)
}

/// Makes all jobs due and lets `other` deliver them.
pub(crate) async fn deliver_with(app: &TestApp, other: &App) {
    app.idle().await;
    app.pass_time(7_200_000).await;
    other.run_cron("delivery-cron").await.expect("the run ends well");
    other.idle().await;
}

/// A paid enrolment. The request for its invoice got `fault`.
async fn paid(app: &TestApp, fault: impl Into<Fault>) -> i64 {
    let id = app.enrolled("ann", 1).await;
    app.sandbox.fault(Target::InvoicesCreate, fault.into(), Some(1));
    let answer = app.pay(id).await;
    assert_eq!((answer.status, &answer.json()["invoice_url"]), (200, &Value::Null));
    app.idle().await;
    id
}

/// Checks that the only invoice has the terms of the payment.
async fn is_as_agreed(app: &TestApp, id: i64) {
    let state = app.sandbox.state();
    assert_eq!((state.invoices.len(), state.ksef_sent.len()), (1, 0));
    let invoice = &state.invoices[0];
    assert!(invoice["oid"].as_str().unwrap().starts_with(&format!("enrolment-{id}-")), "{invoice}");
    assert_eq!((&invoice["currency"], &invoice["payment_type"]), (&json!("PLN"), &json!("transfer")));
    assert_eq!((&invoice["positions"][0]["tax"], &invoice["price_gross"]), (&json!("23"), &json!("199.99")));
    for none in ["department_id", "exchange_currency", "exempt_tax_kind"] {
        assert!(invoice.get(none).is_none_or(Value::is_null), "{none}: {invoice}");
    }
    assert_eq!(app.documents(id).await[0]["currency"], "PLN");
    assert_eq!((pending_jobs(app).await, app.subjects("ann").len()), (json!([]), 2));
}

async fn terms_stay_while_the_account_is_down(app: TestApp) {
    let id = paid(&app, Fault::status(503)).await;
    let other = with(&app, &OTHER).await;
    deliver_with(&app, &other).await;
    is_as_agreed(&app, id).await;
    // The new values count for the next payment.
    let next = ask(&other, "POST", "", &json!({"user_id": "bob", "course_id": 1})).await.1["id"].clone();
    assert_eq!(ask(&other, "PATCH", "/paid", &json!({"enrolment_id": next})).await.0, 200);
    let invoice = app.sandbox.state().invoices.pop().unwrap();
    assert_eq!((&invoice["currency"], &invoice["positions"][0]["tax"]), (&json!("EUR"), &json!("8")));
    assert_eq!((&invoice["department_id"], &invoice["payment_type"]), (&json!("12"), &json!("card")));
    assert!(invoice["oid"].as_str().unwrap().starts_with("other-"), "{invoice}");
    assert_eq!(app.sandbox.state().ksef_sent.len(), 1);
}

async fn terms_stay_while_the_user_is_not_found(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    app.idle().await;
    app.sandbox.set_user("ann", json!({"is_active": false}));
    assert_eq!(app.pay(id).await.status, 200);
    app.idle().await;
    assert_eq!(pending_jobs(&app).await[0][0], "invoice_data");
    app.sandbox.set_user("ann", json!({}));
    deliver_with(&app, &with(&app, &OTHER).await).await;
    is_as_agreed(&app, id).await;
}

async fn terms_stay_while_the_result_is_unknown(app: TestApp) {
    let id = paid(&app, Named::ResetAfter).await;
    assert_eq!(app.sandbox.state().invoices.len(), 1);
    deliver_with(&app, &with(&app, &[("invoices_oid_prefix", "other")]).await).await;
    assert_eq!(app.sandbox.state().calls.of(Target::InvoicesCreate), 1);
    is_as_agreed(&app, id).await;
}

async fn an_invalid_tax_stops_only_new_payments(app: TestApp) {
    let id = paid(&app, Fault::status(503)).await;
    let other = with(&app, &[("invoices_tax", "23%")]).await;
    let next = app.enrolled("bob", 1).await;
    let (status, answer) = ask(&other, "PATCH", "/paid", &json!({"enrolment_id": next})).await;
    assert_eq!((status, &answer["error"]), (503, &json!("service_unavailable")));
    assert!(answer["message"].as_str().unwrap().contains("invoices_tax"), "{answer}");
    assert_eq!(app.state_of(next).await, "ACTIVE PENDING");
    deliver_with(&app, &other).await;
    is_as_agreed(&app, id).await;
}

/// Another address of the same account: the sandbox answers at both.
fn moved(app: &TestApp) -> String {
    app.sandbox.origin().replace("127.0.0.1", "localhost")
}

async fn an_invoice_of_another_account_waits_for_it(app: TestApp) {
    let id = paid(&app, Named::ResetAfter).await;
    let other = with(&app, &[("invoices_url", &moved(&app))]).await;
    let calls = app.sandbox.state().calls;
    let reason = format!("for an account that is not the one that is set: {}", app.sandbox.origin());
    for _ in 0..3 {
        deliver_with(&app, &other).await;
        assert_eq!(pending_jobs(&app).await, json!([["invoice", "unknown", 1, reason]]));
    }
    assert_eq!(app.sandbox.state().calls, calls, "no request to the other account");
    app.deliver_all().await;
    is_as_agreed(&app, id).await;
}

async fn an_invoice_of_another_account_can_be_resolved(app: TestApp) {
    let id = paid(&app, Fault::status(429)).await;
    let other = with(&app, &[("invoices_url", &moved(&app)), ("invoices_currency", "EUR")]).await;
    deliver_with(&app, &other).await;
    let job = app.get("/deliveries").await.json()["deliveries"][0]["id"].as_i64().unwrap();
    let answer = settle(&app, job, &json!({"note": "made in the old account", "number": "7", "url": PAGE})).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let document = &app.documents(id).await[0];
    assert_eq!((&document["url"], &document["currency"]), (&json!(PAGE), &json!("PLN")));
}
