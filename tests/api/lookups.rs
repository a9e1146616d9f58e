//! Look-ups of users and courses with paths of the platform's own and a token.

use serde_json::json;
use tests::{Settings, TestApp};

crate::cases![
    paths_and_tokens_are_the_platforms on Sqlite with platform("sandbox"),
    a_refused_token_is_an_outage on Sqlite with platform("another"),
    a_path_without_the_id_is_named on Sqlite with crate::variables([("users_path", "/v2/users")]),
];

fn platform(token: &str) -> Settings {
    crate::variables([
        ("users_path", "/v2/users/{user_id}"),
        ("users_token", token),
        ("courses_path", "/v2/courses/{course_id}?fields=all"),
        ("courses_token", token),
    ])
}

/// Also where a job asks after the answer.
async fn paths_and_tokens_are_the_platforms(app: TestApp) {
    let id = app.enrolled("a/b ż?c=%", 1).await;
    app.sandbox.set_user("a/b ż?c=%", json!({"first_name": "Ann"}));
    let paid = app.pay(id).await;
    assert_eq!(paid.status, 200, "{}", paid.text);
    app.idle().await;
    let state = app.sandbox.state();
    assert_eq!(state.invoices[0]["buyer_first_name"], "Ann");
    assert_eq!(app.enrol("missing", 1).await.status, 400);
    assert_eq!(app.enrol("a", 404).await.status, 400);
}

async fn a_refused_token_is_an_outage(app: TestApp) {
    let answer = app.enrol("a", 1).await;
    assert_eq!((answer.status, answer.error().as_str()), (503, "service_unavailable"), "{}", answer.text);
    assert!(app.app.captured_output().contains("access refused"), "{}", app.app.captured_output());
    assert!(!app.app.captured_output().contains("another"));
}

async fn a_path_without_the_id_is_named(app: TestApp) {
    let health = app.get("/health").await;
    assert_eq!((health.status, &health.json()["variables"][0]["name"]), (503, &json!("users_path")));
    assert_eq!(app.enrol("a", 1).await.status, 503);
}
