//! `GET /deliveries/summary`, `GET /deliveries/{id}`, `GET /deliveries/{id}/invoice`, and `POST /deliveries/retry`.

use sandbox::{Fault, Target};
use serde_json::{Value, json};
use tests::{NewJob, TestApp};

crate::cases![
    counts_are_exact_by_kind_state_and_reason,
    the_cost_depends_on_what_is_not_done on MariaDb,
    one_delivery_is_read,
    the_invoice_of_one_is_read_until_it_is_issued,
    dead_ones_are_retried_by_kind_and_reason,
    a_list_is_filtered_by_reason,
    faulty_requests_are_refused,
];

fn job(id: i64, kind: &'static str, state: &'static str, last_error: Option<&'static str>) -> NewJob {
    NewJob {
        id: Some(id),
        enrolment_id: id,
        kind,
        state,
        attempts: 3,
        due_at: (state != "dead").then_some(i64::MAX / 2),
        last_error,
        created_at: id,
        ..NewJob::default()
    }
}

async fn counts_are_exact_by_kind_state_and_reason(app: TestApp) {
    let none = app.get("/deliveries/summary").await.json();
    assert_eq!(none, json!({"deliveries": [], "new_events": {"count": 0, "oldest_at": null}}));
    let jobs = (1000..2500).map(|id| job(id, "invoice", "dead", Some("document_refused: 422")));
    let others = [
        job(1, "invoice", "dead", Some("timeout")),
        job(2, "invoice", "dead", None),
        job(3, "invoice", "due", Some("unreachable")),
        job(4, "payment_email", "unknown", Some("document_refused")),
        job(5, "payment_email", "done", None),
    ];
    app.add_jobs(jobs.chain(others)).await.unwrap();
    let summary = app.get("/deliveries/summary").await.json();
    let seen: Vec<_> = summary["deliveries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|own| {
            assert!(own["oldest_age_seconds"].as_i64().unwrap() > 1_000_000_000);
            json!([own["kind"], own["state"], own["count"], own["oldest_at"], own["reasons"]])
        })
        .collect();
    let reason = |reason: Value, count: i64| json!({"reason": reason, "count": count});
    assert_eq!(
        seen,
        [
            json!(["invoice", "due", 1, "1970-01-01T00:00:00.003Z", [reason(json!("unreachable"), 1)]]),
            json!([
                "invoice",
                "dead",
                1502,
                "1970-01-01T00:00:00.001Z",
                [reason(json!("document_refused"), 1500), reason(Value::Null, 1), reason(json!("timeout"), 1)]
            ]),
            json!(["payment_email", "unknown", 1, "1970-01-01T00:00:00.004Z", [reason(json!("document_refused"), 1)]]),
        ]
    );
    app.enrolled("a", 1).await;
    let events = app.get("/deliveries/summary").await.json()["new_events"].clone();
    assert!(events["count"] == 1 && events["oldest_at"].is_string(), "{events}");
}

/// On SQLite the statement names the index, which has no other rows.
async fn the_cost_depends_on_what_is_not_done(app: TestApp) {
    let jobs = (1..=3000).map(|id| job(id, "invoice", if id % 30 == 0 { "dead" } else { "done" }, None));
    app.add_jobs(jobs).await.unwrap();
    app.database.execute("ANALYZE TABLE outbox").await.unwrap();
    app.take_invocations().await;
    assert_eq!(app.get("/deliveries/summary").await.json()["deliveries"][0]["count"], 100);
    let statements = app.take_invocations().await.remove(0).statements;
    let statement = statements.iter().find(|text| text.contains("FROM outbox")).unwrap();
    crate::plans::reads(&app, statement, &[], "ix_outbox_pending").await;
}

async fn one_delivery_is_read(app: TestApp) {
    app.add_jobs([job(7, "invoice", "dead", Some("timeout"))]).await.unwrap();
    let listed = app.get("/deliveries?state=dead").await.json()["deliveries"][0].clone();
    let one = app.get("/deliveries/7").await;
    assert_eq!((one.status, one.json()), (200, listed));
    for path in ["/deliveries/8", "/deliveries/0", "/deliveries/x"] {
        assert_eq!(app.get(path).await.status, 404, "{path}");
    }
}

