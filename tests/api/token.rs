//! The service token.

use serde_json::json;
use tests::{Answer, ROUTES, TestApp};

crate::cases![
    a_token_is_required_where_one_is_set with crate::variables([("service_token", "s3cret-token")]),
    no_token_is_required_where_none_is_set,
    a_token_from_a_file with crate::variables([
        ("service_token", " s3cret-token\r\n"),
        ("invoices_token", "sandbox\n"),
        ("mail_token", "\tsandbox \n"),
    ]),
    a_blank_service_token_is_named with crate::variables([("service_token", " \n")]),
];

/// No routes, but the token is required.
const OTHERS: [(&str, &str); 3] = [("GET", "/nothing"), ("PUT", "/paid"), ("OPTIONS", "/paid")];

/// Method and path of the routes that require the token, or of the others.
fn routes(token: bool) -> impl Iterator<Item = (&'static str, String)> {
    let routes = ROUTES.iter().filter(move |route| route.token == token);
    routes.flat_map(|route| route.asked.iter().map(|asked| (route.method, route.target(asked, "1", "a"))))
}

async fn a_token_is_required_where_one_is_set(app: TestApp) {
    let others = OTHERS.map(|(method, path)| (method, path.to_owned()));
    let guarded: Vec<_> = routes(true).chain(others).collect();
    for (method, path) in &guarded {
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
    for (method, path) in routes(false) {
        assert_eq!(app.call(method, &path).await.status, 200, "{method} {path}");
    }
    let refused = app.take_invocations().await.into_iter().filter(|run| run.connections == 0).count();
    assert!(refused >= 5 * guarded.len(), "the token is checked first");
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

/// Checks that the answer names the variable, and that nothing is changed.
async fn names(app: &TestApp, variable: &str, answer: &Answer) {
    assert_eq!((answer.status, answer.error().as_str()), (503, "service_unavailable"), "{}", answer.text);
    assert!(answer.text.contains(&format!("variable {variable} is unreadable")), "{}", answer.text);
    assert!(app.jobs().await.is_empty());
}

async fn a_blank_service_token_is_named(app: TestApp) {
    for (method, path) in routes(true) {
        let answer = app.send(app.request(method.parse().unwrap(), &path).bearer_auth("x")).await;
        names(&app, "service_token", &answer).await;
    }
}

async fn no_token_is_required_where_none_is_set(app: TestApp) {
    assert_eq!(app.get("/active").await.status, 200);
}
