//! The mail relays, each over HTTP.

use sandbox::fault::Named;
use sandbox::mail::Account;
use sandbox::{Fault, Target};
use serde_json::json;
use tests::{Settings, TestApp};

pub(crate) fn relay(provider: &'static str) -> Settings {
    crate::variables([("mail_provider", provider)])
}

crate::cases![
    smtp2go_delivers with relay("smtp2go"),
    brevo_delivers with relay("brevo"),
    postmark_delivers with relay("postmark"),
    brevo_recognises_a_mail_that_may_have_been_sent with relay("brevo"),
    brevo_is_not_asked_again_after_its_time with relay("brevo"),
    without_keys_an_unknown_mail_is_sent_once_more with relay("postmark"),
    an_empty_message_id_is_a_failure with relay("postmark"),
    resend_waits_for_the_account,
    smtp2go_waits_for_the_account with relay("smtp2go"),
    brevo_waits_for_the_account with relay("brevo"),
    postmark_waits_for_the_account with relay("postmark"),
    a_refused_mail_blocks_no_other with relay("postmark"),
    another_sender_between_attempts_sends_no_second_mail,
    a_domain_outside_ascii with relay("postmark"),
    a_sender_with_punctuation with crate::variables([("mail_provider", "postmark"), ("mail_from", "Ltd. <a@żółw.pl>")]),
    a_run_waits_for_the_pace_of_the_relay with paced(),
];

pub(crate) fn paced() -> Settings {
    let mut settings = Settings::default();
    settings.sandbox.settings.emails.requests_per_second = Some(2);
    settings
}

