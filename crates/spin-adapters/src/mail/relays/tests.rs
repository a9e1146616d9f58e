use super::*;
use crate::mail::api::{Account, Sending};
use crate::mail::sender::Sender;
use crate::mail::{answers, at_pace};
use crate::outbound::{NoReply, Reply};
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

fn reply(status: u16, body: &str) -> Reply {
    Reply { status, retry_after: Some(Duration::from_secs(3)), body: body.as_bytes().to_vec() }
}

fn email() -> Email {
    Email {
        to: "ann@example.com".to_owned(),
        subject: "Hello",
        html: "<p>Hi</p>".to_owned(),
        text: "Hi".to_owned(),
        idempotency_key: "payment-email-1-1".to_owned(),
    }
}

/// Path, the header with the token, and the body.
fn sent(api: &Api, from: &str) -> (Cow<'static, str>, Vec<(&'static str, String)>, Value) {
    let account = Account { origin: String::new(), token: "t".to_owned(), from: Sender::parse(from).unwrap() };
    let Sending { path, headers, json } = (api.sending)(&account, &email());
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
    assert_eq!(sent(&resend::API, FROM), ("/emails".into(), headers, expected));
}

#[test]
fn smtp2go_gets_its_form() {
    let expected = json!({"sender": FROM, "to": ["ann@example.com"], "subject": "Hello",
        "html_body": "<p>Hi</p>", "text_body": "Hi"});
    assert_eq!(sent(&smtp2go::API, FROM), ("/v3/email/send".into(), vec![header("x-smtp2go-api-key", "t")], expected));
}

