//! The outcomes of documents that are sent to KSeF.

use super::corrections::correction;
use super::invoices::{company_invoice, invoice, issue, refusal, with};
use super::{get, post, sandbox};
use reqwest::{Client, StatusCode};
use sandbox::{AutoSend, Config, Outcome, Sandbox, Snapshot};
use serde_json::{Value, json};

/// Issues a document and sends it to KSeF.
async fn send(sandbox: &Sandbox, client: &Client, mut sent: Value) -> Value {
    sent["gov_save_and_send"] = json!(true);
    let answer = post(client, format!("{}/invoices.json", sandbox.origin()), &sent).await;
    assert_eq!(answer.status(), StatusCode::CREATED, "{sent}");
    answer.json().await.unwrap()
}

async fn read(sandbox: &Sandbox, client: &Client, id: &Value, query: &str) -> Value {
    let answer = get(client, format!("{}/invoices/{id}.json{query}", sandbox.origin())).await;
    assert_eq!(answer.status(), StatusCode::OK);
    answer.json().await.unwrap()
}

async fn send_again(sandbox: &Sandbox, client: &Client, id: &Value) -> Value {
    read(sandbox, client, id, "?send_to_ksef=yes").await
}

/// The document with its outcome, after two reads.
async fn outcome(sandbox: &Sandbox, client: &Client, id: &Value) -> Value {
    read(sandbox, client, id, "").await;
    read(sandbox, client, id, "").await
}

fn gov(document: &Value) -> [&Value; 4] {
    ["gov_status", "gov_id", "gov_send_date", "gov_error_messages"].map(|key| &document[key])
}

#[tokio::test]
async fn a_document_has_its_ksef_number_after_two_reads() {
    let (sandbox, client) = sandbox().await;
    let null = &json!(null);
    let invoice = send(&sandbox, &client, company_invoice("x")).await;
    let correction = send(&sandbox, &client, correction(&invoice)).await;
    let mut numbers = Vec::new();
    for document in [invoice, correction] {
        let under_way = [&json!("processing"), null, null, null];
        assert_eq!(gov(&document), under_way);
        assert_eq!(read(&sandbox, &client, &document["id"], "").await, document);
        // A list does not count as a read.
        let url = format!("{}/invoices.json?invoice_ids={}", sandbox.origin(), document["id"]);
        assert_eq!(get(&client, url).await.json::<Value>().await.unwrap()[0]["gov_status"], "processing");
        let accepted = read(&sandbox, &client, &document["id"], "").await;
        let [status, number, date, messages] = gov(&accepted);
        assert_eq!((status, messages), (&json!("ok"), null));
        let number = number.as_str().unwrap();
        assert!(number.starts_with("5252445767-20") && number.len() == 35, "{number}");
        assert!(chrono::DateTime::parse_from_rfc3339(date.as_str().unwrap()).is_ok(), "{date}");
        let link = accepted["gov_verification_link"].as_str().unwrap();
        assert!(link.starts_with(&format!("https://ksef.mf.gov.pl/web/verify/{number}/")), "{link}");
        numbers.push(number.to_owned());
        assert_eq!(read(&sandbox, &client, &document["id"], "").await, accepted);
    }
    assert_ne!(numbers[0], numbers[1]);
    let Snapshot { ksef_sent, invoices, corrections, .. } = sandbox.state();
    assert_eq!(ksef_sent, [100_001, 100_002]);
    assert_eq!([&invoices[0]["gov_id"], &corrections[0]["gov_id"]], [&json!(numbers[0]), &json!(numbers[1])]);
}

#[tokio::test]
async fn a_document_is_only_sent_on_request() {
    let (sandbox, client) = sandbox().await;
    let mut sent = invoice("x");
    sent["gov_save_and_send"] = json!(false);
    let create = format!("{}/invoices.json", sandbox.origin());
    let issued: Value = post(&client, create, &sent).await.json().await.unwrap();
    assert_eq!(issued["gov_status"], json!(null));
    assert_eq!(outcome(&sandbox, &client, &issued["id"]).await, issued);
    assert!(sandbox.state().ksef_sent.is_empty());
    assert_eq!(send_again(&sandbox, &client, &issued["id"]).await["gov_status"], "processing");
    let accepted = outcome(&sandbox, &client, &issued["id"]).await;
    assert_eq!(accepted["gov_status"], "ok");
    // A document with a KSeF number does not change, but the request is recorded.
    assert_eq!(send_again(&sandbox, &client, &issued["id"]).await, accepted);
    assert_eq!(sandbox.state().ksef_sent, [100_001, 100_001]);
    let missing = get(&client, format!("{}/invoices/7.json?send_to_ksef=yes", sandbox.origin())).await;
    assert_eq!((missing.status(), sandbox.state().ksef_sent.len()), (StatusCode::NOT_FOUND, 2));
}

