//! Corrections that bring an invoice to zero.

use super::invoices::{company_invoice, invoice};
use super::{get, post, sandbox};
use reqwest::{Client, StatusCode};
use sandbox::Sandbox;
use serde_json::{Value, json};

/// What is sent to correct an issued invoice.
pub(crate) fn correction(of: &Value) -> Value {
    let gross = of["price_gross"].as_str().unwrap();
    let mut sent = json!({
        "kind": "correction", "number": null, "correction_reason": "Zwrot <płatności>", "invoice_id": of["id"],
        "from_invoice_id": of["id"], "oid": format!("{}-correction", of["oid"].as_str().unwrap()),
        "issue_date": "2026-08-22", "sell_date": "2026-08-21", "payment_type": "transfer", "payment_to_kind": "off",
        "currency": "PLN", "lang": "pl",
        "positions": [{
            "name": "Course", "quantity": -1, "quantity_unit": "usł.", "total_price_gross": format!("-{gross}"),
            "tax": "23", "kind": "correction",
            "correction_before_attributes": {"name": "Course", "quantity": 1, "total_price_gross": gross, "tax": "23",
                "kind": "correction_before"},
            "correction_after_attributes": {"name": "Course", "quantity": 0, "total_price_gross": "0.00", "tax": "23",
                "kind": "correction_after"},
        }],
    });
    let buyer = of.as_object().unwrap().iter().filter(|(key, _)| key.starts_with("buyer_"));
    sent.as_object_mut().unwrap().extend(buyer.map(|(key, value)| (key.clone(), value.clone())));
    json!({"api_token": "sandbox", "invoice": sent})
}

async fn issue(sandbox: &Sandbox, client: &Client, sent: &Value) -> Value {
    let answer = post(client, format!("{}/invoices.json", sandbox.origin()), sent).await;
    assert_eq!(answer.status(), StatusCode::CREATED, "{sent}");
    answer.json().await.unwrap()
}

/// What is wrong with what is sent.
async fn refusal(sandbox: &Sandbox, client: &Client, sent: &Value) -> Value {
    let answer = post(client, format!("{}/invoices.json", sandbox.origin()), sent).await;
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{sent}");
    answer.json::<Value>().await.unwrap()["message"].clone()
}

#[tokio::test]
async fn an_invoice_is_corrected_once() {
    let (sandbox, client) = sandbox().await;
    let first = issue(&sandbox, &client, &invoice("x-1")).await;
    let company = issue(&sandbox, &client, &company_invoice("x-2")).await;
    let corrected = issue(&sandbox, &client, &correction(&company)).await;
    assert!(corrected["number"].as_str().unwrap().starts_with("KOR/1/"), "{corrected}");
    assert_eq!((&corrected["price_gross"], &corrected["cancelled"]), (&json!("-10.00"), &json!(false)));
    assert_eq!((&corrected["id"], &corrected["oid"]), (&json!(100_003), &json!("x-2-correction")));
    for key in ["token", "view_url", "gov_status", "created_at"] {
        assert!(corrected[key].is_string(), "{key}");
    }
    let again = refusal(&sandbox, &client, &correction(&company)).await;
    assert!(again["invoice_id"].is_array(), "{again}");
    let second = issue(&sandbox, &client, &correction(&first)).await;
    assert!(second["number"].as_str().unwrap().starts_with("KOR/2/"), "{second}");
    // Numbers of invoices go on as if there were none.
    let third = issue(&sandbox, &client, &invoice("x-3")).await;
    assert!(third["number"].as_str().unwrap().starts_with("3/"), "{third}");
    let state = sandbox.state();
    assert_eq!(state.invoices, [first, company, third]);
    assert_eq!((state.corrections, state.calls.invoices_create), (vec![corrected, second], 6));
}

#[tokio::test]
async fn a_correction_is_found_by_kind_oid_and_id() {
    let (sandbox, client) = sandbox().await;
    let own = issue(&sandbox, &client, &invoice("x")).await;
    let mut sent = correction(&own);
    sent["invoice"]["oid"] = json!("x");
    let corrected = issue(&sandbox, &client, &sent).await;
    let other = issue(&sandbox, &client, &invoice("y")).await;
    let origin = sandbox.origin();
    for (query, expected) in [
        ("oid=x&kind=vat", vec![&own]),
        ("oid=x&kind=correction", vec![&corrected]),
        ("oid=x", vec![&own, &corrected]),
        ("oid=y&kind=correction", vec![]),
        ("kind=correction", vec![&corrected]),
        ("", vec![&own, &corrected, &other]),
        ("page=2&per_page=2", vec![&other]),
    ] {
        let found: Value = get(&client, format!("{origin}/invoices.json?{query}")).await.json().await.unwrap();
        assert_eq!(found, json!(expected), "{query}");
    }
    let read = get(&client, format!("{origin}/invoices/{}.json", corrected["id"])).await;
    assert_eq!(read.json::<Value>().await.unwrap(), corrected);
}

