//! `PATCH /paid` with `buyer`.

use crate::ksef_mails::looked_for_in_vain;
use crate::refunded::pending_jobs;
use sandbox::fault::Named;
use sandbox::{Fault, Target};
use serde_json::{Value, json};
use tests::{Answer, TestApp};

crate::cases![
    a_person_is_the_buyer,
    a_person_may_have_one_name,
    a_company_is_the_buyer,
    a_company_is_corrected,
    faulty_companies_are_refused,
    a_foreign_number_without_a_country_is_refused,
    a_lost_answer_for_a_company_is_looked_up,
    an_invoice_for_another_company_is_not_adopted,
    a_repeated_payment_gets_the_first_answer,
];

pub(crate) fn company() -> Value {
    json!({
        "name": "Example <sp. z o.o.> & \"Żółw\"", "tax_no": "PL 525-244-57-67", "street": "Prosta 1/2",
        "post_code": "00-001", "city": "Łódź",
    })
}

pub(crate) async fn pay(app: &TestApp, id: i64, more: &Value) -> Answer {
    let mut body = json!({"enrolment_id": id});
    body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    app.call_json("PATCH", "/paid", &body).await
}

async fn a_company_is_the_buyer(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    let answer = pay(&app, id, &json!({"buyer": company(), "user_id": "ann"})).await;
    assert_eq!((answer.status, &answer.json()["invoice_url"]), (200, &Value::Null), "it follows");
    looked_for_in_vain(&app).await;
    let state = app.sandbox.state();
    let invoice = &state.invoices[0];
    assert_eq!(app.get(&format!("/{id}")).await.json()["invoice_url"], invoice["view_url"]);
    for (key, value) in [
        ("buyer_company", json!(true)),
        ("buyer_name", company()["name"].clone()),
        ("buyer_tax_no", json!("5252445767")),
        ("buyer_street", json!("Prosta 1/2")),
        ("buyer_post_code", json!("00-001")),
        ("buyer_city", json!("Łódź")),
        ("buyer_country", json!("PL")),
        ("buyer_email", json!("ann@example.com")),
        ("price_gross", json!("199.99")),
    ] {
        assert_eq!(invoice[key], value, "{key}");
    }
    for key in ["buyer_first_name", "buyer_last_name"] {
        assert_eq!(invoice[key], "", "{key}");
    }
    // The user gets the mail.
    assert_eq!(app.subjects("ann").len(), 2);
    assert!(state.emails[1]["text"].as_str().unwrap().starts_with("Hello Customer,"));
    assert_eq!(app.count("outbox WHERE payload <> '{}'").await, 0);
}

/// Empty fields are sent: the account would fill a missing field from another client.
async fn a_person_is_the_buyer(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    assert_eq!(app.pay(id).await.status, 200);
    let invoice = app.sandbox.state().invoices.pop().unwrap();
    for key in ["tax_no", "street", "post_code", "city", "phone", "mobile_phone", "note"] {
        assert_eq!(invoice[format!("buyer_{key}")], "", "{key}");
    }
    assert_eq!((&invoice["buyer_tax_no_kind"], &invoice["buyer_country"]), (&json!("empty"), &json!("PL")));
    assert_eq!((&invoice["buyer_company"], &invoice["buyer_name"]), (&json!(false), &json!("Customer ann")));
}

async fn a_person_may_have_one_name(app: TestApp) {
    for (user, names, first, last) in [
        ("ann", json!({"first_name": "Sokrates", "last_name": ""}), "Sokrates", "-"),
        ("bob", json!({"first_name": "", "last_name": "Sokrates"}), "-", "Sokrates"),
        ("eve", json!({"first_name": "Anna Maria Nowak", "last_name": ""}), "Anna Maria", "Nowak"),
    ] {
        app.sandbox.set_user(user, names);
        let id = app.enrolled(user, 1).await;
        assert!(app.pay(id).await.json()["invoice_url"].is_string(), "{user}");
        let invoice = app.sandbox.state().invoices.pop().unwrap();
        assert_eq!((&invoice["buyer_first_name"], &invoice["buyer_last_name"]), (&json!(first), &json!(last)));
        assert_eq!(invoice["buyer_name"], format!("{first} {last}").replace('-', "").trim());
    }
}

async fn a_company_is_corrected(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    assert_eq!(pay(&app, id, &json!({"buyer": company(), "amount": 100})).await.status, 200);
    looked_for_in_vain(&app).await;
    assert_eq!(app.refund(id).await.status, 200);
    looked_for_in_vain(&app).await;
    let state = app.sandbox.state();
    let (invoice, correction) = (&state.invoices[0], &state.corrections[0]);
    let names = ["company", "name", "tax_no", "street", "post_code", "city", "country", "email"];
    for key in names.map(|name| format!("buyer_{name}")) {
        assert!(!invoice[&key].is_null() && correction[&key] == invoice[&key], "{key}: {correction}");
    }
    assert_eq!(correction["price_gross"], "-100.00");
    assert_eq!(app.subjects("ann").len(), 3);
    assert_eq!(pending_jobs(&app).await, json!([]));
}

