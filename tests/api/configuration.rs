//! Unusable variables: `GET /health` names them, and each stops only its own system.

use sandbox::Target;
use serde_json::json;
use tests::{Answer, TestApp};

crate::cases![
    health_names_each_variable_and_its_values with crate::variables([
        ("mail_provider", "s3cret-provider"),
        ("events_secret", "s3cret-events"),
        ("retention_days", "s3cret-days"),
    ]),
    health_names_variables_only_with_a_token with crate::variables([
        ("mail_token", ""), ("service_token", "s3cret-token"),
    ]),
    two_tokens_with_one_secret_are_refused with crate::variables([
        ("service_token", "s3cret-token"), ("tokens", "gateway=callers:s3cret-token"),
    ]),
    an_unusable_relay_stops_only_mails with crate::variables([("mail_token", " \n")]),
    unusable_invoicing_stops_only_payments with crate::variables([("invoices_token", "\r\n")]),
    an_invalid_secret_stops_only_events with crate::variables([("events_secret", "s3cret-events")]),
    without_a_receiver_no_event_is_sent with crate::variables([("events_url", ""), ("events_secret", "s3cret-events")]),
    invalid_retention_stops_only_pruning with crate::variables([("retention_days", "a month")]),
    health_names_an_invalid_address on Sqlite with crate::variables([("events_url", "receiver")]),
];

/// The log. Checks that it has no value of a variable.
async fn logged(app: &TestApp) -> String {
    app.idle().await;
    let output = app.app.captured_output();
    assert!(!output.contains("s3cret"), "{output}");
    output
}

async fn health_names_each_variable_and_its_values(app: TestApp) {
    for path in ["/health", "/health?deep=1"] {
        let answer = app.get(path).await;
        let names = &answer.json()["variables"];
        let names: Vec<_> = names.as_array().unwrap().iter().map(|own| own["name"].as_str().unwrap()).collect();
        assert_eq!((answer.status, names), (503, vec!["mail_provider", "events_secret", "retention_days"]));
        assert_eq!((&answer.json()["database"], &answer.json()["configuration"]), (&json!("ok"), &json!("error")));
        assert_eq!(answer.json()["variables"][2]["allowed"], "empty (forever), or days: 1 to 36500");
        assert!(!answer.text.contains("s3cret"), "{}", answer.text);
    }
    assert!(logged(&app).await.contains("configuration: variable retention_days is unreadable"));
}

async fn health_names_variables_only_with_a_token(app: TestApp) {
    let ask = async |token: &str| app.send(app.request("GET".parse().unwrap(), "/health").bearer_auth(token)).await;
    for answer in [app.get("/health").await, ask("s3cret").await] {
        let expected = r#"{"status":"error","database":"ok","enrolment_service":"ok","configuration":"error"}"#;
        assert_eq!((answer.status, answer.text.as_str()), (503, expected));
    }
    assert_eq!(ask("s3cret-token").await.json()["variables"][0]["name"], "mail_token");
}

/// A caller with this secret would have two roles.
async fn two_tokens_with_one_secret_are_refused(app: TestApp) {
    let ask = async |path: &str| app.send(app.request("GET".parse().unwrap(), path).bearer_auth("s3cret-token")).await;
    let answer = ask("/active").await;
    assert_eq!(answer.json()["message"], "The service is not configured: variable service_token is unreadable");
    let health = ask("/health").await;
    assert_eq!((health.status, &health.json()["variables"]), (503, &json!(null)), "no token is valid");
    logged(&app).await;
}

fn is_ok(answer: &Answer) {
    assert!((200..300).contains(&answer.status), "{} {}", answer.status, answer.text);
}

/// `last_error` of the jobs of a kind.
async fn last_error(app: &TestApp, kind: &str) -> String {
    app.value(&format!("SELECT MAX(last_error) FROM outbox WHERE kind = '{kind}' AND state = 'due'")).await
}

async fn an_unusable_relay_stops_only_mails(app: TestApp) {
    let (a, b) = (app.enrolled("a", 1).await, app.enrolled("b", 1).await);
    for answer in [app.pay(a).await, app.pay(b).await, app.refund(b).await, app.call("POST", "/deliveries").await] {
        is_ok(&answer);
    }
    app.idle().await;
    let state = app.sandbox.state();
    assert_eq!((state.invoices.len(), state.corrections.len(), state.emails.len()), (2, 1, 0));
    assert_eq!(last_error(&app, "payment_email").await, "configuration: variable mail_token is unreadable");
    let dead = app.value("SELECT COUNT(*) FROM outbox WHERE state = 'dead' OR attempts > 1").await;
    assert_eq!(dead, "0", "no attempt is used up");
    assert!(logged(&app).await.contains("configuration: variable mail_token is unreadable"));
}

async fn unusable_invoicing_stops_only_payments(app: TestApp) {
    let id = app.enrolled("a", 1).await;
    let answer = app.pay(id).await;
    assert_eq!((answer.status, answer.error().as_str()), (503, "service_unavailable"));
    assert!(answer.text.contains("variable invoices_token is unreadable"), "{}", answer.text);
    assert_eq!(app.get(&format!("/{id}")).await.json()["payment_status"], "pending", "no payment is recorded");
    is_ok(&app.cancel(id).await);
    is_ok(&app.call("POST", "/deliveries").await);
    app.idle().await;
    assert_eq!(app.sandbox.state().emails.len(), 2, "mails go out");
}

async fn an_invalid_secret_stops_only_events(app: TestApp) {
    let id = app.enrolled("a", 1).await;
    is_ok(&app.pay(id).await);
    is_ok(&app.call("POST", "/deliveries").await);
    app.idle().await;
    let state = app.sandbox.state();
    assert_eq!((state.invoices.len(), state.emails.len(), state.calls.of(Target::Webhooks)), (1, 2, 0));
    let waiting = app.value("SELECT COUNT(*) FROM outbox WHERE kind = 'event' AND state = 'due'").await;
    assert_ne!(waiting, "0", "events wait for the secret");
    assert_eq!(last_error(&app, "event").await, "configuration: variable events_secret is unreadable");
    logged(&app).await;
}

async fn without_a_receiver_no_event_is_sent(app: TestApp) {
    assert_eq!(app.get("/health").await.status, 200);
    let id = app.enrolled("a", 1).await;
    is_ok(&app.pay(id).await);
    is_ok(&app.call("POST", "/deliveries").await);
    app.idle().await;
    let state = app.sandbox.state();
    assert_eq!((state.invoices.len(), state.emails.len(), state.calls.of(Target::Webhooks)), (1, 2, 0));
    assert_eq!(app.count("outbox WHERE kind = 'event'").await, 0);
}

async fn invalid_retention_stops_only_pruning(app: TestApp) {
    app.enrolled("a", 1).await;
    is_ok(&app.call("POST", "/deliveries").await);
    assert!(logged(&app).await.contains("configuration: variable retention_days is unreadable"));
}

/// With such an address in its list, Spin lets a component reach no host, so the database
/// server is unreachable too. `/health` names the variable.
async fn health_names_an_invalid_address(app: TestApp) {
    assert_eq!(app.get("/health").await.json()["variables"][0]["name"], "events_url");
    is_ok(&app.enrol("a", 1).await);
}
