//! `POST /deliveries` and the outbox.

use mysql_async::prelude::Queryable as _;
use sandbox::{Fault, Target};
use serde_json::{Value, json};
use tests::{NewJob, TestApp};

crate::cases![
    a_run_counts_its_jobs,
    one_refused_job_blocks_no_other,
    a_job_of_a_killed_worker_is_delivered_once,
    a_stale_lease_changes_nothing,
    a_job_that_cannot_be_read_is_dead,
    deliveries_are_listed_by_state,
    every_state_but_done_is_listed,
    the_list_of_every_state_is_read_from_an_index on MariaDb,
    a_dead_job_can_be_retried,
    leased_and_done_jobs_are_not_retried,
    a_run_is_bounded_and_takes_the_oldest_jobs,
    the_longest_due_job_is_first,
    the_invoice_of_another_customer_needs_a_person,
    a_silent_invoicing_service_delays_no_mail,
    a_silent_relay_delays_no_invoice,
    a_slow_invoicing_service_delays_no_mail,
    a_job_that_cannot_be_recorded_blocks_no_other,
    workers_do_not_deadlock on MariaDb,
];

/// Adds `number` mails that are due.
pub(crate) async fn add_mails(app: &TestApp, number: i64) {
    let mail = |row| {
        let mail = NewJob::mail("enrolment_email", row, &format!("user-{row}@example.com"));
        NewJob { due_at: Some(row), created_at: row, ..mail }
    };
    app.add_jobs((1..=number).map(mail)).await.unwrap();
}

