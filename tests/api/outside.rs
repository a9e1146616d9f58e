//! Faults of other systems, and what callers see of them.

use sandbox::fault::Named;
use sandbox::{Fault, Target};
use serde_json::{Value, json};
use std::time::Instant;
use tests::{NewJob, TestApp};

crate::cases![
    a_failed_look_up_makes_no_enrolment,
    only_a_404_of_the_service_itself_counts,
    impossible_records_are_refused,
    blanks_around_values_are_removed,
    invoices_that_may_have_been_issued,
    an_invoice_that_is_refused,
    an_oid_that_is_taken,
    a_taken_oid_in_every_shape,
    a_look_up_of_many_large_documents,
    a_fault_of_the_account_pauses_the_system,
    a_wait_may_end_at_a_date,
    an_answer_about_another_invoice_is_looked_up,
    links_are_built_or_left_out,
    the_relay_fails,
    systems_are_out_of_reach,
];

/// The services are down, or ask for a retry.
fn absences() -> Vec<Fault> {
    let mut faults: Vec<_> = [500, 503, 429, 401].into_iter().map(Fault::status).collect();
    faults.extend([Named::Silence, Named::Reset, Named::Drip].map(Fault::from));
    faults.push(Fault::Delay { delay_ms: 2000 });
    faults
}

/// The services give unusable answers.
fn nonsense() -> Vec<Fault> {
    let mut faults: Vec<_> = [201, 302, 418].into_iter().map(Fault::status).collect();
    faults.extend([Named::Garbage, Named::Truncated, Named::Oversized].map(Fault::from));
    faults.push(saying(200, "[]"));
    faults
}

/// An answer with this body.
fn saying(status: u16, body: &str) -> Fault {
    Fault::Status { status, body: Some(json!(body)), headers: [].into() }
}

async fn a_failed_look_up_makes_no_enrolment(app: TestApp) {
    let absent = absences().into_iter().map(|fault| (fault, 503, "service_unavailable", "5"));
    let unusable = nonsense().into_iter().map(|fault| (fault, 502, "bad_gateway", ""));
    let faults: Vec<_> = absent.chain(unusable).collect();
    for target in [Target::Users, Target::Courses] {
        for (fault, status, error, retry_after) in faults.clone() {
            app.sandbox.fault(target, fault.clone(), None);
            let asked = Instant::now();
            let answer = app.enrol("a", 1).await;
            assert_eq!((answer.status, answer.error().as_str()), (status, error), "{target:?} {fault:?}");
            assert_eq!(answer.header("retry-after"), retry_after);
            assert!(asked.elapsed() < tests::PATIENCE, "there is a deadline: {target:?} {fault:?}");
            app.sandbox.clear_faults();
        }
    }
    app.idle().await;
    assert_eq!(app.count("enrolments").await, 0);
    assert_eq!(app.jobs().await, Vec::<String>::new());
}

