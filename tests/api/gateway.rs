//! The calls of the platform's gateway: a new connection for each, a timeout of 5 seconds, no
//! redirects, and only the keys that it reads.

use reqwest::{Client, Method};
use serde_json::{Value, json};
use std::time::Duration;
use tests::TestApp;

crate::cases![an_enrolment_from_start_to_end, it_maps_the_errors, it_reads_the_lists];

/// The status and the body as JSON, null without a body.
async fn call(app: &TestApp, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
    let client = Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(5))
        .pool_max_idle_per_host(0)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let mut request = client.request(method, format!("http://{}/api/enrolment{path}", app.app.address()));
    if let Some(body) = body {
        request = request.json(&body);
    }
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    (status, if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() })
}

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

/// The gateway fails if there is an unknown key.
const KEYS: [&str; 6] = ["course_id", "id", "invoice_url", "payment_status", "status", "user_id"];

async fn an_enrolment_from_start_to_end(app: TestApp) {
    let user = "63a1f1234abc5678def12345";
    let (status, created) = call(&app, Method::POST, "/", Some(json!({"course_id": 6, "user_id": user}))).await;
    assert_eq!((status, keys(&created).as_slice()), (201, KEYS.as_slice()));
    assert_eq!((&created["status"], &created["payment_status"]), (&json!("active"), &json!("pending")));
    let id = created["id"].as_i64().unwrap();

    let (status, paid) = call(&app, Method::PATCH, "/paid", Some(json!({"enrolment_id": id}))).await;
    assert_eq!((status, keys(&paid).as_slice()), (200, KEYS.as_slice()));
    assert!(paid["payment_status"] == "paid" && paid["invoice_url"].is_string(), "{paid}");

    assert_eq!(call(&app, Method::GET, &format!("/{id}"), None).await, (200, paid.clone()));
    assert_eq!(call(&app, Method::GET, &format!("/{id}/details?user_id={user}"), None).await, (200, paid));
    app.database.execute("UPDATE enrolments SET course_end_date = '2026-01-01 00:00:00'").await.unwrap();
    let (status, expired) = call(&app, Method::PATCH, "/expired", None).await;
    assert_eq!((status, &expired["enrolments"][0]["status"]), (200, &json!("completed")));
    assert_eq!(call(&app, Method::DELETE, &format!("/{id}"), None).await, (204, Value::Null));
    assert_eq!(call(&app, Method::GET, &format!("/{id}"), None).await.0, 404);
}

async fn it_maps_the_errors(app: TestApp) {
    let id = app.enrolled("a", 1).await;
    app.pay(id).await;
    for (method, path, body, status) in [
        (Method::GET, "/999".to_owned(), None, 404),
        (Method::GET, format!("/{id}/details?user_id=b"), None, 404),
        (Method::GET, format!("/{id}/details"), None, 400),
        (Method::DELETE, "/999".to_owned(), None, 404),
        (Method::POST, "/".to_owned(), Some(json!({"course_id": 1, "user_id": "a"})), 409),
        (Method::POST, "/".to_owned(), Some(json!({"course_id": 404, "user_id": "a"})), 400),
        (Method::POST, "/".to_owned(), Some(json!({"course_id": 2, "user_id": "missing"})), 400),
        (Method::PATCH, "/paid".to_owned(), Some(json!({"enrolment_id": id})), 409),
        (Method::PATCH, "/paid".to_owned(), Some(json!({"enrolment_id": 999})), 404),
    ] {
        let (answered, error) = call(&app, method.clone(), &path, body).await;
        assert_eq!((answered, keys(&error).as_slice()), (status, ["error", "message"].as_slice()), "{method} {path}");
    }
    let (status, error) = call(&app, Method::POST, "/", Some(json!({}))).await;
    assert_eq!((status, keys(&error).as_slice()), (400, ["details", "error", "message"].as_slice()));
    assert_eq!(keys(&error["details"][0]), ["loc", "msg", "type"]);
}

async fn it_reads_the_lists(app: TestApp) {
    assert_eq!(call(&app, Method::GET, "/active", None).await, (200, json!({"enrolments": []})));
    let nothing = json!({"enrolments": [], "lapsed": 0, "offered": 0});
    assert_eq!(call(&app, Method::PATCH, "/expired", None).await, (200, nothing));
    for course in [1, 2, 4] {
        app.enrolled("a", course).await;
    }
    let (_, list) = call(&app, Method::GET, "/active", None).await;
    assert_eq!(keys(&list), ["enrolments"]);
    let list = list["enrolments"].as_array().unwrap();
    assert!(list.len() == 3 && list.iter().all(|item| keys(item) == KEYS), "{list:?}");
}
