//! The sandbox over HTTP, for the service and for people.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test")]

mod conditions;
mod corrections;
mod courses;
mod invoices;
mod ksef;
mod mail;
mod rules;
mod settings;
mod webhooks;

use reqwest::{Client, Response, StatusCode};
use sandbox::{Config, Sandbox};
use serde_json::{Value, json};

async fn sandbox() -> (Sandbox, Client) {
    (Sandbox::start(([127, 0, 0, 1], 0).into(), Config::default()).await.unwrap(), client())
}

/// A client with a `User-Agent`, which Resend requires.
fn client() -> Client {
    Client::builder().user_agent("tests").build().unwrap()
}

async fn get(client: &Client, url: String) -> Response {
    client.get(url).bearer_auth("sandbox").send().await.unwrap()
}

async fn post(client: &Client, url: String, body: &Value) -> Response {
    client.post(url).bearer_auth("sandbox").json(body).send().await.unwrap()
}

#[tokio::test]
async fn user_input_is_escaped_on_the_page() {
    let (sandbox, client) = sandbox().await;
    let mail = json!({"from": "a@example.com", "to": ["b@example.com"], "subject": "<script>alert(1)</script>",
        "html": "\"><script>alert(2)</script>", "text": "</pre><script>alert(3)</script>"});
    post(&client, format!("{}/emails", sandbox.origin()), &mail).await;
    let answer = client.get(sandbox.origin()).send().await.unwrap();
    let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'; script-src 'self'"), "{policy}");
    let page = answer.text().await.unwrap();
    assert!(!page.contains("<script>"), "{page}");
    assert!(page.contains("iframe sandbox title="), "{page}");
}

#[tokio::test]
async fn a_fault_can_be_switched_on_and_off_by_a_form() {
    let (sandbox, _) = sandbox().await;
    let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let switch = |form: &'static str| client.post(format!("{}/sandbox/switch", sandbox.origin())).body(form).send();
    let user = || client.get(format!("{}/api/users/id?user_id=a", sandbox.origin())).send();
    assert_eq!(switch("target=users&fault=503").await.unwrap().status(), StatusCode::SEE_OTHER);
    assert_eq!(user().await.unwrap().status(), StatusCode::SERVICE_UNAVAILABLE);
    let page = client.get(sandbox.origin()).send().await.unwrap().text().await.unwrap();
    assert!(page.contains(r#"<option value="503" selected>"#), "{page}");
    assert_eq!(switch("target=moon&fault=503").await.unwrap().status(), StatusCode::BAD_REQUEST);
    assert_eq!(switch("target=users&fault=none").await.unwrap().status(), StatusCode::SEE_OTHER);
    assert_eq!(user().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn requests_without_a_valid_token_are_refused() {
    let (sandbox, client) = sandbox().await;
    for path in ["invoices.json", "emails", "v3/email/send", "v3/smtp/email", "email"] {
        let answer = client.post(format!("{}/{path}", sandbox.origin())).json(&json!({})).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{path}");
    }
}

#[tokio::test]
async fn a_fault_applies_to_its_target_a_number_of_times() {
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
async fn a_reset_deletes_all_data() {
    let (sandbox, client) = sandbox().await;
    post(&client, format!("{}/invoices.json", sandbox.origin()), &invoices::invoice("x")).await;
    post(&client, format!("{}/sandbox/reset", sandbox.origin()), &json!({})).await;
    let state = client.get(format!("{}/sandbox/state", sandbox.origin())).send().await.unwrap();
    let state: Value = state.json().await.unwrap();
    assert_eq!((&state["invoices"], &state["calls"]["invoices_create"]), (&json!([]), &json!(0)));
}

/// Programs rely on the names in the JSON, people on those of the page.
#[tokio::test]
async fn every_system_is_in_the_state_and_on_the_page() {
    let (sandbox, client) = sandbox().await;
    let origin = sandbox.origin();
    for path in ["api/users/id", "api/course/7", "invoices.json", "invoices/1.json", "server"] {
        get(&client, format!("{origin}/{path}")).await;
    }
    for path in ["invoices.json", "emails", "email", "v3/email/send", "v3/smtp/email", "v3/api_keys/permissions"] {
        post(&client, format!("{origin}/{path}"), &json!({})).await;
    }
    post(&client, format!("{origin}/webhooks/any"), &json!({})).await;
    let state = get(&client, format!("{origin}/sandbox/state")).await.text().await.unwrap();
    let calls = r#""calls":{"users":1,"courses":1,"invoices_create":1,"invoices_find":2,"emails":4,"emails_look":2,"webhooks":1}"#;
    assert!(state.contains(calls), "{state}");
    let page = get(&client, origin).await.text().await.unwrap();
    let calls = [
        ("Users", 1),
        ("Courses", 1),
        ("Fakturownia: issue", 1),
        ("Fakturownia: look up", 2),
        ("Mail relay: send", 4),
        ("Mail relay: check", 2),
        ("Webhook receiver", 1),
    ];
    let rows = calls.map(|(name, number)| format!("<tr><th>{name}</th><td>{number}</td></tr>")).concat();
    assert!(page.contains(&format!("<table>{rows}</table>")), "{page}");
    assert_eq!(page.matches(r#"name="target""#).count(), 5);
    for (name, label) in [
        ("users", "Users"),
        ("courses", "Courses"),
        ("invoices", "Fakturownia"),
        ("emails", "Mail relay"),
        ("webhooks", "Event receiver"),
    ] {
        let switch = format!(
            r#"<label for="fault-{name}">{label}</label><input type="hidden" name="target" value="{name}"><select id="fault-{name}" name="fault">"#
        );
        assert!(page.contains(&switch), "{switch} {page}");
    }
}