async fn faulty_companies_are_refused(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    let refused = async |buyer: Value| {
        let answer = pay(&app, id, &json!({"buyer": buyer})).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, "validation_error"), "{buyer}");
        answer.json()["details"].as_array().cloned().unwrap()
    };
    for buyer in [json!(null), json!("Example"), json!([]), json!(5)] {
        let details = refused(buyer).await;
        assert_eq!((&details[0]["loc"], &details[0]["type"]), (&json!(["buyer"]), &json!("object_type")));
    }
    let fields = ["name", "tax_no", "street", "post_code", "city"];
    let missing: Vec<_> = refused(json!({})).await.iter().map(|detail| detail["loc"].clone()).collect();
    assert_eq!(json!(missing), json!([["buyer", "street"], ["buyer", "city"]]), "the address of a person");
    for field in fields {
        let mut lacking = company();
        lacking.as_object_mut().unwrap().remove(field);
        let details = refused(lacking).await;
        assert_eq!((&details[0]["loc"], &details[0]["type"]), (&json!(["buyer", field]), &json!("missing")));
        for (value, kind) in [
            (json!(null), "string_type"),
            (json!(5), "string_type"),
            (json!(""), "string_value"),
            (json!(" \u{a0}"), "string_value"),
            (json!("a\nb"), "string_value"),
            (json!("1".repeat(256)), "string_value"),
        ] {
            let mut faulty = company();
            faulty[field] = value.clone();
            let details = refused(faulty).await;
            assert_eq!((&details[0]["loc"], &details[0]["type"]), (&json!(["buyer", field]), &json!(kind)), "{value}");
        }
    }
    for tax_no in
        ["5252445768", "525244576", "52524457670", "PL", "525244576x", "0000000001", "0000000000", "1000000064"]
    {
        let mut faulty = company();
        faulty["tax_no"] = json!(tax_no);
        assert_eq!(refused(faulty).await[0]["loc"], json!(["buyer", "tax_no"]), "{tax_no}");
    }
    assert_eq!(app.state_of(id).await, "ACTIVE PENDING");
}

async fn a_foreign_number_without_a_country_is_refused(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    for tax_no in ["DE123456789", "CZ5252445767", "gb 525244576"] {
        let mut buyer = company();
        buyer["tax_no"] = json!(tax_no);
        let answer = pay(&app, id, &json!({"buyer": buyer})).await;
        let detail = answer.json()["details"][0].clone();
        assert_eq!((answer.status, &detail["loc"]), (400, &json!(["buyer", "tax_no"])));
        assert!(detail["msg"].as_str().unwrap().contains("needs its country"), "{detail}");
    }
}

async fn a_lost_answer_for_a_company_is_looked_up(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    app.sandbox.fault(Target::InvoicesCreate, Named::ResetAfter, Some(1));
    assert!(pay(&app, id, &json!({"buyer": company()})).await.json()["invoice_url"].is_null());
    app.idle().await;
    app.deliver_all().await;
    looked_for_in_vain(&app).await;
    let state = app.sandbox.state();
    assert_eq!((state.invoices.len(), state.calls.of(Target::InvoicesCreate)), (1, 1));
    assert_eq!(app.get(&format!("/{id}")).await.json()["invoice_url"], state.invoices[0]["view_url"]);
}

async fn an_invoice_for_another_company_is_not_adopted(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    app.sandbox.fault(Target::InvoicesCreate, Named::ResetAfter, Some(1));
    assert_eq!(pay(&app, id, &json!({"buyer": company()})).await.status, 200);
    app.idle().await;
    let mut other = app.sandbox.state().invoices.pop().unwrap();
    other["buyer_tax_no"] = json!("1111111111");
    let fault = Fault::Status { status: 200, body: Some(json!([other])), headers: [].into() };
    app.sandbox.fault(Target::InvoicesFind, fault, Some(1));
    app.deliver_all().await;
    let reason =
        crate::corrections::reason_of_difference("a document with this number exists for another buyer", &other);
    assert_eq!(pending_jobs(&app).await, json!([["invoice", "dead", 2, reason]]));
    assert!(app.documents(id).await.is_empty());
}

async fn a_repeated_payment_gets_the_first_answer(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    let body = |amount: Value, buyer: Value| json!({"enrolment_id": id, "amount": amount, "buyer": buyer});
    let pay = async |body: &Value| app.call_with_key("k", "PATCH", "/paid", body).await;
    let first = pay(&body(json!("149.00"), company())).await;
    assert_eq!(first.status, 200, "{}", first.text);
    looked_for_in_vain(&app).await;
    let mut plain = company();
    plain["tax_no"] = json!("5252445767");
    plain["city"] = json!(" Łódź ");
    // The same company in other forms.
    for same in [body(json!(149), company()), body(json!("149.0"), plain)] {
        let again = pay(&same).await;
        assert_eq!((again.status, &again.text), (200, &first.text));
    }
    let mut other = company();
    other["street"] = json!("Prosta 1/3");
    for different in [
        body(json!("149.01"), company()),
        body(json!(149), other),
        json!({"enrolment_id": id, "amount": 149}),
        json!({"enrolment_id": id, "buyer": company()}),
        json!({"enrolment_id": id}),
    ] {
        let answer = pay(&different).await;
        assert_eq!((answer.status, answer.error().as_str()), (422, "idempotency_key_reused"), "{different}");
    }
    assert_eq!(app.sandbox.state().invoices.len(), 1);
    assert_eq!(app.call("DELETE", &format!("/{id}")).await.status, 204);
    assert_eq!(pay(&body(json!(149), company())).await.status, 410);
}
