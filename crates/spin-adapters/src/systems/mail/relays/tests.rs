use super::*;
use crate::outbound::{NoReply, Reply};
use crate::systems::mail::api::{Account, Sending};
use crate::systems::mail::sender::Sender;
use crate::systems::mail::{answers, at_pace};
use chrono::TimeDelta;
use domain::jobs::outbox::Failure;
use domain::model::email::Email;
use domain::model::reason::{FailureReason, ReasonCode};
use domain::ports::Repeats;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::time::Duration;
use uuid::Uuid;

const ALL: [Provider; 4] = [Provider::Resend, Provider::Smtp2go, Provider::Brevo, Provider::Postmark];

fn reply(status: u16, body: &str) -> Reply {
    Reply { status, retry_after: Some(Duration::from_secs(3)), body: body.as_bytes().to_vec() }
}

fn email() -> Email {
    Email {
        to: "ann@example.com".to_owned(),
        subject: "Hello".to_owned(),
        html: "<p>Hi</p>".to_owned(),
        text: "Hi".to_owned(),
        idempotency_key: "payment-email-1-1".to_owned(),
    }
}

/// Path, the header with the token, and the body.
fn sent(provider: Provider, from: &str) -> (Cow<'static, str>, Vec<(&'static str, String)>, Value) {
    sent_with(provider, from, None)
}

fn sent_with(
    provider: Provider,
    from: &str,
    reply_to: Option<String>,
) -> (Cow<'static, str>, Vec<(&'static str, String)>, Value) {
    let (token, from) = ("t".to_owned(), Sender::parse(from).unwrap());
    let account = Account { origin: String::new(), token, from, reply_to };
    let Sending { path, headers, json } = (provider.api().sending)(&account, &email());
    (path, headers, serde_json::from_slice(&json).unwrap())
}

fn header(name: &'static str, value: &str) -> (&'static str, String) {
    (name, value.to_owned())
}

const FROM: &str = "Courses <courses@example.com>";

#[test]
fn resend_gets_its_form_with_a_key() {
    let expected = json!({"from": FROM, "to": ["ann@example.com"], "subject": "Hello",
        "html": "<p>Hi</p>", "text": "Hi"});
    let headers = vec![header("authorization", "Bearer t"), header("idempotency-key", "payment-email-1-1")];
    assert_eq!(sent(Provider::Resend, FROM), ("/emails".into(), headers, expected));
}

#[test]
fn smtp2go_gets_its_form() {
    let expected = json!({"sender": FROM, "to": ["ann@example.com"], "subject": "Hello",
        "html_body": "<p>Hi</p>", "text_body": "Hi"});
    assert_eq!(
        sent(Provider::Smtp2go, FROM),
        ("/v3/email/send".into(), vec![header("x-smtp2go-api-key", "t")], expected)
    );
}

