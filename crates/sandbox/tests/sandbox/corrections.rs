//! Corrections of an invoice to zero.

use super::invoices::{company_invoice, invoice, issue, refusal, with};
use super::{get, sandbox};
use reqwest::Client;
use sandbox::{Config, Sandbox};
use serde_json::{Value, json};

/// The request for a correction of an issued invoice.
pub(crate) fn correction(of: &Value) -> Value {
    let gross = format!("{}0", of["price_gross"].as_str().unwrap());
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

#[tokio::test]
async fn an_invoice_can_be_corrected_again() {
    let (sandbox, client) = sandbox().await;
    let first = issue(&sandbox, &client, &invoice("x-1")).await;
    let company = issue(&sandbox, &client, &company_invoice("x-2")).await;
    let corrected = issue(&sandbox, &client, &correction(&company)).await;
    assert!(corrected["number"].as_str().unwrap().starts_with("KOR/1/"), "{corrected}");
    assert_eq!((&corrected["price_gross"], &corrected["cancelled"]), (&json!("-10.0"), &json!(false)));
    assert_eq!((&corrected["id"], &corrected["oid"]), (&json!(100_003), &json!("x-2-correction")));
    let again = issue(&sandbox, &client, &correction(&company)).await;
    assert!(again["number"].as_str().unwrap().starts_with("KOR/2/"), "{again}");
    issue(&sandbox, &client, &correction(&first)).await;
    // Corrections do not affect the numbers of invoices.
    let third = issue(&sandbox, &client, &invoice("x-3")).await;
    assert!(third["number"].as_str().unwrap().starts_with("3/"), "{third}");
    let state = sandbox.state();
    assert_eq!((state.invoices.len(), state.corrections.len()), (3, 3));
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
    sandbox.set(|settings| settings.invoices.undocumented_filters = true);
    for (query, expected) in [
        ("oid=x&kind=vat", vec![&own]),
        ("oid=x&kind=correction", vec![&corrected]),
        ("oid=x", vec![&corrected, &own]),
        ("oid=y&kind=correction", vec![]),
        ("kind=correction", vec![&corrected]),
        ("from_invoice_id=100001", vec![&corrected]),
        ("", vec![&other, &corrected, &own]),
        ("page=2&per_page=2", vec![&own]),
    ] {
        let url = format!("{origin}/invoices.json?include_positions=true&{query}");
        let found: Value = get(&client, url).await.json().await.unwrap();
        assert_eq!(found, json!(expected), "{query}");
    }
    let read = get(&client, format!("{origin}/invoices/{}.json", corrected["id"])).await;
    assert_eq!(read.json::<Value>().await.unwrap(), corrected);
}

#[tokio::test]
async fn a_correction_cannot_change_locked_fields() {
    let (sandbox, client) = sandbox().await;
    let more = json!({"department_id": "12", "buyer_phone": "600100200", "buyer_note": "n", "buyer_mobile_phone": "1"});
    let own = issue(&sandbox, &client, &with(&company_invoice("x"), more)).await;
    let sent = with(&correction(&own), json!({"department_id": 12}));
    for (field, value) in [
        ("department_id", json!(null)),
        ("department_id", json!("13")),
        ("buyer_company", json!(false)),
        ("buyer_tax_no", json!("1111111111")),
        ("buyer_tax_no_kind", json!("other")),
        ("buyer_note", json!("")),
        ("buyer_email", json!("other@example.com")),
        ("buyer_phone", json!("600100201")),
        ("buyer_mobile_phone", json!("")),
        ("seller_email", json!("a@example.com")),
        ("seller_phone", json!("1")),
        ("seller_fax", json!("1")),
        ("seller_www", json!("a.example")),
        ("seller_bdo_no", json!("1")),
        ("seller_tax_no_kind", json!("other")),
        ("use_invoice_issuer", json!("1")),
        ("invoice_issuer", json!("A")),
        ("use_delivery_address", json!(true)),
        ("delivery_address", json!("A")),
    ] {
        let message = refusal(&sandbox, &client, &with(&sent, json!({field: value}))).await;
        assert!(message[field].is_array(), "{field} {value}: {message}");
    }
    // Null equals empty, and all spellings of yes are equal.
    issue(&sandbox, &client, &with(&sent, json!({"buyer_company": "1", "buyer_tax_no_kind": "", "seller_www": ""})))
        .await;
}

#[tokio::test]
async fn only_an_existing_document_can_be_corrected() {
    let (sandbox, client) = sandbox().await;
    let own = issue(&sandbox, &client, &invoice("x")).await;
    for id in [json!(1), json!("x"), json!(null)] {
        let sent = with(&correction(&own), json!({"invoice_id": id, "from_invoice_id": id}));
        assert!(refusal(&sandbox, &client, &sent).await["invoice_id"].is_array(), "{id}");
    }
    let sent = with(&correction(&own), json!({"invoice_id": own["id"].to_string()}));
    assert_eq!(issue(&sandbox, &client, &sent).await["invoice_id"], own["id"]);
}

#[tokio::test]
async fn a_correction_has_the_ksef_number_of_its_invoice() {
    let config = Config { ksef_looks: 0, ..Config::default() };
    let sandbox = Sandbox::start(([127, 0, 0, 1], 0).into(), config).await.unwrap();
    let client = Client::new();
    let mut sent = company_invoice("x");
    sent["gov_save_and_send"] = json!(true);
    let own = issue(&sandbox, &client, &sent).await;
    let number = |sent: Value| {
        let (sandbox, client) = (&sandbox, &client);
        async move { issue(sandbox, client, &sent).await["gov_corrected_invoice_number"].clone() }
    };
    assert!(own["gov_id"].is_string(), "{own}");
    assert_eq!(number(correction(&own)).await, own["gov_id"]);
    let by_hand =
        with(&correction(&own), json!({"gov_corrected_invoice_number": "5252445767-20260101-000000000000-00"}));
    assert_eq!(number(by_hand).await, "5252445767-20260101-000000000000-00");
    let other = issue(&sandbox, &client, &company_invoice("y")).await;
    assert_eq!(number(correction(&other)).await, json!(null));
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
