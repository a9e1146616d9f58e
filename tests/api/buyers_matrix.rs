//! Every buyer with every tax, in several currencies, against the strict sandbox: each is refused before anything is
//! recorded, or has its invoice and its correction.

use crate::buyers::pay;
use crate::ksef_mails::looked_for_in_vain;
use futures::future::join_all;
use serde_json::{Value, json};
use tests::TestApp;

crate::cases![
    zloty on Sqlite,
    euro on Sqlite,
    yen on Sqlite,
    a_recipient_is_on_the_invoice_and_on_its_correction,
    a_company_elsewhere_gets_its_document_with_its_number with crate::variables([("invoices_ksef", "companies")]),
    a_reverse_charge_needs_np_whoever_names_the_tax,
    a_buyer_is_kept_until_the_user_is_known,
    a_payment_of_another_buyer_is_another_payment,
];

async fn zloty(app: TestApp) {
    every_cell(&app, "PLN").await;
}

async fn euro(app: TestApp) {
    every_cell(&app, "EUR").await;
}

async fn yen(app: TestApp) {
    every_cell(&app, "JPY").await;
}

/// The object with more fields.
fn with(mut object: Value, more: &Value) -> Value {
    object.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    object
}

fn address() -> Value {
    json!({"street": "Długa 2", "post_code": "1010", "city": "Wien"})
}

fn acme() -> Value {
    with(address(), &json!({"name": "Acme", "tax_no": "5252445767"}))
}

fn abroad(country: &str, more: &Value) -> Value {
    with(with(address(), &json!({"name": "Acme", "country": country})), more)
}

fn school(role: &str) -> Value {
    with(address(), &json!({"name": "School", "tax_no": "5252445767-00001", "role": role}))
}

/// Each buyer, with the company flag, the number, its kind and the country on the document.
fn buyers() -> Vec<(&'static str, Value, [Value; 4])> {
    let eu = |more| abroad("AT", &with(json!({"tax_no": "ATU12345678"}), more));
    let polish = [json!(true), json!("5252445767"), json!(""), json!("PL")];
    let austrian = [json!(true), json!("ATU12345678"), json!("nip_ue"), json!("AT")];
    let person = |country: &str| [json!(false), json!(""), json!("empty"), json!(country)];
    let none = |country: &str| [json!(true), json!(""), json!("empty"), json!(country)];
    vec![
        ("person", json!(null), person("PL")),
        ("person with an address", address(), person("PL")),
        ("person elsewhere", with(address(), &json!({"country": "AT"})), person("AT")),
        ("company", acme(), polish.clone()),
        ("EU company", eu(&json!({})), austrian.clone()),
        ("EU company, reverse charge", eu(&json!({"reverse_charge": true})), austrian),
        ("EU company without a number", abroad("AT", &json!({})), none("AT")),
        (
            "company elsewhere",
            abroad("CH", &json!({"tax_no": "CHE-123.456.789"})),
            [json!(true), json!("CHE123456789"), json!("other"), json!("CH")],
        ),
        ("company elsewhere without a number", abroad("US", &json!({"reverse_charge": true})), none("US")),
        (
            "municipality with its school",
            with(acme(), &json!({"recipient": school("local_government")})),
            polish.clone(),
        ),
        ("company with a recipient", with(acme(), &json!({"recipient": school("recipient")})), polish),
    ]
}

const TAXES: [&str; 5] = ["23", "8", "0", "zw", "np"];

