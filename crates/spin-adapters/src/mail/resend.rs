//! Resend: `POST /emails`. It keeps an `Idempotency-Key` for 24 hours and
//! gives the first answer again to the same request.

use super::{Account, exchange};
use crate::Patience;
use crate::outbound::{NoReply, Reply, Request};
use domain::letter::Letter;
use domain::outbox::Failure;
use serde::Serialize;
use serde_json::Value;
use spin_sdk::http::Method;

pub(crate) async fn send(account: &Account, letter: &Letter, patience: Patience) -> Result<(), Failure> {
    let authorization = format!("Bearer {}", account.token);
    let request = Request {
        method: Method::Post,
        origin: &account.origin,
        path_and_query: "/emails",
        authorization: Some(&authorization),
        headers: &[("idempotency-key", &letter.idempotency_key)],
        json: Some(body(&account.from, letter)),
    };
    match exchange(request, patience).await {
        Ok(reply) => read(&reply),
        Err(NoReply::NotSent(name)) => Err(Failure::Later { reason: name.to_owned(), after: None, whole_system: true }),
        Err(NoReply::MaybeSent(name)) => Err(Failure::Unknown { reason: name.to_owned() }),
    }
}

fn body(from: &str, letter: &Letter) -> Vec<u8> {
    #[derive(Serialize)]
    struct Wire<'a> {
        from: &'a str,
        to: [&'a str; 1],
        subject: &'a str,
        html: &'a str,
        text: &'a str,
    }
    let wire = Wire { from, to: [&letter.to], subject: letter.subject, html: &letter.html, text: &letter.text };
    // Writing a plain record to memory does not fail.
    serde_json::to_vec(&wire).unwrap_or_default()
}

fn read(reply: &Reply) -> Result<(), Failure> {
    let body: Option<Value> = serde_json::from_slice(&reply.body).ok();
    let text = |key: &str| body.as_ref().and_then(|body| body.get(key)).and_then(Value::as_str);
    let later = |reason: &str, whole_system| {
        Err(Failure::Later { reason: reason.to_owned(), after: reply.retry_after, whole_system })
    };
    let refused = |reason: String| Err(Failure::Refused { reason });
    match reply.status {
        200..=299 if text("id").is_some() => Ok(()),
        200..=299 => Err(Failure::Unknown { reason: "unreadable success".to_owned() }),
        300..=399 => later("redirected", true),
        401 | 403 => later("access refused", true),
        404 | 405 => later("no such address", true),
        408 => later("asked to try again", false),
        409 if text("name") == Some("invalid_idempotent_request") => {
            refused("another mail was sent under this key".to_owned())
        }
        409 => later("still being sent", false),
        429 => later("too many requests", true),
        500.. => Err(Failure::Unknown { reason: "server error".to_owned() }),
        status => refused(format!("refused with {status}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    fn reply(status: u16, body: &str) -> Reply {
        Reply { status, retry_after: Some(Duration::from_secs(3)), body: body.as_bytes().to_vec() }
    }

    #[test]
    fn a_mail_has_both_forms_and_one_recipient() {
        let letter = Letter {
            to: "ann@example.com".to_owned(),
            subject: "Hello",
            html: "<p>Hi</p>".to_owned(),
            text: "Hi".to_owned(),
            idempotency_key: "k".to_owned(),
        };
        let sent: Value = serde_json::from_slice(&body("Courses <courses@example.com>", &letter)).unwrap();
        assert_eq!(
            sent,
            serde_json::json!({"from": "Courses <courses@example.com>", "to": ["ann@example.com"],
                "subject": "Hello", "html": "<p>Hi</p>", "text": "Hi"})
        );
    }

    #[test]
    fn a_success_has_an_id() {
        assert_eq!(read(&reply(200, r#"{"id":"49a3999c"}"#)), Ok(()));
        for body in ["", "<html>", "{}", "[]", r#"{"id":null}"#] {
            assert!(matches!(read(&reply(200, body)), Err(Failure::Unknown { .. })), "{body}");
        }
    }

    #[test]
    fn what_a_person_has_to_mend_and_requests_to_wait_keep_the_job() {
        for (status, system) in [(302, true), (401, true), (403, true), (404, true), (429, true), (408, false)] {
            let Err(Failure::Later { after, whole_system, .. }) = read(&reply(status, "")) else { panic!("{status}") };
            assert_eq!((after, whole_system), (Some(Duration::from_secs(3)), system), "{status}");
        }
    }

    #[test]
    fn conflicts_of_the_key_are_told_apart() {
        let conflict = |name: &str| read(&reply(409, &format!(r#"{{"statusCode":409,"name":"{name}","message":""}}"#)));
        assert!(matches!(conflict("invalid_idempotent_request"), Err(Failure::Refused { .. })));
        assert!(matches!(conflict("concurrent_idempotent_requests"), Err(Failure::Later { .. })));
    }

    #[test]
    fn other_refusals_are_final_and_server_errors_unknown() {
        for status in [400, 402, 413, 422] {
            assert_eq!(read(&reply(status, "")), Err(Failure::Refused { reason: format!("refused with {status}") }));
        }
        for status in [500, 503, 599] {
            assert!(matches!(read(&reply(status, r#"{"id":"x"}"#)), Err(Failure::Unknown { .. })), "{status}");
        }
    }

    proptest! {
        #[test]
        fn no_reply_makes_it_panic(status: u16, body: Vec<u8>) {
            let _ = read(&Reply { status, retry_after: None, body });
        }
    }
}
