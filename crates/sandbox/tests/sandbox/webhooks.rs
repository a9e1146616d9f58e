//! Standard Webhooks.

use super::{post, sandbox};
use reqwest::{Client, Response, StatusCode};
use sandbox::fault::Named;
use sandbox::{Config, Fault, Sandbox, Target, webhooks};
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use std::time::Duration;

/// The secret of the specification, and another.
const SECRETS: [&str; 2] = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"];

fn now() -> i64 {
    chrono::Utc::now().timestamp()
}

fn event(enrolment: i64) -> Value {
    json!({"type": "enrolment.paid", "timestamp": "2026-02-01T12:00:00.000Z", "data": {"enrolment":
        {"id": enrolment, "user_id": "a", "course_id": 1, "status": "active", "payment_status": "paid", "invoice_url": null}}})
}

fn sign(secret: &str, id: &str, timestamp: i64, body: &str) -> String {
    Webhook::new(secret).unwrap().sign(id, timestamp, body.as_bytes()).unwrap()
}

/// A signed event: its id, timestamp, signature and body.
struct Signed<'a>(&'a str, i64, String, String);

impl Signed<'_> {
    async fn to(&self, client: &Client, url: &str) -> reqwest::Result<Response> {
        let Signed(id, timestamp, signature, body) = self;
        let request = client.post(url).header("webhook-id", *id).header("webhook-timestamp", *timestamp);
        request.header("webhook-signature", signature).body(body.clone()).send().await
    }
}

/// An event with a valid signature.
fn signed(id: &str, enrolment: i64) -> Signed<'_> {
    let (body, timestamp) = (event(enrolment).to_string(), now());
    Signed(id, timestamp, sign(webhooks::SECRET, id, timestamp, &body), body)
}

fn receiver(sandbox: &Sandbox) -> String {
    format!("{}/webhooks", sandbox.origin())
}

#[tokio::test]
async fn repeated_events_are_stored() {
    let (sandbox, client) = sandbox().await;
    let url = receiver(&sandbox);
    let (first, second) = (signed("event_1_7", 1), signed("event_2_7", 2));
    for (signed, url) in [(&first, url.clone()), (&second, format!("{url}/enrolments?a=b")), (&first, url)] {
        let answer = signed.to(&client, &url).await.unwrap();
        assert_eq!((answer.status(), answer.text().await.unwrap().as_str()), (StatusCode::NO_CONTENT, ""));
    }
    let kept = |signed: &Signed<'_>, enrolment| json!({"id": signed.0, "timestamp": signed.1, "user_agent": "tests", "body": event(enrolment)});
    let state = sandbox.state();
    assert_eq!(state.webhooks, [kept(&first, 1), kept(&second, 2), kept(&first, 1)]);
    assert_eq!((state.calls.of(Target::Webhooks), state.webhooks_refused), (3, 0));
    sandbox.reset();
    assert!(sandbox.state().webhooks.is_empty());
}

#[tokio::test]
async fn one_valid_signature_is_enough() {
    let config = Config { events_secrets: SECRETS.map(str::to_owned).to_vec(), ..Config::default() };
    let sandbox = Sandbox::start(([127, 0, 0, 1], 0).into(), config).await.unwrap();
    let (client, url, body, timestamp) = (Client::new(), receiver(&sandbox), event(1).to_string(), now());
    let by = |secret| sign(secret, "e", timestamp, &body);
    let [old, new, other] = [by(SECRETS[0]), by(SECRETS[1]), by(webhooks::SECRET)];
    for (signatures, status) in [
        (old.clone(), 204),
        (new.clone(), 204),
        (format!("{other} {new}"), 204),
        (format!("{old} {new}"), 204),
        (other, 401),
    ] {
        let answer = Signed("e", timestamp, signatures, body.clone()).to(&client, &url).await.unwrap();
        assert_eq!(answer.status(), status);
    }
    assert_eq!((sandbox.state().webhooks.len(), sandbox.state().webhooks_refused), (4, 1));
}

