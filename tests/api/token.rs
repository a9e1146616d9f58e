//! The service token.

use tests::TestApp;

crate::cases![
    with_a_token_only_those_who_know_it with crate::variables([("service_token", "s3cret-token")]),
    without_one_everybody,
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

async fn without_one_everybody(app: TestApp) {
    assert_eq!(app.get("/active").await.status, 200);
}
