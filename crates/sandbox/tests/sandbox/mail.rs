//! The mail relays, by the rules of their documentation.

use super::{client, sandbox};
use reqwest::{Client, Response};
use sandbox::mail::Account;
use sandbox::{Config, Fault, Sandbox, Target};
use serde_json::{Value, json};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relay {
    Resend,
    Smtp2go,
    Brevo,
    Postmark,
}

use Relay::{Brevo, Postmark, Resend, Smtp2go};

const ALL: [Relay; 4] = [Resend, Smtp2go, Brevo, Postmark];

impl Relay {
    /// Its path, the header with the token, and the JSON pointer of the recipient.
    fn api(self) -> (&'static str, (&'static str, &'static str), &'static str) {
        match self {
            Resend => ("emails", ("authorization", "Bearer sandbox"), "/to/0"),
            Smtp2go => ("v3/email/send", ("x-smtp2go-api-key", "sandbox"), "/to/0"),
            Brevo => ("v3/smtp/email", ("api-key", "sandbox"), "/to/0/email"),
            Postmark => ("email", ("x-postmark-server-token", "sandbox"), "/To"),
        }
    }

    /// A mail in the relay's format.
    fn mail(self) -> Value {
        match self {
            Resend => {
                json!({"from": "a@example.com", "to": ["b@example.com"], "subject": "s", "html": "<p>h", "text": "t"})
            }
            Smtp2go => json!({"sender": "a@example.com", "to": ["b@example.com"], "subject": "s", "html_body": "<p>h",
                "text_body": "t"}),
            Brevo => json!({"sender": {"email": "a@example.com"}, "to": [{"email": "b@example.com"}], "subject": "s",
                "htmlContent": "<p>h", "textContent": "t"}),
            Postmark => json!({"From": "a@example.com", "To": "b@example.com", "Subject": "s", "HtmlBody": "<p>h",
                "TextBody": "t"}),
        }
    }

    fn to(self, address: &str) -> Value {
        let mut mail = self.mail();
        *mail.pointer_mut(self.api().2).unwrap() = json!(address);
        mail
    }

    fn from(self, address: &str) -> Value {
        let mut mail = self.mail();
        let from = ["/from", "/sender/email", "/sender", "/From"].into_iter().find(|from| mail.pointer(from).is_some());
        *mail.pointer_mut(from.unwrap()).unwrap() = json!(address);
        mail
    }

    async fn post(self, sandbox: &Sandbox, key: Option<&str>, mail: &Value) -> Response {
        let mut mail = mail.clone();
        let (path, (name, value), _) = self.api();
        let mut request = client().post(format!("{}/{path}", sandbox.origin())).header(name, value);
        match (self, key) {
            (Resend, Some(key)) => request = request.header("idempotency-key", key),
            (Brevo, Some(key)) => mail["headers"] = json!({"idempotencyKey": key}),
            _ => {}
        }
        request.header("accept", "application/json").json(&mail).send().await.unwrap()
    }

    /// The status and the error code of the response.
    async fn code(self, sandbox: &Sandbox, mail: &Value) -> (u16, String) {
        code(self.post(sandbox, None, mail).await).await
    }
}

async fn code(answer: Response) -> (u16, String) {
    let (status, body) = (answer.status().as_u16(), answer.json::<Value>().await.unwrap_or_default());
    let code = ["/name", "/code", "/ErrorCode", "/data/error_code"].into_iter().find_map(|code| body.pointer(code));
    (status, code.map(|code| code.to_string().replace('"', "")).unwrap_or_default())
}