#[tokio::test]
async fn outcomes_are_used_in_order() {
    let (sandbox, client) = sandbox().await;
    sandbox.set_ksef(&[Outcome::SERVER_ERROR, Outcome::NOT_CONNECTED, Outcome::OK.demo()]);
    let [first, second] = ["x", "y"].map(company_invoice);
    let first = send(&sandbox, &client, first).await["id"].clone();
    let failed = outcome(&sandbox, &client, &first).await;
    let [status, number, date, messages] = gov(&failed);
    assert_eq!([status, number, date], [&json!("server_error"), &json!(null), &json!(null)]);
    assert!(messages[0].is_string(), "{messages}");
    assert_eq!(outcome(&sandbox, &client, &first).await, failed);
    let second = send(&sandbox, &client, second).await["id"].clone();
    let unconnected = outcome(&sandbox, &client, &second).await;
    assert_eq!((&unconnected["gov_status"], &unconnected["gov_id"]), (&json!("not_connected"), &json!(null)));
    let again = send_again(&sandbox, &client, &first).await;
    assert_eq!(gov(&again), [&json!("demo_processing"), &json!(null), &json!(null), &json!(null)]);
    let accepted = outcome(&sandbox, &client, &first).await;
    assert!(accepted["gov_status"] == "demo_ok" && accepted["gov_id"].is_string(), "{accepted}");
    // There is no other outcome: it is accepted.
    send_again(&sandbox, &client, &second).await;
    assert_eq!(outcome(&sandbox, &client, &second).await["gov_status"], "ok");
}

#[tokio::test]
async fn every_outcome_can_be_set() {
    let (sandbox, client) = sandbox().await;
    let url = format!("{}/sandbox/ksef", sandbox.origin());
    let ask = |body: Value| client.put(&url).json(&body).send();
    let mut document = send(&sandbox, &client, company_invoice("x")).await;
    for (name, status, messages) in [
        ("send_error", "send_error", 2),
        ("server_error", "server_error", 1),
        ("duplicate_error", "duplicate_error", 1),
        ("send_error_duplicate", "send_error", 1),
        ("processing", "processing", 0),
        ("not_connected", "not_connected", 0),
        ("ok", "ok", 0),
    ] {
        for demo in ["demo_", ""] {
            let asked = ask(json!({"outcomes": [format!("{demo}{name}")]})).await.unwrap();
            assert_eq!(asked.status(), StatusCode::NO_CONTENT);
            if document["gov_id"].is_string() {
                document = send(&sandbox, &client, company_invoice("y")).await;
            } else {
                document = send_again(&sandbox, &client, &document["id"]).await;
            }
            assert_eq!(document["gov_status"], format!("{demo}processing"), "{name}");
            document = outcome(&sandbox, &client, &document["id"]).await;
            assert_eq!(document["gov_status"], format!("{demo}{status}"), "{name}");
            assert_eq!(document["gov_error_messages"].as_array().map_or(0, Vec::len), messages, "{name}");
            assert_eq!(document["gov_id"].is_string(), name == "ok", "{name}");
        }
    }
    for bad in [json!({"outcomes": ["lost"]}), json!({"outcomes": "ok"}), json!({}), json!(["ok"])] {
        assert_eq!(ask(bad.clone()).await.unwrap().status(), StatusCode::BAD_REQUEST, "{bad}");
    }
}

#[tokio::test]
async fn an_outcome_can_be_immediate_and_a_reset_clears_the_next_ones() {
    let config = Config { ksef_looks: 0, ..Config::default() };
    let sandbox = Sandbox::start(([127, 0, 0, 1], 0).into(), config).await.unwrap();
    let client = Client::new();
    sandbox.set_ksef(&[Outcome::SEND_ERROR, Outcome::SEND_ERROR]);
    let refused = send(&sandbox, &client, company_invoice("x")).await;
    assert_eq!(refused["gov_status"], "send_error");
    sandbox.reset();
    let accepted = send(&sandbox, &client, company_invoice("x")).await;
    assert_eq!((&accepted["gov_status"], sandbox.state().ksef_sent), (&json!("ok"), vec![100_001]));
}

