//! Required fields of an invoice, and missing fields that are filled in.

use super::invoices::{company_invoice, invoice, issue, refusal, with};
use super::{post, sandbox};
use reqwest::StatusCode;
use serde_json::{Value, json};

/// A position with some fields changed.
fn position(changes: Value) -> Value {
    let mut position = json!({"name": "Course", "tax": "23", "total_price_gross": "10.00", "quantity": 1});
    position.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    json!({"positions": [position]})
}

fn and(mut changes: Value, more: Value) -> Value {
    changes.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    changes
}

#[tokio::test]
async fn invalid_fields_are_refused_by_name() {
    let (sandbox, client) = sandbox().await;
    let long = |length: usize| "x".repeat(length);
    let (person, company) = (invoice("p"), company_invoice("c"));
    let seller = json!({"seller_post_code": "00-001", "seller_city": "Warszawa"});
    for (document, changes, field) in [
        (&person, json!({"buyer_first_name": ""}), "buyer_first_name"),
        (&person, json!({"buyer_last_name": null}), "buyer_last_name"),
        (&person, json!({"buyer_company": null}), "buyer_tax_no"),
        (&person, json!({"buyer_tax_no": "0000000000"}), "buyer_tax_no"),
        (&person, json!({"buyer_email": "no-at-sign"}), "buyer_email"),
        (&person, json!({"buyer_email": format!("{}@example.com", long(250))}), "buyer_email"),
        (&person, json!({"buyer_phone": long(17)}), "buyer_phone"),
        (&person, json!({"buyer_name": long(256)}), "buyer_name"),
        (&person, json!({"buyer_street": long(256)}), "buyer_street"),
        (&person, and(json!({"seller_name": "Other", "seller_street": "A 1"}), seller), "seller_tax_no"),
        (&person, json!({"seller_phone": long(17)}), "seller_phone"),
        (&person, json!({"description": long(257)}), "description"),
        (&person, json!({"description_footer": long(3501)}), "description_footer"),
        (&person, json!({"correction_reason": long(257)}), "correction_reason"),
        (&person, json!({"currency": "eur"}), "currency"),
        (&person, json!({"currency": "XXY"}), "currency"),
        (&person, json!({"exchange_kind": "bank"}), "exchange_kind"),
        (&person, json!({"positions": []}), "positions"),
        (&person, position(json!({"name": long(257)})), "positions.name"),
        (&person, position(json!({"name": ""})), "positions.name"),
        (&person, position(json!({"total_price_gross": null})), "positions.total_price_gross"),
        (&person, position(json!({"total_price_gross": "ten"})), "positions.total_price_gross"),
        (&person, position(json!({"tax": "23%"})), "positions.tax"),
        (&person, position(json!({"tax": 25})), "positions.tax"),
        (&person, position(json!({"tax": "zwolniony"})), "positions.tax"),
        (&person, position(json!({"tax": "zw"})), "exempt_tax_kind"),
        (&person, position(json!({"tax": "NP"})), "np_tax_kind"),
        (&person, and(position(json!({"tax": "na"})), json!({"np_tax_kind": "not_specified"})), "np_tax_kind"),
        (&company, json!({"buyer_name": null}), "buyer_name"),
        (&company, json!({"buyer_tax_no": ""}), "buyer_tax_no"),
        (&company, json!({"buyer_tax_no": "123-456-32-18"}), "buyer_tax_no"),
        (&company, json!({"buyer_tax_no_kind": "empty"}), "buyer_tax_no"),
        (&company, json!({"buyer_tax_no_kind": "nip_ue", "buyer_tax_no": "DE-1"}), "buyer_tax_no"),
        (&company, json!({"buyer_tax_no_kind": "PESEL"}), "buyer_tax_no_kind"),
        (&company, json!({"buyer_country": "Polska"}), "buyer_country"),
        (&company, json!({"recipients": [{"name": "A", "role": "Szkoła"}]}), "recipients.role"),
        (
            &company,
            json!({"recipients": [{"role": "Rola inna", "role_description": long(26)}]}),
            "recipients.role_description",
        ),
        (&company, json!({"recipients": [{"tax_no": "123"}]}), "recipients.tax_no"),
        (&company, json!({"recipients": [{"tax_no": "1234563218", "tax_no_kind": "empty"}]}), "recipients.tax_no"),
        (&company, json!({"recipients": [{"tax_no_kind": "PESEL"}]}), "recipients.tax_no_kind"),
        (&company, json!({"recipients": [{"country": "pl"}]}), "recipients.country"),
    ] {
        let message = refusal(&sandbox, &client, &with(document, changes.clone())).await;
        assert_eq!(message.as_object().unwrap().keys().collect::<Vec<_>>(), [field], "{changes}: {message}");
    }
    assert!(sandbox.state().invoices.is_empty());
}

