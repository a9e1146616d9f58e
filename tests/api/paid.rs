//! `PATCH /paid`

use sandbox::Target;
use serde_json::{Value, json};
use std::time::Instant;
use tests::TestApp;

crate::cases![
    a_payment_is_recorded_invoiced_and_mailed,
    faulty_bodies_change_nothing,
    unknown_paid_and_canceled_enrolments_cannot_be_paid,
    another_users_enrolment_is_not_found,
    a_completed_enrolment_can_be_paid,
    a_free_course_has_no_invoice,
    prices_are_exact,
    a_restored_database_shows_no_invoice_of_another_user,
    another_environment_may_use_the_same_prefix,
    a_payment_is_recorded_while_invoicing_is_down,
    a_silent_invoicing_service_costs_one_deadline,
    one_connection_and_few_statements,
];

async fn a_payment_is_recorded_invoiced_and_mailed(app: TestApp) {
    app.enrolled("63a1f1234abc5678def12345", 1).await;
    let answer = app.pay(1).await;
    assert_eq!(answer.status, 200);
    let body = answer.json();
    assert_eq!(body.as_object().unwrap().len(), 6);
    assert_eq!((body["payment_status"].as_str(), body["status"].as_str()), (Some("paid"), Some("active")));
    let url = body["invoice_url"].as_str().unwrap();
    app.idle().await;

    let state = app.sandbox.state();
    assert_eq!(state.invoices.len(), 1);
    let invoice = &state.invoices[0];
    let oid = invoice["oid"].as_str().unwrap();
    let random = oid.strip_prefix("enrolment-1-").unwrap();
    assert!(random.len() == 16 && random.bytes().all(|byte| byte.is_ascii_hexdigit()), "{oid}");
    assert_eq!(invoice["buyer_name"], "Customer 63a1f1234abc5678def12345");
    assert_eq!(invoice["buyer_email"], "63a1f1234abc5678def12345@example.com");
    assert_eq!(invoice["positions"][0]["name"], "Course 1");
    assert_eq!(invoice["positions"][0]["total_price_gross"], "199.99");
    assert_eq!(invoice["view_url"], url);
    assert_eq!(state.emails.len(), 2);
    assert!(state.emails[1]["html"].as_str().unwrap().contains(url));
    assert!(state.emails[1]["text"].as_str().unwrap().contains(url));
    assert_eq!(app.get("/1").await.json(), body);
    assert_eq!(app.jobs().await, ["enrolment_email done", "invoice done", "payment_email done"]);
    assert_eq!(app.count("outbox WHERE payload <> '{}'").await, 0);
}

async fn faulty_bodies_change_nothing(app: TestApp) {
    let id = app.enrolled("a", 1).await;
    for body in [
        json!({}),
        json!({"enrolment_id": "1"}),
        json!({"enrolment_id": 1.5}),
        json!({"enrolment_id": true}),
        json!({"enrolment_id": 0}),
        json!([]),
        json!(null),
    ] {
        let answer = app.call_json("PATCH", "/paid", &body).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, "validation_error"), "{body}");
    }
    let plain = app.request("PATCH".parse().unwrap(), "/paid").body("{\"enrolment_id\": 1}");
    assert_eq!(app.send(plain).await.status, 415);
    assert_eq!(app.get(&format!("/{id}")).await.json()["payment_status"], "pending");
    app.idle().await;
    assert_eq!(app.sandbox.state().calls.of(Target::Users), 1, "for the enrolment alone");
}

async fn unknown_paid_and_canceled_enrolments_cannot_be_paid(app: TestApp) {
    let answer = app.pay(7).await;
    assert_eq!((answer.status, answer.error().as_str()), (404, "not_found"));
    let paid = app.enrolled("a", 1).await;
    assert_eq!(app.pay(paid).await.status, 200);
    let answer = app.pay(paid).await;
    assert_eq!((answer.status, answer.error().as_str()), (409, "conflict"));
    let canceled = app.enrolled("b", 1).await;
    app.database.execute(&format!("UPDATE enrolments SET status = 'CANCELED' WHERE id = {canceled}")).await.unwrap();
    let answer = app.pay(canceled).await;
    assert_eq!((answer.status, answer.error().as_str()), (409, "conflict"));
    app.idle().await;
    assert_eq!(app.sandbox.state().invoices.len(), 1);
    assert_eq!(app.count("enrolments WHERE payment_status = 'PAID'").await, 1);
}

async fn another_users_enrolment_is_not_found(app: TestApp) {
    let id = app.enrolled("alice", 1).await;
    let pay_as = async |user: Value| {
        let body = json!({"enrolment_id": id, "user_id": user});
        app.call_json("PATCH", "/paid", &body).await
    };
    let unknown = app.pay(77).await;
    for user in ["bob", "ALICE", "alice "] {
        let answer = pay_as(json!(user)).await;
        assert_eq!((answer.status, &answer.text), (404, &unknown.text), "{user}");
    }
    for user in [json!(null), json!(""), json!(5)] {
        assert_eq!(pay_as(user).await.json()["details"][0]["loc"], json!(["user_id"]));
    }
    assert_eq!(app.get(&format!("/{id}")).await.json()["payment_status"], "pending");
    assert_eq!(pay_as(json!("alice")).await.status, 200);
}

async fn a_completed_enrolment_can_be_paid(app: TestApp) {
    let id = app.enrolled_until_end("a", 1).await;
    assert_eq!(app.call("PATCH", "/expired").await.enrolments().len(), 1);
    let answer = app.pay(id).await;
    assert_eq!((answer.status, answer.json()["status"].as_str()), (200, Some("completed")));
    assert!(answer.json()["invoice_url"].is_string());
}

