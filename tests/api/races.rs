//! Many callers at once.

use futures::future::{join, join_all};
use sandbox::Target;
use std::collections::BTreeSet;
use tests::{Answer, TestApp};

crate::cases![
    equal_requests_enrol_once,
    one_payment_has_one_invoice,
    payment_against_deletion,
    payment_against_expiry,
    two_runs_of_cron,
];

fn statuses(answers: &[Answer], status: u16) -> usize {
    answers.iter().filter(|answer| answer.status == status).count()
}

/// The number of rounds of the large races: RACE_ROUNDS, or one.
pub(crate) fn rounds() -> usize {
    std::env::var("RACE_ROUNDS").map_or(1, |rounds| rounds.parse().expect("RACE_ROUNDS is a number"))
}

async fn equal_requests_enrol_once(app: TestApp) {
    for round in 1..=rounds() {
        let user = format!("user-{round}");
        let answers = join_all((0..50).map(|_| app.enrol(&user, 1))).await;
        assert_eq!((statuses(&answers, 201), statuses(&answers, 409)), (1, 49), "round {round}");
    }
    app.idle().await;
    assert_eq!(app.value("SELECT COUNT(*) FROM enrolments").await, rounds().to_string());
    assert_eq!(app.sandbox.state().emails.len(), rounds());
}

async fn one_payment_has_one_invoice(app: TestApp) {
    for round in 1..=rounds() {
        let id = app.enrolled(&format!("user-{round}"), 1).await;
        let answers = join_all((0..50).map(|_| app.pay(id))).await;
        assert_eq!((statuses(&answers, 200), statuses(&answers, 409)), (1, 49), "round {round}");
    }
    app.idle().await;
    let state = app.sandbox.state();
    let oids: BTreeSet<_> = state.invoices.iter().map(|invoice| invoice["oid"].to_string()).collect();
    assert_eq!((oids.len(), state.invoices.len(), state.emails.len()), (rounds(), rounds(), 2 * rounds()));
    assert_eq!(state.calls.of(Target::InvoicesCreate), rounds() as u64);
}

async fn payment_against_deletion(app: TestApp) {
    for round in 0..10 {
        let id = app.enrolled(&format!("user-{round}"), 1).await;
        let path = format!("/{id}");
        let (paid, deleted) = join(app.pay(id), app.call("DELETE", &path)).await;
        assert_eq!(deleted.status, 204);
        app.idle().await;
        let start = format!("enrolment-{id}-");
        let is_own = |invoice: &&serde_json::Value| invoice["oid"].as_str().unwrap().starts_with(&start);
        let invoices = app.sandbox.state().invoices.iter().filter(is_own).count();
        match paid.status {
            200 => assert_eq!(invoices, 1, "what was paid has its invoice"),
            404 => assert_eq!(invoices, 0),
            other => panic!("{other}: {}", paid.text),
        }
    }
}

async fn payment_against_expiry(app: TestApp) {
    for round in 0..10 {
        let id = app.enrolled_until_end(&format!("user-{round}"), 1).await;
        let (paid, expired) = join(app.pay(id), app.call("PATCH", "/expired")).await;
        assert_eq!((paid.status, expired.status, expired.enrolments().len()), (200, 200, 1));
        let enrolment = app.get(&format!("/{id}")).await.json();
        assert_eq!(
            (enrolment["status"].as_str(), enrolment["payment_status"].as_str()),
            (Some("completed"), Some("paid"))
        );
    }
    app.idle().await;
    assert_eq!(app.sandbox.state().invoices.len(), 10);
}

async fn two_runs_of_cron(app: TestApp) {
    app.sandbox.fault(Target::Emails, sandbox::Fault::status(429), None);
    for user in 0..30 {
        app.enrolled(&user.to_string(), 1).await;
    }
    app.idle().await;
    app.sandbox.clear_faults();
    app.pass_time(3_600_000).await;
    let runs = join_all((0..3).map(|_| app.app.run_cron("delivery-cron"))).await;
    assert!(runs.iter().all(Result::is_ok));
    let mut to: Vec<_> = app.sandbox.state().emails.iter().map(|mail| mail["to"].to_string()).collect();
    to.sort();
    to.dedup();
    assert_eq!((to.len(), app.sandbox.state().emails.len()), (30, 30));
}