fn error(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

const NOT_VALID: &str = "E_ApiResponseCodes.NON_VALIDATING_IN_PAYLOAD";

#[tokio::test]
async fn every_relay_accepts_only_its_own_format() {
    let (sandbox, client) = sandbox().await;
    for relay in ALL {
        for own in ALL {
            let answer = relay.post(&sandbox, None, &own.mail()).await;
            assert_eq!(answer.status().is_success(), own == relay, "{relay:?} {own:?}");
        }
    }
    let state = sandbox.state();
    assert_eq!(state.emails.len(), ALL.len());
    assert_eq!(usize::try_from(state.calls.of(Target::EmailsSend)), Ok(ALL.len() * ALL.len()));
    let page = client.get(sandbox.origin()).send().await.unwrap().text().await.unwrap();
    assert_eq!(page.matches("b@example.com").count(), ALL.len());
}

#[tokio::test]
async fn a_mail_has_an_address_for_replies() {
    let (sandbox, client) = sandbox().await;
    for (relay, field, right, wrong, refused) in [
        (Resend, "reply_to", json!("help@example.com"), json!("help"), error(422, "validation_error")),
        (Resend, "reply_to", json!(["help@example.com"]), json!([7]), error(422, "validation_error")),
        (
            Smtp2go,
            "custom_headers",
            json!([{"header": "Reply-To", "value": "help@example.com"}]),
            json!([{"header": "content-type", "value": "text/html"}]),
            error(400, NOT_VALID),
        ),
        (
            Brevo,
            "replyTo",
            json!({"email": "help@example.com"}),
            json!({"name": "Help"}),
            error(400, "invalid_parameter"),
        ),
        (Postmark, "ReplyTo", json!("help@example.com"), json!("help@example.com, ż@b"), error(422, "300")),
    ] {
        let mut mail = relay.mail();
        mail[field] = wrong;
        assert_eq!(relay.code(&sandbox, &mail).await, refused, "{relay:?}");
        mail[field] = right;
        assert!(relay.post(&sandbox, None, &mail).await.status().is_success(), "{relay:?}");
    }
    let page = client.get(sandbox.origin()).send().await.unwrap().text().await.unwrap();
    assert_eq!(page.matches("<td>help@example.com</td>").count(), 5);
}

#[tokio::test]
async fn resend_requires_a_user_agent_and_a_key() {
    let (sandbox, _) = sandbox().await;
    let url = format!("{}/emails", sandbox.origin());
    let nameless = Client::new().post(&url).bearer_auth("sandbox").json(&Resend.mail()).send().await.unwrap();
    assert_eq!((nameless.status().as_u16(), nameless.text().await.unwrap().as_str()), (403, "error code: 1010"));
    let keyless = client().post(&url).json(&Resend.mail()).send().await.unwrap();
    assert_eq!(code(keyless).await, error(401, "missing_api_key"));
    let wrong = client().post(&url).bearer_auth("other").json(&Resend.mail()).send().await.unwrap();
    assert_eq!(code(wrong).await, error(401, "validation_error"));
    assert_eq!(sandbox.state().emails.len(), 0);
}

#[tokio::test]
async fn a_mail_with_the_same_key_is_sent_once() {
    let (sandbox, _) = sandbox().await;
    let other = json!({"from": "other@example.com", "to": ["b@example.com"], "subject": "s", "text": "t"});
    let first = Resend.post(&sandbox, Some("k"), &Resend.mail()).await.json::<Value>().await.unwrap();
    let again = Resend.post(&sandbox, Some("k"), &Resend.mail()).await;
    assert_eq!((again.status().as_u16(), again.json::<Value>().await.unwrap()), (200, first));
    let conflict = Resend.post(&sandbox, Some("k"), &other).await;
    assert_eq!(code(conflict).await, error(409, "invalid_idempotent_request"));
    assert_eq!(Resend.post(&sandbox, Some("l"), &other).await.status(), 200);
    let long = Resend.post(&sandbox, Some(&"x".repeat(257)), &other).await;
    assert_eq!(code(long).await, error(400, "invalid_idempotency_key"));
    assert_eq!(sandbox.state().emails.len(), 2);
}

#[tokio::test]
async fn brevo_reports_a_repeated_mail() {
    let (sandbox, _) = sandbox().await;
    let uuid = "7d444840-9dc0-11d1-b245-5ffdce74fad2";
    for (key, expected) in [
        (uuid, error(201, "")),
        (uuid, error(400, "duplicate_parameter")),
        ("payment-email-1", error(400, "invalid_parameter")),
    ] {
        assert_eq!(code(Brevo.post(&sandbox, Some(key), &Brevo.mail()).await).await, expected, "{key}");
    }
}

#[tokio::test]
async fn keys_expire() {
    let (sandbox, _) = sandbox().await;
    let uuid = "7d444840-9dc0-11d1-b245-5ffdce74fad2";
    let pass = |minutes| sandbox.pass_mail_minutes(minutes);
    for (relay, minutes) in [(Resend, 24 * 60), (Brevo, 30)] {
        let sent = || sandbox.state().emails.len();
        let before = sent();
        for (passed, copies) in [(0, 1), (minutes - 1, 1), (1, 2)] {
            pass(passed);
            relay.post(&sandbox, Some(uuid), &relay.mail()).await;
            assert_eq!(sent() - before, copies, "{relay:?} {passed}");
        }
        pass(minutes);
    }
}

#[tokio::test]
async fn without_keys_a_repeated_mail_is_sent_again() {
    let (sandbox, _) = sandbox().await;
    for (relay, sent) in [(Smtp2go, 2), (Postmark, 4)] {
        for _ in 0..2 {
            relay.post(&sandbox, Some("k"), &relay.mail()).await;
        }
        assert_eq!(sandbox.state().emails.len(), sent);
    }
}

#[tokio::test]
async fn every_relay_refuses_for_an_account_that_cannot_send() {
    let (sandbox, _) = sandbox().await;
    for (relay, answers) in [
        (
            Resend,
            [
                (403, "validation_error"),
                (403, "validation_error"),
                (429, "daily_quota_exceeded"),
                (403, "suspended_api_key"),
            ],
        ),
        (
            Smtp2go,
            [
                (200, ""),
                (400, "E_ApiResponseCodes.ENDPOINT_PERMISSION_DENIED"),
                (402, "E_ApiResponseCodes.API_EXCEPTION"),
                (403, "E_ApiResponseCodes.API_EXCEPTION"),
            ],
        ),
        (
            Brevo,
            [(201, ""), (403, "account_under_validation"), (402, "not_enough_credits"), (403, "permission_denied")],
        ),
        (Postmark, [(422, "400"), (422, "412"), (422, "405"), (422, "413")]),
    ] {
        for (account, (status, code)) in Account::TROUBLED.into_iter().zip(answers) {
            sandbox.set(|settings| settings.emails.account = account);
            assert_eq!(relay.code(&sandbox, &relay.mail()).await, error(status, code), "{relay:?} {account:?}");
        }
    }
    assert_eq!(sandbox.state().emails.len(), 0, "no mail was sent, not even the one that Brevo accepted");
}

#[tokio::test]
async fn every_relay_has_a_rate_limit() {
    let mut config = Config::default();
    config.settings.emails.requests_per_second = Some(1);
    for (relay, headers, full) in [
        (Resend, Some("ratelimit"), error(429, "rate_limit_exceeded")),
        (Brevo, Some("x-sib-ratelimit"), error(429, "too_many_requests")),
        (Postmark, None, error(429, "429")),
        (Smtp2go, None, error(429, "")),
    ] {
        let sandbox = Sandbox::start(([127, 0, 0, 1], 0).into(), config.clone()).await.unwrap();
        let first = relay.post(&sandbox, None, &relay.mail()).await;
        assert!(first.status().is_success(), "{relay:?}");
        let second = relay.post(&sandbox, None, &relay.mail()).await;
        let asked = second.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(asked, (relay == Resend).then(|| "1".to_owned()), "{relay:?}");
        for answer in [&first, &second] {
            let header = |name: &str| {
                let name = format!("{}-{name}", headers.unwrap_or("ratelimit"));
                answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned())
            };
            let expected = headers.map(|_| ["1", "0", "1"].map(str::to_owned));
            let values = ["limit", "remaining", "reset"].map(header);
            assert_eq!(values, expected.map_or([None, None, None], |values| values.map(Some)), "{relay:?}");
        }
        assert_eq!(code(second).await, full, "{relay:?}");
    }
}