async fn a_free_course_has_no_invoice(app: TestApp) {
    let id = app.enrolled("a", 2).await;
    let answer = app.pay(id).await;
    assert_eq!((answer.status, answer.json()["payment_status"].as_str()), (200, Some("paid")));
    assert!(answer.json()["invoice_url"].is_null());
    app.idle().await;
    let state = app.sandbox.state();
    assert_eq!((state.calls.of(Target::InvoicesCreate), state.emails.len()), (0, 2));
    assert!(!state.emails[1]["html"].as_str().unwrap().contains("href"));
}

async fn prices_are_exact(app: TestApp) {
    for (course, price, gross) in [
        (20, json!(0.01), "0.01"),
        (21, json!(0.1), "0.10"),
        (22, json!(1_234_567.89), "1234567.89"),
        (23, json!("49.9"), "49.90"),
    ] {
        app.sandbox.set_course(course, json!({"price": price}));
        let id = app.enrolled("a", course).await;
        assert_eq!(app.pay(id).await.status, 200);
        let invoice = app.sandbox.state().invoices.pop().unwrap();
        assert_eq!(
            (invoice["positions"][0]["total_price_gross"].as_str(), invoice["paid"].as_str()),
            (Some(gross), Some(gross))
        );
    }
}

/// Checks that the links in the mail and in the enrolment lead to the user's own invoice.
async fn has_own_invoice(app: &TestApp, id: i64, user: &str) {
    app.idle().await;
    let state = app.sandbox.state();
    let address = format!("{user}@example.com");
    let (own, others): (Vec<_>, Vec<_>) =
        state.invoices.iter().partition(|invoice| invoice["buyer_email"] == address.as_str());
    assert_eq!(own.len(), 1);
    assert!(!others.is_empty());
    assert_eq!(app.get(&format!("/{id}")).await.json()["invoice_url"], own[0]["view_url"]);
    let mails: Vec<_> = state.emails.iter().filter(|mail| mail["to"][0] == address.as_str()).collect();
    assert_eq!(mails.len(), 2);
    assert!(mails[1]["text"].as_str().unwrap().contains(own[0]["view_url"].as_str().unwrap()));
    for other in others {
        let token = other["token"].as_str().unwrap();
        assert!(!mails.iter().any(|mail| mail.to_string().contains(token)), "a stranger's link");
    }
}

async fn a_restored_database_shows_no_invoice_of_another_user(app: TestApp) {
    let yesterday = app.database.back_up().await.unwrap();
    let first = app.enrolled("ann", 1).await;
    assert_eq!(app.pay(first).await.status, 200);
    app.idle().await;
    app.database.restore(&yesterday).await.unwrap();
    let second = app.enrolled("bob", 1).await;
    assert_eq!(second, first, "the id is used again");
    assert_eq!(app.pay(second).await.status, 200);
    has_own_invoice(&app, second, "bob").await;
}

async fn another_environment_may_use_the_same_prefix(app: TestApp) {
    for oid in ["enrolment-1", "enrolment-1-0123456789abcdef"] {
        crate::document(&app, oid, "ann").await;
    }
    let id = app.enrolled("bob", 1).await;
    assert_eq!(app.pay(id).await.status, 200);
    has_own_invoice(&app, id, "bob").await;
}

async fn a_payment_is_recorded_while_invoicing_is_down(app: TestApp) {
    let id = app.enrolled("a", 1).await;
    app.idle().await;
    app.sandbox.fault(Target::Invoices, sandbox::Fault::status(503), None);
    let answer = app.pay(id).await;
    assert_eq!((answer.status, answer.json()["payment_status"].as_str()), (200, Some("paid")));
    assert!(answer.json()["invoice_url"].is_null());
    app.idle().await;
    assert_eq!(app.sandbox.state().emails.len(), 1, "no mail without the link");

    app.sandbox.clear_faults();
    app.pass_time(200_000).await;
    app.cron("delivery-cron").await;
    let state = app.sandbox.state();
    assert_eq!((state.invoices.len(), state.emails.len()), (1, 2));
    let url = app.get(&format!("/{id}")).await.json()["invoice_url"].clone();
    assert_eq!(url, state.invoices[0]["view_url"]);
    assert!(state.emails[1]["text"].as_str().unwrap().contains(url.as_str().unwrap()));
    app.cron("delivery-cron").await;
    assert_eq!(app.sandbox.state().emails.len(), 2);
}

async fn a_silent_invoicing_service_costs_one_deadline(app: TestApp) {
    let id = app.enrolled("a", 1).await;
    app.sandbox.fault(Target::InvoicesCreate, sandbox::fault::Named::Silence, Some(1));
    let asked = Instant::now();
    let answer = app.pay(id).await;
    assert!(asked.elapsed() < tests::PATIENCE);
    assert_eq!((answer.status, answer.json()["invoice_url"].is_null()), (200, true));
    app.idle().await;
    // The caller waits for one deadline and no second attempt.
    assert_eq!(app.sandbox.state().calls.of(Target::InvoicesCreate), 1);
    assert_eq!(app.jobs().await[1], "invoice unknown");
}

async fn one_connection_and_few_statements(app: TestApp) {
    let id = app.enrolled("a", 1).await;
    app.take_invocations().await;
    app.pay(id).await;
    let invocation = app.take_invocations().await.remove(0);
    assert_eq!((invocation.component.as_str(), invocation.connections), ("payments", 1));
    // The enrolment; begin, lock, change, event, job, commit; begin (SQLite only), job
    // done, link, document, event, mail job, commit; mail done, commit (MySQL only).
    assert!(invocation.statements.len() <= 17, "{:#?}", invocation.statements);
    assert_eq!(invocation.outbound_calls.len(), 3, "{:?}", invocation.outbound_calls);
}
