//! Logs: failures, without secrets and personal data.

use sandbox::fault::Named;
use sandbox::{Config, Fault, Target};
use serde_json::{Value, json};
use tests::{Settings, TestApp};

crate::cases![
    a_failure_is_one_line_with_the_id_of_the_request,
    a_failed_or_dead_delivery_is_one_line,
    no_secrets_or_personal_data_are_logged with with_canaries(),
];

async fn a_failure_is_one_line_with_the_id_of_the_request(app: TestApp) {
    app.sandbox.fault(Target::Users, Fault::status(500), None);
    let given = app.request("POST".parse().unwrap(), "").header("x-request-id", "given-by-the-caller");
    let given = app.send(given.json(&json!({"course_id": 1, "user_id": "a"}))).await;
    assert_eq!((given.status, given.header("x-request-id")), (503, "given-by-the-caller"));
    let made = app.enrol("a", 1).await;
    assert_eq!(made.header("x-request-id").len(), 16);
    app.idle().await;
    let output = app.app.captured_output();
    let lines: Vec<Value> = output.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    for answer in [given, made] {
        let line = json!({
            "level": "error", "request_id": answer.header("x-request-id"), "route": "POST /", "status": 503,
            "cause": "users: server error",
        });
        assert_eq!(lines.iter().filter(|found| **found == line).count(), 1, "{output}");
    }
    assert_eq!(lines.len(), 2, "{output}");
}

async fn a_failed_or_dead_delivery_is_one_line(app: TestApp) {
    app.sandbox.fault(Target::Emails, Fault::status(401), Some(1));
    let id = app.enrolled("ann", 1).await;
    app.idle().await;
    app.sandbox.fault(Target::InvoicesCreate, Fault::status(422), Some(1));
    app.pay(id).await;
    app.idle().await;
    let output = app.app.captured_output();
    let lines: Vec<Value> = output.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let mail = json!({
        "level": "warning", "delivery": "enrolment_email", "enrolment_id": id, "state": "due", "attempts": 0,
        "reason": "access_refused", "cause": "access refused",
    });
    let invoice = json!({
        "level": "error", "delivery": "invoice", "enrolment_id": id, "state": "dead", "attempts": 1,
        "reason": "document_refused", "cause": "document refused: 422",
    });
    assert_eq!(lines, [mail, invoice], "{output}");
}

fn with_canaries() -> Settings {
    let canary = |name: &str| format!("canary-{name}");
    let mut settings = crate::variables([("mail_from", "canary-sender <canary@sender.example>")]);
    for name in ["service_token", "invoices_token", "mail_token"] {
        settings.variables.insert(name.to_owned(), canary(name));
    }
    settings.variables.insert("tokens".to_owned(), "gateway=callers:canary-named_token".to_owned());
    settings.sandbox =
        Config { invoices_token: canary("invoices_token"), mail_token: canary("mail_token"), ..Config::default() };
    settings
}

async fn no_secrets_or_personal_data_are_logged(app: TestApp) {
    let call = async |method: &str, path: &str, body: Option<Value>, token: &str| {
        let request = app.request(method.parse().unwrap(), path).header("idempotency-key", "canary-key");
        let request = request.header("authorization", format!("Bearer {token}"));
        app.send(match body {
            Some(body) => request.json(&body),
            None => request,
        })
        .await
    };
    let token = "canary-service_token";
    let mut id = 0;
    for fault in [
        None,
        Some(Named::Reset.into()),
        Some(Named::ResetAfter.into()),
        Some(Named::Garbage.into()),
        Some(Named::Truncated.into()),
        Some(Fault::status(401)),
        Some(Fault::status(422)),
        Some(Fault::status(503)),
    ] {
        for target in [Target::Users, Target::Courses, Target::Invoices, Target::Emails] {
            let user = format!("canary-{id}");
            let person = json!({
                "first_name": "Canary-first", "last_name": "canary-last", "email": "canary@person.example",
            });
            app.sandbox.set_user(&user, person);
            app.sandbox.set_course(1, json!({"name": "canary-course"}));
            let enrol = |user: &str| Some(json!({"course_id": 1, "user_id": user}));
            app.database.execute("DELETE FROM idempotency").await.unwrap();
            if let Some(found) = call("POST", "", enrol(&user), token).await.json()["id"].as_i64() {
                id = found;
            }
            app.idle().await;
            if let Some(fault) = fault.clone() {
                app.sandbox.fault(target, fault, None);
            }
            app.database.execute("DELETE FROM idempotency").await.unwrap();
            call("PATCH", "/paid", Some(json!({"enrolment_id": id, "user_id": user})), token).await;
            app.database.execute("DELETE FROM idempotency").await.unwrap();
            call("POST", "", enrol(&format!("{user}-other")), token).await;
            app.idle().await;
            app.pass_time(3_600_000).await;
            for (method, path) in [
                ("POST", "/deliveries".to_owned()),
                ("GET", "/deliveries?state=dead".to_owned()),
                ("POST", "/deliveries/1/retry".to_owned()),
                ("GET", format!("/{id}")),
                ("GET", format!("/{id}/details?user_id={user}")),
                ("GET", "/active?after=canary".to_owned()),
                ("PATCH", "/expired".to_owned()),
                ("GET", "/health?deep=1".to_owned()),
                ("GET", "/canary-path?canary-query=1".to_owned()),
            ] {
                call(method, &path, None, token).await;
                call(method, &path, None, "canary-wrong-token").await;
                call(method, &path, None, "canary-named_token").await;
            }
            app.cron("delivery-cron").await;
            app.sandbox.clear_faults();
        }
    }
    // The database fails in the middle of every request.
    app.database.execute("DELETE FROM idempotency").await.unwrap();
    call("POST", "", Some(json!({"course_id": 1, "user_id": "canary-late"})), token).await;
    app.idle().await;
    let late = app.value("SELECT MAX(id) FROM enrolments").await.parse::<i64>().unwrap();
    app.database.execute("DELETE FROM idempotency; DROP TABLE outbox").await.unwrap();
    call("POST", "", Some(json!({"course_id": 1, "user_id": "canary-last"})), token).await;
    call("PATCH", "/paid", Some(json!({"enrolment_id": late})), token).await;
    app.cron("delivery-cron").await;
    app.cron("expiry-cron").await;
    app.idle().await;
    let output = app.app.captured_output();
    assert!(output.contains("\"status\":503") && output.contains("\"route\":\"PATCH /paid\""), "{output}");
    for line in output.lines() {
        let lower = line.to_lowercase();
        for never in ["canary", "@", "/invoice", "mysql:", "p%40ss", "p@ss", "insert", "select"] {
            assert!(!lower.contains(never), "{never} is in: {line}");
        }
    }
}