/// While the service is down, a proxy in front of it may answer 404 with a page.
async fn only_a_404_of_the_service_itself_counts(app: TestApp) {
    for target in [Target::Users, Target::Courses] {
        for (status, body, answered) in [
            (404, r#"{"message": "not here"}"#, 400),
            (410, "{}", 400),
            (404, "<html><body>404 Not Found</body></html>", 503),
            (410, "<html><body>410 Gone</body></html>", 503),
            (404, "default backend - 404", 503),
            (404, "", 503),
        ] {
            app.sandbox.fault(target, saying(status, body), None);
            let enrolled = app.enrol("a", 1).await;
            assert_eq!(enrolled.status, answered, "{target:?} {status} {body}: {}", enrolled.text);
            app.sandbox.clear_faults();
        }
    }
    assert_eq!(app.count("enrolments").await, 0);
}

async fn impossible_records_are_refused(app: TestApp) {
    let long = "x".repeat(10_000);
    let courses = [
        (json!({"price": -1}), "price is out of range"),
        (json!({"price": 1e12}), "price is out of range"),
        (json!({"price": null}), "price is missing"),
        (json!({"name": 5}), "name is not text"),
        (json!({"name": " "}), "name is empty"),
        (json!({"name": long}), "name has more than 500 characters"),
        (json!({"end_date": "soon"}), "end_date is no time"),
        (json!({"end_date": "9999-12-31T23:59:59-12:00"}), "end_date is not from 1970 to 9998"),
        (json!({"end_date": "0000-12-31T23:59:59"}), "end_date is not from 1970 to 9998"),
        (json!({"id": 21}), "id is another"),
    ];
    for (changes, cause) in courses {
        app.sandbox.set_course(20, changes.clone());
        refused(&app, &app.enrol("a", 20).await, "courses", cause);
    }
    let users = [
        (json!({"email": null}), "email is missing"),
        (json!({"email": ""}), "email is not one plain address"),
        (json!({"email": "somebody"}), "email is not one plain address"),
        (json!({"email": "a@example.com,b@example.com"}), "email is not one plain address"),
        (json!({"first_name": 1}), "first_name is not text"),
        (json!({"first_name": "", "last_name": " "}), "both names are empty"),
        (json!({"last_name": long}), "last_name has more than 255 characters"),
        (json!({"last_name": "a\nb"}), "last_name has control characters"),
        (json!({"id": "c"}), "id is another"),
    ];
    for (changes, cause) in users {
        app.sandbox.set_user("b", changes.clone());
        refused(&app, &app.enrol("b", 1).await, "users", cause);
    }
    assert_eq!(app.count("enrolments").await, 0);
}

/// The answer names the system; the log says what is wrong.
fn refused(app: &TestApp, answer: &tests::Answer, system: &str, cause: &str) {
    assert_eq!((answer.status, answer.error().as_str(), answer.header("retry-after")), (502, "bad_gateway", ""));
    assert_eq!(answer.json()["message"], format!("The {system} service sent an invalid response"));
    let log = app.app.captured_output();
    let line: Value = serde_json::from_str(log.lines().last().unwrap_or_default()).unwrap();
    assert_eq!((&line["status"], &line["cause"]), (&json!(502), &json!(format!("{system}: {cause}"))));
}

async fn blanks_around_values_are_removed(app: TestApp) {
    app.sandbox.set_user("a", json!({"first_name": " Ann ", "last_name": "", "email": " ann@example.com\n"}));
    app.sandbox.set_course(20, json!({"name": "\tRust\n", "end_date": "9998-12-31T23:59:59"}));
    app.enrolled("a", 20).await;
    app.idle().await;
    let mail = app.sandbox.state().emails.remove(0);
    assert_eq!(mail["to"], json!(["ann@example.com"]));
    assert!(mail["text"].as_str().unwrap().contains("in the course Rust!"), "{mail}");
    assert_eq!(app.call("PATCH", "/expired").await.enrolments().len(), 0);
}

/// Pays while requests for invoices fail with `fault`, and delivers all jobs. Returns what
/// the customer has in the end.
async fn pay_through(app: &TestApp, user: &str, fault: Fault) -> (usize, usize, Value) {
    let id = app.enrolled(user, 1).await;
    app.idle().await;
    app.sandbox.reset();
    app.sandbox.fault(Target::InvoicesCreate, fault.clone(), Some(1));
    let answer = app.pay(id).await;
    assert_eq!((answer.status, answer.json()["payment_status"].as_str()), (200, Some("paid")), "{fault:?}");
    assert!(answer.json()["invoice_url"].is_null(), "{fault:?}");
    app.idle().await;
    assert_eq!(app.sandbox.state().emails.len(), 0, "no mail without the link: {fault:?}");
    app.pass_time(200_000).await;
    app.cron("delivery-cron").await;
    let state = app.sandbox.state();
    (state.invoices.len(), state.emails.len(), app.get(&format!("/{id}")).await.json()["invoice_url"].clone())
}

async fn invoices_that_may_have_been_issued(app: TestApp) {
    let faults = [
        Named::Reset.into(),
        Named::ResetAfter.into(),
        Named::Garbage.into(),
        Named::Truncated.into(),
        Named::Oversized.into(),
        Fault::status(500),
        Fault::status(503),
        Fault::status(429),
        Fault::status(401),
        Fault::Status { status: 201, body: Some(json!({"number": "1"})), headers: [].into() },
        Named::Silence.into(),
    ];
    for (round, fault) in faults.into_iter().enumerate() {
        let (invoices, mails, url) = pay_through(&app, &format!("user-{round}"), fault.clone()).await;
        assert_eq!((invoices, mails), (1, 1), "{fault:?}");
        assert!(url.is_string(), "{fault:?}");
    }
}

async fn an_invoice_that_is_refused(app: TestApp) {
    let body = json!({"code": "error", "message": {"buyer_tax_no": ["- nie może być puste"]}});
    for (round, status) in [422, 200].into_iter().enumerate() {
        let fault = Fault::Status { status, body: Some(body.clone()), headers: [].into() };
        let (invoices, mails, url) = pay_through(&app, &format!("user-{round}"), fault).await;
        assert_eq!((invoices, mails, url), (0, 0, Value::Null));
    }
    assert_eq!(app.count("outbox WHERE kind = 'invoice' AND state = 'dead'").await, 2);
    assert_eq!(app.count("enrolments WHERE payment_status = 'PAID'").await, 2);
    assert!(!app.value("SELECT last_error FROM outbox WHERE state = 'dead'").await.contains("puste"));
}

async fn an_oid_that_is_taken(app: TestApp) {
    // The answer of the invoice is lost; then the oid is taken, and found at once.
    let id = issued_and_lost(&app, "a").await;
    app.cron("delivery-cron").await;
    let state = app.sandbox.state();
    assert_eq!(
        (state.invoices.len(), state.calls.of(Target::InvoicesCreate), state.calls.of(Target::InvoicesFind)),
        (1, 2, 1)
    );
    assert_eq!(app.get(&format!("/{id}")).await.json()["invoice_url"], state.invoices[0]["view_url"]);
    assert_eq!(state.emails.len(), 2);
}

/// The invoice of a payment is issued and its answer is lost. The next attempt asks for it
/// without a look-up.
async fn issued_and_lost(app: &TestApp, user: &str) -> i64 {
    let id = app.enrolled(user, 1).await;
    app.sandbox.fault(Target::InvoicesCreate, Named::ResetAfter, Some(1));
    assert!(app.pay(id).await.json()["invoice_url"].is_null());
    app.idle().await;
    app.database
        .execute(&format!(
            "UPDATE outbox SET state = 'due', unknown_since = NULL, due_at = 0 WHERE kind = 'invoice' AND enrolment_id = {id}"
        ))
        .await
        .unwrap();
    id
}

async fn a_taken_oid_in_every_shape(app: TestApp) {
    for (round, (status, body)) in [
        (422, json!({"code": "error", "message": {"base": "Oid jest już zajęty"}})),
        (422, json!({"code": "error", "message": {"base": ["OID is taken"]}})),
        (422, json!({"code": "error", "message": ["oid: is taken"]})),
        (422, json!({"status": "error", "errors": {"Oid": ["has already been taken"]}})),
        (409, json!({"oid": ["has already been taken"]})),
        (422, json!("oid is taken")),
    ]
    .into_iter()
    .enumerate()
    {
        let id = issued_and_lost(&app, &format!("user-{round}")).await;
        let fault = Fault::Status { status, body: Some(body.clone()), headers: [].into() };
        app.sandbox.fault(Target::InvoicesCreate, fault, Some(1));
        app.cron("delivery-cron").await;
        let invoices = app.sandbox.state().invoices;
        assert_eq!(invoices.len(), round + 1, "{body}");
        assert_eq!(app.get(&format!("/{id}")).await.json()["invoice_url"], invoices[round]["view_url"], "{body}");
    }
}

async fn a_look_up_of_many_large_documents(app: TestApp) {
    let id = issued_and_lost(&app, "ann").await;
    let own = app.sandbox.state().invoices[0].clone();
    let padded = |number: usize| {
        let mut document = own.clone();
        document["description"] = json!("x".repeat(4096));
        if number < 99 {
            document["oid"] = json!(format!("other-{number}"));
        }
        document
    };
    let page: Vec<_> = (0..100).map(padded).collect();
    let fault = Fault::Status { status: 200, body: Some(json!(page)), headers: [].into() };
    app.sandbox.fault(Target::InvoicesFind, fault, Some(1));
    app.cron("delivery-cron").await;
    assert_eq!(app.get(&format!("/{id}")).await.json()["invoice_url"], own["view_url"]);
    assert_eq!(app.sandbox.state().invoices.len(), 1);
}

async fn a_fault_of_the_account_pauses_the_system(app: TestApp) {
    let untouched = "SELECT COUNT(*) FROM outbox WHERE state = 'due' AND attempts = 0 AND due_at < 1000";
    let said = "SELECT COUNT(*) FROM outbox WHERE state = 'due' AND attempts = 0 AND last_error IS NOT NULL";
    for status in [401, 402, 403, 423, 451] {
        for (target, mails) in [(Target::Invoices, false), (Target::Emails, true)] {
            app.database.execute("DELETE FROM outbox").await.unwrap();
            let job = |id| {
                let mail = || NewJob::mail("enrolment_email", id, "ann@example.com");
                let job = if mails { mail() } else { crate::invoice(&app, id, "ann") };
                NewJob { due_at: Some(id), ..job }
            };
            app.add_jobs((1..=3).map(job)).await.unwrap();
            app.sandbox.fault(target, Fault::status(status), None);
            let answer = app.call("POST", "/deliveries").await.text;
            assert_eq!(answer, r#"{"delivered":0,"put_off":1,"given_up":0}"#, "{target:?} {status}");
            assert_eq!((app.value(untouched).await, app.value(said).await), ("2".to_owned(), "1".to_owned()));
            app.sandbox.clear_faults();
        }
    }
}

async fn a_wait_may_end_at_a_date(app: TestApp) {
    let until = chrono::Utc::now() + chrono::TimeDelta::hours(2);
    let date = until.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let headers = [("retry-after".to_owned(), date)].into();
    app.sandbox.fault(Target::InvoicesCreate, Fault::Status { status: 429, body: None, headers }, Some(1));
    let id = app.enrolled("ann", 1).await;
    app.pay(id).await;
    app.idle().await;
    let due_at: i64 = app.value("SELECT due_at FROM outbox WHERE kind = 'invoice'").await.parse().unwrap();
    assert!((due_at - until.timestamp_millis()).abs() < 2000, "{due_at}");
}

async fn an_answer_about_another_invoice_is_looked_up(app: TestApp) {
    for (round, document) in [
        json!({"id": 7, "token": "stranger", "price_gross": "1.00"}),
        json!({"id": 7, "token": "stranger", "oid": "enrolment-1"}),
        json!({"id": -7, "token": "stranger"}),
        json!([{"id": 7, "token": "stranger"}]),
    ]
    .into_iter()
    .enumerate()
    {
        let fault = Fault::Status { status: 201, body: Some(document.clone()), headers: [].into() };
        let (invoices, mails, url) = pay_through(&app, &format!("user-{round}"), fault).await;
        assert_eq!((invoices, mails), (1, 1), "{document}");
        assert!(!url.as_str().unwrap().contains("stranger"), "{document}");
    }
}

async fn links_are_built_or_left_out(app: TestApp) {
    let origin = app.sandbox.origin();
    for (round, (document, expected)) in [
        (json!({"id": 7, "token": "t0ken"}), json!(format!("{origin}/invoice/t0ken"))),
        (
            json!({"id": 7, "token": "t0ken", "view_url": "https://evil.example/x"}),
            json!(format!("{origin}/invoice/t0ken")),
        ),
        (
            json!({"id": 7, "token": "t0ken", "view_url": format!("{origin}/invoice/../sandbox/state")}),
            json!(format!("{origin}/invoice/t0ken")),
        ),
        (json!({"id": 7}), Value::Null),
    ]
    .into_iter()
    .enumerate()
    {
        let id = app.enrolled(&format!("user-{round}"), 1).await;
        app.sandbox.fault(
            Target::InvoicesCreate,
            Fault::Status { status: 201, body: Some(document), headers: [].into() },
            Some(1),
        );
        assert_eq!(app.pay(id).await.json()["invoice_url"], expected);
    }
}

async fn the_relay_fails(app: TestApp) {
    let faults = [
        Fault::status(500),
        Fault::status(429),
        Fault::status(401),
        Named::Reset.into(),
        Named::ResetAfter.into(),
        Named::Garbage.into(),
        Fault::Delay { delay_ms: 300 },
    ];
    for (round, fault) in faults.into_iter().enumerate() {
        app.sandbox.reset();
        app.sandbox.fault(Target::Emails, fault.clone(), Some(1));
        app.enrolled(&format!("user-{round}"), 1).await;
        app.idle().await;
        app.pass_time(60_000).await;
        app.cron("delivery-cron").await;
        assert_eq!(app.sandbox.state().emails.len(), 1, "{fault:?}");
    }
    app.sandbox.fault(Target::Emails, Fault::status(422), Some(1));
    app.enrolled("refused", 1).await;
    app.idle().await;
    assert_eq!(app.jobs().await.last().unwrap(), "enrolment_email dead");
}

async fn systems_are_out_of_reach(mut app: TestApp) {
    let id = app.enrolled("a", 1).await;
    app.idle().await;
    app.sandbox.pause().await;
    assert_eq!(app.enrol("b", 1).await.status, 503);
    assert_eq!(app.pay(id).await.status, 200);
    assert_eq!(app.get(&format!("/{id}")).await.json()["payment_status"], "paid");
    app.sandbox.resume().await.unwrap();
    app.deliver_all().await;
    assert!(app.get(&format!("/{id}")).await.json()["invoice_url"].is_string());
}
