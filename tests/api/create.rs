//! `POST /`

use futures::StreamExt as _;
use sandbox::{Fault, Target};
use serde_json::{Value, json};
use tests::TestApp;

crate::cases![
    an_enrolment_is_stored_and_mailed,
    the_trailing_slash_is_optional,
    a_second_enrolment_is_a_conflict,
    user_ids_are_stored_byte_for_byte,
    faulty_bodies_change_nothing,
    a_duplicate_key_is_named,
    other_content_types_are_refused,
    large_bodies_are_refused,
    a_body_that_stops_times_out,
    unknown_users_and_courses_are_refused,
    sql_is_data,
    names_are_escaped_in_the_mail,
    a_forged_header_is_never_sent,
    one_connection_and_few_statements,
];

/// Checks that no request was sent and nothing is stored.
async fn untouched(app: &TestApp) {
    assert_eq!(app.sandbox.state().calls, sandbox::state::Calls::default());
    assert_eq!(app.count("enrolments").await, 0);
    assert_eq!(app.jobs().await.len(), 0);
}

async fn an_enrolment_is_stored_and_mailed(app: TestApp) {
    let answer = app.enrol("63a1f1234abc5678def12345", 1).await;
    assert_eq!(answer.status, 201);
    assert_eq!(
        answer.text,
        r#"{"id":1,"user_id":"63a1f1234abc5678def12345","course_id":1,"status":"active","payment_status":"pending","invoice_url":null}"#
    );
    assert_eq!(answer.header("location"), "/api/enrolment/1");
    assert_eq!(answer.header("content-type"), "application/json");
    app.idle().await;
    let emails = app.sandbox.state().emails;
    assert_eq!(emails.len(), 1);
    assert_eq!(emails[0]["to"], json!(["63a1f1234abc5678def12345@example.com"]));
    assert_eq!(emails[0]["subject"], "Course enrolment confirmation");
    assert!(emails[0]["html"].as_str().unwrap().contains("Course 1"));
    assert!(emails[0]["text"].as_str().unwrap().contains("Course 1"));
    assert_eq!(app.jobs().await, ["enrolment_email done"]);
    assert_eq!(app.value("SELECT payload FROM outbox").await, "{}", "personal data has left the job");
}

async fn the_trailing_slash_is_optional(app: TestApp) {
    let body = json!({"course_id": 1, "user_id": "a"});
    assert_eq!(app.call_json("POST", "/", &body).await.status, 201);
    assert_eq!(app.call_json("POST", "//", &body).await.status, 404);
}

async fn a_second_enrolment_is_a_conflict(app: TestApp) {
    app.enrolled("a", 1).await;
    let answer = app.enrol("a", 1).await;
    assert_eq!((answer.status, answer.error().as_str()), (409, "conflict"));
    app.enrolled("a", 2).await;
    app.idle().await;
    assert_eq!(app.sandbox.state().emails.len(), 2);
}

async fn user_ids_are_stored_byte_for_byte(app: TestApp) {
    for user_id in ["alice", "ALICE", "alice ", "żółw🐢", "zolw", "a'; DROP TABLE enrolments; --", &"ż".repeat(64)]
    {
        let answer = app.enrol(user_id, 1).await;
        assert_eq!(answer.status, 201, "{user_id}: {}", answer.text);
        assert_eq!(answer.json()["user_id"], user_id);
        let id = answer.json()["id"].as_i64().unwrap();
        assert_eq!(app.get(&format!("/{id}")).await.json()["user_id"], user_id);
    }
    assert_eq!(app.count("enrolments").await, 7);
}

