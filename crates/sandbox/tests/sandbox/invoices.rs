//! Invoices to persons and companies.

use super::{get, post, sandbox};
use reqwest::{Client, StatusCode};
use sandbox::{Refusal, Sandbox, Target};
use serde_json::{Value, json};

/// The request for an invoice to a person.
pub(crate) fn invoice(oid: &str) -> Value {
    json!({"api_token": "sandbox", "invoice": {
        "kind": "vat", "issue_date": "2026-08-21", "sell_date": "2026-08-21", "paid_date": "2026-08-21",
        "oid": oid, "oid_unique": "yes", "status": "paid", "paid": "10.00", "payment_type": "transfer",
        "currency": "PLN", "buyer_name": "A B", "buyer_first_name": "A", "buyer_last_name": "B",
        "buyer_email": "a@example.com", "buyer_company": false,
        "positions": [{"name": "Course", "tax": "23", "total_price_gross": "10.00", "quantity": 1}],
    }})
}

/// Issues a document.
pub(crate) async fn issue(sandbox: &Sandbox, client: &Client, sent: &Value) -> Value {
    let answer = post(client, format!("{}/invoices.json", sandbox.origin()), sent).await;
    assert_eq!(answer.status(), StatusCode::CREATED, "{sent}: {}", answer.text().await.unwrap());
    answer.json().await.unwrap()
}

/// The faults of a refused document.
pub(crate) async fn refusal(sandbox: &Sandbox, client: &Client, sent: &Value) -> Value {
    let answer = post(client, format!("{}/invoices.json", sandbox.origin()), sent).await;
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{sent}");
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["code"], "error");
    body["message"].clone()
}

/// A copy with some fields changed; null removes a field.
pub(crate) fn with(sent: &Value, changes: Value) -> Value {
    let mut sent = sent.clone();
    let fields = sent["invoice"].as_object_mut().unwrap();
    fields.extend(changes.as_object().unwrap().clone());
    fields.retain(|_, value| !value.is_null());
    sent
}

#[tokio::test]
async fn an_oid_is_unique_and_can_be_found() {
    let (sandbox, client) = sandbox().await;
    sandbox.set(|settings| settings.invoices.undocumented_filters = true);
    issue(&sandbox, &client, &invoice("x-1")).await;
    let again = refusal(&sandbox, &client, &invoice("x-1")).await;
    assert!(again["oid"].is_array(), "{again}");
    issue(&sandbox, &client, &invoice("x-2")).await;
    let found: Vec<Value> =
        get(&client, format!("{}/invoices.json?oid=x-1", sandbox.origin())).await.json().await.unwrap();
    assert_eq!((found.len(), &found[0]["oid"]), (1, &json!("x-1")));
    let page = client.get(found[0]["view_url"].as_str().unwrap()).send().await.unwrap();
    assert!(page.text().await.unwrap().contains("10.00"));
    // Without `oid_unique` there is a second one.
    issue(&sandbox, &client, &with(&invoice("x-1"), json!({"oid_unique": null}))).await;
}

/// The request for an invoice to a company.
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
async fn a_company_has_a_tax_number_and_an_address() {
    let (sandbox, client) = sandbox().await;
    let issued = issue(&sandbox, &client, &company_invoice("x")).await;
    assert_eq!(issued["buyer_tax_no"], "1234563218");
    let page = get(&client, issued["view_url"].as_str().unwrap().to_owned()).await.text().await.unwrap();
    for part in ["Example &lt;sp. z o.o.&gt;", "NIP 1234563218", "Prosta 1/2", "00-001 Warszawa, PL"] {
        assert!(page.contains(part), "{part}: {page}");
    }
}

#[tokio::test]
async fn a_document_is_read_by_its_id() {
    let (sandbox, client) = sandbox().await;
    let origin = sandbox.origin();
    let issued = issue(&sandbox, &client, &invoice("x")).await;
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
    sandbox.fault(Target::InvoicesFind, sandbox::Fault::status(503), Some(1));
    assert_eq!(get(&client, url).await.status(), StatusCode::SERVICE_UNAVAILABLE);
    let calls = sandbox.state().calls;
    assert_eq!((calls.of(Target::InvoicesCreate), calls.of(Target::InvoicesFind)), (1, 7));
}

#[tokio::test]
async fn a_response_has_the_vendors_formats() {
    let (sandbox, client) = sandbox().await;
    let correction = super::corrections::correction(&issue(&sandbox, &client, &company_invoice("x")).await);
    let issued = issue(&sandbox, &client, &correction).await;
    let url = format!("{}/invoices/{}.json", sandbox.origin(), issued["id"]);
    assert!(issued.as_object().unwrap().len() > 120, "{issued}");
    assert_eq!((&issued["price_gross"], &issued["positions"][0]["quantity"]), (&json!("-10.0"), &json!("-1.0")));
    assert_eq!((&issued["invoice_id"], issued["user_id"].is_null()), (&json!(100_001), true));
    assert!(issued["positions"][0].get("correction_before_attributes").is_none(), "{issued}");
    let full: Value = get(&client, format!("{url}?correction_positions=full")).await.json().await.unwrap();
    assert_eq!(full["positions"][0]["correction_before_attributes"]["total_price_gross"], "10.0");
    let some: Value = get(&client, format!("{url}?fields[invoice]=id,gov_status")).await.json().await.unwrap();
    assert_eq!(some.as_object().unwrap().len(), 2, "{some}");
    sandbox.set(|settings| {
        settings.invoices.ids_as_text = true;
        settings.invoices.amounts_as_numbers = true;
        settings.invoices.answer_bytes = 70 << 10;
    });
    let answer = get(&client, url).await.text().await.unwrap();
    let other: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!((&other["invoice_id"], &other["price_gross"]), (&json!("100001"), &json!(-10.0)));
    assert!((70 << 10..71 << 10).contains(&answer.len()), "{}", answer.len());
}

