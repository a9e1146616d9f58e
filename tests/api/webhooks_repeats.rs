//! Repeated webhooks: after a refusal, after a lost answer, and with several runs at once.

use crate::webhooks::{events_left, listening, received, run};
use futures::future::join_all;
use sandbox::fault::{Active, Named};
use sandbox::{Arrival, Fault, Target};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tests::TestApp;

crate::cases![
    a_repeat_has_a_new_signature with listening(sandbox::webhooks::SECRET),
    answers_that_are_lost_at_random with listening(sandbox::webhooks::SECRET),
    a_long_answer_of_2xx_is_a_success with listening(sandbox::webhooks::SECRET),
    runs_at_once_send_events_in_order with listening(sandbox::webhooks::SECRET),
];

/// Makes `number` enrolments with three events each. Returns the events in their order.
async fn lives(app: &TestApp, number: usize) -> BTreeMap<i64, Vec<String>> {
    let mut ids = Vec::new();
    for user in 0..number {
        ids.push(app.enrolled(&format!("user-{user}"), 1).await);
    }
    for id in &ids {
        assert_eq!(app.fail(*id).await.status, 200);
    }
    for id in &ids {
        assert_eq!(app.cancel(*id).await.status, 200);
    }
    app.idle().await;
    ids.into_iter().map(|id| (id, ["created", "payment_failed", "canceled"].map(str::to_owned).to_vec())).collect()
}

/// The received types, by enrolment.
fn received_for_each(app: &TestApp) -> BTreeMap<i64, Vec<String>> {
    let mut of_each = BTreeMap::<_, Vec<_>>::new();
    for (word, id) in received(app) {
        of_each.entry(id).or_default().push(word);
    }
    of_each
}

async fn a_repeat_has_a_new_signature(app: TestApp) {
    app.enrolled("ann", 1).await;
    app.idle().await;
    // The service waits ten seconds for the first answer.
    for fault in [Named::ResetAfter, Named::Silence] {
        app.sandbox.fault(Target::Webhooks, fault, Some(1));
        assert_eq!(run(&app).await, json!({"delivered": 0, "put_off": 1, "given_up": 0}), "{fault:?}");
    }
    assert_eq!(run(&app).await, json!({"delivered": 1, "put_off": 0, "given_up": 0}));
    // The receiver accepts a signature only for its timestamp.
    let state = app.sandbox.state();
    let [first, second] = state.webhooks.as_slice() else { panic!("{:?}", state.webhooks) };
    assert_eq!((&first["id"], &first["body"]), (&second["id"], &second["body"]));
    let seconds = |event: &Value| event["timestamp"].as_i64().unwrap();
    assert!(seconds(first) + 9 <= seconds(second), "{first} {second}");
    for (event, Arrival { at, .. }) in state.webhooks.iter().zip(&state.webhook_arrivals) {
        assert!((at / 1000 - 5..=at / 1000).contains(&seconds(event)), "{event} came at {at}");
    }
    assert_eq!(state.webhooks_refused, 0);
}

async fn answers_that_are_lost_at_random(app: TestApp) {
    let lives = lives(&app, 20).await;
    for (fault, probability) in [(Named::ResetAfter, 0.3), (Named::Reset, 0.2)] {
        let (target, fault) = (Target::Webhooks, Fault::from(fault));
        let probability = Some(probability);
        app.sandbox.fault_when(Active { target, fault, times: None, probability, matching: None });
    }
    // At most as many as the attempts of an event.
    for _ in 0..64 {
        run(&app).await;
    }
    assert_eq!(events_left(&app).await, "0");
    let mut received = received_for_each(&app);
    received.values_mut().for_each(Vec::dedup);
    assert_eq!(received, lives);

    let state = app.sandbox.state();
    let mut arrivals = BTreeMap::<_, Vec<_>>::new();
    for (event, Arrival { answered, .. }) in state.webhooks.iter().zip(&state.webhook_arrivals) {
        arrivals.entry(event["id"].as_str().unwrap()).or_default().push((&event["body"], *answered));
    }
    assert_eq!(arrivals.len(), 60);
    for (id, arrivals) in arrivals {
        let ((body, answered), lost) = arrivals.split_last().unwrap();
        assert!(*answered && lost.iter().all(|own| *own == (*body, false)), "{id}: {arrivals:?}");
    }
}

async fn runs_at_once_send_events_in_order(app: TestApp) {
    let lives = lives(&app, 40).await;
    // Long enough for the other runs to start.
    app.sandbox.fault(Target::Webhooks, Fault::Delay { delay_ms: 5 }, None);
    let mut rounds = 0;
    while rounds == 0 || events_left(&app).await != "0" {
        rounds += 1;
        assert!(rounds < 20, "{}", events_left(&app).await);
        for answer in join_all((0..6).map(|_| app.call("POST", "/deliveries"))).await {
            assert_eq!(answer.status, 200, "{}", answer.text);
        }
        // A run that found the event before leased waits.
        app.make_due("state = 'due' AND lease_token IS NULL").await;
    }
    assert_eq!(received_for_each(&app), lives, "each once, in {rounds} rounds");
}

/// The sandbox does not record webhooks with this fault.
async fn a_long_answer_of_2xx_is_a_success(app: TestApp) {
    for (fault, user) in [(Named::Garbage, "ann"), (Named::Oversized, "bob"), (Named::Drip, "cyd")] {
        app.enrolled(user, 1).await;
        app.idle().await;
        app.sandbox.fault(Target::Webhooks, fault, Some(1));
        assert_eq!(run(&app).await, json!({"delivered": 1, "put_off": 0, "given_up": 0}), "{fault:?}");
    }
    assert_eq!(app.sandbox.state().calls.of(Target::Webhooks), 3);
}
