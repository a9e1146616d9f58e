//! The sandbox over HTTP, as the service and a person meet it.
#![allow(clippy::unwrap_used, reason = "a test")]

use reqwest::{Client, Response, StatusCode};
use sandbox::{Config, Sandbox};
use serde_json::{Value, json};

async fn sandbox() -> (Sandbox, Client) {
    (Sandbox::start(([127, 0, 0, 1], 0).into(), Config::default()).await.unwrap(), Client::new())
}

async fn post(client: &Client, url: String, body: &Value) -> Response {
    client.post(url).bearer_auth("sandbox").json(body).send().await.unwrap()
}

fn invoice(oid: &str) -> Value {
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

#[tokio::test]
async fn a_mail_with_the_same_key_is_sent_once() {
    let (sandbox, client) = sandbox().await;
    let send = |key: &str, subject: &str| {
        let mail = json!({"from": "a@example.com", "to": ["b@example.com"], "subject": subject, "text": "t"});
        let url = format!("{}/emails", sandbox.origin());
        client.post(url).bearer_auth("sandbox").header("idempotency-key", key).json(&mail).send()
    };
    let first = send("k", "s").await.unwrap().json::<Value>().await.unwrap();
    assert_eq!(send("k", "s").await.unwrap().json::<Value>().await.unwrap(), first);
    assert_eq!(send("k", "other").await.unwrap().status(), StatusCode::CONFLICT);
    assert_eq!(send("l", "s").await.unwrap().status(), StatusCode::OK);
    assert_eq!(sandbox.state().emails.len(), 2);
}

#[tokio::test]
async fn strangers_are_refused() {
    let (sandbox, client) = sandbox().await;
    for path in ["invoices.json", "emails"] {
        let answer = client.post(format!("{}/{path}", sandbox.origin())).json(&json!({})).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{path}");
    }
}

#[tokio::test]
async fn faults_meet_their_target_as_often_as_asked() {
    let (sandbox, client) = sandbox().await;
    let faults = format!("{}/sandbox/faults", sandbox.origin());
    post(&client, faults.clone(), &json!({"target": "users", "fault": {"status": 503}, "times": 1})).await;
    post(&client, faults.clone(), &json!({"target": "emails", "fault": "reset"})).await;
    let user = format!("{}/api/users/id?user_id=a", sandbox.origin());
    assert_eq!(client.get(&user).send().await.unwrap().status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(client.get(&user).send().await.unwrap().status(), StatusCode::OK);
    for _ in 0..2 {
        assert!(client.post(format!("{}/emails", sandbox.origin())).send().await.is_err());
    }
    client.delete(&faults).send().await.unwrap();
    let refused = client.post(format!("{}/emails", sandbox.origin())).send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    let unknown = post(&client, faults, &json!({"target": "moon", "fault": "reset"})).await;
    assert_eq!(unknown.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_reset_forgets_everything() {
    let (sandbox, client) = sandbox().await;
    post(&client, format!("{}/invoices.json", sandbox.origin()), &invoice("x")).await;
    post(&client, format!("{}/sandbox/reset", sandbox.origin()), &json!({})).await;
    let state = client.get(format!("{}/sandbox/state", sandbox.origin())).send().await.unwrap();
    let state: Value = state.json().await.unwrap();
    assert_eq!((&state["invoices"], &state["calls"]["invoices_create"]), (&json!([]), &json!(0)));
}
