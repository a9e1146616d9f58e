//! `PATCH /failed`

use serde_json::json;
use tests::TestApp;

crate::cases![
    a_failed_payment_is_recorded,
    a_second_request_writes_nothing,
    an_enrolment_with_a_failed_payment_can_be_paid,
    an_enrolment_with_a_failed_payment_can_be_canceled,
    paid_and_canceled_enrolments_cannot_fail,
    a_completed_enrolment_can_fail,
];

async fn a_failed_payment_is_recorded(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    app.idle().await;
    let calls = app.sandbox.state().calls;
    let body = json!({"enrolment_id": id, "user_id": "ann", "reason": "card declined"});
    let answer = app.call_json("PATCH", "/failed", &body).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.text,
        r#"{"id":1,"user_id":"ann","course_id":1,"status":"active","payment_status":"failed","invoice_url":null}"#
    );
    assert_eq!(app.get("/1").await.text, answer.text);
    app.idle().await;
    assert_eq!(app.value("SELECT reason FROM enrolments").await, "card declined");
    assert_eq!(app.sandbox.state().calls, calls, "no request to another system");
    assert_eq!(app.jobs().await, ["enrolment_email done"]);
}

async fn a_second_request_writes_nothing(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    let first = app.fail(id).await;
    app.database.execute("UPDATE enrolments SET updated_at = '2020-01-01 00:00:00', reason = 'first'").await.unwrap();
    let again = app.call_json("PATCH", "/failed", &json!({"enrolment_id": id, "reason": "second"})).await;
    assert_eq!((again.status, again.text), (200, first.text));
    assert_eq!(app.value("SELECT updated_at FROM enrolments").await.get(..10), Some("2020-01-01"));
    assert_eq!(app.value("SELECT reason FROM enrolments").await, "first");
}

async fn an_enrolment_with_a_failed_payment_can_be_paid(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    let body = json!({"enrolment_id": id, "reason": "card declined"});
    assert_eq!(app.call_json("PATCH", "/failed", &body).await.status, 200);
    let paid = app.pay(id).await;
    assert_eq!((paid.status, &paid.json()["payment_status"]), (200, &json!("paid")));
    assert!(paid.json()["invoice_url"].is_string());
    assert_eq!(app.state_of(id).await, "ACTIVE PAID");
    assert_eq!(app.value("SELECT reason FROM enrolments").await, "null", "a payment removes the reason");
}

async fn an_enrolment_with_a_failed_payment_can_be_canceled(app: TestApp) {
    let id = app.enrolled("ann", 1).await;
    assert_eq!(app.fail(id).await.status, 200);
    assert_eq!(app.cancel(id).await.status, 200);
    assert_eq!(app.state_of(id).await, "CANCELED FAILED");
    // A canceled enrolment takes no payment.
    assert_eq!((app.pay(id).await.status, app.fail(id).await.status), (409, 409));
}

async fn paid_and_canceled_enrolments_cannot_fail(app: TestApp) {
    let (paid, canceled) = (app.enrolled("a", 1).await, app.enrolled("b", 1).await);
    assert_eq!((app.pay(paid).await.status, app.cancel(canceled).await.status), (200, 200));
    for (id, message, state) in
        [(paid, "Enrolment already paid", "ACTIVE PAID"), (canceled, "Enrolment is canceled", "CANCELED PENDING")]
    {
        let answer = app.fail(id).await;
        assert_eq!((answer.status, answer.error().as_str()), (409, "conflict"));
        assert_eq!(answer.json()["message"], message);
        assert_eq!(app.state_of(id).await, state);
    }
}

async fn a_completed_enrolment_can_fail(app: TestApp) {
    let id = app.enrolled_until_end("a", 1).await;
    app.call("PATCH", "/expired").await;
    assert_eq!(app.fail(id).await.json()["payment_status"], "failed");
    assert_eq!(app.state_of(id).await, "COMPLETED FAILED");
    assert_eq!(app.pay(id).await.status, 200);
    assert_eq!(app.state_of(id).await, "COMPLETED PAID");
}
