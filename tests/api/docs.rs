//! `GET /openapi.json` and `GET /docs`

use serde_json::Value;
use tests::TestApp;

crate::cases![openapi_json_is_the_file_in_the_repository, the_page_loads_nothing_from_other_hosts];

async fn openapi_json_is_the_file_in_the_repository(app: TestApp) {
    let served = app.get("/openapi.json").await;
    assert_eq!(served.header("content-type"), "application/json");
    assert_eq!(served.text, std::fs::read_to_string(tests::root().join("openapi.json")).unwrap());
    let version = served.json()["info"]["version"].clone();
    assert_eq!(version, Value::from(env!("CARGO_PKG_VERSION")));
    assert_eq!(app.take_invocations().await[0].connections, 0);
}

async fn the_page_loads_nothing_from_other_hosts(app: TestApp) {
    let page = app.get("/docs").await;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(page.header("content-security-policy").starts_with("default-src 'self';"));
    for (file, kind, part) in [
        ("swagger-ui.css", "text/css", ".swagger-ui"),
        ("swagger-ui-bundle.js", "text/javascript", "SwaggerUIBundle"),
        ("start.js", "text/javascript", "/api/enrolment/openapi.json"),
    ] {
        assert!(page.text.contains(&format!("\"{file}\"")), "{file}");
        let answer = app.get(&format!("/docs/{file}")).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, kind), "{file}");
        assert!(answer.text.contains(part), "{file}");
    }
    assert!(!page.text.contains("://"), "{}", page.text);
}
