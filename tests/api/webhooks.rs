//! Webhooks. The sandbox checks each signature with the library of Standard Webhooks.

use sandbox::fault::Named;
use sandbox::{Fault, Target};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tests::{Settings, TestApp};

crate::cases![
    webhooks_arrive_in_order with listening(sandbox::webhooks::SECRET),
    a_repeated_webhook_has_the_same_id with listening(sandbox::webhooks::SECRET),
    a_day_without_a_receiver with listening(sandbox::webhooks::SECRET),
    a_receiver_that_answers_410 with listening(sandbox::webhooks::SECRET),
    a_slow_receiver_delays_no_other_job with listening(sandbox::webhooks::SECRET),
    a_new_secret_beside_the_old_one with listening(&format!("{NEW} {}", sandbox::webhooks::SECRET)),
    a_webhook_with_an_unknown_secret_is_refused with listening(NEW),
    no_webhook_is_sent_without_a_receiver,
    a_test_event_is_sent_once with listening(sandbox::webhooks::SECRET),
    a_test_event_says_what_the_receiver_answered with listening(sandbox::webhooks::SECRET),
    a_test_event_needs_a_valid_secret with listening("whsec_"),
];

/// A secret of 32 bytes.
const NEW: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

pub(crate) fn listening(secret: &str) -> Settings {
    Settings { variables: [("events_secret".to_owned(), secret.to_owned())].into(), ..Settings::default() }
}

/// The received webhooks: type and enrolment.
pub(crate) fn received(app: &TestApp) -> Vec<(String, i64)> {
    let word = |body: &Value| body["type"].as_str().unwrap().strip_prefix("enrolment.").unwrap().to_owned();
    let arrived = app.sandbox.state().webhooks;
    arrived.iter().map(|own| (word(&own["body"]), own["body"]["data"]["enrolment"]["id"].as_i64().unwrap())).collect()
}

/// Makes all jobs due and runs a delivery.
pub(crate) async fn run(app: &TestApp) -> Value {
    app.make_due("state IN ('due', 'unknown')").await;
    app.call("POST", "/deliveries").await.json()
}

pub(crate) async fn events_left(app: &TestApp) -> String {
    app.value("SELECT COUNT(*) FROM outbox WHERE kind = 'event' AND state <> 'done'").await
}

async fn webhooks_arrive_in_order(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    assert_eq!((app.fail(id).await.status, app.pay(id).await.status), (200, 200));
    assert_eq!(app.refund(id).await.status, 200);
    let deleted = app.enrolled("bob", 1).await;
    assert_eq!(app.call("DELETE", &format!("/{deleted}")).await.status, 204);
    app.idle().await;
    assert!(received(&app).is_empty(), "no request waits for the receiver");
    app.cron("delivery-cron").await;

    let words = ["created", "payment_failed", "paid", "invoiced", "refunded", "corrected"];
    let (own, others): (Vec<_>, Vec<_>) = received(&app).into_iter().partition(|(_, of)| *of == id);
    assert_eq!(own, words.map(|word| (word.to_owned(), id)));
    assert_eq!(others, ["created", "deleted"].map(|word| (word.to_owned(), deleted)));
    let state = app.sandbox.state();
    let ids: BTreeSet<_> = state.webhooks.iter().map(|own| own["id"].to_string()).collect();
    assert_eq!((ids.len(), state.webhooks_refused), (8, 0));
    let mut documents = app.get(&format!("/{id}/documents")).await.json()["documents"].as_array().unwrap().clone();
    for document in documents.iter_mut().filter_map(Value::as_object_mut) {
        document.retain(|key, _| !["issued_on", "ksef"].contains(&key.as_str()));
    }
    assert_eq!(documents.len(), 2);
    // As `GET /events` shows them, without personal data.
    let events = app.get("/events").await.json();
    for (event, received) in events["events"].as_array().unwrap().iter().zip(&state.webhooks) {
        let mut body = json!({"type": event["type"], "timestamp": event["occurred_at"],
            "data": {"event_id": event["id"], "enrolment": event["enrolment"]}});
        let of_event = |document: &&Value| match document["kind"].as_str() {
            Some("invoice") => event["type"] == "enrolment.invoiced",
            _ => event["type"] == "enrolment.corrected",
        };
        if let Some(document) = documents.iter().find(of_event) {
            body["data"]["document"] = document.clone();
        }
        assert_eq!(received["body"], body);
        assert!(
            !received.to_string().contains("@example.com") && !received.to_string().contains("Customer"),
            "{received}"
        );
    }
    app.cron("delivery-cron").await;
    assert_eq!((received(&app).len(), events_left(&app).await.as_str()), (8, "0"));
}