#[tokio::test]
async fn a_page_has_at_most_a_hundred_documents() {
    let (sandbox, client) = sandbox().await;
    for number in 0..103 {
        issue(&sandbox, &client, &invoice(&number.to_string())).await;
    }
    for (query, first, count) in
        [("", 100_103, 25), ("per_page=1000", 100_103, 100), ("per_page=100&page=2", 100_003, 3), ("page=6", 0, 0)]
    {
        let found: Vec<Value> =
            get(&client, format!("{}/invoices.json?{query}", sandbox.origin())).await.json().await.unwrap();
        assert_eq!(
            (found.len(), found.first().map_or(0, |own| own["id"].as_u64().unwrap())),
            (count, first),
            "{query}"
        );
        assert!(found.iter().all(|own| own.get("positions").is_none()), "{query}");
    }
    let url = format!("{}/invoices.json?include_positions=true", sandbox.origin());
    assert!(get(&client, url).await.json::<Value>().await.unwrap()[0]["positions"].is_array());
}

#[tokio::test]
async fn a_list_is_filtered_and_sorted_as_documented() {
    let (sandbox, client) = sandbox().await;
    for (oid, day, gross) in [("b", "2026-03-02", "9.00"), ("c", "2026-03-01", "100.00"), ("a", "2025-01-31", "20.00")]
    {
        let sent = with(
            &invoice(oid),
            json!({"issue_date": day, "paid_date": "2026-04-01", "paid": gross,
            "positions": [{"name": "Course", "tax": "23", "total_price_gross": gross, "quantity": 1}]}),
        );
        issue(&sandbox, &client, &sent).await;
    }
    issue(&sandbox, &client, &with(&invoice("d"), json!({"kind": "proforma", "issue_date": null}))).await;
    for (query, expected) in [
        ("kind=proforma", "d"),
        ("kinds[]=vat&kinds[]=proforma", "dacb"),
        ("period=more&date_from=2026-03-01&date_to=2026-03-01", "c"),
        ("period=more&date_from=2026-03-01&date_to=2026-04-01&search_date_type=paid_date", "acb"),
        ("period=all&kind=vat", "acb"),
        ("period=this_month", "d"),
        ("period=last_30_days", "d"),
        ("number=2/1/2020", ""),
        ("invoice_ids=100001,100003", "ab"),
        ("client_id=7001&kind=vat", "acb"),
        ("client_id=7002", ""),
        ("kind=vat&order=issue_date", "acb"),
        ("kind=vat&order=issue_date.desc", "bca"),
        ("kind=vat&order=price_gross", "bac"),
        ("kind=vat&order=oid.desc", "cba"),
    ] {
        let url = format!("{}/invoices.json?{query}", sandbox.origin());
        let found: Vec<Value> = get(&client, url).await.json().await.unwrap();
        let oids: String = found.iter().map(|own| own["oid"].as_str().unwrap()).collect();
        assert_eq!(oids, expected, "{query}");
    }
}

#[tokio::test]
async fn an_oid_filters_a_list_only_if_that_is_on() {
    let (sandbox, client) = sandbox().await;
    for oid in ["a", "b"] {
        issue(&sandbox, &client, &invoice(oid)).await;
    }
    let count = async || {
        let url = format!("{}/invoices.json?oid=a", sandbox.origin());
        get(&client, url).await.json::<Vec<Value>>().await.unwrap().len()
    };
    assert_eq!(count().await, 2);
    sandbox.set(|settings| settings.invoices.undocumented_filters = true);
    assert_eq!(count().await, 1);
}

#[tokio::test]
async fn a_document_can_be_changed() {
    let (sandbox, client) = sandbox().await;
    let issued = issue(&sandbox, &client, &invoice("x")).await;
    assert_eq!(issued["cancelled"], false);
    let put =
        |id: &str| client.put(format!("{}/sandbox/invoices/{id}", sandbox.origin())).json(&json!({"cancelled": true}));
    assert_eq!(put("100001").send().await.unwrap().status(), StatusCode::NO_CONTENT);
    for missing in ["100002", "x"] {
        assert_eq!(put(missing).send().await.unwrap().status(), StatusCode::BAD_REQUEST);
    }
    let read = get(&client, format!("{}/invoices/100001.json", sandbox.origin())).await;
    assert_eq!(read.json::<Value>().await.unwrap()["cancelled"], true);
}

#[tokio::test]
async fn the_account_has_a_rate_limit() {
    let (sandbox, client) = sandbox().await;
    sandbox.set(|settings| settings.invoices.requests_per_second = Some(0));
    let create = format!("{}/invoices.json", sandbox.origin());
    for answer in [post(&client, create.clone(), &invoice("x")).await, get(&client, create.clone()).await] {
        assert_eq!(
            (answer.status(), &answer.headers()["retry-after"]),
            (StatusCode::TOO_MANY_REQUESTS, &"1".parse().unwrap())
        );
    }
    assert!(sandbox.state().invoices.is_empty());
}

#[tokio::test]
async fn the_account_can_refuse_documents() {
    let (sandbox, client) = sandbox().await;
    let department = with(&invoice("x"), json!({"department_id": "12"}));
    sandbox.set(|settings| settings.invoices.refuses = Some(Refusal::Department));
    assert!(refusal(&sandbox, &client, &department).await["department_id"].is_array());
    issue(&sandbox, &client, &invoice("y")).await;
    sandbox.set(|settings| settings.invoices.refuses = Some(Refusal::PlanLimit));
    assert!(refusal(&sandbox, &client, &invoice("z")).await.is_string());
}