#[tokio::test]
async fn invalid_addresses_are_refused() {
    let (sandbox, _) = sandbox().await;
    let taken = |relay: Relay| error(if relay == Brevo { 201 } else { 200 }, if relay == Postmark { "0" } else { "" });
    for relay in ALL {
        let [to, from] = match relay {
            Resend => [error(422, "validation_error"), error(422, "invalid_from_address")],
            Smtp2go => [error(400, NOT_VALID), error(400, NOT_VALID)],
            Brevo => [error(400, "invalid_parameter"), error(400, "invalid_parameter")],
            Postmark => [error(422, "300"), error(422, "300")],
        };
        for address in ["somebody", "a@", "@b", "a b@c"] {
            assert_eq!(relay.code(&sandbox, &relay.to(address)).await, to, "{relay:?} {address}");
            assert_eq!(relay.code(&sandbox, &relay.from(address)).await, from, "{relay:?} {address}");
        }
        for address in ["żółw@example.com", "a@żółw.pl"] {
            let refused = [Smtp2go, Postmark].contains(&relay);
            let expected = if refused { to.clone() } else { taken(relay) };
            assert_eq!(relay.code(&sandbox, &relay.to(address)).await, expected, "{relay:?} {address}");
        }
        let ascii = relay.to("a@xn--w-uga1v8h.pl");
        assert_eq!(relay.code(&sandbox, &ascii).await, taken(relay), "{relay:?}");
    }
    for relay in [Smtp2go, Postmark] {
        let refused = relay.code(&sandbox, &relay.from("Courses, Ltd. <a@example.com>")).await;
        assert!(refused.0 >= 400, "{relay:?}: {refused:?}");
        let quoted = relay.from("\"Courses, Ltd.\" <a@example.com>");
        assert_eq!(relay.code(&sandbox, &quoted).await, taken(relay), "{relay:?}");
    }
}