#[test]
fn brevo_gets_its_form_with_a_uuid_as_key() {
    let expected = json!({"sender": {"name": "Courses", "email": "courses@example.com"},
        "to": [{"email": "ann@example.com"}], "subject": "Hello", "htmlContent": "<p>Hi</p>", "textContent": "Hi",
        "headers": {"idempotencyKey": Uuid::new_v5(&Uuid::NAMESPACE_OID, b"payment-email-1-1")}});
    assert_eq!(sent(Provider::Brevo, FROM), ("/v3/smtp/email".into(), vec![header("api-key", "t")], expected));
    for (from, sender) in [
        ("courses@example.com", json!({"email": "courses@example.com"})),
        ("<courses@example.com>", json!({"email": "courses@example.com"})),
        (r#" "Courses, Ltd" <a@b> "#, json!({"name": "Courses, Ltd", "email": "a@b"})),
    ] {
        assert_eq!(sent(Provider::Brevo, from).2["sender"], sender, "{from}");
    }
}

#[test]
fn postmark_gets_its_form() {
    let expected = json!({"From": FROM, "To": "ann@example.com", "Subject": "Hello", "HtmlBody": "<p>Hi</p>",
        "TextBody": "Hi", "MessageStream": "outbound"});
    assert_eq!(
        sent(Provider::Postmark, FROM),
        ("/email".into(), vec![header("x-postmark-server-token", "t")], expected)
    );
}

#[test]
fn each_relay_gets_the_address_for_replies_in_its_form() {
    for (provider, name, value) in [
        (Provider::Resend, "reply_to", json!("help@example.com")),
        (Provider::Smtp2go, "custom_headers", json!([{"header": "Reply-To", "value": "help@example.com"}])),
        (Provider::Brevo, "replyTo", json!({"email": "help@example.com"})),
        (Provider::Postmark, "ReplyTo", json!("help@example.com")),
    ] {
        let mut expected = sent(provider, FROM);
        expected.2[name] = value;
        assert_eq!(sent_with(provider, FROM, Some("help@example.com".to_owned())), expected);
    }
}

#[test]
fn a_success_shows_as_the_relay_has_it() {
    for (provider, status, body) in [
        (Provider::Resend, 200, r#"{"id":"49a3999c"}"#),
        (Provider::Smtp2go, 200, r#"{"request_id":"r","data":{"succeeded":1,"failed":0,"failures":[]}}"#),
        (Provider::Brevo, 201, r#"{"messageId":"<1@relay>"}"#),
        (Provider::Brevo, 400, r#"{"code":"duplicate_parameter","message":"m"}"#),
        (Provider::Postmark, 200, r#"{"To":"x","MessageID":"m","ErrorCode":0,"Message":"OK"}"#),
    ] {
        assert_eq!((provider.api().read)(&reply(status, body)), Ok(()), "{provider:?}");
        for other in ALL.into_iter().filter(|other| *other != provider) {
            assert!((other.api().read)(&reply(status, body)).is_err(), "{other:?} {body}");
        }
    }
}

#[test]
fn a_success_that_proves_nothing_is_unknown() {
    for provider in ALL {
        for body in [
            "",
            "<html>",
            "{}",
            "[]",
            r#"{"id":null}"#,
            r#"{"id":""}"#,
            r#"{"id":" "}"#,
            r#"{"messageId":""}"#,
            r#"{"data":{}}"#,
            r#"{"ErrorCode":0}"#,
            r#"{"ErrorCode":0,"MessageID":""}"#,
            r#"{"ErrorCode":0,"MessageID":" "}"#,
        ] {
            assert!(
                matches!((provider.api().read)(&reply(200, body)), Err(Failure::Unknown { .. })),
                "{provider:?} {body}"
            );
        }
    }
}

/// How the parts of a relay's answer are named.
fn said(provider: Provider, code: &str, message: &str) -> String {
    match provider {
        Provider::Resend => json!({"statusCode": 0, "name": code, "message": message}),
        Provider::Brevo => json!({"code": code, "message": message}),
        Provider::Smtp2go => {
            let code = format!("E_ApiResponseCodes.{code}");
            json!({"request_id": "r", "data": {"error": message, "error_code": code}})
        }
        Provider::Postmark => json!({"ErrorCode": code.parse::<i64>().unwrap(), "Message": message}),
    }
    .to_string()
}

fn down(reason: FailureReason) -> Result<(), Failure> {
    Err(Failure::Down { reason, after: Some(Duration::from_secs(3)) })
}

fn refused(detail: &str) -> Result<(), Failure> {
    Err(Failure::Refused { reason: ReasonCode::MailRefused.with(detail) })
}

#[test]
fn what_concerns_the_account_puts_the_relay_off() {
    let of_account = |code: &str| down(ReasonCode::AccountRefused.with(code));
    for (provider, status, code, message, kept) in [
        (Provider::Resend, 401, "missing_api_key", "", "missing_api_key (401)"),
        (Provider::Resend, 401, "restricted_api_key", "", "restricted_api_key (401)"),
        (Provider::Resend, 403, "invalid_api_key", "", "invalid_api_key (403)"),
        (Provider::Resend, 403, "suspended_api_key", "", "suspended_api_key (403)"),
        (Provider::Resend, 400, "validation_error", "API key is invalid", "validation_error (400)"),
        (Provider::Resend, 401, "validation_error", "API key is invalid", "validation_error (401)"),
        (Provider::Resend, 403, "validation_error", "The example.com domain is not verified", "validation_error (403)"),
        (Provider::Resend, 403, "new_error", "", "new_error (403)"),
        (Provider::Resend, 422, "invalid_from_address", "", "invalid_from_address (422)"),
        (Provider::Resend, 429, "daily_quota_exceeded", "", "daily_quota_exceeded (429)"),
        (Provider::Resend, 429, "monthly_quota_exceeded", "", "monthly_quota_exceeded (429)"),
        (Provider::Resend, 451, "security_error", "", "security_error (451)"),
        (Provider::Postmark, 401, "10", "", "10 (bad or missing API token)"),
        (Provider::Postmark, 422, "100", "", "100 (maintenance)"),
        (Provider::Postmark, 422, "300", "Invalid 'From' address", "300 (invalid email request)"),
        (Provider::Postmark, 422, "400", "", "400 (sender signature not found)"),
        (Provider::Postmark, 422, "401", "", "401 (sender signature not confirmed)"),
        (Provider::Postmark, 422, "405", "", "405 (not allowed to send)"),
        (Provider::Postmark, 422, "412", "", "412 (account is pending)"),
        (Provider::Postmark, 422, "413", "", "413 (account may not send)"),
        (Provider::Postmark, 422, "1235", "", "1235 (message stream does not exist)"),
        (Provider::Brevo, 401, "unauthorized", "Key not found", "unauthorized"),
        (Provider::Brevo, 402, "not_enough_credits", "", "not_enough_credits"),
        (Provider::Brevo, 403, "account_under_validation", "", "account_under_validation"),
        (Provider::Brevo, 403, "permission_denied", "", "permission_denied"),
        (Provider::Brevo, 400, "invalid_parameter", "valid sender email required", "invalid_parameter"),
        (Provider::Smtp2go, 400, "ENDPOINT_PERMISSION_DENIED", "", "ENDPOINT_PERMISSION_DENIED (400)"),
        (Provider::Smtp2go, 401, "API_EXCEPTION", "", "API_EXCEPTION (401)"),
        (Provider::Smtp2go, 402, "API_EXCEPTION", "", "API_EXCEPTION (402)"),
        (Provider::Smtp2go, 403, "API_EXCEPTION", "", "API_EXCEPTION (403)"),
    ] {
        let answer = (provider.api().read)(&reply(status, &said(provider, code, message)));
        assert_eq!(answer, of_account(kept), "{provider:?} {code}");
    }
    for (body, kept) in [
        (
            json!({"data": {"error_code": "E_ApiResponseCodes.NON_VALIDATING_IN_PAYLOAD",
            "field_validation_errors": {"fieldname": "sender"}}}),
            "NON_VALIDATING_IN_PAYLOAD (400)",
        ),
        (
            json!({"error": "e", "error_code": "E_ApiResponseCodes.ENDPOINT_PERMISSION_DENIED"}),
            "ENDPOINT_PERMISSION_DENIED (400)",
        ),
    ] {
        let answer = (Provider::Smtp2go.api().read)(&reply(400, &body.to_string()));
        assert_eq!(answer, of_account(kept), "{body}");
    }
    let failed = json!({"data": {"succeeded": 0, "failed": 1, "failures": ["The sender is not verified"]}}).to_string();
    assert_eq!((Provider::Smtp2go.api().read)(&reply(200, &failed)), of_account("sender not accepted"));
}

#[test]
fn what_is_not_on_the_list_is_the_mails() {
    for (provider, status, code, kept) in [
        (Provider::Resend, 400, "validation_error", "validation_error (400)"),
        (Provider::Resend, 422, "validation_error", "validation_error (422)"),
        (Provider::Resend, 422, "missing_required_field", "missing_required_field (422)"),
        (Provider::Resend, 422, "new_error", "new_error (422)"),
        (Provider::Postmark, 422, "300", "300 (invalid email request)"),
        (Provider::Postmark, 422, "406", "406 (inactive recipient)"),
        (Provider::Postmark, 422, "402", "402"),
        (Provider::Postmark, 422, "9999", "9999"),
        (Provider::Postmark, 200, "406", "406 (inactive recipient)"),
        (Provider::Brevo, 400, "invalid_parameter", "invalid_parameter"),
        (Provider::Brevo, 400, "missing_parameter", "missing_parameter"),
        (Provider::Brevo, 400, "new ann@example.com", "a code that cannot be read"),
        (Provider::Smtp2go, 400, "NON_VALIDATING_IN_PAYLOAD", "NON_VALIDATING_IN_PAYLOAD (400)"),
    ] {
        let answer = (provider.api().read)(&reply(status, &said(provider, code, "ann@example.com is wrong")));
        assert_eq!(answer, refused(kept), "{provider:?} {code}");
    }
    let failed = json!({"data": {"succeeded": 0, "failed": 1, "failures": ["ann@example.com is suppressed"]}});
    let answer = (Provider::Smtp2go.api().read)(&reply(200, &failed.to_string()));
    assert_eq!(answer, refused("recipient not accepted"));
    for provider in ALL {
        for status in [400, 413, 422] {
            let expected = refused(&format!("status {status} without a code"));
            assert_eq!((provider.api().read)(&reply(status, "<html>")), expected, "{provider:?}");
        }
    }
}

#[test]
fn what_comes_from_elsewhere_than_the_relay_puts_it_off() {
    for provider in ALL {
        for status in [302, 401, 402, 403, 404, 405, 423, 451] {
            let answer = (provider.api().read)(&reply(status, "error code: 1010"));
            let Err(Failure::Down { after: Some(_), .. }) = answer else { panic!("{provider:?} {status} {answer:?}") };
        }
    }
}

#[test]
fn a_pace_is_one_whatever_form_it_comes_in() {
    for (provider, status, body, seconds) in [
        (Provider::Resend, 429, said(Provider::Resend, "rate_limit_exceeded", ""), 3),
        (Provider::Brevo, 429, said(Provider::Brevo, "too_many_requests", ""), 3),
        (Provider::Postmark, 429, said(Provider::Postmark, "429", ""), 3),
        (Provider::Postmark, 422, said(Provider::Postmark, "429", ""), 3),
        (Provider::Smtp2go, 429, "{}".to_owned(), 60),
    ] {
        let Err(Failure::Paced { after, gap: None, .. }) = (provider.api().read)(&reply(status, &body)) else {
            panic!("{provider:?}")
        };
        assert_eq!(after, Some(Duration::from_secs(seconds)), "{provider:?}");
    }
    for provider in ALL {
        for status in [408, 425, 429] {
            assert!(
                matches!((provider.api().read)(&reply(status, "")), Err(Failure::Paced { .. })),
                "{provider:?} {status}"
            );
        }
    }
    let gap = Some(Duration::from_millis(500));
    let paced = |gap| Failure::Paced { reason: ReasonCode::TooManyRequests.into(), after: None, gap };
    assert_eq!(at_pace(paced(None), gap), paced(gap));
}

#[test]
fn a_server_error_leaves_a_doubt_whatever_the_relay() {
    for provider in ALL {
        for status in [500, 502, 503, 504, 599] {
            let answered = Reply { status, retry_after: None, body: Vec::new() };
            let Err(Failure::Unknown { whole_system: true, .. }) = (provider.api().read)(&answered) else {
                panic!("{provider:?} {status}")
            };
        }
        assert_eq!(
            (provider.api().read)(&reply(503, "")),
            down(ReasonCode::OutOfOrder.with(503)),
            "it asks for a pause: {provider:?}"
        );
    }
}

#[test]
fn a_relay_answers_even_if_it_refuses() {
    let answered = |status| answers(Ok(Reply { status, retry_after: None, body: Vec::new() }));
    for status in [200, 302, 401, 404, 429] {
        assert_eq!(answered(status), Ok(()), "{status}");
    }
    for look in [
        answered(500),
        answered(503),
        answers(Err(NoReply::TimedOut)),
        answers(Err(NoReply::NotSent(ReasonCode::Unreachable))),
    ] {
        assert!(matches!(look, Err(Failure::Down { .. })), "{look:?}");
    }
    assert_eq!(ALL.map(|provider| provider.api().look.is_some()), [false, true, false, true]);
}

#[test]
fn conflicts_of_resends_key_are_told_apart() {
    let conflict = |name: &str| (resend::API.read)(&reply(409, &format!(r#"{{"statusCode":409,"name":"{name}"}}"#)));
    assert_eq!(conflict("invalid_idempotent_request"), Ok(()), "it was sent, from another sender");
    assert!(matches!(conflict("concurrent_idempotent_requests"), Err(Failure::Later { .. })));
}

#[test]
fn relays_with_keys_recognise_a_mail_for_a_time() {
    assert_eq!(resend::API.repeats, Repeats::Recognised(TimeDelta::hours(23)));
    assert_eq!(brevo::API.repeats, Repeats::Recognised(TimeDelta::minutes(25)));
    for provider in [Provider::Smtp2go, Provider::Postmark] {
        assert_eq!(provider.api().repeats, Repeats::Sent);
    }
}

#[test]
fn a_relay_is_chosen_by_its_name() {
    let names = ["resend", "smtp2go", "brevo", "postmark"];
    assert_eq!(names.map(Provider::named), ALL.map(Some));
    for name in ["", "Resend", "smtp"] {
        assert_eq!(Provider::named(name), None);
    }
    assert!(names.iter().all(|name| crate::config::table::MAIL_PROVIDER.allowed.contains(name)));
}

proptest! {
    #[test]
    fn no_reply_makes_it_panic(status: u16, body: Vec<u8>) {
        for provider in ALL {
            let _ = (provider.api().read)(&Reply { status, retry_after: None, body: body.clone() });
        }
    }
}
