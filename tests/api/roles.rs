//! Named tokens and the rights of their roles.

use serde_json::{Value, json};
use tests::{Answer, ROLES, ROUTES, Settings, TestApp};

const TOKENS: &str = "gateway=callers:s3cret-callers  gateway=callers:s3cret-next\n\
                      ann=operators:s3cret-operators auditor=viewers:s3cret-viewers prometheus=metrics:s3cret-metrics";

crate::cases![
    each_role_has_the_rights_in_the_table with named(),
    the_role_is_checked_before_the_body with named(),
    both_secrets_of_a_caller_are_valid with named(),
    the_service_token_may_do_everything with
        crate::variables([("service_token", "s3cret-service"), ("tokens", TOKENS)]),
    a_refused_caller_is_logged with named(),
    a_failure_is_logged_with_its_caller with named(),
    a_resolution_has_its_operator with named(),
    an_unreadable_list_refuses_every_caller with
        crate::variables([("tokens", "gateway=callers:s3cret-callers ann=admins:s3cret-admins")]),
    a_blank_list_refuses_every_caller with crate::variables([("tokens", " \n")]),
];

fn named() -> Settings {
    crate::variables([("tokens", TOKENS)])
}

async fn ask(app: &TestApp, token: Option<&str>, method: &str, path: &str) -> Answer {
    let request = app.request(method.parse().unwrap(), path);
    app.send(match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    })
    .await
}

/// The token of a column of the table; the first has none.
fn token(role: &str) -> Option<String> {
    role.strip_prefix("no ").is_none().then(|| format!("s3cret-{role}"))
}

async fn each_role_has_the_rights_in_the_table(app: TestApp) {
    let access = tests::access();
    for route in ROUTES {
        let may = access[&route.name()];
        for (role, may) in ROLES.into_iter().zip(may) {
            let token = token(role);
            for asked in route.asked {
                let path = route.target(asked, "1", "a");
                let head = (route.method == "GET").then_some("HEAD");
                for method in head.into_iter().chain([route.method]) {
                    let answer = ask(&app, token.as_deref(), method, &path).await;
                    let refused = if token.is_some() { 403 } else { 401 };
                    let what = format!("{method} {path} with {role}: {} {}", answer.status, answer.text);
                    assert_eq!([401, 403].contains(&answer.status), !may, "{what}");
                    assert!(may || answer.status == refused, "{what}");
                    let bearer = if answer.status == 401 { "Bearer" } else { "" };
                    assert_eq!(answer.header("www-authenticate"), bearer, "{what}");
                    if method != "HEAD" && answer.status == 403 {
                        assert_eq!(answer.error(), "forbidden", "{what}");
                        let message = format!("A token with the role {role} may not do this");
                        assert_eq!(answer.json()["message"], json!(message), "{what}");
                    }
                }
            }
        }
    }
}

/// A valid token gets 404 and 405 before 403.
async fn the_role_is_checked_before_the_body(app: TestApp) {
    for role in &ROLES[1..] {
        let token = token(role);
        for (method, path, status) in
            [("GET", "/nothing", 404), ("PUT", "/refunded", 405), ("OPTIONS", "/refunded", 204)]
        {
            assert_eq!(ask(&app, token.as_deref(), method, path).await.status, status, "{method} {path} with {role}");
        }
    }
    app.take_invocations().await;
    // The role is checked before the content type and the body.
    let request = app.request("PATCH".parse().unwrap(), "/refunded").bearer_auth("s3cret-callers");
    let answer = app.send(request.header("content-type", "text/plain").body("x")).await;
    assert_eq!((answer.status, answer.error().as_str()), (403, "forbidden"));
    assert_eq!(app.take_invocations().await[0].connections, 0);
}

async fn both_secrets_of_a_caller_are_valid(app: TestApp) {
    for token in ["s3cret-callers", "s3cret-next"] {
        assert_eq!(ask(&app, Some(token), "GET", "/active").await.status, 200, "{token}");
    }
    for token in ["gateway", "callers:s3cret-callers", TOKENS, "s3cret-"] {
        let answer = ask(&app, Some(&token.replace('\n', " ")), "GET", "/active").await;
        assert_eq!((answer.status, answer.header("www-authenticate")), (401, "Bearer"), "{token}");
        assert_eq!(answer.json()["message"], "A token came that is not known");
    }
    let answer = ask(&app, None, "GET", "/active").await;
    assert_eq!(answer.json()["message"], "No token came. Send one in the header Authorization: Bearer");
}

