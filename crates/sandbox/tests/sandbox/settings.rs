//! Settings: changed with JSON and with a form, restored by a reset.

use super::sandbox;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

async fn settings(client: &Client, origin: &str) -> Value {
    client.get(format!("{origin}/sandbox/settings")).send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn settings_are_changed_by_json_and_by_a_form_until_a_reset() {
    let (sandbox, _) = sandbox().await;
    let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let origin = sandbox.origin();
    let at_first = settings(&client, &origin).await;
    let put = |body: Value| client.put(format!("{origin}/sandbox/settings")).json(&body).send();
    let switch = |form: &'static str| client.post(format!("{origin}/sandbox/switch")).body(form).send();
    let change = json!({"invoices": {"gov_auto_send_mode": "pl_companies"}});
    assert_eq!(put(change).await.unwrap().status(), StatusCode::NO_CONTENT);
    assert_eq!(settings(&client, &origin).await["invoices"]["gov_auto_send_mode"], "pl_companies");
    for bad in [json!({"invoices": {"moon": 1}}), json!({"invoices": {"gov_auto_send_mode": "some"}}), json!([])] {
        assert_eq!(put(bad.clone()).await.unwrap().status(), StatusCode::BAD_REQUEST, "{bad}");
    }
    let all = switch("setting=/invoices/gov_auto_send_mode&value=%22all%22").await.unwrap();
    assert_eq!(all.status(), StatusCode::SEE_OTHER);
    let page = client.get(&origin).send().await.unwrap().text().await.unwrap();
    assert!(page.contains(r#"<option value="&quot;all&quot;" selected>"#), "{page}");
    for bad in ["setting=/invoices/moon&value=1", "setting=/invoices/gov_auto_send_mode&value=some"] {
        assert_eq!(switch(bad).await.unwrap().status(), StatusCode::BAD_REQUEST, "{bad}");
    }
    sandbox.reset();
    assert_eq!(settings(&client, &origin).await, at_first);
}
