//! Mails whose delivery is unknown: how many copies arrive at most.

use crate::relays::relay;
use sandbox::{Fault, Target};
use tests::TestApp;

crate::cases![
    resend_sends_one_copy,
    brevo_sends_one_copy with relay("brevo"),
    smtp2go_sends_two_copies_at_most with relay("smtp2go"),
    postmark_sends_two_copies_at_most with relay("postmark"),
    an_outage_leaves_mails_waiting_where_the_relay_has_no_keys with relay("postmark"),
];

/// The relay takes every mail; a gateway answers 502 or 504 to every attempt of a job.
async fn copies(app: TestApp, copies: usize) {
    for (round, status) in [502, 504].into_iter().enumerate() {
        app.sandbox.fault(Target::EmailsSend, Fault::status_after(status), None);
        app.enrolled(&format!("user-{round}"), 1).await;
        app.idle().await;
        for _ in 0..70 {
            app.pass_time(3_600_000).await;
            app.cron("delivery-cron").await;
        }
        app.sandbox.clear_faults();
        app.pass_time(3_600_000).await;
        app.cron("delivery-cron").await;
        assert_eq!(app.sandbox.state().emails.len(), copies * (round + 1), "{status}");
        assert_eq!(app.jobs().await[round], "enrolment_email dead", "a person looks at it");
    }
}

async fn resend_sends_one_copy(app: TestApp) {
    copies(app, 1).await;
}

async fn brevo_sends_one_copy(app: TestApp) {
    copies(app, 1).await;
}

async fn smtp2go_sends_two_copies_at_most(app: TestApp) {
    copies(app, 2).await;
}

async fn postmark_sends_two_copies_at_most(app: TestApp) {
    copies(app, 2).await;
}

/// Only a gateway answers, with 502; no mail is sent.
async fn an_outage_leaves_mails_waiting_where_the_relay_has_no_keys(app: TestApp) {
    app.sandbox.fault(Target::Emails, Fault::status(502), None);
    for user in ["ann", "ben", "eve"] {
        app.enrolled(user, 1).await;
    }
    app.idle().await;
    for _ in 0..70 {
        app.pass_time(3_600_000).await;
        app.cron("delivery-cron").await;
    }
    assert_eq!(app.jobs().await, ["enrolment_email unknown"; 3]);
    let said = app.value("SELECT last_error FROM outbox ORDER BY due_at DESC LIMIT 1").await;
    assert_eq!(said, "relay_down: it answered 502");
    app.sandbox.clear_faults();
    app.pass_time(3_600_000).await;
    app.cron("delivery-cron").await;
    assert_eq!(app.jobs().await, ["enrolment_email done"; 3]);
    assert_eq!(app.sandbox.state().emails.len(), 3);
}
