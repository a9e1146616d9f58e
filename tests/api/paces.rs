//! Paces and pauses of other systems hold for all runs together.

use futures::future::join_all;
use sandbox::{Fault, Target};
use serde_json::json;
use tests::{NewJob, TestApp};

crate::cases![
    runs_at_once_keep_the_pace_of_fakturownia,
    a_relay_that_asks_for_a_pace_gets_it_within_the_run,
    a_relay_of_two_a_second_gets_forty_mails_in_a_run with crate::relays::paced(),
    a_pause_holds_for_every_run,
];

fn answering(status: u16, retry_after: &str) -> Fault {
    Fault::Status { status, body: None, headers: [("retry-after".to_owned(), retry_after.to_owned())].into() }
}

async fn add_invoices(app: &TestApp, number: i64) {
    let invoice = |id| NewJob { due_at: Some(id), ..crate::invoice(app, id, &format!("user-{id}")) };
    app.add_jobs((1..=number).map(invoice)).await.unwrap();
}

async fn runs_at_once_keep_the_pace_of_fakturownia(app: TestApp) {
    add_invoices(&app, 80).await;
    let runs = join_all((0..8).map(|_| app.call("POST", "/deliveries"))).await;
    assert!(runs.iter().all(|answer| answer.status == 200));
    // 20 at once, then one in 1.5 s, for 20 s: 24 for all runs together.
    let asked = app.sandbox.state().calls.of(Target::InvoicesCreate);
    assert!((20..=40).contains(&asked), "{asked}");
    assert_eq!(app.count("outbox WHERE lease_token IS NOT NULL").await, 0);
}

async fn a_relay_that_asks_for_a_pace_gets_it_within_the_run(app: TestApp) {
    crate::deliveries::add_mails(&app, 8).await;
    app.sandbox.fault(Target::Emails, answering(429, "1"), Some(1));
    assert_eq!(app.call("POST", "/deliveries").await.json(), json!({"delivered": 8, "put_off": 0, "given_up": 0}));
    assert_eq!(app.value("SELECT MAX(attempts) FROM outbox").await, "1", "a pace uses no attempt");
    assert_eq!(app.value("SELECT gap_ms FROM paces WHERE name = 'mail'").await, "200");
}

async fn a_relay_of_two_a_second_gets_forty_mails_in_a_run(app: TestApp) {
    crate::deliveries::add_mails(&app, 200).await;
    let counts = app.call("POST", "/deliveries").await.json();
    let delivered = counts["delivered"].as_i64().unwrap();
    // Fewer on a busy machine, where mails miss their turns.
    assert!((30..=42).contains(&delivered), "{counts}");
    assert_eq!((&counts["given_up"], app.value("SELECT MAX(attempts) FROM outbox").await.as_str()), (&json!(0), "1"));
    assert_eq!(
        app.value("SELECT gap_ms FROM paces WHERE name = 'mail'").await,
        "525",
        "as the relay says, and a little more"
    );
}

async fn a_pause_holds_for_every_run(app: TestApp) {
    add_invoices(&app, 5).await;
    app.sandbox.fault(Target::InvoicesCreate, answering(503, "600"), None);
    for put_off in [1, 0, 0] {
        assert_eq!(app.call("POST", "/deliveries").await.json()["put_off"], put_off);
    }
    assert_eq!(app.sandbox.state().calls.of(Target::InvoicesCreate), 1);
    app.sandbox.clear_faults();
    app.deliver_all().await;
    assert_eq!(app.sandbox.state().invoices.len(), 5);
}