async fn every_cell(app: &TestApp, currency: &str) {
    let mut issued = Vec::new();
    for (name, buyer, expected) in buyers() {
        for tax in TAXES {
            let cell = format!("{name}, {tax}, {currency}");
            let id = enrolled(app, currency, &cell).await;
            let mut payment = json!({"tax": tax});
            if !buyer.is_null() {
                payment["buyer"] = buyer.clone();
            }
            if tax == "zw" {
                payment["tax_exemption"] = json!("art. 43 ust. 1 pkt 29");
            }
            let answer = pay(app, id, &payment).await;
            if buyer["reverse_charge"] == true && tax != "np" {
                let details = answer.json()["details"].clone();
                assert_eq!((answer.status, &details[0]["loc"]), (400, &json!(["buyer", "reverse_charge"])), "{cell}");
                assert_eq!((app.state_of(id).await.as_str(), app.history(id).await.len()), ("ACTIVE PENDING", 1));
            } else {
                assert_eq!(answer.status, 200, "{cell}: {}", answer.text);
                issued.push((id, cell, buyer.clone(), expected.clone(), tax));
            }
        }
    }
    all_delivered(app).await;
    for (id, ..) in &issued {
        assert_eq!(app.refund(*id).await.status, 200);
    }
    all_delivered(app).await;
    let state = app.sandbox.state();
    assert_eq!((issued.len(), state.invoices.len(), state.corrections.len()), (47, 47, 47));
    for (id, cell, buyer, [company, number, kind, mut country], tax) in issued {
        let own = |documents: &[Value]| {
            let oid = |document: &Value| document["oid"].as_str().unwrap().split('-').nth(1) == Some(&id.to_string());
            documents.iter().find(|document| oid(document)).cloned().unwrap()
        };
        let (invoice, correction) = (own(&state.invoices), own(&state.corrections));
        if buyer.is_null() && tax == "np" {
            country = json!("");
        }
        let fields = ["buyer_company", "buyer_tax_no", "buyer_tax_no_kind", "buyer_country", "currency"];
        let expected = [company, number, kind, country, json!(currency)];
        assert_eq!(fields.map(|field| invoice[field].clone()), expected, "{cell}");
        for (key, part) in [("buyer_street", "street"), ("buyer_post_code", "post_code"), ("buyer_city", "city")] {
            assert_eq!(invoice[key].as_str(), Some(buyer[part].as_str().unwrap_or_default()), "{cell}");
        }
        assert_eq!(invoice["positions"][0]["tax"], tax, "{cell}");
        assert_eq!(invoice["exempt_tax_kind"].is_string(), tax == "zw", "{cell}");
        let eu = buyer["reverse_charge"] == true && buyer["country"] == "AT";
        let np = (tax == "np").then_some(if eu { "export_service_eu" } else { "export_service" });
        assert_eq!(
            (invoice["np_tax_kind"].as_str(), &correction["np_tax_kind"]),
            (np, &invoice["np_tax_kind"]),
            "{cell}"
        );
        assert_eq!(invoice["reverse_charge"] == true, buyer["reverse_charge"] == true, "{cell}");
        let same = invoice.as_object().unwrap().iter().filter(|(key, _)| key.starts_with("buyer_"));
        for (key, value) in same {
            assert_eq!(correction[key], *value, "{cell}, {key}");
        }
        for key in ["reverse_charge", "exempt_tax_kind", "currency", "exchange_currency", "exchange_currency_rate"] {
            assert_eq!(correction[key], invoice[key], "{cell}, {key}");
        }
        assert_eq!(correction["positions"][0]["tax"], tax, "{cell}");
        assert_eq!((&invoice["price_gross"], &correction["price_gross"]), (&json!("200.00"), &json!("-200.00")));
    }
}

async fn enrolled(app: &TestApp, currency: &str, cell: &str) -> i64 {
    let course = json!({"name": cell, "price": "200", "currency": currency});
    let user = json!({"first_name": "Ann", "last_name": cell, "email": "ann@example.com"});
    let new = json!({"course_id": 1, "user_id": cell, "user": user, "course": course});
    let answer = app.call_json("POST", "", &new).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()["id"].as_i64().unwrap()
}

/// No job is left, and none is dead.
async fn all_delivered(app: &TestApp) {
    for _ in 0..100 {
        looked_for_in_vain(app).await;
        let left = app.value("SELECT COUNT(*) FROM outbox WHERE state <> 'done'").await;
        let dead = app.database.rows("SELECT job_key, last_error FROM outbox WHERE state = 'dead'").await.unwrap();
        assert!(dead.is_empty(), "{dead:?}");
        if left == "0" {
            return;
        }
    }
    panic!("jobs are left: {:?}", app.jobs().await);
}