#[tokio::test]
async fn a_refusal_lists_all_faults_in_the_vendors_format() {
    let (sandbox, client) = sandbox().await;
    let changes = and(position(json!({"tax": "zw"})), json!({"buyer_tax_no": null, "buyer_phone": "0".repeat(17)}));
    let message = refusal(&sandbox, &client, &with(&company_invoice("x"), changes)).await;
    let expected = json!({
        "buyer_tax_no": ["- nie może być puste"],
        "buyer_phone": ["- pole jest za długie (maksymalna ilość znaków: 16)"],
        "exempt_tax_kind": ["- nie może być puste"],
    });
    assert_eq!(message, expected);
}

#[tokio::test]
async fn other_documents_are_accepted() {
    let (sandbox, client) = sandbox().await;
    let (person, company) = (invoice("p"), company_invoice("c"));
    let two = json!([
        {"name": "A", "tax": 23, "total_price_gross": 10.23, "quantity": 1},
        {"name": "B", "tax": "8", "total_price_gross": "50,00", "quantity": "3"},
    ]);
    for (document, changes) in [
        (&person, json!({"lang": "pl/en", "payment_type": "anything", "status": "issued", "paid": "0,00"})),
        (&person, json!({"positions": two})),
        (&person, json!({"currency": "EUR"})),
        (&person, json!({"currency": "EUR", "exchange_currency": "PLN", "exchange_kind": "nbp"})),
        (&person, json!({"buyer_email": null, "payment_to_kind": null, "oid": null, "paid_date": null})),
        (&person, json!({"buyer_tax_no": "", "buyer_street": "", "buyer_tax_no_kind": ""})),
        (&person, and(position(json!({"tax": "zw"})), json!({"exempt_tax_kind": "own words"}))),
        (&person, and(position(json!({"tax": "np"})), json!({"np_tax_kind": "export_service"}))),
        (&person, and(position(json!({"tax": 20})), json!({"use_oss": true}))),
        (&company, json!({"buyer_tax_no": "1234563219"})),
        (&company, json!({"buyer_tax_no": "PL1234563218", "buyer_country": null, "buyer_street": null})),
        (&company, json!({"buyer_tax_no": "", "buyer_tax_no_kind": "empty"})),
        (&company, json!({"buyer_tax_no": "1234563218-00001", "buyer_tax_no_kind": "nip_with_id"})),
    ] {
        issue(&sandbox, &client, &with(document, and(json!({"oid_unique": null}), changes))).await;
    }
    assert_eq!(sandbox.state().invoices[1]["price_gross"], "60.23");
}

#[tokio::test]
async fn missing_fields_are_filled_in() {
    let (sandbox, client) = sandbox().await;
    let now = chrono::Utc::now().date_naive();
    let today = now.to_string();
    let left_out = json!({"kind": null, "issue_date": null, "sell_date": null, "currency": null, "buyer_name": null});
    let issued = issue(&sandbox, &client, &with(&invoice("x"), left_out)).await;
    let fields = ["kind", "issue_date", "sell_date", "currency", "buyer_name", "buyer_person"];
    let filled = json!(["vat", today, today, "PLN", "A B", "A B"]);
    assert_eq!(json!(fields.map(|field| &issued[field])), filled);
    assert_eq!(issued["payment_to"], (now + chrono::Days::new(5)).to_string());
    let unsigned = with(&invoice("y"), json!({"buyer_person": "", "payment_to_kind": "off"}));
    let issued = issue(&sandbox, &client, &unsigned).await;
    assert_eq!([&issued["buyer_person"], &issued["payment_to"]], [&json!(""), &json!(null)]);
    let german = json!({"buyer_tax_no": "DE123456789", "buyer_country": "DE", "reverse_charge": true,
        "np_tax_kind": "export_service_eu"});
    let issued = issue(&sandbox, &client, &with(&company_invoice("z"), german)).await;
    assert_eq!([&issued["buyer_tax_no_kind"], &issued["positions"][0]["tax"]], ["nip_ue", "np"]);
    let mut rates = Vec::new();
    for (oid, kind) in [("r", "nbp"), ("s", "ecb"), ("t", "own")] {
        let euro = json!({"currency": "EUR", "exchange_currency": "PLN", "exchange_kind": kind,
            "exchange_currency_rate": "4.1", "exchange_note": "ours"});
        let issued = issue(&sandbox, &client, &with(&invoice(oid), euro)).await;
        rates.push(["exchange_currency_rate", "exchange_note"].map(|field| issued[field].as_str().unwrap().to_owned()));
    }
    assert_eq!(rates[2], ["4.1", "ours"]);
    assert!(rates[0] != rates[1] && rates[0][0].starts_with("4.2") && rates[0][1].starts_with("Kurs nbp"), "{rates:?}");
}