async fn the_invoice_of_one_is_read_until_it_is_issued(app: TestApp) {
    app.sandbox.fault(Target::InvoicesCreate, Fault::status(422), Some(1));
    let id = app.enrolled("ann", 1).await;
    let company = json!({"name": "Acme", "tax_no": "5252445767", "street": "Prosta 1", "post_code": "00-001",
        "city": "Warszawa"});
    let body = json!({"enrolment_id": id, "amount": "149.00", "buyer": company});
    assert_eq!(app.call_json("PATCH", "/paid", &body).await.status, 200);
    app.idle().await;
    let delivery = app.get("/deliveries?kind=invoice").await.json()["deliveries"][0]["id"].clone();
    let invoice = app.get(&format!("/deliveries/{delivery}/invoice")).await;
    assert_eq!(invoice.status, 200, "{}", invoice.text);
    let invoice = invoice.json();
    let address = json!({"street": "Prosta 1", "post_code": "00-001", "city": "Warszawa", "country": null});
    let buyer = json!({"is_company": true, "name": "Acme", "tax_no": "5252445767", "reverse_charge": false,
        "address": address});
    assert_eq!((&invoice["buyer"], &invoice["recipient"]), (&buyer, &Value::Null));
    assert_eq!(
        (&invoice["gross"], &invoice["currency"], &invoice["tax"]),
        (&json!("149.00"), &json!("PLN"), &json!("23"))
    );

    assert_eq!(app.call("POST", &format!("/deliveries/{delivery}/retry")).await.status, 200);
    app.deliver_all().await;
    for id in [delivery.as_i64().unwrap(), 1, i64::MAX] {
        assert_eq!(app.get(&format!("/deliveries/{id}/invoice")).await.status, 404, "{id}");
    }
    assert_eq!(app.get("/deliveries/x/invoice").await.status, 404);

    // The user is looked up first.
    let id = app.enrolled("bob", 1).await;
    app.sandbox.fault(Target::Users, Fault::status(503), Some(1));
    assert_eq!(app.pay(id).await.status, 200);
    let delivery = app.get("/deliveries?kind=invoice_data").await.json()["deliveries"][0]["id"].clone();
    let invoice = app.get(&format!("/deliveries/{delivery}/invoice")).await.json();
    assert_eq!((&invoice["buyer"]["name"], &invoice["gross"]), (&Value::Null, &json!("199.99")));
}

async fn retried(app: &TestApp, body: &Value) -> i64 {
    let answer = app.call_json("POST", "/deliveries/retry", body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()["retried"].as_i64().unwrap()
}

async fn dead_ones_are_retried_by_kind_and_reason(app: TestApp) {
    let jobs = (1..=2300).map(|id| job(id, "invoice", "dead", Some("document_refused: 422")));
    let unknown = NewJob { unknown_since: Some(5), ..job(2301, "invoice", "dead", Some("document_refused")) };
    let mail = NewJob { unknown_since: Some(5), ..job(2302, "payment_email", "dead", Some("timeout")) };
    let others = [job(2303, "invoice", "dead", Some("timeout")), job(2304, "invoice", "dead", None)];
    app.add_jobs(jobs.chain([unknown, mail]).chain(others)).await.unwrap();
    assert_eq!(retried(&app, &json!({"kind": "correction"})).await, 0);
    assert_eq!(retried(&app, &json!({"kind": "invoice", "reason": "document_refused"})).await, 2301);
    let states = async |id: i64| app.value(&format!("SELECT state FROM outbox WHERE id = {id}")).await;
    assert_eq!(
        (states(1).await, states(2301).await, states(2303).await),
        ("due".into(), "unknown".into(), "dead".into())
    );
    assert_eq!(app.count("outbox WHERE state = 'due' AND attempts = 0 AND due_at IS NOT NULL").await, 2300);
    assert_eq!(retried(&app, &json!({"kind": "invoice"})).await, 2);
    assert_eq!(retried(&app, &json!({"kind": "payment_email"})).await, 1);
    // It is sent again, because the operator decided so.
    assert_eq!(states(2302).await, "due");
    assert_eq!(app.count("outbox WHERE state = 'dead'").await, 0);
}

async fn a_list_is_filtered_by_reason(app: TestApp) {
    let reasons = [Some("timeout"), Some("document_refused: 422"), None];
    let jobs = (1..=9).map(|id| job(id, "invoice", "dead", reasons[usize::try_from(id).unwrap() % 3]));
    app.add_jobs(jobs).await.unwrap();
    let page = app.get("/deliveries?state=dead&reason=document_refused").await.json();
    let ids: Vec<_> = page["deliveries"].as_array().unwrap().iter().map(|own| own["id"].as_i64().unwrap()).collect();
    assert_eq!(ids, [1, 4, 7]);
}

async fn faulty_requests_are_refused(app: TestApp) {
    for body in [json!({}), json!({"kind": "x"}), json!({"kind": "invoice", "reason": "x"}), json!({"kind": 1})] {
        assert_eq!(app.call_json("POST", "/deliveries/retry", &body).await.status, 400, "{body}");
    }
    assert_eq!(app.get("/deliveries/summary?x=1").await.status, 400);
    assert_eq!(app.get("/deliveries?reason=x").await.status, 400);
}