async fn a_repeated_webhook_has_the_same_id(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    app.pay(id).await;
    app.idle().await;
    for fault in [Fault::status(500), Named::ResetAfter.into(), Fault::status(404)] {
        app.sandbox.fault(Target::Webhooks, fault, Some(1));
        run(&app).await;
    }
    // Only the first event was tried. The receiver took it once, but the answer was lost.
    assert_eq!(received(&app), [("created".to_owned(), id)]);
    for _ in 0..4 {
        run(&app).await;
    }
    assert_eq!(received(&app), ["created", "created", "paid", "invoiced"].map(|word| (word.to_owned(), id)));
    let arrived = app.sandbox.state().webhooks;
    assert_eq!(arrived[0]["id"], arrived[1]["id"]);
    assert_eq!(events_left(&app).await, "0");
}

async fn a_day_without_a_receiver(app: TestApp) {
    app.sandbox.fault(Target::Webhooks, Fault::status(503), None);
    let mut ids = Vec::new();
    for number in 0..40 {
        ids.push(app.enrolled(&format!("user-{number}"), 1).await);
    }
    for id in &ids {
        app.cancel(*id).await;
    }
    app.idle().await;
    for _ in 0..5 {
        run(&app).await;
        // Other jobs are still delivered.
        app.enrolled(&format!("late-{}", app.sandbox.state().calls.of(Target::Webhooks)), 1).await;
    }
    app.idle().await;
    assert_eq!(app.sandbox.state().emails.len(), 40 + 40 + 5);
    assert!(received(&app).is_empty() && app.sandbox.state().calls.of(Target::Webhooks) <= 5, "one for a run");
    app.sandbox.clear_faults();
    for _ in 0..3 {
        run(&app).await;
    }
    let received = received(&app);
    assert_eq!((received.len(), events_left(&app).await.as_str()), (85, "0"));
    for id in ids {
        let own: Vec<_> = received.iter().filter(|(_, of)| *of == id).map(|(word, _)| word.as_str()).collect();
        assert_eq!(own, ["created", "canceled"]);
    }
}

async fn a_receiver_that_answers_410(app: TestApp) {
    for user in ["ann", "bob"] {
        app.enrolled(user, 1).await;
    }
    app.idle().await;
    app.sandbox.fault(Target::Webhooks, Fault::status(410), Some(1));
    for _ in 0..3 {
        run(&app).await;
    }
    assert_eq!((received(&app).len(), app.sandbox.state().calls.of(Target::Webhooks)), (0, 1), "it is asked once");
    let dead = app.get("/deliveries?state=dead").await.json();
    let [delivery] = dead["deliveries"].as_array().unwrap().as_slice() else { panic!("{dead}") };
    assert_eq!(delivery["reason"], "receiver_gone", "{delivery}");
    assert_eq!(app.call("POST", &format!("/deliveries/{}/retry", delivery["id"])).await.status, 200);
    run(&app).await;
    assert_eq!(received(&app), [1, 2].map(|id| ("created".to_owned(), id)));
}

async fn a_slow_receiver_delays_no_other_job(app: TestApp) {
    app.sandbox.fault(Target::Webhooks, Fault::Delay { delay_ms: 300 }, None);
    app.sandbox.fault(Target::InvoicesCreate, Fault::status(429), Some(1));
    let id = app.enrolled("ann", 1).await;
    app.pay(id).await;
    app.idle().await;
    run(&app).await;
    // The run that sent the events also delivered the invoice and its mail.
    assert_eq!((app.sandbox.state().invoices.len(), app.sandbox.state().emails.len()), (1, 2));
    assert_eq!(received(&app), ["created", "paid"].map(|word| (word.to_owned(), id)));
    run(&app).await;
    assert_eq!(received(&app).last(), Some(&("invoiced".to_owned(), id)));
}

