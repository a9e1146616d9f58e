//! Query parameters, on every route.

use serde_json::json;
use tests::{ROUTES, TestApp};

crate::cases![unknown_parameters_are_refused_on_every_route, every_fault_is_listed];

/// Pages for browsers accept others: a proxy may add parameters to their addresses.
const PAGES: [&str; 3] = ["/docs", "/console", "/openapi.json"];

async fn unknown_parameters_are_refused_on_every_route(app: TestApp) {
    app.enrolled("ann", 1).await;
    app.idle().await;
    let before = app.database.rows("SELECT * FROM enrolments").await.unwrap();
    app.take_invocations().await;
    for route in ROUTES.iter().filter(|route| !PAGES.contains(&route.pattern)) {
        let target = route.target(&route.asked[0], "1", "ann");
        let query = if target.contains('?') { "&userid=ann" } else { "?userid=ann" };
        let request = app.request(route.method.parse().unwrap(), &format!("{target}{query}"));
        let body = route.body.replace("{id}", "1").replace("{user}", "ann");
        let request =
            if body.is_empty() { request } else { request.header("content-type", "application/json").body(body) };
        let answer = app.send(request).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, "validation_error"), "{}", route.name());
        let details = answer.json()["details"].clone();
        assert_eq!((&details[0]["loc"], &details[0]["type"]), (&json!(["userid"]), &json!("extra")), "{details}");
    }
    assert!(app.take_invocations().await.iter().all(|run| run.connections == 0 && run.outbound_calls.is_empty()));
    assert_eq!(app.database.rows("SELECT * FROM enrolments").await.unwrap(), before);
}

async fn every_fault_is_listed(app: TestApp) {
    for (path, faults) in [
        (
            "?userid=a&course_id=x&status=ACTIVE&limit=0&after=-1&payment_status=paid",
            &["userid", "course_id", "status", "limit", "after"][..],
        ),
        ("/active?limit=x&after=x&more=1&limit=1", &["limit", "more", "after"]),
        ("/events?limit=0&after=x&more", &["more", "after", "limit"]),
        (
            "/deliveries?kind=x&state=done&enrolment_id=0&after=x&limit=0",
            &["enrolment_id", "kind", "state", "after", "limit"],
        ),
    ] {
        let answer = app.get(path).await;
        let details = answer.json()["details"].as_array().cloned().unwrap_or_default();
        let mut named: Vec<_> = details.iter().map(|detail| detail["loc"][0].as_str().unwrap().to_owned()).collect();
        let mut expected: Vec<_> = faults.iter().map(|name| (*name).to_owned()).collect();
        named.sort();
        expected.sort();
        assert_eq!((answer.status, named), (400, expected), "{path}");
    }
}
