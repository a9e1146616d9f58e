//! The service token.

use serde_json::json;
use tests::{Answer, TestApp};

crate::cases![
    with_a_token_only_those_who_know_it with crate::variables([("service_token", "s3cret-token")]),
    without_one_everybody,
    a_token_from_a_file with crate::variables([
        ("service_token", " s3cret-token\r\n"),
        ("invoices_token", "sandbox\n"),
        ("mail_token", "\tsandbox \n"),
    ]),
    a_blank_service_token with crate::variables([("service_token", " \n")]),
    a_blank_mail_token with crate::variables([("mail_token", " \n")]),
    a_blank_invoices_token with crate::variables([("invoices_token", "\r\n")]),
];

const ROUTES: &[(&str, &str)] = &[
    ("POST", ""),
    ("PATCH", "/paid"),
    ("PATCH", "/expired"),
    ("GET", "/active"),
    ("POST", "/deliveries"),
    ("GET", "/deliveries?state=due"),
    ("POST", "/deliveries/1/retry"),
    ("GET", "/metrics"),
    ("GET", "/1"),
    ("GET", "/1/details?user_id=a"),
    ("DELETE", "/1"),
    ("GET", "/nothing"),
    ("PUT", "/paid"),
    ("OPTIONS", "/paid"),
];

/// The methods of those that `openapi.json` has.
const DESCRIBED: [&str; 4] = ["DELETE", "GET", "PATCH", "POST"];

async fn with_a_token_only_those_who_know_it(app: TestApp) {
    for (method, path) in ROUTES {
        let ask = async |token: Option<&str>| {
            let mut request = app.request(method.parse().unwrap(), path);
            if let Some(token) = token {
                request = request.header("authorization", token);
            }
            app.send(request).await
        };
        for token in
            [None, Some("Bearer "), Some("Bearer s3cret"), Some("Bearer s3cret-tokens"), Some("Basic s3cret-token")]
        {
            let answer = ask(token).await;
            assert_eq!((answer.status, answer.error().as_str()), (401, "unauthorized"), "{method} {path} {token:?}");
            assert_eq!(answer.header("www-authenticate"), "Bearer");
        }
        assert_ne!(ask(Some("Bearer s3cret-token")).await.status, 401, "{method} {path}");
    }
    for open in ["/health", "/openapi.json", "/docs"] {
        assert_eq!(app.get(open).await.status, 200, "{open}");
    }
    let refused = app.take_invocations().await.into_iter().filter(|run| run.connections == 0).count();
    assert!(refused >= 5 * ROUTES.len(), "refused before anything else happens");
}

async fn a_token_from_a_file(app: TestApp) {
    let send = async |method: &str, path: &str, body: serde_json::Value| {
        let request = app.request(method.parse().unwrap(), path).bearer_auth("s3cret-token");
        app.send(request.json(&body)).await
    };
    assert_eq!(app.get("/active").await.status, 401);
    let enrolled = send("POST", "", json!({"course_id": 1, "user_id": "a"})).await;
    assert_eq!(enrolled.status, 201, "{}", enrolled.text);
    let paid = send("PATCH", "/paid", json!({"enrolment_id": enrolled.json()["id"]})).await;
    assert!(paid.json()["invoice_url"].is_string(), "{}", paid.text);
    app.idle().await;
    assert_eq!(app.jobs().await, ["enrolment_email done", "invoice done", "payment_email done"]);
}

/// Before anything is changed.
async fn names(app: &TestApp, variable: &str, answer: &Answer) {
    assert_eq!((answer.status, answer.error().as_str()), (503, "service_unavailable"), "{}", answer.text);
    assert!(answer.text.contains(&format!("variable {variable} is unreadable")), "{}", answer.text);
    assert!(app.jobs().await.is_empty());
}

async fn a_blank_service_token(app: TestApp) {
    for (method, path) in ROUTES.iter().filter(|(method, path)| DESCRIBED.contains(method) && *path != "/nothing") {
        let answer = app.send(app.request(method.parse().unwrap(), path).bearer_auth("x")).await;
        names(&app, "service_token", &answer).await;
    }
    assert_eq!(app.get("/health").await.status, 200);
}

async fn a_blank_mail_token(app: TestApp) {
    for answer in [app.enrol("a", 1).await, app.pay(1).await, app.call("POST", "/deliveries").await] {
        names(&app, "mail_token", &answer).await;
    }
}

async fn a_blank_invoices_token(app: TestApp) {
    for answer in [app.pay(1).await, app.call("POST", "/deliveries").await] {
        names(&app, "invoices_token", &answer).await;
    }
}

async fn without_one_everybody(app: TestApp) {
    assert_eq!(app.get("/active").await.status, 200);
}