#[tokio::test]
async fn invalid_or_old_signatures_are_refused() {
    let (sandbox, client) = sandbox().await;
    let url = receiver(&sandbox);
    let at = |timestamp: i64, body: &str| {
        Signed("e", timestamp, sign(webhooks::SECRET, "e", timestamp, body), body.to_owned())
    };
    let good = || at(now(), &event(1).to_string());
    let refused = [
        Signed { 0: "other", ..good() },
        Signed { 1: now() - 1, ..good() },
        Signed { 2: good().2.replace("v1,", "v2,"), ..good() },
        Signed { 2: String::new(), ..good() },
        Signed { 3: event(2).to_string(), ..good() },
        at(now() - 310, "{}"),
        at(now() + 310, "{}"),
        at(now(), "no JSON"),
    ];
    for (index, signed) in refused.iter().enumerate() {
        let answer = signed.to(&client, &url).await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{index}");
        assert!(answer.json::<Value>().await.unwrap()["message"].is_string(), "{index}");
    }
    let Signed(id, timestamp, signature, body) = good();
    let headers =
        [("webhook-id", id.to_owned()), ("webhook-timestamp", timestamp.to_string()), ("webhook-signature", signature)];
    for (missing, _) in &headers {
        let request = client.post(&url).body(body.clone());
        let present = headers.iter().filter(|(name, _)| name != missing);
        let request = present.fold(request, |request, (name, value)| request.header(*name, value));
        assert_eq!(request.send().await.unwrap().status(), StatusCode::UNAUTHORIZED, "without {missing}");
    }
    for old_enough in [now() - 290, now() + 290] {
        assert_eq!(at(old_enough, "{}").to(&client, &url).await.unwrap().status(), StatusCode::NO_CONTENT);
    }
    let state = sandbox.state();
    assert_eq!((state.webhooks.len(), state.webhooks_refused, state.calls.of(Target::Webhooks)), (2, 11, 13));
    assert_eq!(client.get(&url).send().await.unwrap().status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_receiver_can_fail() {
    let (sandbox, client) = sandbox().await;
    let (url, event) = (receiver(&sandbox), signed("e", 1));
    let faults = format!("{}/sandbox/faults", sandbox.origin());
    for status in [410, 429, 500] {
        let fault =
            json!({"target": "webhooks", "fault": {"status": status, "headers": {"retry-after": "7"}}, "times": 1});
        assert_eq!(post(&client, faults.clone(), &fault).await.status(), StatusCode::NO_CONTENT);
        let answer = event.to(&client, &url).await.unwrap();
        assert_eq!((answer.status().as_u16(), &answer.headers()["retry-after"]), (status, &"7".parse().unwrap()));
    }
    sandbox.fault(Target::Webhooks, Named::Reset, Some(1));
    assert!(event.to(&client, &url).await.is_err());
    sandbox.fault(Target::Webhooks, Named::Silence, Some(1));
    let silent = tokio::select! {
        _ = event.to(&client, &url) => false,
        arrived = sandbox.wait_until(|seen| seen.calls.of(Target::Webhooks) == 5, Duration::from_secs(10)) => arrived,
    };
    assert!(silent);
    assert!(sandbox.state().webhooks.is_empty());
    sandbox.fault(Target::Webhooks, Named::ResetAfter, Some(1));
    assert!(event.to(&client, &url).await.is_err());
    assert_eq!(sandbox.state().webhooks.len(), 1);
    sandbox.fault(Target::Webhooks, Fault::Delay { delay_ms: 1 }, Some(1));
    assert_eq!(event.to(&client, &url).await.unwrap().status(), StatusCode::NO_CONTENT);
    let state = sandbox.state();
    assert_eq!((state.webhooks.len(), state.calls.of(Target::Webhooks)), (2, 7));
    let [cut_off, answered] = state.webhook_arrivals.as_slice() else { panic!("{:?}", state.webhook_arrivals) };
    assert_eq!((cut_off.answered, answered.answered), (false, true));
    assert!((now() * 1000 - 10_000..=answered.at).contains(&cut_off.at));
}

#[tokio::test]
async fn the_page_shows_events_and_their_number() {
    let (sandbox, _) = sandbox().await;
    let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let (origin, url) = (sandbox.origin(), receiver(&sandbox));
    let page = || async { client.get(&origin).send().await.unwrap().text().await.unwrap() };
    assert!(page().await.contains("No events yet"));
    for (id, enrolment) in [("a", 7), ("b", 8), ("a", 7)] {
        signed(id, enrolment).to(&client, &url).await.unwrap();
    }
    Signed { 3: event(9).to_string(), ..signed("c", 7) }.to(&client, &url).await.unwrap();
    let shown = page().await;
    let row = |enrolment: i64, times: &str| {
        format!("<tr><td>enrolment.paid</td><td>{enrolment}</td><td>active</td><td>paid</td><td>{times}</td></tr>")
    };
    assert!(shown.contains(&(row(7, "2 times") + &row(8, "once"))), "{shown}");
    assert!(shown.contains("Events (2), refused (1)"), "{shown}");
    let switch = |form: &'static str| client.post(format!("{origin}/sandbox/switch")).body(form).send();
    assert_eq!(switch("target=webhooks&fault=410").await.unwrap().status(), StatusCode::SEE_OTHER);
    assert!(page().await.contains(r#"<option value="410" selected>"#));
    assert_eq!(signed("d", 1).to(&client, &url).await.unwrap().status(), StatusCode::GONE);
    assert_eq!(switch("target=webhooks&fault=none").await.unwrap().status(), StatusCode::SEE_OTHER);
    assert_eq!(signed("d", 1).to(&client, &url).await.unwrap().status(), StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn invalid_secrets_are_refused() {
    let config = Config { events_secrets: vec!["whsec_!".to_owned()], ..Config::default() };
    assert!(Sandbox::start(([127, 0, 0, 1], 0).into(), config).await.is_err());
    // Its length is valid: the specification requires 24 to 64 bytes.
    let encoded = webhooks::SECRET.strip_prefix("whsec_").unwrap();
    assert!((24..=64).contains(&(encoded.trim_end_matches('=').len() * 3 / 4)));
}