#[tokio::test]
async fn a_correction_with_a_field_missing_is_refused() {
    let (sandbox, client) = sandbox().await;
    for sent in [invoice("x-1"), company_invoice("x-2")] {
        let whole = correction(&issue(&sandbox, &client, &sent).await);
        for part in [
            "",
            "/positions/0",
            "/positions/0/correction_before_attributes",
            "/positions/0/correction_after_attributes",
        ] {
            let part = format!("/invoice{part}");
            for key in whole.pointer(&part).unwrap().as_object().unwrap().keys().filter(|key| *key != "number") {
                let mut faulty = whole.clone();
                faulty.pointer_mut(&part).unwrap().as_object_mut().unwrap().remove(key);
                refusal(&sandbox, &client, &faulty).await;
            }
        }
        assert!(sandbox.state().corrections.is_empty());
        let mut more = whole;
        more["invoice"]["paid_date"] = json!("2026-08-22");
        more["invoice"]["department_id"] = json!("12");
        more["invoice"]["positions"][0]["correction_before_attributes"]["quantity_unit"] = json!("usł.");
        issue(&sandbox, &client, &more).await;
        sandbox.reset();
    }
}

#[tokio::test]
async fn a_correction_that_does_not_fit_its_invoice_is_refused() {
    let (sandbox, client) = sandbox().await;
    let own = issue(&sandbox, &client, &company_invoice("x")).await;
    let (before, after) = ("correction_before_attributes", "correction_after_attributes");
    for (pointer, value, named) in [
        ("/oid_unique", json!("yes"), "oid_unique"),
        ("/number", json!("7"), "number"),
        ("/lang", json!("en"), "lang"),
        ("/correction_reason", json!("x".repeat(257)), "correction_reason"),
        ("/invoice_id", json!(own["id"].to_string()), "invoice_id"),
        ("/from_invoice_id", json!(1), "from_invoice_id"),
        ("/buyer_name", json!("Other"), "buyer_name"),
        ("/buyer_email", json!("other@example.com"), "buyer_email"),
        ("/buyer_tax_no", json!("1111111111"), "buyer_tax_no"),
        ("/currency", json!("EUR"), "currency"),
        ("/positions", json!([]), "positions"),
        ("/positions/0/quantity", json!(1), "positions.quantity"),
        ("/positions/0/quantity", json!("-1"), "positions.quantity"),
        ("/positions/0/kind", json!("correction_after"), "positions.kind"),
        ("/positions/0/total_price_gross", json!("10.00"), "positions.total_price_gross"),
        ("/positions/0/total_price_gross", json!("-10.001"), "positions.total_price_gross"),
        ("/positions/0/total_price_gross", json!(-10), "positions.total_price_gross"),
        ("/positions/0/tax", json!("8"), "positions.tax"),
        ("/positions/0/{before}/total_price_gross", json!("9.99"), "positions.{before}.total_price_gross"),
        ("/positions/0/{before}/tax", json!("8"), "positions.{before}.tax"),
        ("/positions/0/{after}/total_price_gross", json!("0.01"), "positions.{after}.total_price_gross"),
        ("/positions/0/{after}/quantity", json!(1), "positions.{after}.quantity"),
    ] {
        let full = |text: &str| text.replace("{before}", before).replace("{after}", after);
        let mut sent = correction(&own);
        match sent.pointer_mut(&format!("/invoice{}", full(pointer))) {
            Some(field) => *field = value,
            None => sent["invoice"][pointer.trim_start_matches('/')] = value,
        }
        let message = refusal(&sandbox, &client, &sent).await;
        assert!(message[full(named)].is_array(), "{named}: {message}");
    }
    assert!(sandbox.state().corrections.is_empty());
}

#[tokio::test]
async fn only_an_invoice_that_is_there_is_corrected() {
    let (sandbox, client) = sandbox().await;
    let own = issue(&sandbox, &client, &invoice("x")).await;
    let corrected = issue(&sandbox, &client, &correction(&own)).await;
    for id in [&json!(1), &corrected["id"]] {
        let mut sent = correction(&own);
        (sent["invoice"]["invoice_id"], sent["invoice"]["from_invoice_id"]) = (id.clone(), id.clone());
        assert!(refusal(&sandbox, &client, &sent).await["invoice_id"].is_array(), "{id}");
    }
}

#[tokio::test]
async fn a_correction_is_shown_with_its_invoice() {
    let (sandbox, client) = sandbox().await;
    let own = issue(&sandbox, &client, &company_invoice("x")).await;
    issue(&sandbox, &client, &invoice("y")).await;
    let corrected = issue(&sandbox, &client, &correction(&own)).await;
    let page = |url: String| {
        let client = client.clone();
        async move { get(&client, url).await.text().await.unwrap() }
    };
    let at = |document: &Value| document["view_url"].as_str().unwrap().to_owned();
    let link = |document: &Value| format!("<a href=\"{}\">{}</a>", at(document), document["number"].as_str().unwrap());
    let index = page(sandbox.origin()).await;
    let row = format!("<tr class=\"correction\"><td>{}</td>", link(&corrected));
    let (invoice, correction) = (index.find(&link(&own)).unwrap(), index.find(&row).unwrap());
    assert!(!index[invoice..correction].contains("</tr><tr>"), "{index}");
    assert!(index.contains("Invoices (2), corrections (1)"), "{index}");
    let own_page = page(at(&own)).await;
    assert!(own_page.contains(&link(&corrected)), "{own_page}");
    let corrected_page = page(at(&corrected)).await;
    let title = format!("Correction {}", corrected["number"].as_str().unwrap());
    for part in [&title, &link(&own), "Zwrot &lt;płatności&gt;", "NIP 1234563218", "before", "after", "-10.00 PLN"] {
        assert!(corrected_page.contains(part), "{part}: {corrected_page}");
    }
}