#[test]
fn brevo_gets_its_form_with_a_uuid_as_key() {
    let expected = json!({"sender": {"name": "Courses", "email": "courses@example.com"},
        "to": [{"email": "ann@example.com"}], "subject": "Hello", "htmlContent": "<p>Hi</p>", "textContent": "Hi",
        "headers": {"idempotencyKey": Uuid::new_v5(&Uuid::NAMESPACE_OID, b"payment-email-1-1")}});
    assert_eq!(sent(&brevo::API, FROM), ("/v3/smtp/email".into(), vec![header("api-key", "t")], expected));
    for (from, sender) in [
        ("courses@example.com", json!({"email": "courses@example.com"})),
        ("<courses@example.com>", json!({"email": "courses@example.com"})),
        (r#" "Courses, Ltd" <a@b> "#, json!({"name": "Courses, Ltd", "email": "a@b"})),
    ] {
        assert_eq!(sent(&brevo::API, from).2["sender"], sender, "{from}");
    }
}

#[test]
fn postmark_gets_its_form() {
    let expected = json!({"From": FROM, "To": "ann@example.com", "Subject": "Hello", "HtmlBody": "<p>Hi</p>",
        "TextBody": "Hi", "MessageStream": "outbound"});
    assert_eq!(sent(&postmark::API, FROM), ("/email".into(), vec![header("x-postmark-server-token", "t")], expected));
}

#[test]
fn a_success_shows_as_the_relay_has_it() {
    for (api, status, body) in [
        (&resend::API, 200, r#"{"id":"49a3999c"}"#),
        (&smtp2go::API, 200, r#"{"request_id":"r","data":{"succeeded":1,"failed":0,"failures":[]}}"#),
        (&brevo::API, 201, r#"{"messageId":"<1@relay>"}"#),
        (&brevo::API, 400, r#"{"code":"duplicate_parameter","message":"m"}"#),
        (&postmark::API, 200, r#"{"To":"x","MessageID":"m","ErrorCode":0,"Message":"OK"}"#),
    ] {
        assert_eq!((api.read)(&reply(status, body)), Ok(()), "{}", api.name);
        for other in APIS.into_iter().filter(|other| other.name != api.name) {
            assert!((other.read)(&reply(status, body)).is_err(), "{} {body}", other.name);
        }
    }
}

#[test]
fn a_success_that_proves_nothing_is_unknown() {
    for api in APIS {
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
            assert!(matches!((api.read)(&reply(200, body)), Err(Failure::Unknown { .. })), "{} {body}", api.name);
        }
    }
}

/// How the parts of a relay's answer are named.
fn said(api: &Api, code: &str, message: &str) -> String {
    match api.name {
        "resend" => json!({"statusCode": 0, "name": code, "message": message}),
        "brevo" => json!({"code": code, "message": message}),
        "smtp2go" => {
            let code = format!("E_ApiResponseCodes.{code}");
            json!({"request_id": "r", "data": {"error": message, "error_code": code}})
        }
        _ => json!({"ErrorCode": code.parse::<i64>().unwrap(), "Message": message}),
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
    for (api, status, code, message, kept) in [
        (&resend::API, 401, "missing_api_key", "", "missing_api_key (401)"),
        (&resend::API, 401, "restricted_api_key", "", "restricted_api_key (401)"),
        (&resend::API, 403, "invalid_api_key", "", "invalid_api_key (403)"),
        (&resend::API, 403, "suspended_api_key", "", "suspended_api_key (403)"),
        (&resend::API, 400, "validation_error", "API key is invalid", "validation_error (400)"),
        (&resend::API, 401, "validation_error", "API key is invalid", "validation_error (401)"),
        (&resend::API, 403, "validation_error", "The example.com domain is not verified", "validation_error (403)"),
        (&resend::API, 403, "new_error", "", "new_error (403)"),
        (&resend::API, 422, "invalid_from_address", "", "invalid_from_address (422)"),
        (&resend::API, 429, "daily_quota_exceeded", "", "daily_quota_exceeded (429)"),
        (&resend::API, 429, "monthly_quota_exceeded", "", "monthly_quota_exceeded (429)"),
        (&resend::API, 451, "security_error", "", "security_error (451)"),
        (&postmark::API, 401, "10", "", "10 (bad or missing API token)"),
        (&postmark::API, 422, "100", "", "100 (maintenance)"),
        (&postmark::API, 422, "300", "Invalid 'From' address", "300 (invalid email request)"),
        (&postmark::API, 422, "400", "", "400 (sender signature not found)"),
        (&postmark::API, 422, "401", "", "401 (sender signature not confirmed)"),
        (&postmark::API, 422, "405", "", "405 (not allowed to send)"),
        (&postmark::API, 422, "412", "", "412 (account is pending)"),
        (&postmark::API, 422, "413", "", "413 (account may not send)"),
        (&postmark::API, 422, "1235", "", "1235 (message stream does not exist)"),
        (&brevo::API, 401, "unauthorized", "Key not found", "unauthorized"),
        (&brevo::API, 402, "not_enough_credits", "", "not_enough_credits"),
        (&brevo::API, 403, "account_under_validation", "", "account_under_validation"),
        (&brevo::API, 403, "permission_denied", "", "permission_denied"),
        (&brevo::API, 400, "invalid_parameter", "valid sender email required", "invalid_parameter"),
        (&smtp2go::API, 400, "ENDPOINT_PERMISSION_DENIED", "", "ENDPOINT_PERMISSION_DENIED (400)"),
        (&smtp2go::API, 401, "API_EXCEPTION", "", "API_EXCEPTION (401)"),
        (&smtp2go::API, 402, "API_EXCEPTION", "", "API_EXCEPTION (402)"),
        (&smtp2go::API, 403, "API_EXCEPTION", "", "API_EXCEPTION (403)"),
    ] {
        let answer = (api.read)(&reply(status, &said(api, code, message)));
        assert_eq!(answer, of_account(kept), "{} {code}", api.name);
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
        let answer = (smtp2go::API.read)(&reply(400, &body.to_string()));
        assert_eq!(answer, of_account(kept), "{body}");
    }
    let failed = json!({"data": {"succeeded": 0, "failed": 1, "failures": ["The sender is not verified"]}}).to_string();
    assert_eq!((smtp2go::API.read)(&reply(200, &failed)), of_account("sender not accepted"));
}

#[test]
fn what_is_not_on_the_list_is_the_mails() {
    for (api, status, code, kept) in [
        (&resend::API, 400, "validation_error", "validation_error (400)"),
        (&resend::API, 422, "validation_error", "validation_error (422)"),
        (&resend::API, 422, "missing_required_field", "missing_required_field (422)"),
        (&resend::API, 422, "new_error", "new_error (422)"),
        (&postmark::API, 422, "300", "300 (invalid email request)"),
        (&postmark::API, 422, "406", "406 (inactive recipient)"),
        (&postmark::API, 422, "402", "402"),
        (&postmark::API, 422, "9999", "9999"),
        (&postmark::API, 200, "406", "406 (inactive recipient)"),
        (&brevo::API, 400, "invalid_parameter", "invalid_parameter"),
        (&brevo::API, 400, "missing_parameter", "missing_parameter"),
        (&brevo::API, 400, "new ann@example.com", "a code that cannot be read"),
        (&smtp2go::API, 400, "NON_VALIDATING_IN_PAYLOAD", "NON_VALIDATING_IN_PAYLOAD (400)"),
    ] {
        let answer = (api.read)(&reply(status, &said(api, code, "ann@example.com is wrong")));
        assert_eq!(answer, refused(kept), "{} {code}", api.name);
    }
    let failed = json!({"data": {"succeeded": 0, "failed": 1, "failures": ["ann@example.com is suppressed"]}});
    let answer = (smtp2go::API.read)(&reply(200, &failed.to_string()));
    assert_eq!(answer, refused("recipient not accepted"));
    for api in APIS {
        for status in [400, 413, 422] {
            let expected = refused(&format!("status {status} without a code"));
            assert_eq!((api.read)(&reply(status, "<html>")), expected, "{}", api.name);
        }
    }
}

#[test]
fn what_comes_from_elsewhere_than_the_relay_puts_it_off() {
    for api in APIS {
        for status in [302, 401, 402, 403, 404, 405, 423, 451] {
            let answer = (api.read)(&reply(status, "error code: 1010"));
            let Err(Failure::Down { after: Some(_), .. }) = answer else { panic!("{} {status} {answer:?}", api.name) };
        }
    }
}

#[test]
fn a_pace_is_one_whatever_form_it_comes_in() {
    for (api, status, body, seconds) in [
        (&resend::API, 429, said(&resend::API, "rate_limit_exceeded", ""), 3),
        (&brevo::API, 429, said(&brevo::API, "too_many_requests", ""), 3),
        (&postmark::API, 429, said(&postmark::API, "429", ""), 3),
        (&postmark::API, 422, said(&postmark::API, "429", ""), 3),
        (&smtp2go::API, 429, "{}".to_owned(), 60),
    ] {
        let Err(Failure::Paced { after, gap: None, .. }) = (api.read)(&reply(status, &body)) else {
            panic!("{}", api.name)
        };
        assert_eq!(after, Some(Duration::from_secs(seconds)), "{}", api.name);
    }
    for api in APIS {
        for status in [408, 425, 429] {
            assert!(matches!((api.read)(&reply(status, "")), Err(Failure::Paced { .. })), "{} {status}", api.name);
        }
    }
    let gap = Some(Duration::from_millis(500));
    let paced = |gap| Failure::Paced { reason: ReasonCode::TooManyRequests.into(), after: None, gap };
    assert_eq!(at_pace(paced(None), gap), paced(gap));
}

#[test]
fn a_server_error_leaves_a_doubt_whatever_the_relay() {
    for api in APIS {
        for status in [500, 502, 503, 504, 599] {
            let answered = Reply { status, retry_after: None, body: Vec::new() };
            let Err(Failure::Unknown { whole_system: true, .. }) = (api.read)(&answered) else {
                panic!("{} {status}", api.name)
            };
        }
        assert_eq!(
            (api.read)(&reply(503, "")),
            down(ReasonCode::OutOfOrder.with(503)),
            "it asks for a pause: {}",
            api.name
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
    assert_eq!(APIS.map(|api| api.look.is_some()), [false, true, false, true]);
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
    for api in [&smtp2go::API, &postmark::API] {
        assert_eq!(api.repeats, Repeats::Sent);
    }
}

#[test]
fn a_relay_is_chosen_by_its_name() {
    for name in ["resend", "smtp2go", "brevo", "postmark"] {
        assert_eq!(named(name).unwrap().name, name);
    }
    for name in ["", "Resend", "smtp"] {
        assert!(named(name).is_none());
    }
    assert!(APIS.iter().all(|api| crate::config::table::MAIL_PROVIDER.allowed.contains(api.name)));
}

proptest! {
    #[test]
    fn no_reply_makes_it_panic(status: u16, body: Vec<u8>) {
        for api in APIS {
            let _ = (api.read)(&Reply { status, retry_after: None, body: body.clone() });
        }
    }
}