/// Both mails of a customer arrive after the relay was down.
async fn delivers(app: TestApp, address: &str) {
    app.sandbox.fault(Target::Emails, Fault::status(503), Some(1));
    let id = app.enrolled("ann", 1).await;
    assert_eq!(app.pay(id).await.status, 200);
    app.idle().await;
    app.pass_time(600_000).await;
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

async fn brevo_is_not_asked_again_after_its_time(app: TestApp) {
    app.sandbox.fault(Target::Emails, Fault::status_after(502), Some(1));
    app.enrolled("ann", 1).await;
    app.idle().await;
    app.sandbox.pass_mail_minutes(31);
    app.pass_time(31 * 60_000).await;
    app.cron("delivery-cron").await;
    assert_eq!(app.jobs().await, ["enrolment_email dead"]);
    assert_eq!(app.sandbox.state().emails.len(), 1);
}

async fn without_keys_an_unknown_mail_is_sent_once_more(app: TestApp) {
    app.sandbox.fault(Target::EmailsSend, Named::ResetAfter, None);
    app.enrolled("ann", 1).await;
    app.idle().await;
    for _ in 0..3 {
        app.pass_time(60_000).await;
        app.cron("delivery-cron").await;
    }
    assert_eq!(app.jobs().await, ["enrolment_email dead"]);
    assert_eq!(app.sandbox.state().emails.len(), 2, "two copies at most");
}

async fn an_empty_message_id_is_a_failure(app: TestApp) {
    let body = json!({"ErrorCode": 0, "MessageID": ""});
    app.sandbox.fault(Target::Emails, Fault::Status { status: 200, body: Some(body), headers: [].into() }, Some(1));
    app.enrolled("ann", 1).await;
    app.idle().await;
    assert_eq!(app.jobs().await, ["enrolment_email unknown"]);
}

/// Five mails wait while the account may not send, for each reason, and arrive when it may
/// again. For the reasons in `unseen` the relay accepts mails.
async fn waits_for_the_account(app: TestApp, unseen: &[Account]) {
    let mut arrived = 0;
    for (round, account) in Account::TROUBLED.into_iter().filter(|account| !unseen.contains(account)).enumerate() {
        app.sandbox.set(|settings| settings.emails.account = account);
        for user in 0..5 {
            app.enrolled(&format!("user-{round}-{user}"), 1).await;
        }
        app.idle().await;
        for _ in 0..3 {
            app.pass_time(7_200_000).await;
            app.cron("delivery-cron").await;
        }
        let waiting = "SELECT COUNT(*) FROM outbox WHERE state = 'due' AND attempts <= 1";
        assert_eq!(app.value(waiting).await, "5", "{account:?}");
        let said = "SELECT last_error FROM outbox WHERE state = 'due' LIMIT 1";
        assert!(app.value(said).await.starts_with("account_refused: "), "{account:?}");
        app.sandbox.set(|settings| settings.emails.account = Account::Well);
        app.pass_time(7_200_000).await;
        app.cron("delivery-cron").await;
        arrived += 5;
        assert_eq!(app.sandbox.state().emails.len(), arrived, "{account:?}");
    }
    assert_eq!(app.count("outbox WHERE state <> 'done'").await, 0);
}

async fn resend_waits_for_the_account(app: TestApp) {
    waits_for_the_account(app, &[]).await;
}

async fn smtp2go_waits_for_the_account(app: TestApp) {
    waits_for_the_account(app, &[]).await;
}

async fn brevo_waits_for_the_account(app: TestApp) {
    waits_for_the_account(app, &[Account::Unverified]).await;
}

async fn postmark_waits_for_the_account(app: TestApp) {
    waits_for_the_account(app, &[]).await;
}

async fn a_refused_mail_blocks_no_other(app: TestApp) {
    app.sandbox.set_user("gone", json!({"email": "inactive@example.com"}));
    for user in ["ann", "gone", "ben"] {
        app.enrolled(user, 1).await;
    }
    app.idle().await;
    assert_eq!(app.jobs().await, ["enrolment_email done", "enrolment_email dead", "enrolment_email done"]);
    let said = app.value("SELECT last_error FROM outbox WHERE state = 'dead'").await;
    assert_eq!(said, "mail_refused: 406 (inactive recipient)");
}

async fn another_sender_between_attempts_sends_no_second_mail(app: TestApp) {
    app.sandbox.fault(Target::Emails, Fault::status_after(504), Some(1));
    app.enrolled("ann", 1).await;
    app.idle().await;
    assert_eq!(app.jobs().await, ["enrolment_email unknown"]);
    let mut variables = app.variables();
    variables.insert("mail_from".to_owned(), "School <school@example.com>".to_owned());
    let runtime = host::Runtime::load(tests::root().join("spin.toml")).unwrap();
    let other = app.start_beside_with(&runtime, variables).await.unwrap();
    app.pass_time(60_000).await;
    other.run_cron("delivery-cron").await.unwrap();
    assert_eq!(app.jobs().await, ["enrolment_email done"]);
    assert_eq!(app.sandbox.state().emails.len(), 1);
}

async fn a_domain_outside_ascii(app: TestApp) {
    app.sandbox.set_user("ann", json!({"email": "ann@przykład.pl"}));
    app.sandbox.set_user("ben", json!({"email": "bén@example.com"}));
    app.enrolled("ann", 1).await;
    app.enrolled("ben", 1).await;
    app.idle().await;
    assert_eq!(app.jobs().await, ["enrolment_email done", "enrolment_email dead"]);
    assert_eq!(app.sandbox.state().emails[0]["To"], "ann@xn--przykad-rjb.pl");
    let said = app.value("SELECT last_error FROM outbox WHERE state = 'dead'").await;
    assert_eq!(said, "address_not_ascii");
}

async fn a_sender_with_punctuation(app: TestApp) {
    app.enrolled("ann", 1).await;
    app.idle().await;
    assert_eq!(app.sandbox.state().emails[0]["From"], r#""Ltd." <a@xn--w-uga1v8h.pl>"#);
}

/// A mail that is refused for the pace waits, uses no attempt and arrives once.
async fn a_run_waits_for_the_pace_of_the_relay(app: TestApp) {
    for user in 0..6 {
        app.enrolled(&format!("user-{user}"), 1).await;
    }
    app.idle().await;
    app.sandbox.set(|settings| settings.emails.requests_per_second = None);
    app.pass_time(60_000).await;
    app.cron("delivery-cron").await;
    assert_eq!(app.count("outbox WHERE state <> 'done' OR attempts > 1").await, 0);
    assert_eq!(app.sandbox.state().emails.len(), 6);
}