#[tokio::test]
async fn some_relays_refuse_an_inactive_recipient() {
    let (sandbox, _) = sandbox().await;
    assert_eq!(Postmark.code(&sandbox, &Postmark.to("inactive@example.com")).await, error(422, "406"));
    let answer = Smtp2go.post(&sandbox, None, &Smtp2go.to("inactive@example.com")).await;
    let body: Value = answer.json().await.unwrap();
    assert_eq!((&body["data"]["succeeded"], &body["data"]["failed"]), (&json!(0), &json!(1)));
    assert_eq!(sandbox.state().emails.len(), 0);
}

#[tokio::test]
async fn a_missing_field_is_reported() {
    let (sandbox, _) = sandbox().await;
    let without = |relay: Relay, fields: &[&str]| {
        let mut mail = relay.mail();
        for field in fields {
            mail.as_object_mut().unwrap().remove(*field);
        }
        mail
    };
    for (relay, fields, expected) in [
        (Resend, &["subject"][..], error(422, "missing_required_field")),
        (Resend, &["html", "text"], error(422, "missing_required_field")),
        (Smtp2go, &["html_body", "text_body"], error(400, NOT_VALID)),
        (Smtp2go, &["sender"], error(400, NOT_VALID)),
        (Brevo, &["subject"], error(400, "missing_parameter")),
        (Postmark, &["HtmlBody", "TextBody"], error(422, "300")),
    ] {
        assert_eq!(relay.code(&sandbox, &without(relay, fields)).await, expected, "{relay:?} {fields:?}");
    }
    let mut stream = Postmark.mail();
    stream["MessageStream"] = json!("unknown");
    assert_eq!(Postmark.code(&sandbox, &stream).await, error(422, "1235"));
}

#[tokio::test]
async fn postmark_requires_json_in_both_directions() {
    let (sandbox, _) = sandbox().await;
    let post = || client().post(format!("{}/email", sandbox.origin())).header("x-postmark-server-token", "sandbox");
    let answer = post().json(&Postmark.mail()).send().await.unwrap();
    assert_eq!(code(answer).await, error(415, "409"), "without Accept");
    let typed = || post().header("accept", "application/json").header("content-type", "application/json");
    assert_eq!(code(typed().body("{").send().await.unwrap()).await, error(422, "402"));
}

#[tokio::test]
async fn a_gateway_error_can_follow_a_sent_mail() {
    let (sandbox, _) = sandbox().await;
    sandbox.fault(Target::EmailsSend, Fault::status_after(504), None);
    for (number, relay) in ALL.into_iter().enumerate() {
        assert_eq!(relay.code(&sandbox, &relay.mail()).await, error(504, ""));
        assert_eq!(sandbox.state().emails.len(), number + 1, "{relay:?}");
    }
}

#[tokio::test]
async fn a_check_sends_nothing() {
    let (sandbox, _) = sandbox().await;
    let url = |path: &str| format!("{}/{path}", sandbox.origin());
    for token in ["sandbox", "other"] {
        let server = client().get(url("server")).header("x-postmark-server-token", token).send().await.unwrap();
        let key =
            client().post(url("v3/api_keys/permissions")).header("x-smtp2go-api-key", token).send().await.unwrap();
        let expected = if token == "sandbox" { 200 } else { 401 };
        assert_eq!((server.status().as_u16(), key.status().as_u16()), (expected, expected));
    }
    let state = sandbox.state();
    assert_eq!((state.emails.len(), state.calls.of(Target::EmailsSend), state.calls.of(Target::EmailsLook)), (0, 0, 4));
}

#[tokio::test]
async fn the_account_can_be_changed_over_http_and_by_the_page() {
    let (sandbox, client) = sandbox().await;
    let change = |body: Value| {
        client.put(format!("{}/sandbox/settings", sandbox.origin())).json(&json!({"emails": body})).send()
    };
    assert_eq!(change(json!({"account": "spent", "requests_per_second": 5})).await.unwrap().status(), 204);
    assert_eq!(Resend.code(&sandbox, &Resend.mail()).await, error(429, "daily_quota_exceeded"));
    assert_eq!(change(json!({"account": "rich"})).await.unwrap().status(), 400);
    let switch = |form: &'static str| client.post(format!("{}/sandbox/switch", sandbox.origin())).body(form).send();
    assert!(switch("setting=/emails/account&value=%22well%22").await.unwrap().status().is_success());
    assert_eq!(switch("setting=/emails/account&value=%22rich%22").await.unwrap().status(), 400);
    assert_eq!(Resend.post(&sandbox, None, &Resend.mail()).await.status(), 200);
}