async fn faulty_bodies_change_nothing(app: TestApp) {
    let post = async |body: String| {
        let request = app.request("POST".parse().unwrap(), "").header("content-type", "application/json").body(body);
        app.send(request).await
    };
    for body in ["{", "", "null", "[]", "\"x\"", "5", "{}", "\u{0}"] {
        let answer = post(body.to_owned()).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, "validation_error"), "{body:?}");
        assert!(!answer.json()["details"].as_array().unwrap().is_empty());
    }
    let missing = post("{}".to_owned()).await.json();
    let fields: Vec<_> = missing["details"].as_array().unwrap().iter().map(|detail| detail["loc"][0].clone()).collect();
    assert_eq!(fields, ["course_id", "user_id"]);
    assert_eq!(missing["details"][0]["type"], "missing");
    assert_eq!(missing["message"], "Validation failed");
    for course_id in [
        "\"abc\"",
        "\"1\"",
        "1.5",
        "1.0000000000000001",
        "null",
        "true",
        "[]",
        "{}",
        "0",
        "-1",
        "2147483648",
        "99999999999999999999",
        "1e400",
    ] {
        let answer = post(format!(r#"{{"course_id": {course_id}, "user_id": "a"}}"#)).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, "validation_error"), "{course_id}");
    }
    // The deepest value that is parsed, and the deepest that fits into a body.
    for depth in [126, 20_000] {
        let nested = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let answer = post(format!(r#"{{"course_id": {nested}, "user_id": "a"}}"#)).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, "validation_error"), "{depth}");
    }
    for user_id in [json!(""), json!("  "), json!("a".repeat(65)), json!("a\0"), json!(5), Value::Null] {
        let answer = app.call_json("POST", "", &json!({"course_id": 1, "user_id": user_id})).await;
        assert_eq!(
            (answer.status, answer.json()["details"][0]["loc"][0].as_str()),
            (400, Some("user_id")),
            "{user_id}"
        );
    }
    untouched(&app).await;
}

async fn a_duplicate_key_is_named(app: TestApp) {
    for (method, path, body, names) in [
        ("POST", "", r#"{"course_id": 1, "course_id": 2, "user_id": "a"}"#, json!(["course_id"])),
        ("POST", "", r#"{"user_id": "b", "course_id": 1, "user\u005fid": "a"}"#, json!(["user_id"])),
        ("POST", "", r#"{"user_id": "a", "course_id": 1, "x": 1, "x": 1}"#, json!(["x"])),
        ("PATCH", "/paid", r#"{"enrolment_id": 1, "enrolment_id": 1}"#, json!(["enrolment_id"])),
    ] {
        let request = app.request(method.parse().unwrap(), path).header("content-type", "application/json").body(body);
        let answer = app.send(request).await;
        let detail = answer.json()["details"][0].clone();
        assert_eq!((answer.status, answer.error().as_str()), (400, "validation_error"), "{body}");
        assert_eq!((&detail["loc"], &detail["type"]), (&names, &json!("duplicate")), "{body}");
    }
    untouched(&app).await;
}

async fn other_content_types_are_refused(app: TestApp) {
    let post = async |content_type: Option<&str>, user: &str| {
        let mut request = app.request("POST".parse().unwrap(), "");
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        app.send(request.body(format!(r#"{{"course_id": 1, "user_id": "{user}"}}"#))).await
    };
    for refused in [None, Some("text/plain"), Some("application/x-www-form-urlencoded"), Some("application/jsonx")] {
        let answer = post(refused, "a").await;
        assert_eq!((answer.status, answer.error().as_str()), (415, "unsupported_media_type"), "{refused:?}");
    }
    untouched(&app).await;
    assert_eq!(post(Some("application/json; charset=utf-8"), "a").await.status, 201);
    assert_eq!(post(Some("application/vnd.x+json"), "b").await.status, 201);
}

const HEAD: &str = "POST /api/enrolment HTTP/1.1\r\nhost: enrolments\r\ncontent-type: application/json\r\n";

async fn large_bodies_are_refused(app: TestApp) {
    let body = |length: usize| {
        let frame = r#"{"course_id":1,"user_id":"a","x":""}"#.len();
        format!(r#"{{"course_id":1,"user_id":"a","x":"{}"}}"#, "x".repeat(length - frame))
    };
    let post = |body: reqwest::Body| {
        let request = app.request("POST".parse().unwrap(), "").header("content-type", "application/json");
        app.send(request.body(body))
    };
    // The answer does not wait for the rest of the body.
    for (length, sent) in [("content-length: 65537", ""), ("content-length: 1048576", "{")] {
        let answer = app.raw(&format!("{HEAD}{length}\r\n\r\n{sent}")).await;
        assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("payload_too_large"), "{answer}");
    }
    let chunks = format!("{HEAD}transfer-encoding: chunked\r\n\r\n10001\r\n{}\r\n", "x".repeat(0x10001));
    let answer = app.raw(&chunks).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    untouched(&app).await;
    assert_eq!(post(body(65_536).into()).await.status, 201);
    for invocation in app.take_invocations().await {
        assert!(invocation.peak_memory < 4 << 20, "{invocation:?}");
    }
}

async fn a_body_that_stops_times_out(app: TestApp) {
    let stop = async |method: &str, path: &str| {
        let beginning = futures::stream::iter([Ok::<_, std::io::Error>("{\"course_id\": 1, ")]);
        let body = reqwest::Body::wrap_stream(beginning.chain(futures::stream::pending()));
        let request = app.request(method.parse().unwrap(), path).header("content-type", "application/json");
        app.send(request.body(body)).await
    };
    for answer in futures::future::join_all([stop("POST", ""), stop("PATCH", "/paid")]).await {
        assert_eq!((answer.status, answer.error().as_str()), (408, "request_timeout"));
        assert_eq!(answer.json()["message"], "The body did not arrive within 5 s");
    }
    untouched(&app).await;
}

async fn unknown_users_and_courses_are_refused(app: TestApp) {
    let answer = app.enrol("missing", 1).await;
    assert_eq!((answer.status, answer.error().as_str()), (400, "validation_error"));
    assert_eq!(answer.json()["message"], "User not found or inactive");
    app.sandbox.set_user("idle", json!({"is_active": false}));
    assert_eq!(app.enrol("idle", 1).await.json()["message"], "User not found or inactive");
    let answer = app.enrol("a", 404).await;
    assert_eq!((answer.status, answer.json()["message"].as_str()), (400, Some("Course 404 not found")));
    assert_eq!(app.count("enrolments").await, 0);
}

async fn sql_is_data(app: TestApp) {
    let user_id = "1' OR '1'='1";
    let id = app.enrolled(user_id, 1).await;
    assert_eq!(app.get(&format!("/{id}/details?user_id=x'%20OR%20'1'='1")).await.status, 404);
    assert_eq!(app.count("enrolments").await, 1);
}

async fn names_are_escaped_in_the_mail(app: TestApp) {
    app.enrolled("html", 7).await;
    assert!(app.sandbox.wait_until(|state| state.emails.len() == 1, tests::PATIENCE).await);
    let html = app.sandbox.state().emails[0]["html"].as_str().unwrap().to_owned();
    assert!(
        html.contains("&lt;b&gt;Eve&lt;/b&gt; &amp; &quot;Co&quot;") && html.contains("&lt;i&gt;Wasm&lt;/i&gt;"),
        "{html}"
    );
    assert!(!html.contains("<b>") && !html.contains("<i>"));
}

async fn a_forged_header_is_never_sent(app: TestApp) {
    let answer = app.enrol("crlf", 1).await;
    assert_eq!((answer.status, answer.error().as_str()), (502, "bad_gateway"));
    assert_eq!(app.count("enrolments").await, 0);
    // A job with an older name is not sent either.
    app.sandbox.fault(Target::Emails, Fault::status(500), Some(1));
    app.enrolled("a", 1).await;
    app.idle().await;
    let forge = "UPDATE outbox SET due_at = 0, payload = REPLACE(payload, 'Customer', CHAR(92, 110))";
    app.database.execute(forge).await.unwrap();
    app.cron("delivery-cron").await;
    assert_eq!(app.sandbox.state().calls.of(Target::EmailsSend), 1);
    assert_eq!(app.jobs().await, ["enrolment_email dead"]);
}

async fn one_connection_and_few_statements(app: TestApp) {
    app.enrolled("a", 1).await;
    let invocation = app.take_invocations().await.remove(0);
    assert_eq!((invocation.component.as_str(), invocation.connections), ("enrolments", 1));
    // begin, the enrolment, its id, the job, its id, commit; then the job is
    // done: the text of the mail, begin (SQLite only), the change, commit.
    assert!(invocation.statements.len() <= 9, "{:#?}", invocation.statements);
    assert_eq!(invocation.outbound_calls.len(), 3, "{:?}", invocation.outbound_calls);
}
