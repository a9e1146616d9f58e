//! `GET /deliveries` by kind and by enrolment.

use sandbox::{Fault, Target};
use serde_json::{Value, json};
use tests::{NewJob, TestApp, TestDatabase};

crate::cases![
    jobs_of_an_enrolment_are_listed_in_every_state,
    filters_can_be_combined,
    rare_matches_take_bounded_steps,
    faulty_filters_are_named,
    one_statement_reads_an_index,
];

/// A page: id, kind and state of each job, and `next`.
async fn page(app: &TestApp, query: &str) -> (Vec<(i64, String)>, Value) {
    let answer = app.get(&format!("/deliveries?{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text);
    let body = answer.json();
    let line = |job: &Value| {
        let word = |key: &str| job[key].as_str().unwrap().to_owned();
        (job["id"].as_i64().unwrap(), format!("{} {}", word("kind"), word("state")))
    };
    (body["deliveries"].as_array().unwrap().iter().map(line).collect(), body["next"].clone())
}

async fn jobs_of_an_enrolment_are_listed_in_every_state(app: TestApp) {
    let (id, other) = (app.enrolled("ann", 1).await, app.enrolled("bob", 1).await);
    app.idle().await;
    assert_eq!(app.pay(id).await.status, 200);
    app.idle().await;
    app.sandbox.fault(Target::InvoicesCreate, Fault::status(422), None);
    app.sandbox.fault(Target::Emails, Fault::status(429), None);
    assert_eq!((app.refund(id).await.status, app.pay(other).await.status), (200, 200));
    app.idle().await;
    let own = [(1, "enrolment_email done"), (3, "invoice done"), (4, "payment_email done"), (5, "correction dead")];
    let own = own.map(|(id, line)| (id, line.to_owned()));
    let of = format!("enrolment_id={id}");
    assert_eq!(page(&app, &of).await, (own.to_vec(), Value::Null));
    assert_eq!(page(&app, &format!("{of}&limit=2")).await, (own[..2].to_vec(), json!(3)));
    assert_eq!(page(&app, &format!("{of}&limit=2&after=3")).await, (own[2..].to_vec(), Value::Null));
    assert_eq!(page(&app, &format!("{of}&kind=invoice")).await, (own[1..2].to_vec(), Value::Null));
    assert_eq!(page(&app, &format!("{of}&state=dead")).await, (own[3..].to_vec(), Value::Null));
    assert_eq!(page(&app, &format!("{of}&state=due&kind=correction")).await, (vec![], Value::Null));
    // Each job is as in the whole list.
    let dead = app.get("/deliveries?state=dead").await.json()["deliveries"][0].clone();
    assert_eq!(app.get(&format!("/deliveries?{of}&state=dead")).await.json()["deliveries"], json!([dead]));
    let done = app.get(&format!("/deliveries?{of}&kind=invoice")).await.json()["deliveries"][0].clone();
    assert_eq!((&done["due_at"], &done["last_error"], &done["attempts"]), (&Value::Null, &Value::Null, &json!(1)));
    // A deleted enrolment has its jobs; an unknown one has none.
    assert_eq!(app.call("DELETE", &format!("/{id}")).await.status, 204);
    assert_eq!(page(&app, &of).await.0.len(), 4);
    assert_eq!(page(&app, "enrolment_id=77").await, (vec![], Value::Null));
    assert_eq!(app.call("HEAD", &format!("/deliveries?{of}")).await.status, 200);
}

/// Adds jobs: id, kind and state.
async fn add_jobs(app: &TestApp, jobs: impl IntoIterator<Item = (usize, &'static str, &'static str)>) {
    let job = |(id, kind, state)| {
        let id = i64::try_from(id).unwrap();
        NewJob {
            id: Some(id),
            enrolment_id: id,
            kind,
            state,
            attempts: 1,
            due_at: None,
            created_at: id,
            ..NewJob::default()
        }
    };
    app.add_jobs(jobs.into_iter().map(job)).await.unwrap();
}

async fn filters_can_be_combined(app: TestApp) {
    let kinds = ["invoice", "refund_email"];
    let states = ["due", "unknown", "dead", "done"];
    let jobs: Vec<_> = (1..=24).map(|id| (id, kinds[id % 2], states[id % 3 + id / 20])).collect();
    add_jobs(&app, jobs.clone()).await;
    for kind in [None, Some("invoice"), Some("refund_email"), Some("event")] {
        for state in [None, Some("due"), Some("unknown"), Some("dead")] {
            let is_wanted = |job: &&(usize, &str, &str)| {
                job.2 != "done" && kind.is_none_or(|kind| kind == job.1) && state.is_none_or(|state| state == job.2)
            };
            let wanted: Vec<_> = jobs.iter().filter(is_wanted).map(|job| i64::try_from(job.0).unwrap()).collect();
            let query = [kind.map(|kind| format!("kind={kind}")), state.map(|state| format!("state={state}"))];
            let query = query.into_iter().flatten().collect::<Vec<_>>().join("&");
            for limit in [1, 3, 100] {
                let (mut found, mut after) = (Vec::new(), json!(0));
                while !after.is_null() {
                    let (jobs, next) = page(&app, &format!("{query}&limit={limit}&after={after}")).await;
                    found.extend(jobs.into_iter().map(|(id, _)| id));
                    after = next;
                }
                assert_eq!(found, wanted, "{query} {limit}");
            }
        }
    }
}

async fn rare_matches_take_bounded_steps(app: TestApp) {
    let rare = |id| if [900, 2400].contains(&id) { "invoice" } else { "refund_email" };
    add_jobs(&app, (1..=2500).map(|id| (id, rare(id), "dead"))).await;
    for query in ["kind=invoice", "kind=invoice&state=dead"] {
        let (found, next) = page(&app, query).await;
        assert_eq!(found.len(), 1, "{query}");
        let next = next.as_i64().unwrap();
        assert!((900..2400).contains(&next), "{query}: {next}");
        let (mut found, mut after, mut steps) = (found, json!(next), 1);
        while !after.is_null() {
            let (jobs, next) = page(&app, &format!("{query}&after={after}")).await;
            found.extend(jobs);
            (after, steps) = (next, steps + 1);
        }
        assert_eq!((found.len(), steps), (2, 3), "{query}");
    }
}

async fn faulty_filters_are_named(app: TestApp) {
    app.take_invocations().await;
    for (query, name, kind) in [
        ("enrolment_id=", "enrolment_id", "int_range"),
        ("enrolment_id=0", "enrolment_id", "int_range"),
        ("enrolment_id=x", "enrolment_id", "int_range"),
        ("enrolment_id=2147483648", "enrolment_id", "int_range"),
        ("enrolment_id=1&enrolment_id=1", "enrolment_id", "duplicate"),
        ("kind=", "kind", "enum"),
        ("kind=mail", "kind", "enum"),
        ("kind=INVOICE", "kind", "enum"),
        ("enrolment_id=1&state=done", "state", "enum"),
    ] {
        let answer = app.get(&format!("/deliveries?{query}")).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, "validation_error"), "{query}");
        let details = &answer.json()["details"];
        assert_eq!((&details[0]["loc"], &details[0]["type"]), (&json!([name]), &json!(kind)), "{query}");
    }
    assert!(app.take_invocations().await.iter().all(|run| run.connections == 0));
}

