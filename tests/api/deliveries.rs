//! `POST /deliveries` and the outbox behind it.

use sandbox::{Fault, Target};
use tests::TestApp;

crate::cases![
    counts_what_it_did,
    one_poisoned_job_among_a_thousand,
    what_a_dead_worker_left,
    a_stale_lease_changes_nothing
];

/// Adds so many mails that are due.
async fn owe_mails(app: &TestApp, number: usize) {
    let payload = |row: usize| {
        format!(
            r#"{{"recipient":{{"first_name":"A","last_name":"B","email":"user-{row}@example.com"}},"course_name":"C"}}"#
        )
    };
    let values: Vec<_> = (1..=number)
        .map(|row| format!("({row}, 'enrolment_email', '{}', 'due', 0, {row}, {row})", payload(row)))
        .collect();
    let sql = "INSERT INTO outbox (enrolment_id, kind, payload, state, attempts, due_at, created_at) VALUES ";
    app.database.execute(&format!("{sql}{}", values.join(","))).await.unwrap();
}

async fn counts_what_it_did(app: TestApp) {
    assert_eq!(app.call("POST", "/deliveries").await.text, r#"{"delivered":0,"put_off":0,"given_up":0}"#);
    owe_mails(&app, 3).await;
    app.sandbox.fault(Target::Emails, Fault::status(500), Some(1));
    app.sandbox.fault(Target::Emails, Fault::status(422), Some(1));
    assert_eq!(app.call("POST", "/deliveries").await.text, r#"{"delivered":1,"put_off":1,"given_up":1}"#);
}

async fn one_poisoned_job_among_a_thousand(app: TestApp) {
    owe_mails(&app, 1000).await;
    app.sandbox.fault_when(sandbox::fault::Active {
        target: Target::Emails,
        fault: Fault::status(422),
        times: None,
        probability: None,
        matching: Some("user-500@".to_owned()),
    });
    assert_eq!(app.call("POST", "/deliveries").await.text, r#"{"delivered":999,"put_off":0,"given_up":1}"#);
    assert_eq!(app.value("SELECT enrolment_id FROM outbox WHERE state = 'dead'").await, "500");
    let order: Vec<_> =
        app.sandbox.state().emails.iter().map(|mail| mail["to"][0].as_str().unwrap().to_owned()).collect();
    assert_eq!(order[..2], ["user-1@example.com", "user-2@example.com"], "oldest first");
}

/// A worker that was killed after asking for the invoice, before writing down
/// that it is there.
async fn what_a_dead_worker_left(app: TestApp) {
    let id = app.enrolled("a", 1).await;
    app.pay(id).await;
    app.idle().await;
    app.database
        .execute(
            "DELETE FROM outbox WHERE kind = 'payment_email'; \
             UPDATE enrolments SET invoice_url = NULL; \
             UPDATE outbox SET state = 'due', due_at = 1, lease_token = 'of-the-dead', finished_at = NULL, payload = \
             '{\"buyer\":{\"first_name\":\"A\",\"last_name\":\"B\",\"email\":\"a@example.com\"},\"course_name\":\"C\",\
             \"gross_hundredths\":19999,\"paid_on\":\"2026-01-01\"}' WHERE kind = 'invoice'",
        )
        .await
        .unwrap();
    app.cron("delivery-cron").await;
    let state = app.sandbox.state();
    assert_eq!((state.invoices.len(), state.calls.invoices_create, state.calls.invoices_find), (1, 1, 1));
    assert_eq!(app.get(&format!("/{id}")).await.json()["invoice_url"], state.invoices[0]["view_url"]);
}

async fn a_stale_lease_changes_nothing(app: TestApp) {
    owe_mails(&app, 1).await;
    // While the mail is on its way, another worker takes the job over.
    app.sandbox.fault(Target::Emails, Fault::Delay { delay_ms: 500 }, Some(1));
    let take_over = async {
        assert!(app.sandbox.wait_until(|state| state.calls.emails == 1, std::time::Duration::from_secs(10)).await);
        app.database.execute("UPDATE outbox SET lease_token = 'another'").await.unwrap();
    };
    let (answer, ()) = futures::future::join(app.call("POST", "/deliveries"), take_over).await;
    assert_eq!(answer.status, 200);
    assert_eq!(app.value("SELECT state FROM outbox").await, "due");
    assert_eq!(app.value("SELECT lease_token FROM outbox").await, "another");
}
