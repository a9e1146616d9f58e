//! Invoices, for persons and companies.

use super::{get, post, sandbox};
use reqwest::StatusCode;
use serde_json::{Value, json};

/// What is sent for a person.
pub(crate) fn invoice(oid: &str) -> Value {
    json!({"api_token": "sandbox", "invoice": {
        "kind": "vat", "issue_date": "2026-08-21", "sell_date": "2026-08-21", "paid_date": "2026-08-21",
        "oid": oid, "oid_unique": "yes", "status": "paid", "paid": "10.00", "payment_type": "transfer",
        "currency": "PLN", "buyer_name": "A B", "buyer_first_name": "A", "buyer_last_name": "B",
        "buyer_email": "a@example.com", "buyer_company": false,
        "positions": [{"name": "Course", "tax": "23", "total_price_gross": "10.00", "quantity": 1}],
    }})
}

#[tokio::test]
async fn an_oid_is_invoiced_once_and_found_afterwards() {
    let (sandbox, client) = sandbox().await;
    let create = format!("{}/invoices.json", sandbox.origin());
    assert_eq!(post(&client, create.clone(), &invoice("x-1")).await.status(), StatusCode::CREATED);
    let again = post(&client, create.clone(), &invoice("x-1")).await;
    assert_eq!(again.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.json::<Value>().await.unwrap()["message"]["oid"].is_array());
    assert_eq!(post(&client, create.clone(), &invoice("x-2")).await.status(), StatusCode::CREATED);
    let found = client.get(format!("{create}?oid=x-1")).bearer_auth("sandbox").send().await.unwrap();
    let found: Vec<Value> = found.json().await.unwrap();
    assert_eq!((found.len(), &found[0]["oid"]), (1, &json!("x-1")));
    let page = client.get(found[0]["view_url"].as_str().unwrap()).send().await.unwrap();
    assert!(page.text().await.unwrap().contains("10.00"));
}

#[tokio::test]
async fn an_invoice_with_a_field_missing_is_refused() {
    let (sandbox, client) = sandbox().await;
    for field in invoice("x")["invoice"].as_object().unwrap().keys() {
        let mut faulty = invoice("x");
        faulty["invoice"].as_object_mut().unwrap().remove(field);
        let answer = post(&client, format!("{}/invoices.json", sandbox.origin()), &faulty).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "without {field}");
    }
    assert!(sandbox.state().invoices.is_empty());
}

/// What is sent for a company.
pub(crate) fn company_invoice(oid: &str) -> Value {
    let mut sent = invoice(oid);
    let fields = sent["invoice"].as_object_mut().unwrap();
    fields.retain(|key, _| !["buyer_first_name", "buyer_last_name"].contains(&key.as_str()));
    fields.extend(
        [
            ("buyer_company", json!(true)),
            ("buyer_name", json!("Example <sp. z o.o.>")),
            ("buyer_tax_no", json!("1234563218")),
            ("buyer_street", json!("Prosta 1/2")),
            ("buyer_post_code", json!("00-001")),
            ("buyer_city", json!("Warszawa")),
            ("buyer_country", json!("PL")),
        ]
        .map(|(key, value)| (key.to_owned(), value)),
    );
    sent
}

#[tokio::test]
async fn a_company_is_invoiced_with_its_number_and_address() {
    let (sandbox, client) = sandbox().await;
    let create = format!("{}/invoices.json", sandbox.origin());
    let issued = post(&client, create, &company_invoice("x")).await;
    assert_eq!(issued.status(), StatusCode::CREATED);
    let issued: Value = issued.json().await.unwrap();
    assert_eq!(issued["buyer_tax_no"], "1234563218");
    let page = get(&client, issued["view_url"].as_str().unwrap().to_owned()).await.text().await.unwrap();
    for part in ["Example &lt;sp. z o.o.&gt;", "NIP 1234563218", "Prosta 1/2", "00-001 Warszawa, PL"] {
        assert!(page.contains(part), "{part}: {page}");
    }
}

#[tokio::test]
async fn a_company_with_a_field_missing_or_wrong_is_refused() {
    let (sandbox, client) = sandbox().await;
    let create = format!("{}/invoices.json", sandbox.origin());
    let keys =
        ["name", "email", "company", "tax_no", "street", "post_code", "city", "country"].map(|key| (key, json!(null)));
    let wrong = [("tax_no", json!("1234563219")), ("tax_no", json!("PL1234563218")), ("country", json!("DE"))];
    for (key, value) in keys.into_iter().chain(wrong) {
        let key = format!("buyer_{key}");
        let mut faulty = company_invoice("x");
        faulty["invoice"][&key] = value.clone();
        let answer = post(&client, create.clone(), &faulty).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{key} {value}");
        assert!(answer.json::<Value>().await.unwrap()["message"][&key].is_array(), "{key} {value}");
    }
    let mut person = invoice("x");
    person["invoice"]["buyer_tax_no"] = json!("1234563218");
    let answer = post(&client, create, &person).await;
    assert_eq!(
        answer.json::<Value>().await.unwrap()["message"],
        json!({"buyer_tax_no": ["- ma nieprawidłową wartość"]})
    );
    assert!(sandbox.state().invoices.is_empty());
}

#[tokio::test]
async fn a_document_is_read_by_its_id() {
    let (sandbox, client) = sandbox().await;
    let origin = sandbox.origin();
    let create = format!("{origin}/invoices.json");
    let issued: Value = post(&client, create, &invoice("x")).await.json().await.unwrap();
    let url = format!("{origin}/invoices/{}.json", issued["id"]);
    assert_eq!(get(&client, url.clone()).await.json::<Value>().await.unwrap(), issued);
    let by_parameter = client.get(format!("{url}?api_token=sandbox")).send().await.unwrap();
    assert_eq!(by_parameter.json::<Value>().await.unwrap(), issued);
    assert_eq!(client.get(&url).send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    for missing in ["1.json", "x.json", "100001"] {
        let answer = get(&client, format!("{origin}/invoices/{missing}")).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{missing}");
        assert_eq!(answer.json::<Value>().await.unwrap(), json!({"code": "error", "message": "Not found"}));
    }
    sandbox.fault(sandbox::Target::InvoicesFind, sandbox::Fault::status(503), Some(1));
    assert_eq!(get(&client, url).await.status(), StatusCode::SERVICE_UNAVAILABLE);
    let calls = sandbox.state().calls;
    assert_eq!((calls.invoices_create, calls.invoices_find), (1, 7));
}