/// With many jobs of the same kind and of others.
async fn one_statement_reads_an_index(app: TestApp) {
    add_jobs(&app, (1..=3000).map(|id| (id, "invoice", if id % 3 == 0 { "dead" } else { "done" }))).await;
    if matches!(app.database, TestDatabase::MariaDb { .. }) {
        app.database.execute("ANALYZE TABLE outbox").await.unwrap();
    }
    let connecting = usize::from(matches!(app.database, TestDatabase::Sqlite(_)));
    for (query, values, index) in [
        ("enrolment_id=7", &["7", "0", "11"], "ix_outbox_enrolment"),
        ("enrolment_id=7&kind=invoice", &["7", "0", "1000"], "ix_outbox_enrolment"),
        ("enrolment_id=7&state=dead", &["7", "1500", "1000"], "ix_outbox_enrolment"),
        ("state=dead", &["dead", "1500", "11"], "ix_outbox_state"),
        ("state=dead&kind=event", &["dead", "1500", "1000"], "ix_outbox_state"),
    ] {
        app.take_invocations().await;
        page(&app, &format!("{query}&limit=10&after=1500")).await;
        let run = app.take_invocations().await.remove(0);
        // Where nothing on the way is wanted, the walk has a second step.
        let steps = 1 + usize::from(query == "state=dead&kind=event");
        assert_eq!((run.connections, run.statements.len()), (1, steps + connecting), "{query}: {:?}", run.statements);
        let statement = run.statements.last().unwrap();
        crate::plans::reads(&app, statement, values, index).await;
    }
    app.take_invocations().await;
    page(&app, "kind=event").await;
    let run = app.take_invocations().await.remove(0);
    assert!(crate::plans::reads_no_whole_table(&app, run.statements.last().unwrap()).await);
}