async fn a_new_secret_beside_the_old_one(app: TestApp) {
    app.enrolled("ann", 1).await;
    app.cron("delivery-cron").await;
    assert_eq!((received(&app).len(), app.sandbox.state().webhooks_refused), (1, 0));
}

async fn a_webhook_with_an_unknown_secret_is_refused(app: TestApp) {
    app.enrolled("ann", 1).await;
    app.cron("delivery-cron").await;
    assert_eq!((received(&app).len(), app.sandbox.state().webhooks_refused), (0, 1));
    assert_eq!(events_left(&app).await, "1");
}

async fn no_webhook_is_sent_without_a_receiver(app: TestApp) {
    app.enrolled("ann", 1).await;
    app.cron("delivery-cron").await;
    assert_eq!(app.count("outbox WHERE kind = 'event'").await, 0);
    assert_eq!(app.sandbox.state().calls.of(Target::Webhooks), 0);
    assert_eq!(app.get("/events").await.json()["events"].as_array().map(Vec::len), Some(1));
    let tested = app.call("POST", "/events/test").await;
    assert_eq!((tested.status, tested.error().as_str()), (409, "conflict"));
}

async fn a_test_event_is_sent_once(app: TestApp) {
    app.enrolled("ann", 1).await;
    app.take_invocations().await;
    let answer = app.call("POST", "/events/test").await;
    let tested = answer.json();
    assert_eq!((answer.status, &tested["delivered"], &tested["status"]), (200, &json!(true), &json!(204)));
    assert!(tested["reason"].is_null() && tested["duration_ms"].as_i64().is_some_and(|took| took >= 0), "{tested}");
    assert_eq!(app.take_invocations().await[0].connections, 0, "the database is not asked");
    let arrived = app.sandbox.state().webhooks;
    let [test] = arrived.as_slice() else { panic!("{arrived:?}") };
    assert!(test["id"].as_str().unwrap().starts_with("test_"), "{test}");
    assert_eq!(test["user_agent"], concat!("Enrolments/", env!("CARGO_PKG_VERSION")));
    assert_eq!(test["body"], json!({"type": "test", "timestamp": test["body"]["timestamp"], "data": {}}));
    assert_eq!(app.events().await.len(), 1);
    app.cron("delivery-cron").await;
    assert_eq!(app.sandbox.state().webhooks.len(), 2, "the event of the enrolment follows");
    assert_eq!(app.call("POST", "/events/test?a=1").await.status, 400);
}

async fn a_test_event_says_what_the_receiver_answered(app: TestApp) {
    for (fault, status, reason) in [
        (Fault::status(500), json!(500), "event_not_taken"),
        (Fault::status(302), json!(302), "event_not_taken"),
        (Fault::status(410), json!(410), "receiver_gone"),
        (Named::Reset.into(), json!(null), "connection_failed"),
    ] {
        app.sandbox.fault(Target::Webhooks, fault, Some(1));
        let tested = app.call("POST", "/events/test").await.json();
        let expected = (&json!(false), &status, &json!(reason));
        assert_eq!((&tested["delivered"], &tested["status"], &tested["reason"]), expected);
    }
    assert_eq!(app.sandbox.state().calls.of(Target::Webhooks), 4, "none is repeated");
    // A receiver that is gone for a test event still gets the others.
    let id = app.enrolled("ann", 1).await;
    app.cron("delivery-cron").await;
    assert_eq!(received(&app), [("created".to_owned(), id)]);
}

async fn a_test_event_needs_a_valid_secret(app: TestApp) {
    let answer = app.call("POST", "/events/test").await;
    assert_eq!((answer.status, answer.error().as_str()), (503, "service_unavailable"));
    let message = "The service is not configured: variable events_secret is unreadable";
    assert_eq!(answer.json()["message"], message);
}
