use super::*;
use chrono::TimeDelta;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

const ALL: [Provider; 4] = [Provider::Resend, Provider::Smtp2go, Provider::Brevo, Provider::Postmark];

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
fn sent(provider: Provider, from: &str) -> (&'static str, Vec<(&'static str, String)>, Value) {
    let account = Account { origin: String::new(), token: "t".to_owned(), from: from.to_owned() };
    let Sending { path, headers, json } = provider.sending(&account, &email());
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
    assert_eq!(sent(Provider::Resend, FROM), ("/emails", headers, expected));
}

#[test]
fn smtp2go_gets_its_form() {
    let expected = json!({"sender": FROM, "to": ["ann@example.com"], "subject": "Hello",
        "html_body": "<p>Hi</p>", "text_body": "Hi"});
    assert_eq!(sent(Provider::Smtp2go, FROM), ("/v3/email/send", vec![header("x-smtp2go-api-key", "t")], expected));
}

#[test]
fn brevo_gets_its_form_with_a_uuid_as_key() {
    let expected = json!({"sender": {"name": "Courses", "email": "courses@example.com"},
        "to": [{"email": "ann@example.com"}], "subject": "Hello", "htmlContent": "<p>Hi</p>", "textContent": "Hi",
        "headers": {"idempotencyKey": Uuid::new_v5(&Uuid::NAMESPACE_OID, b"payment-email-1-1")}});
    assert_eq!(sent(Provider::Brevo, FROM), ("/v3/smtp/email", vec![header("api-key", "t")], expected));
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
    assert_eq!(sent(Provider::Postmark, FROM), ("/email", vec![header("x-postmark-server-token", "t")], expected));
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
        assert_eq!(provider.read(&reply(status, body)), Ok(()), "{provider:?}");
        for other in ALL.into_iter().filter(|other| *other != provider) {
            assert!(other.read(&reply(status, body)).is_err(), "{other:?} {body}");
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
            assert!(matches!(provider.read(&reply(200, body)), Err(Failure::Unknown { .. })), "{provider:?} {body}");
        }
    }
}

#[test]
fn a_refusal_in_a_success_is_one() {
    for (provider, body) in [
        (Provider::Smtp2go, r#"{"data":{"succeeded":0,"failed":1}}"#),
        (Provider::Postmark, r#"{"ErrorCode":406,"Message":"inactive recipient"}"#),
    ] {
        assert!(matches!(provider.read(&reply(200, body)), Err(Failure::Refused { .. })), "{provider:?}");
    }
}

#[test]
fn what_a_person_has_to_mend_and_requests_to_wait_keep_the_job() {
    for provider in ALL {
        for status in [302, 401, 402, 403, 404, 423, 451] {
            let Err(Failure::Down { after, .. }) = provider.read(&reply(status, "")) else {
                panic!("{provider:?} {status}")
            };
            assert_eq!(after, Some(Duration::from_secs(3)), "{provider:?} {status}");
        }
        for status in [408, 425, 429] {
            let wait = if (provider, status) == (Provider::Smtp2go, 429) { 60 } else { 3 };
            let Err(Failure::Paced { after, .. }) = provider.read(&reply(status, "")) else {
                panic!("{provider:?} {status}")
            };
            assert_eq!(after, Some(Duration::from_secs(wait)), "{provider:?} {status}");
        }
    }
}

#[test]
fn other_refusals_are_final() {
    for provider in ALL {
        for status in [400, 413, 422] {
            let refused = Failure::Refused { reason: format!("refused with {status}") };
            assert_eq!(provider.read(&reply(status, r#"{"code":"x"}"#)), Err(refused), "{provider:?}");
        }
    }
}

#[test]
fn a_server_error_leaves_a_doubt_where_the_relay_has_a_key_for_it() {
    for status in [500, 503, 599] {
        assert!(matches!(resend::read(&reply(status, r#"{"id":"x"}"#)), Err(Failure::Unknown { .. })), "{status}");
        for provider in [Provider::Smtp2go, Provider::Brevo, Provider::Postmark] {
            assert!(matches!(provider.read(&reply(status, "")), Err(Failure::Later { .. })));
        }
    }
}

#[test]
fn conflicts_of_resends_key_are_told_apart() {
    let conflict = |name: &str| resend::read(&reply(409, &format!(r#"{{"statusCode":409,"name":"{name}"}}"#)));
    assert!(matches!(conflict("invalid_idempotent_request"), Err(Failure::Refused { .. })));
    assert!(matches!(conflict("concurrent_idempotent_requests"), Err(Failure::Later { .. })));
}

#[test]
fn relays_with_keys_recognise_a_mail_for_a_time() {
    let relay = |provider| Relay {
        provider,
        account: Account { origin: String::new(), token: String::new(), from: String::new() },
        deadline: Deadline::Each(Duration::ZERO),
    };
    assert_eq!(relay(Provider::Resend).repeats(), Repeats::Recognised(TimeDelta::hours(23)));
    assert_eq!(relay(Provider::Brevo).repeats(), Repeats::Recognised(TimeDelta::minutes(25)));
    for provider in [Provider::Smtp2go, Provider::Postmark] {
        assert_eq!(relay(provider).repeats(), Repeats::Sent);
    }
}

#[test]
fn a_relay_is_chosen_by_its_name() {
    let names = ["resend", "smtp2go", "brevo", "postmark"];
    assert_eq!(names.map(Provider::named), ALL.map(Some));
    for name in ["", "Resend", "smtp"] {
        assert_eq!(Provider::named(name), None);
    }
}

proptest! {
    #[test]
    fn no_reply_makes_it_panic(status: u16, body: Vec<u8>) {
        for provider in ALL {
            let _ = provider.read(&Reply { status, retry_after: None, body: body.clone() });
        }
    }
}
