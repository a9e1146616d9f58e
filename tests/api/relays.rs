//! The mail relays that can be chosen, each over HTTP.

use sandbox::fault::Named;
use sandbox::{Fault, Target};
use tests::{Settings, TestApp};

fn relay(provider: &'static str) -> Settings {
    crate::variables([("mail_provider", provider)])
}

crate::cases![
    smtp2go_delivers with relay("smtp2go"),
    brevo_delivers with relay("brevo"),
    postmark_delivers with relay("postmark"),
    brevo_recognises_a_mail_that_may_have_been_sent with relay("brevo"),
    without_keys_a_mail_in_doubt_is_sent_once_more with relay("postmark"),
    an_empty_message_id_is_not_believed with relay("postmark"),
    an_unknown_relay_is_a_fault_of_the_configuration with relay("pigeon"),
];

/// Both mails of a customer arrive, though the relay was down at first.
async fn delivers(app: TestApp, address: &str) {
    app.sandbox.fault(Target::Emails, Fault::status(503), Some(1));
    let id = app.enrolled("ann", 1).await;
    assert_eq!(app.pay(id).await.status, 200);
    app.idle().await;
    app.pass_time(3_600_000).await;
    app.cron("delivery-cron").await;
    assert_eq!(app.jobs().await, ["enrolment_email done", "invoice done", "payment_email done"]);
    let emails = app.sandbox.state().emails;
    let to: Vec<_> = emails.iter().map(|mail| mail.pointer(address).unwrap().as_str().unwrap()).collect();
    assert_eq!(to, ["ann@example.com", "ann@example.com"]);
}

async fn smtp2go_delivers(app: TestApp) {
    delivers(app, "/to/0").await;
}

async fn brevo_delivers(app: TestApp) {
    delivers(app, "/to/0/email").await;
}

async fn postmark_delivers(app: TestApp) {
    delivers(app, "/To").await;
}

async fn brevo_recognises_a_mail_that_may_have_been_sent(app: TestApp) {
    app.sandbox.fault(Target::Emails, Named::ResetAfter, Some(1));
    app.enrolled("ann", 1).await;
    app.idle().await;
    assert_eq!(app.jobs().await, ["enrolment_email unknown"]);
    app.pass_time(60_000).await;
    app.cron("delivery-cron").await;
    assert_eq!(app.jobs().await, ["enrolment_email done"]);
    assert_eq!(app.sandbox.state().emails.len(), 1);
}

async fn without_keys_a_mail_in_doubt_is_sent_once_more(app: TestApp) {
    app.sandbox.fault(Target::Emails, Named::ResetAfter, None);
    app.enrolled("ann", 1).await;
    app.idle().await;
    for _ in 0..3 {
        app.pass_time(60_000).await;
        app.cron("delivery-cron").await;
    }
    assert_eq!(app.jobs().await, ["enrolment_email dead"]);
    assert_eq!(app.sandbox.state().emails.len(), 2, "at worst twice");
}

async fn an_empty_message_id_is_not_believed(app: TestApp) {
    let body = serde_json::json!({"ErrorCode": 0, "MessageID": ""});
    app.sandbox.fault(Target::Emails, Fault::Status { status: 200, body: Some(body), headers: [].into() }, Some(1));
    app.enrolled("ann", 1).await;
    app.idle().await;
    assert_eq!(app.jobs().await, ["enrolment_email unknown"]);
}

async fn an_unknown_relay_is_a_fault_of_the_configuration(app: TestApp) {
    let answer = app.call_json("POST", "", &serde_json::json!({"course_id": 1, "user_id": "a"})).await;
    assert_eq!((answer.status, answer.error().as_str()), (503, "service_unavailable"));
    assert_eq!(app.get("/health").await.status, 200);
}