async fn a_recipient_is_on_the_invoice_and_on_its_correction(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    let buyer = with(acme(), &json!({"recipient": school("local_government")}));
    assert_eq!(pay(&app, id, &json!({"buyer": buyer})).await.status, 200);
    looked_for_in_vain(&app).await;
    assert_eq!(app.refund(id).await.status, 200);
    looked_for_in_vain(&app).await;
    let state = app.sandbox.state();
    let recipient = json!([{"id": 1, "name": "School", "tax_no": "5252445767-00001", "tax_no_kind": "nip_with_id",
        "company": true, "street": "Długa 2", "post_code": "1010", "city": "Wien", "country": "PL",
        "role": "JST – odbiorca"}]);
    for document in [&state.invoices[0], &state.corrections[0]] {
        assert_eq!((&document["recipients"], &document["buyer_jst"]), (&recipient, &json!("1")));
    }
    let plain = app.enrolled("bob", 1).await;
    let buyer = with(acme(), &json!({"recipient": with(address(), &json!({"name": "Branch", "role": "recipient"}))}));
    assert_eq!(pay(&app, plain, &json!({"buyer": buyer})).await.status, 200);
    let invoice = app.sandbox.state().invoices[1].clone();
    assert_eq!((&invoice["recipients"][0]["role"], &invoice["buyer_jst"]), (&json!("Odbiorca"), &json!(null)));
    assert_eq!(
        (&invoice["recipients"][0]["tax_no_kind"], &invoice["recipients"][0]["tax_no"]),
        (&json!("empty"), &json!(""))
    );
}

async fn a_company_elsewhere_gets_its_document_with_its_number(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    let paid = pay(&app, id, &json!({"buyer": abroad("US", &json!({}))})).await;
    assert_eq!((paid.status, &paid.json()["invoice_url"]), (200, &Value::Null), "it follows");
    app.idle().await;
    assert_eq!(app.subjects("ann").len(), 1);
    for _ in 0..3 {
        app.deliver_all().await;
    }
    let document = app.documents(id).await[0].clone();
    assert!(document["ksef"]["number"].is_string() && document["url"].is_string(), "{document}");
    assert_eq!(app.subjects("ann").len(), 2);
}

/// Of the request, of the course, or of the service.
async fn a_reverse_charge_needs_np_whoever_names_the_tax(app: TestApp) {
    let buyer = json!({"buyer": abroad("DE", &json!({"tax_no": "123456789", "reverse_charge": true}))});
    let service = app.enrolled("ann", 1).await;
    app.sandbox.set_course(1, json!({"tax": "8"}));
    let course = app.enrolled("bob", 1).await;
    for (id, more) in
        [(service, json!({})), (course, json!({})), (service, json!({"tax": 23})), (course, json!({"tax": "0"}))]
    {
        let answer = pay(&app, id, &with(buyer.clone(), &more)).await;
        let detail = answer.json()["details"][0].clone();
        assert_eq!((answer.status, &detail["loc"]), (400, &json!(["buyer", "reverse_charge"])), "{detail}");
        assert_eq!(app.state_of(id).await, "ACTIVE PENDING");
    }
    for id in [service, course] {
        assert_eq!(pay(&app, id, &with(buyer.clone(), &json!({"tax": "np"}))).await.status, 200);
    }
    app.idle().await;
    for invoice in app.sandbox.state().invoices {
        assert_eq!((&invoice["np_tax_kind"], &invoice["reverse_charge"]), (&json!("export_service_eu"), &json!(true)));
        assert_eq!(invoice["buyer_tax_no"], "DE123456789");
    }
}

async fn a_buyer_is_kept_until_the_user_is_known(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    app.sandbox.fault(sandbox::Target::Users, sandbox::Fault::status(503), Some(1));
    let buyer = abroad("CH", &json!({"tax_no": "CHE-123", "recipient": school("recipient")}));
    assert_eq!(pay(&app, id, &json!({"buyer": buyer})).await.status, 200);
    app.idle().await;
    assert_eq!(app.value("SELECT payload_version FROM outbox WHERE kind = 'invoice_data'").await, "3");
    app.deliver_all().await;
    let invoice = app.sandbox.state().invoices[0].clone();
    assert_eq!((&invoice["buyer_tax_no"], &invoice["recipients"][0]["name"]), (&json!("CHE123"), &json!("School")));
}

async fn a_payment_of_another_buyer_is_another_payment(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    let pay = async |buyer: &Value| pay(&app, id, &json!({"reference": "pi_1", "buyer": buyer})).await;
    let (first, same) = (abroad("AT", &json!({"tax_no": "U123"})), abroad("AT", &json!({"tax_no": "AT U-123"})));
    assert_eq!((pay(&first).await.status, pay(&same).await.status), (200, 200));
    let others = [acme(), address(), abroad("DE", &json!({})), with(first, &json!({"recipient": school("recipient")}))];
    let answers = join_all(others.iter().map(pay)).await;
    assert!(answers.iter().all(|answer| answer.error() == "payment_already_recorded"));
}
