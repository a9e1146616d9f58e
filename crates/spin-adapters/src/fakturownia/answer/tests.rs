use super::*;
use proptest::prelude::*;
use serde_json::json;

const ORIGIN: &str = "https://account.fakturownia.pl";

fn reply(status: u16, body: impl ToString) -> Reply {
    Reply { status, retry_after: None, body: body.to_string().into_bytes() }
}

fn issued(document: &Value) -> Option<String> {
    match created(&reply(201, document), ORIGIN) {
        Ok(Created::Issued { url }) => url,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_document_with_a_number_is_an_invoice() {
    let view = format!("{ORIGIN}/invoice/abc");
    assert_eq!(issued(&json!({"id": 7, "view_url": view, "token": "t"})), Some(view));
}

#[test]
fn without_a_usable_link_it_is_made_from_the_token() {
    let made = Some(format!("{ORIGIN}/invoice/t0-ken_"));
    let long = format!("{ORIGIN}/{}", "x".repeat(MAX_URL));
    for view in [
        json!(null),
        json!("N/A"),
        json!("javascript:alert(1)"),
        json!("https://evil.example/invoice/x"),
        json!(format!("{ORIGIN}.evil.example/x")),
        json!(format!("{ORIGIN}@evil.example/x")),
        json!(long),
        json!(format!("{ORIGIN}/a b")),
        json!(5),
    ] {
        assert_eq!(issued(&json!({"id": 7, "view_url": view, "token": "t0-ken_"})), made, "{view}");
    }
    for token in [json!(null), json!(""), json!("a/b"), json!("a?b"), json!("x".repeat(129))] {
        assert_eq!(issued(&json!({"id": 7, "token": token})), None);
    }
}

#[test]
fn a_success_without_a_number_proves_nothing() {
    for body in ["", "<html>", "{}", "[]", "null", r#"{"id":null}"#, r#"{"id":"7"}"#, r#"{"id":7"#] {
        let Err(Failure::Unknown { .. }) = created(&reply(201, body), ORIGIN) else { panic!("{body}") };
    }
}

#[test]
fn an_error_in_a_success_is_an_error() {
    for body in [json!({"id": 7, "status": "error"}), json!({"code": "error", "message": "no"})] {
        let Err(Failure::Refused { .. }) = created(&reply(200, &body), ORIGIN) else { panic!("{body}") };
    }
}

#[test]
fn an_error_about_the_oid_means_that_there_is_one() {
    for message in [
        json!({"oid": ["- is taken"]}),
        json!({"oid_unique": [""]}),
        json!("Oid already exists"),
        json!("bad field: oid"),
    ] {
        for status in [200, 409, 422] {
            let body = json!({"code": "error", "message": message});
            assert_eq!(created(&reply(status, &body), ORIGIN), Ok(Created::Taken), "{status} {body}");
        }
    }
    for message in [json!({"buyer_tax_no": ["- nie może być puste"]}), json!("void android"), json!(null)] {
        let body = json!({"code": "error", "message": message});
        assert_eq!(
            created(&reply(422, &body), ORIGIN),
            Err(Failure::Refused { reason: "refused with 422".to_owned() }),
            "{body}"
        );
    }
}

#[test]
fn what_a_person_has_to_mend_keeps_the_job() {
    for status in [301, 302, 307, 401, 403, 404] {
        let failure = created(&reply(status, r#"{"message":"oid"}"#), ORIGIN).unwrap_err();
        assert!(matches!(failure, Failure::Later { whole_system: true, .. }), "{status}");
    }
}

#[test]
fn a_request_to_wait_is_honoured() {
    let mut asked = reply(429, "");
    asked.retry_after = Some(Duration::from_secs(7));
    let expected = |whole_system, reason| Err(later(reason, Some(Duration::from_secs(7)), whole_system));
    assert_eq!(created(&asked, ORIGIN), expected(true, "too many requests"));
    asked.status = 408;
    assert_eq!(created(&asked, ORIGIN), expected(false, "asked to try again"));
}

#[test]
fn server_errors_leave_it_unknown() {
    for status in [500, 502, 503, 504, 599] {
        assert_eq!(created(&reply(status, r#"{"message":"oid"}"#), ORIGIN), Err(unknown("server error")));
    }
}

#[test]
fn only_invoices_with_the_same_oid_match() {
    let documents = [
        json!({"oid": "enrolment-7", "kind": "vat", "price_gross": "199.99", "token": "a"}),
        json!({"oid": "enrolment-7", "kind": "vat", "price_gross": 200.0, "token": "b"}),
        json!({"oid": "enrolment-7", "kind": "vat", "price_gross": "x"}),
        json!({"oid": "enrolment-70", "kind": "vat", "price_gross": "199.99"}),
        json!({"oid": "enrolment-7", "kind": "correction", "price_gross": "-199.99"}),
        json!({"oid": 7, "kind": "vat"}),
        json!(null),
    ];
    let found = matching(&documents, "enrolment-7", ORIGIN);
    let gross: Vec<_> = found.iter().map(|found| found.gross.map(Money::hundredths)).collect();
    assert_eq!(gross, [Some(19999), Some(20000), None]);
    assert_eq!(found[0].url, Some(format!("{ORIGIN}/invoice/a")));
}

#[test]
fn a_look_up_without_a_list_proves_nothing() {
    assert_eq!(documents(&reply(200, "[]")), Ok(Vec::new()));
    for (status, body) in
        [(200, "{}"), (200, "<html>"), (200, "[{]"), (201, "[]"), (400, ""), (422, ""), (500, ""), (408, "")]
    {
        let failure = documents(&reply(status, body)).unwrap_err();
        assert!(matches!(failure, Failure::Later { whole_system: false, .. }), "{status} {body}");
    }
    for status in [302, 401, 403, 404, 429] {
        let failure = documents(&reply(status, "[]")).unwrap_err();
        assert!(matches!(failure, Failure::Later { whole_system: true, .. }), "{status}");
    }
}

proptest! {
    #[test]
    fn no_reply_makes_it_panic(status: u16, body: Vec<u8>) {
        let reply = Reply { status, retry_after: None, body };
        let _ = created(&reply, ORIGIN);
        let _ = documents(&reply);
    }

    #[test]
    fn only_a_2xx_is_ever_an_invoice(status: u16, id: u32) {
        let issued = matches!(created(&reply(status, json!({"id": id})), ORIGIN), Ok(Created::Issued { .. }));
        prop_assert_eq!(issued, (200..300).contains(&status));
    }
}
