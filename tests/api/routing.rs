//! Paths, methods and headers of all routes.

use tests::TestApp;

crate::cases![other_methods, head_and_options, unknown_paths, slashes, a_duplicate_parameter_is_named, request_ids];

/// Every path with its `Allow`; the base with and without a slash.
fn paths() -> Vec<(String, String)> {
    let own = tests::patterns().into_iter().map(|(pattern, allow)| (tests::filled(pattern, "1", "unknown"), allow));
    let mut paths: Vec<_> = own.collect();
    let base = paths.iter().find(|(path, _)| path == "/").cloned();
    paths.extend(base.map(|(_, allow)| (String::new(), allow)));
    paths
}

async fn other_methods(app: TestApp) {
    for (path, allow) in &paths() {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"] {
            if allow.split(", ").any(|allowed| allowed == method) {
                continue;
            }
            let answer = app.call(method, path).await;
            assert_eq!((answer.status, answer.error().as_str()), (405, "method_not_allowed"), "{method} {path}");
            assert_eq!(answer.header("allow"), allow, "{method} {path}");
        }
    }
}

async fn head_and_options(app: TestApp) {
    app.enrolled("a", 1).await;
    for (path, allow) in &paths() {
        let options = app.call("OPTIONS", path).await;
        assert_eq!(
            (options.status, options.header("allow"), options.text.as_str()),
            (204, allow.as_str(), ""),
            "{path}"
        );
        let head = app.call("HEAD", path).await;
        assert_eq!(head.text, "");
        let expected = if !allow.contains("HEAD") { 405 } else { app.get(path).await.status };
        assert_eq!(head.status, expected, "{path}");
        let get = app.get(path).await;
        assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
    }
}

async fn unknown_paths(app: TestApp) {
    for path in [
        "/nothing",
        "/1/2",
        "/1/details/x",
        "/paid/x",
        "/expired/1",
        "/deliveries/x",
        "/mails/refund",
        "/mails/other/en",
        "/mails/refund/de",
        "/mails/refund/en/x",
        "/health/x",
        "/metrics/x",
        "/docs/x",
        "/console/x",
        "/console/main.js/x",
        "/active/x",
        "/PAID",
        "/..",
    ] {
        for method in ["GET", "POST", "OPTIONS"] {
            let answer = app.call(method, path).await;
            if path == "/.." {
                continue; // the client removes it
            }
            assert_eq!((answer.status, answer.error().as_str()), (404, "not_found"), "{method} {path}");
            assert_eq!(answer.header("content-type"), "application/json");
        }
    }
}

async fn slashes(app: TestApp) {
    app.enrolled("a", 1).await;
    for (path, status) in [
        ("/1/", 200),
        ("/1//", 404),
        ("//1", 404),
        ("/1/details/?user_id=a", 200),
        ("/1//details?user_id=a", 404),
        ("/health/", 200),
        ("/health//", 404),
        ("/active/", 200),
        ("//active", 404),
    ] {
        assert_eq!(app.get(path).await.status, status, "{path}");
    }
    assert_eq!(app.call("PATCH", "/expired/").await.status, 200);
    assert_eq!(app.call("PATCH", "/expired//").await.status, 404);
    assert_eq!(app.call("POST", "/deliveries/").await.status, 200);
}

async fn a_duplicate_parameter_is_named(app: TestApp) {
    app.enrolled("a", 1).await;
    for (path, name) in [
        ("/active?limit=1&limit=2", "limit"),
        ("/active?after=0&limit=1&%61fter=0", "after"),
        ("/active?x=1&x=1", "x"),
        ("/deliveries?state=due&state=due", "state"),
        ("/deliveries?limit=1&after=0&limit=1", "limit"),
        ("/health?deep=0&deep=1", "deep"),
        ("/1/details?user_id=a&x=1&x=2", "x"),
    ] {
        let answer = app.get(path).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, "validation_error"), "{path}");
        let detail = &answer.json()["details"][0];
        assert_eq!((detail["loc"][0].as_str(), detail["type"].as_str()), (Some(name), Some("duplicate")), "{path}");
    }
    assert_eq!(app.get("/1/details?user_id=a&user_id=a").await.error(), "missing_user_id");
}

async fn request_ids(app: TestApp) {
    let ask = async |id: &str| {
        let request = app.request("GET".parse().unwrap(), "/1").header("x-request-id", id);
        app.send(request).await.header("x-request-id").to_owned()
    };
    assert_eq!(ask("abc-123").await, "abc-123");
    for replaced in ["a b", &"x".repeat(129)] {
        assert_ne!(ask(replaced).await, replaced);
    }
    let (first, second) = (app.get("/1").await, app.get("/1").await);
    assert_ne!(first.header("x-request-id"), "");
    assert_ne!(first.header("x-request-id"), second.header("x-request-id"));
}