#[tokio::test]
async fn a_document_has_its_recipients() {
    let (sandbox, client) = sandbox().await;
    let school = json!({"name": "School", "tax_no": "1234563218-00001", "tax_no_kind": "nip_with_id", "country": "PL",
        "role": "JST – odbiorca"});
    let sent = with(&company_invoice("x"), json!({"buyer_jst": "1", "recipients": [{"name": "Other"}, school]}));
    let issued = issue(&sandbox, &client, &sent).await;
    let recipients = json!([{"id": 1, "name": "Other", "role": "Odbiorca"}, with_id(school, 2)]);
    assert_eq!((&issued["recipients"], &issued["buyer_jst"]), (&recipients, &json!("1")));
    issue(&sandbox, &client, &super::corrections::correction(&issued)).await;
}

fn with_id(mut recipient: Value, id: u64) -> Value {
    recipient["id"] = json!(id);
    recipient
}

#[tokio::test]
async fn a_department_overwrites_the_seller() {
    let (sandbox, client) = sandbox().await;
    let issued = issue(&sandbox, &client, &invoice("x")).await;
    assert_eq!([&issued["seller_name"], &issued["seller_tax_no"]], ["Sandbox sp. z o.o.", "5252445767"]);
    let sent = with(&invoice("y"), json!({"department_id": "12", "seller_name": "Other", "seller_city": "Lublin"}));
    let issued = issue(&sandbox, &client, &sent).await;
    assert_eq!([&issued["seller_name"], &issued["seller_city"]], ["Sandbox sp. z o.o., 12", "Warszawa"]);
    assert_eq!(issued["department_id"], 12);
}

#[tokio::test]
async fn missing_fields_of_a_buyer_come_from_a_client_of_the_same_name() {
    let (sandbox, client) = sandbox().await;
    let planted = json!({"name": "A B", "street": "Obca 1", "city": "Lublin", "tax_no": "5252445767", "company": true});
    let clients = format!("{}/sandbox/clients", sandbox.origin());
    assert_eq!(post(&client, clients.clone(), &planted).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(post(&client, clients, &json!({"street": "Obca 1"})).await.status(), StatusCode::BAD_REQUEST);
    let fields = |document: &Value| json!(["buyer_street", "buyer_tax_no", "client_id"].map(|field| &document[field]));
    let missing = issue(&sandbox, &client, &invoice("x")).await;
    assert_eq!((fields(&missing), &missing["buyer_company"]), (json!(["Obca 1", "5252445767", 7001]), &json!(false)));
    let empty = with(&invoice("y"), json!({"buyer_street": "", "buyer_tax_no": ""}));
    assert_eq!(fields(&issue(&sandbox, &client, &empty).await), json!(["", "", 7001]));
    sandbox.set(|settings| settings.invoices.fills_in_empty = true);
    let empty = with(&empty, json!({"oid": "z"}));
    assert_eq!(fields(&issue(&sandbox, &client, &empty).await), json!(["Obca 1", "5252445767", 7001]));
    // The buyer of an invoice becomes a client.
    sandbox.set(|settings| settings.invoices.fills_in_empty = false);
    issue(&sandbox, &client, &company_invoice("c-1")).await;
    let again = issue(&sandbox, &client, &with(&company_invoice("c-2"), json!({"buyer_street": null}))).await;
    assert_eq!(fields(&again), json!(["Prosta 1/2", "1234563218", 7002]));
    sandbox.set(|settings| settings.invoices.ksef = false);
    let plain = issue(&sandbox, &client, &with(&company_invoice("c-3"), json!({"buyer_street": null}))).await;
    assert_eq!(fields(&plain), json!([null, "1234563218", 7002]));
}