async fn the_service_token_may_do_everything(app: TestApp) {
    for route in ROUTES {
        let answer = ask(&app, Some("s3cret-service"), route.method, &route.target(&route.asked[0], "1", "a")).await;
        assert!(![401, 403].contains(&answer.status), "{}: {}", route.name(), answer.text);
    }
    assert_eq!(ask(&app, Some("s3cret-metrics"), "GET", "/metrics").await.status, 200);
    assert_eq!(ask(&app, Some("s3cret-metrics"), "GET", "/active").await.status, 403);
}

/// The log lines; none has a secret.
async fn lines(app: &TestApp) -> Vec<Value> {
    app.idle().await;
    let output = app.app.captured_output();
    assert!(!output.contains("s3cret"), "{output}");
    output.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

async fn a_refused_caller_is_logged(app: TestApp) {
    let answer = ask(&app, Some("s3cret-next"), "GET", "/deliveries").await;
    assert_eq!(answer.status, 403);
    assert_eq!(ask(&app, None, "GET", "/deliveries").await.status, 401);
    let line = json!({
        "level": "warning", "request_id": answer.header("x-request-id"), "route": "GET /deliveries",
        "caller": "gateway", "status": 403, "cause": "the role callers may not do this",
    });
    assert_eq!(lines(&app).await, [line], "an unknown token is not logged");
}

async fn a_failure_is_logged_with_its_caller(app: TestApp) {
    app.database.execute("DROP TABLE outbox").await.unwrap();
    assert_eq!(ask(&app, Some("s3cret-operators"), "GET", "/deliveries").await.status, 503);
    let lines = lines(&app).await;
    assert_eq!((lines.len(), &lines[0]["caller"], &lines[0]["level"]), (1, &json!("ann"), &json!("error")));
}

async fn a_resolution_has_its_operator(app: TestApp) {
    let call = async |method: &str, path: &str, body: Value| {
        let request = app.request(method.parse().unwrap(), path).bearer_auth("s3cret-operators");
        let answer = app.send(request.json(&body)).await;
        app.idle().await;
        answer.json()
    };
    app.sandbox.fault(sandbox::Target::Emails, sandbox::Fault::status(422), Some(1));
    let id = call("POST", "", json!({"course_id": 1, "user_id": "a"})).await["id"].clone();
    let job = app.value("SELECT id FROM outbox WHERE state = 'dead'").await;
    let note = json!({"note": "told by phone"});
    assert_eq!(call("POST", &format!("/deliveries/{job}/resolution"), note).await["state"], "done");
    let history = call("GET", &format!("/{id}/history"), json!(null)).await;
    assert_eq!(history["resolutions"][0]["settled_by"], "ann", "{history}");
    assert_eq!(history["resolutions"][0]["note"], "told by phone", "{history}");
    // Only operators see notes.
    let seen = ask(&app, Some("s3cret-callers"), "GET", &format!("/{id}/history")).await;
    assert_eq!((seen.status, &seen.json()["resolutions"][0]["note"]), (200, &json!("")), "{}", seen.text);
}

/// Callers with a readable entry are refused, too: the intended list is unknown.
async fn an_unreadable_list_refuses_every_caller(app: TestApp) {
    refuses_every_caller(&app).await;
    let health = app.get("/health").await;
    assert_eq!(health.text, r#"{"status":"error","database":"ok","enrolment_service":"ok","configuration":"error"}"#);
    let lines = lines(&app).await;
    assert!(!lines.is_empty());
    for line in lines {
        assert_eq!(line["cause"], "configuration: variable tokens is unreadable", "{line}");
    }
}

async fn a_blank_list_refuses_every_caller(app: TestApp) {
    refuses_every_caller(&app).await;
}

async fn refuses_every_caller(app: &TestApp) {
    for token in [None, Some("s3cret-callers"), Some("s3cret-admins")] {
        let answer = ask(app, token, "GET", "/active").await;
        assert_eq!((answer.status, answer.error().as_str()), (503, "service_unavailable"));
        let message = "The service is not configured: variable tokens is unreadable";
        assert_eq!(answer.json()["message"], message);
    }
}