async fn a_run_counts_its_jobs(app: TestApp) {
    assert_eq!(app.call("POST", "/deliveries").await.text, r#"{"delivered":0,"put_off":0,"given_up":0}"#);
    add_mails(&app, 3).await;
    // The relay still sends one, and refuses one.
    app.sandbox.fault(Target::Emails, Fault::status(409), Some(1));
    app.sandbox.fault(Target::Emails, Fault::status(422), Some(1));
    assert_eq!(app.call("POST", "/deliveries").await.text, r#"{"delivered":1,"put_off":1,"given_up":1}"#);
}

async fn one_refused_job_blocks_no_other(app: TestApp) {
    add_mails(&app, 1000).await;
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

/// A worker was killed after it asked for the invoice, before it recorded the answer.
async fn a_job_of_a_killed_worker_is_delivered_once(app: TestApp) {
    let id = app.enrolled("a", 1).await;
    app.sandbox.fault(Target::InvoicesCreate, sandbox::fault::Named::ResetAfter, Some(1));
    app.pay(id).await;
    app.idle().await;
    app.database
        .execute(
            "UPDATE outbox SET state = 'due', unknown_since = NULL, due_at = 1, lease_token = 'of-the-dead' \
             WHERE kind = 'invoice'",
        )
        .await
        .unwrap();
    app.cron("delivery-cron").await;
    let state = app.sandbox.state();
    assert_eq!(
        (state.invoices.len(), state.calls.of(Target::InvoicesCreate), state.calls.of(Target::InvoicesFind)),
        (1, 1, 1)
    );
    assert_eq!(app.get(&format!("/{id}")).await.json()["invoice_url"], state.invoices[0]["view_url"]);
}

async fn a_stale_lease_changes_nothing(app: TestApp) {
    add_mails(&app, 1).await;
    // Another worker takes the job over while the mail is sent.
    app.sandbox.fault(Target::Emails, Fault::Delay { delay_ms: 500 }, Some(1));
    let take_over = async {
        assert!(app.sandbox.wait_until(|state| state.calls.of(Target::EmailsSend) == 1, tests::PATIENCE).await);
        app.database.execute("UPDATE outbox SET lease_token = 'another'").await.unwrap();
    };
    let (answer, ()) = futures::future::join(app.call("POST", "/deliveries"), take_over).await;
    assert_eq!(answer.status, 200);
    assert_eq!(app.value("SELECT state FROM outbox").await, "due");
    assert_eq!(app.value("SELECT lease_token FROM outbox").await, "another");
}

async fn a_job_that_cannot_be_read_is_dead(app: TestApp) {
    add_mails(&app, 3).await;
    app.database.execute("UPDATE outbox SET payload = '{\"broken\"' WHERE enrolment_id = 1").await.unwrap();
    assert_eq!(app.call("POST", "/deliveries").await.json()["delivered"], 2);
    assert_eq!(app.count("outbox WHERE state = 'dead'").await, 1);
    assert_eq!(app.value("SELECT last_error FROM outbox WHERE enrolment_id = 1").await, "unreadable_payload");
}

async fn deliveries_are_listed_by_state(app: TestApp) {
    for faulty in ["?state=", "?state=done", "?state=due&limit=0", "?state=due&after=x"] {
        let answer = app.get(&format!("/deliveries{faulty}")).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, "validation_error"), "{faulty}");
    }
    assert_eq!(app.get("/deliveries?state=due").await.text, r#"{"deliveries":[],"next":null}"#);
    add_mails(&app, 5).await;
    app.database.execute("UPDATE outbox SET state = 'unknown', unknown_since = 1 WHERE id = 3").await.unwrap();
    app.database
        .execute("UPDATE outbox SET state = 'dead', due_at = NULL, last_error = 'document_refused: 422' WHERE id = 4")
        .await
        .unwrap();
    let page = app.get("/deliveries?state=due&limit=2").await.json();
    assert_eq!(
        page,
        json!({"deliveries": [
            {"id": 1, "enrolment_id": 1, "kind": "enrolment_email", "state": "due", "attempts": 0,
             "due_at": "1970-01-01T00:00:00.001Z", "reason": null, "last_error": null, "created_at": "1970-01-01T00:00:00.001Z"},
            {"id": 2, "enrolment_id": 2, "kind": "enrolment_email", "state": "due", "attempts": 0,
             "due_at": "1970-01-01T00:00:00.002Z", "reason": null, "last_error": null, "created_at": "1970-01-01T00:00:00.002Z"},
        ], "next": 2})
    );
    let rest = app.get("/deliveries?state=due&limit=2&after=2").await;
    assert_eq!((&rest.json()["deliveries"][0]["id"], &rest.json()["next"]), (&json!(5), &Value::Null));
    assert_eq!(app.get("/deliveries?state=unknown").await.json()["deliveries"][0]["id"], 3);
    let dead = app.get("/deliveries?state=dead").await.json();
    assert_eq!(
        ["reason", "last_error", "due_at"].map(|key| dead["deliveries"][0][key].clone()),
        [json!("document_refused"), json!("document refused: 422"), Value::Null]
    );
    assert_eq!(app.call("HEAD", "/deliveries?state=due").await.status, 200);

    let health = app.get("/health?deep=1").await.json();
    assert_eq!((&health["status"], &health["database"]), (&json!("ok"), &json!("ok")));
    let pending = &health["deliveries"];
    assert_eq!((&pending["due"], &pending["unknown"], &pending["dead"]), (&json!(3), &json!(1), &json!(1)));
    assert!(pending["oldest_age_seconds"].as_i64().unwrap() > 1_000_000_000, "{pending}");
}

async fn every_state_but_done_is_listed(app: TestApp) {
    assert_eq!(app.get("/deliveries").await.text, r#"{"deliveries":[],"next":null}"#);
    add_mails(&app, 9).await;
    app.database
        .execute(
            "UPDATE outbox SET state = 'done', due_at = NULL WHERE id IN (2, 9); \
             UPDATE outbox SET state = 'dead', due_at = NULL WHERE id IN (1, 6); \
             UPDATE outbox SET state = 'unknown', unknown_since = 1 WHERE id IN (3, 4)",
        )
        .await
        .unwrap();
    let page = async |query: &str| {
        let answer = app.get(&format!("/deliveries{query}")).await.json();
        let list = answer["deliveries"].as_array().unwrap();
        let list: Vec<_> = list.iter().map(|job| (job["id"].as_i64().unwrap(), job["state"].clone())).collect();
        (list, answer["next"].clone())
    };
    let all = [(1, "dead"), (3, "unknown"), (4, "unknown"), (5, "due"), (6, "dead"), (7, "due"), (8, "due")];
    let all = all.map(|(id, state)| (id, json!(state)));
    assert_eq!(page("").await, (all.to_vec(), Value::Null));
    assert_eq!(page("?limit=3").await, (all[..3].to_vec(), json!(4)));
    assert_eq!(page("?limit=3&after=4").await, (all[3..6].to_vec(), json!(7)));
    assert_eq!(page("?limit=3&after=7").await, (all[6..].to_vec(), Value::Null));
    assert_eq!(app.call("HEAD", "/deliveries").await.status, 200);
}

/// With many done and many pending jobs.
async fn the_list_of_every_state_is_read_from_an_index(app: TestApp) {
    add_mails(&app, 2000).await;
    app.database.execute("UPDATE outbox SET state = 'done', due_at = NULL WHERE id % 2 = 0").await.unwrap();
    app.take_invocations().await;
    app.get("/deliveries?limit=10&after=100").await;
    let statements = app.take_invocations().await.remove(0).statements;
    assert_eq!(statements.len(), 1, "{statements:?}");
    let mut own = app.database.connect().await.unwrap();
    let row = ["100", "10", "100", "10", "100", "10", "10"].map(mysql_async::Value::from);
    let plan: Vec<mysql_async::Row> =
        own.exec(crate::explain(&statements[0]), mysql_async::Params::Positional(row.to_vec())).await.unwrap();
    let of_the_table =
        plan.iter().filter(|step| step.get::<Option<String>, _>("table").unwrap().as_deref() == Some("outbox"));
    let of_the_table: Vec<_> = of_the_table.collect();
    assert_eq!(of_the_table.len(), 3);
    for step in of_the_table {
        let key: Option<String> = step.get("key").unwrap();
        let extra = step.get::<Option<String>, _>("Extra").unwrap().unwrap_or_default();
        assert!(key.as_deref() == Some("ix_outbox_state") && !extra.contains("filesort"), "{step:?}");
    }
}

async fn a_dead_job_can_be_retried(app: TestApp) {
    let id = app.enrolled("a", 1).await;
    app.sandbox.fault(Target::InvoicesCreate, Fault::status(422), Some(1));
    assert!(app.pay(id).await.json()["invoice_url"].is_null());
    app.idle().await;
    let dead = app.get("/deliveries?state=dead").await.json()["deliveries"][0]["id"].as_i64().unwrap();
    let answer = app.call("POST", &format!("/deliveries/{dead}/retry")).await;
    assert_eq!((answer.status, &answer.json()["state"], &answer.json()["attempts"]), (200, &json!("due"), &json!(0)));
    assert_eq!(app.call("POST", "/deliveries").await.json()["delivered"], 2, "the invoice and the mail");
    assert!(app.get(&format!("/{id}")).await.json()["invoice_url"].is_string());
    assert_eq!(app.sandbox.state().invoices.len(), 1);
}

async fn leased_and_done_jobs_are_not_retried(app: TestApp) {
    add_mails(&app, 3).await;
    app.database
        .execute(
            "UPDATE outbox SET state = 'done', due_at = NULL WHERE id = 1; \
             UPDATE outbox SET lease_token = 'held', due_at = 9999999999999 WHERE id = 2; \
             UPDATE outbox SET kind = 'invoice', state = 'unknown', unknown_since = 5 WHERE id = 3",
        )
        .await
        .unwrap();
    for (id, status) in [("1", 409), ("2", 409), ("3", 200), ("4", 404), ("0", 404), ("x", 404)] {
        let answer = app.call("POST", &format!("/deliveries/{id}/retry")).await;
        assert_eq!(answer.status, status, "{id}: {}", answer.text);
    }
    assert_eq!(app.get("/deliveries/3/retry").await.header("allow"), "POST, OPTIONS");
    let row = "SELECT unknown_since FROM outbox WHERE id = 3";
    assert_eq!(app.value(row).await, "5", "it is still looked up before it is sent");
    assert_eq!(app.value("SELECT lease_token FROM outbox WHERE id = 2").await, "held");
}

async fn a_run_is_bounded_and_takes_the_oldest_jobs(app: TestApp) {
    add_mails(&app, 2100).await;
    let delivered = app.call("POST", "/deliveries").await.json()["delivered"].as_i64().unwrap();
    // Fewer on a busy machine, where the time of the run ends first.
    assert!((1..=2000).contains(&delivered), "{delivered}");
    let first_due = app.value("SELECT MIN(enrolment_id) FROM outbox WHERE state = 'due'").await;
    assert_eq!(first_due, (delivered + 1).to_string());
}

async fn the_longest_due_job_is_first(app: TestApp) {
    add_mails(&app, 30).await;
    app.database.execute("UPDATE outbox SET due_at = 100 - id").await.unwrap();
    assert_eq!(app.call("POST", "/deliveries").await.json()["delivered"], 30);
    let to: Vec<_> = app.sandbox.state().emails.iter().map(|mail| mail["to"][0].clone()).collect();
    let expected: Vec<_> = (1..=30).rev().map(|row| json!(format!("user-{row}@example.com"))).collect();
    assert_eq!(to, expected);
}

/// Adds paid enrolments without an invoice.
async fn paid_long_ago(app: &TestApp, users: &[&str]) {
    for user in users {
        app.enrolled(user, 1).await;
    }
    app.idle().await;
    app.database.execute("UPDATE enrolments SET payment_status = 'PAID'").await.unwrap();
    app.sandbox.reset();
}

async fn the_invoice_of_another_customer_needs_a_person(app: TestApp) {
    paid_long_ago(&app, &["ann", "bob", "eve"]).await;
    crate::document(&app, &crate::oid(1), "stranger").await;
    crate::document(&app, &crate::oid(2), "stranger").await;
    let in_doubt = NewJob { state: "unknown", attempts: 1, unknown_since: Some(1), ..crate::invoice(&app, 1, "ann") };
    let due = |id, user| NewJob { attempts: 1, due_at: Some(id), ..crate::invoice(&app, id, user) };
    app.add_jobs([in_doubt, due(2, "bob"), due(3, "eve\u{7}")]).await.unwrap();
    assert_eq!(app.call("POST", "/deliveries").await.text, r#"{"delivered":0,"put_off":0,"given_up":3}"#);
    let errors = app.database.rows("SELECT last_error FROM outbox WHERE state = 'dead' ORDER BY id").await.unwrap();
    let state = app.sandbox.state();
    let another = |invoice| crate::corrections::reason_of_difference("document_of_another_buyer", invoice);
    let [first, second] = [0, 1].map(|at| another(&state.invoices[at]));
    assert_eq!(errors.concat(), [&first, &second, "buyer_control_character"]);
    assert_eq!((state.invoices.len(), state.emails.len()), (2, 0));
    assert_eq!(app.count("enrolments WHERE invoice_url IS NOT NULL").await, 0);
}

/// Adds jobs of each kind, due one after the other in the order of `kinds`.
async fn add_in_order(app: &TestApp, kinds: &[(&'static str, i64)]) {
    let ids = kinds.iter().flat_map(|(kind, number)| (1..=*number).map(move |id| (*kind, id)));
    let jobs = ids.zip(1..).map(|((kind, id), due_at)| {
        let job = match kind {
            "invoice" => crate::invoice(app, id, &format!("user-{id}")),
            // Not an id of the invoices here.
            _ => NewJob::mail(kind, id + 1000, &format!("{kind}-{id}@example.com")),
        };
        NewJob { due_at: Some(due_at), created_at: due_at, ..job }
    });
    app.add_jobs(jobs).await.unwrap();
}

const UNTOUCHED: &str = "SELECT COUNT(*) FROM outbox WHERE attempts = 0 AND due_at < 100 AND lease_token IS NULL AND \
                         last_error IS NULL AND state = 'due'";

async fn a_silent_invoicing_service_delays_no_mail(app: TestApp) {
    add_in_order(&app, &[("invoice", 60), ("enrolment_email", 5), ("payment_email", 5)]).await;
    app.sandbox.fault(Target::Invoices, sandbox::fault::Named::Silence, None);
    // One run sends all mails while the invoicing service is silent.
    let mailed = app.sandbox.wait_until(|state| state.emails.len() == 10, tests::PATIENCE);
    let (answer, mailed) = futures::future::join(app.call("POST", "/deliveries"), mailed).await;
    assert!(mailed);
    assert_eq!(answer.text, r#"{"delivered":10,"put_off":1,"given_up":0}"#);
    assert_eq!(app.sandbox.state().calls.of(Target::InvoicesCreate), 1, "one time-out is enough");
    assert_eq!(app.value(UNTOUCHED).await, "59");

    app.sandbox.clear_faults();
    assert_eq!(app.call("POST", "/deliveries").await.json()["delivered"], 48, "24 invoices and their mails");
    let oids: Vec<_> = app.sandbox.state().invoices.iter().map(|invoice| invoice["oid"].clone()).collect();
    assert_eq!(oids[..2], [crate::oid(2), crate::oid(3)], "longest due first");
}

async fn a_silent_relay_delays_no_invoice(app: TestApp) {
    add_in_order(&app, &[("enrolment_email", 30), ("payment_email", 10), ("invoice", 10)]).await;
    app.sandbox.fault(Target::Emails, sandbox::fault::Named::Silence, None);
    let issued = app.sandbox.wait_until(|state| state.invoices.len() == 10, tests::PATIENCE);
    let (answer, issued) = futures::future::join(app.call("POST", "/deliveries"), issued).await;
    assert!(issued);
    assert_eq!(answer.text, r#"{"delivered":10,"put_off":1,"given_up":0}"#);
    assert_eq!(app.sandbox.state().calls.of(Target::EmailsSend), 1);
    assert_eq!(app.value(UNTOUCHED).await, "39");

    app.sandbox.clear_faults();
    assert_eq!(app.call("POST", "/deliveries").await.json()["delivered"], 49, "all but the unknown one");
    let first = app.sandbox.state().emails[0]["to"][0].clone();
    assert_eq!(first, "enrolment_email-2@example.com", "longest due first");
    app.pass_time(60_000).await;
    assert_eq!(app.call("POST", "/deliveries").await.json()["delivered"], 1);
    assert_eq!(app.count("outbox WHERE state <> 'done'").await, 0);
}

async fn a_slow_invoicing_service_delays_no_mail(app: TestApp) {
    add_in_order(&app, &[("invoice", 3), ("payment_email", 30)]).await;
    app.sandbox.fault(Target::InvoicesCreate, Fault::Delay { delay_ms: 1500 }, None);
    let mailed = async {
        assert!(app.sandbox.wait_until(|state| state.emails.len() >= 30, tests::PATIENCE).await);
        app.sandbox.state().invoices.len()
    };
    let (answer, issued) = futures::future::join(app.call("POST", "/deliveries"), mailed).await;
    assert!(issued < 3, "{issued}");
    assert_eq!(answer.text, r#"{"delivered":36,"put_off":0,"given_up":0}"#);
}

async fn a_job_that_cannot_be_recorded_blocks_no_other(app: TestApp) {
    app.enrolled("ann", 1).await;
    app.idle().await;
    app.add_jobs([crate::invoice(&app, 1, "ann")]).await.unwrap();
    let (refuse, cause) = match app.database {
        tests::TestDatabase::MariaDb { .. } => ("ALTER TABLE outbox ADD CHECK (kind <> 'payment_email')", "error 4025"),
        tests::TestDatabase::Sqlite(_) => {
            let refuse = "CREATE TRIGGER refuse BEFORE INSERT ON outbox WHEN NEW.kind = 'payment_email' \
                          BEGIN SELECT RAISE(ABORT, 'refused'); END";
            (refuse, "statement failed")
        }
    };
    app.database.execute(refuse).await.unwrap();
    let reason = format!("not_written_down: {cause}");
    let mails = async |from: i64| {
        let mail = |id| NewJob::mail("enrolment_email", id, &format!("{id}@example.com"));
        app.add_jobs((from..from + 5).map(mail)).await.unwrap();
    };
    let job = "SELECT state, attempts, last_error FROM outbox WHERE kind = 'invoice'";
    mails(100).await;
    assert_eq!(app.call("POST", "/deliveries").await.text, r#"{"delivered":5,"put_off":1,"given_up":0}"#);
    assert_eq!(app.database.rows(job).await.unwrap(), [["unknown", "1", reason.as_str()]]);

    mails(200).await;
    app.database.execute("UPDATE outbox SET attempts = 63, due_at = 1 WHERE kind = 'invoice'").await.unwrap();
    assert_eq!(app.call("POST", "/deliveries").await.text, r#"{"delivered":5,"put_off":0,"given_up":1}"#);
    assert_eq!(app.database.rows(job).await.unwrap(), [["dead", "64", reason.as_str()]]);
    assert_eq!(app.sandbox.state().invoices.len(), 1);
}

/// A retried transaction shows as a `ROLLBACK`.
async fn workers_do_not_deadlock(app: TestApp) {
    let mut paying = Vec::new();
    for user in 0..20 {
        paying.push(app.enrolled(&format!("user-{user}"), 1).await);
    }
    app.take_invocations().await;
    let mail = |id| NewJob { due_at: Some(id), ..NewJob::mail("enrolment_email", id, &format!("{id}@example.com")) };
    app.add_jobs((1001..=1600).map(mail)).await.unwrap();

    let runs = futures::future::join_all((0..8).map(|_| app.call("POST", "/deliveries")));
    let payments = futures::future::join_all(paying.iter().map(|id| app.pay(*id)));
    let (runs, payments) = futures::future::join(runs, payments).await;
    assert!(payments.iter().all(|answer| answer.status == 200));
    let delivered: i64 = runs.iter().map(|answer| answer.json()["delivered"].as_i64().unwrap()).sum();
    assert_eq!(delivered, 600);
    assert_eq!(app.sandbox.state().emails.len(), 600 + 40, "each mail once");
    let statements: Vec<_> = app.take_invocations().await.into_iter().flat_map(|run| run.statements).collect();
    let again = statements.iter().filter(|statement| *statement == "ROLLBACK").count();
    assert_eq!(again, 0, "of {} statements", statements.len());
}