#[tokio::test]
async fn the_page_of_a_document_shows_its_outcome() {
    let (sandbox, client) = sandbox().await;
    sandbox.set_ksef(&[Outcome::SEND_ERROR]);
    let document = send(&sandbox, &client, company_invoice("x")).await;
    let page = || async {
        let page = get(&client, document["view_url"].as_str().unwrap().to_owned()).await.text().await.unwrap();
        let (_, row) = page.split_once("<th>KSeF</th><td>").unwrap();
        row.split_once("</td>").unwrap().0.to_owned()
    };
    assert_eq!(page().await, "processing");
    let refused = outcome(&sandbox, &client, &document["id"]).await;
    let reasons = refused["gov_error_messages"].as_array().unwrap().iter().map(|reason| reason.as_str().unwrap());
    assert_eq!(page().await, format!("send_error<br>{}", reasons.collect::<Vec<_>>().join("<br>")));
    send_again(&sandbox, &client, &document["id"]).await;
    let accepted = outcome(&sandbox, &client, &document["id"]).await;
    assert_eq!(page().await, format!("ok, {}", accepted["gov_id"].as_str().unwrap()));
    let unsent = issue(&sandbox, &client, &invoice("y")).await["view_url"].as_str().unwrap().to_owned();
    assert!(get(&client, unsent).await.text().await.unwrap().contains("<th>KSeF</th><td>not sent</td>"));
}

#[tokio::test]
async fn the_account_sends_documents_by_its_mode() {
    let (sandbox, client) = sandbox().await;
    let german = with(&company_invoice("g"), json!({"buyer_country": "DE", "buyer_tax_no": "DE123456789"}));
    let nowhere = with(&company_invoice("n"), json!({"buyer_country": null}));
    let documents = [company_invoice("c"), nowhere, german, invoice("p")];
    for (mode, sent) in [
        (None, [false; 4]),
        (Some(AutoSend::PlCompanies), [true, true, false, false]),
        (Some(AutoSend::AllCompanies), [true, true, true, false]),
        (Some(AutoSend::All), [true; 4]),
    ] {
        sandbox.set(|settings| settings.invoices.gov_auto_send_mode = mode);
        for (document, sent) in documents.iter().zip(sent) {
            let issued = issue(&sandbox, &client, &with(document, json!({"oid_unique": null}))).await;
            assert_eq!(issued["gov_status"], json!(null), "{mode:?}");
            let document = read(&sandbox, &client, &issued["id"], "").await;
            assert_eq!(document["gov_status"] == "processing", sent, "{mode:?} {}", issued["oid"]);
            let document = read(&sandbox, &client, &issued["id"], "").await;
            assert_eq!((document["gov_status"] == "ok", document["gov_id"].is_string()), (sent, sent), "{mode:?}");
        }
    }
}

#[tokio::test]
async fn other_kinds_are_not_applicable() {
    let (sandbox, client) = sandbox().await;
    let document = send(&sandbox, &client, with(&company_invoice("x"), json!({"kind": "proforma"}))).await;
    assert_eq!(document["gov_status"], "not_applicable");
    assert_eq!(outcome(&sandbox, &client, &document["id"]).await["gov_status"], "not_applicable");
}

#[tokio::test]
async fn without_the_block_an_invalid_document_is_saved_but_not_sent() {
    let (sandbox, client) = sandbox().await;
    sandbox.set(|settings| settings.invoices.validate_invoices_for_gov = false);
    let faulty = with(&company_invoice("x"), json!({"buyer_phone": "0".repeat(17), "buyer_tax_no": null}));
    let messages = json!([
        "Telefon klienta - pole jest za długie (maksymalna ilość znaków: 16)",
        "NIP nabywcy - nie może być puste",
    ]);
    let saved = issue(&sandbox, &client, &faulty).await;
    assert_eq!(saved["gov_error_messages"], messages);
    send_again(&sandbox, &client, &saved["id"]).await;
    let failed = outcome(&sandbox, &client, &saved["id"]).await;
    assert_eq!((&failed["gov_status"], &failed["gov_error_messages"]), (&json!("send_error"), &messages));
}

#[tokio::test]
async fn an_account_without_ksef_has_fewer_rules() {
    let (sandbox, client) = sandbox().await;
    sandbox.set(|settings| settings.invoices.ksef = false);
    let faulty = with(&company_invoice("x"), json!({"buyer_phone": "0".repeat(17), "buyer_tax_no": null}));
    let saved = send(&sandbox, &client, faulty).await;
    assert_eq!(outcome(&sandbox, &client, &saved["id"]).await["gov_status"], "not_connected");
    let long = with(&company_invoice("y"), json!({"buyer_name": "x".repeat(256)}));
    assert!(refusal(&sandbox, &client, &long).await["buyer_name"].is_array());
}
