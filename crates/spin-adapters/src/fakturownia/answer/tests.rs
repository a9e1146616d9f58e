use super::*;
use domain::invoice::DocumentKind;
use domain::terms::KsefPolicy;
use proptest::prelude::*;
use serde_json::json;
use std::time::Duration;

const ORIGIN: &str = "https://account.fakturownia.pl";
const OID: &str = "enrolment-7-0123456789abcdef";

fn asked() -> Expected<'static> {
    Expected {
        oid: OID,
        gross: Balance(19999),
        currency: "PLN",
        issued_on: "2026-02-01".parse().unwrap(),
        about: About::Buyer { name: "Ann Example".into(), email: "ann@example.com", tax_no: None },
        ksef: KsefPolicy::Account,
    }
}

/// The document that was asked for, as a look-up gives it.
fn own() -> Value {
    json!({"id": 7, "oid": OID, "kind": "vat", "price_gross": "199.99", "currency": "PLN", "status": "paid",
        "cancelled": false, "buyer_name": "Ann Example", "buyer_email": "ann@example.com", "token": "a"})
}

fn created_from(reply: &Reply) -> Result<Created, Failure> {
    created(reply, &asked(), ORIGIN)
}

fn unknown(reason: &str) -> Failure {
    super::unknown(reason, &reply(200, ""))
}

fn found(document: Value) -> Option<Difference> {
    let found = matching(&[document], &asked(), ORIGIN);
    assert_eq!(found.len(), 1);
    found[0].difference
}

fn reply(status: u16, body: impl ToString) -> Reply {
    Reply { status, retry_after: None, body: body.to_string().into_bytes() }
}

fn issued(document: &Value) -> Option<String> {
    match created_from(&reply(201, document)) {
        Ok(Created::Issued(document)) => document.url,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_document_with_a_number_is_an_invoice() {
    let view = format!("{ORIGIN}/invoice/abc");
    assert_eq!(issued(&json!({"id": 7, "view_url": view, "token": "t"})), Some(view));
}

#[test]
fn a_success_without_a_number_proves_nothing() {
    for body in [
        "",
        "<html>",
        "{}",
        "[]",
        "[7]",
        "null",
        r#"{"id":null}"#,
        r#"{"id":"7"}"#,
        r#"{"id":7"#,
        r#"{"id":0}"#,
        r#"{"id":-7}"#,
        r#"{"id":7.5}"#,
        r#"{"id":1e400}"#,
        r#"{"id":true}"#,
        r#"[{"id":7}]"#,
    ] {
        let Err(Failure::Unknown { .. }) = created_from(&reply(201, body)) else { panic!("{body}") };
    }
}

#[test]
fn an_error_in_a_success_is_an_error() {
    for body in [json!({"id": 7, "status": "error"}), json!({"code": "error", "message": "no"})] {
        let Err(Failure::Refused { .. }) = created_from(&reply(200, &body)) else { panic!("{body}") };
    }
}

#[test]
fn a_success_about_another_invoice_is_looked_up() {
    for changes in [
        json!({"price_gross": "200.00"}),
        json!({"price_gross": 1}),
        json!({"price_gross": "x"}),
        json!({"price_gross": [199.99]}),
        json!({"oid": "enrolment-7"}),
        json!({"oid": 7}),
    ] {
        let document = with(own(), &changes);
        let doubt = Err(unknown("the answer is about another invoice"));
        assert_eq!(created_from(&reply(201, &document)), doubt, "{changes}");
    }
    for changes in [json!({"price_gross": 199.99}), json!({"price_gross": null, "oid": null})] {
        issued(&with(own(), &changes));
    }
}

fn with(mut document: Value, changes: &Value) -> Value {
    document.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    document
}

#[test]
fn an_error_about_the_oid_means_that_there_is_one() {
    for body in [
        json!({"code": "error", "message": {"oid": ["- is taken"]}}),
        json!({"code": "error", "message": {"oid_unique": ["- is taken"]}}),
        json!({"code": "error", "message": {"OID": "taken"}}),
        json!({"code": "error", "message": {"base": "Oid is taken"}}),
        json!({"code": "error", "message": {"base": ["- numer OID jest zajęty"]}}),
        json!({"code": "error", "message": ["invoice", {"details": [["oid: taken"]]}]}),
        json!({"code": "error", "message": "Oid already exists"}),
        json!({"code": "error", "message": "bad field: oid"}),
        json!({"status": "error", "errors": {"oid": ["has already been taken"]}}),
        json!({"status": "error", "errors": [{"field": "oid", "code": "taken"}]}),
        json!({"status": "error", "error": "OID"}),
    ] {
        for status in [200, 400, 409, 422] {
            assert_eq!(created_from(&reply(status, &body)), Ok(Created::Taken), "{status} {body}");
        }
    }
    for body in [r#"{"oid":["taken"]}"#, r#"["oid taken"]"#, r#""oid taken""#, "oid is taken", "<p>OID taken</p>"] {
        assert_eq!(created_from(&reply(422, body)), Ok(Created::Taken), "{body}");
    }
    for body in [
        json!({"code": "error", "message": {"buyer_tax_no": ["- nie może być puste"]}}),
        json!({"code": "error", "message": {"buyer_tax_no": ["- nie może być puste"], "oid": []}}),
        json!({"code": "error", "message": "void android"}),
        json!({"code": "error", "message": null}),
        json!({"code": "error", "message": "no", "invoice": {"oid": OID}}),
    ] {
        assert_eq!(
            created_from(&reply(422, &body)),
            Err(Failure::Refused { reason: "refused with 422".to_owned() }),
            "{body}"
        );
    }
}

#[test]
fn a_refusal_that_is_cut_off_says_nothing() {
    let whole = json!({"code": "error", "message": {"oid": ["- is taken"]}}).to_string();
    for status in [200, 400, 422] {
        for length in 1..whole.find("oid").unwrap() {
            let answer = created_from(&reply(status, &whole[..length]));
            assert!(matches!(answer, Err(Failure::Unknown { whole_system: false, .. })), "{status} {length}");
        }
    }
    for body in ["", "<p>no</p>", "no"] {
        assert!(matches!(created_from(&reply(422, body)), Err(Failure::Refused { .. })), "{body}");
    }
}

#[test]
fn what_a_person_has_to_mend_keeps_the_job() {
    for status in [301, 302, 307, 401, 402, 403, 404, 423, 451] {
        let failure = created_from(&reply(status, r#"{"message":"oid"}"#)).unwrap_err();
        assert!(matches!(failure, Failure::Down { .. }), "{status}");
    }
}

#[test]
fn a_request_to_wait_is_honoured() {
    let mut asked = reply(429, "");
    asked.retry_after = Some(Duration::from_secs(7));
    let after = Some(Duration::from_secs(7));
    let paced = |reason: &str| Failure::Paced { reason: reason.to_owned(), after, gap: None };
    for (status, expected) in [
        (429, paced("too many requests")),
        (408, paced("asked to try again")),
        (503, Failure::Unknown { reason: "server error".to_owned(), after, whole_system: false }),
    ] {
        asked.status = status;
        assert_eq!(created_from(&asked), Err(expected));
    }
    asked.status = 500;
    assert!(matches!(documents(&asked), Err(Failure::Down { after: Some(_), .. })));
}

#[test]
fn server_errors_leave_it_unknown() {
    for status in [500, 502, 503, 504, 599] {
        assert_eq!(created_from(&reply(status, r#"{"message":"oid"}"#)), Err(unknown("server error")));
    }
}

#[test]
fn only_documents_with_the_same_oid_match() {
    let other = |oid: Value| with(own(), &json!({"oid": oid}));
    let documents = [
        other(json!("enrolment-7")),
        other(json!(OID.to_uppercase())),
        other(json!(format!("{OID}0"))),
        other(json!(7)),
        json!(null),
        json!([OID]),
        own(),
    ];
    let found = matching(&documents, &asked(), ORIGIN);
    let document = Document {
        kind: DocumentKind::Invoice,
        vendor_id: Some(7),
        number: None,
        url: Some(format!("{ORIGIN}/invoice/a")),
        gross: Some(Balance(19999)),
        currency: Some("PLN".to_owned()),
        issued_on: Some(asked().issued_on),
        ksef: None,
    };
    assert_eq!(found, [Found { number: OID.to_owned(), difference: None, document }]);
}

#[test]
fn a_document_is_kept_with_its_number_and_its_day() {
    let kept = |changes: Value| {
        let found = matching(&[with(own(), &changes)], &asked(), ORIGIN).remove(0).document;
        (found.number, found.issued_on.unwrap().to_string())
    };
    let given = kept(json!({"number": " 1/2/2026 ", "issue_date": "2026-02-03"}));
    assert_eq!(given, (Some("1/2/2026".to_owned()), "2026-02-03".to_owned()));
    let long = "1".repeat(101);
    for number in [json!(null), json!(""), json!(7), json!("a\nb"), json!(long)] {
        assert_eq!(kept(json!({"number": number, "issue_date": "soon"})), (None, "2026-02-01".to_owned()), "{number}");
    }
    for day in ["+12345-01-01", "-0044-03-15", "0000-01-01", "2026-02-30"] {
        assert_eq!(kept(json!({"number": "1", "issue_date": day})).1, "2026-02-01", "{day}");
    }
}

#[test]
fn the_number_of_ksef_is_followed_where_it_was_asked_for_or_is_under_way() {
    let kept = |policy, changes: Value| {
        let asked = Expected { ksef: policy, ..asked() };
        let ksef = matching(&[with(own(), &changes)], &asked, ORIGIN).remove(0).document.ksef;
        ksef.map(|ksef| ksef.status.as_str().to_owned())
    };
    let (company, status) = (json!({"buyer_company": true}), |status: Value| json!({"gov_status": status}));
    use KsefPolicy::{Account, Always, Companies};
    for (policy, changes, expected) in [
        (Account, company.clone(), None),
        (Account, status(json!("processing")), Some("processing")),
        (Account, status(json!("not_applicable")), Some("not_applicable")),
        (Account, status(json!("not_connected")), None),
        (Companies, status(json!("not_connected")), None),
        (Companies, company, Some("requested")),
        (Companies, json!({"buyer_company": true, "gov_status": "not_connected"}), Some("not_connected")),
        (Always, status(json!(null)), Some("requested")),
        (Always, status(json!("processing")), Some("processing")),
    ] {
        assert_eq!(kept(policy, changes.clone()).as_deref(), expected, "{policy:?} {changes}");
    }
    let about = About::Buyer { name: "Acme".into(), email: "a@example.com", tax_no: Some("5252445767") };
    let asked = Expected { about, ksef: Companies, ..asked() };
    let Ok(Created::Issued(document)) = created(&reply(201, json!({"id": 7})), &asked, ORIGIN) else { panic!() };
    assert_eq!(document.ksef_number().unwrap().vendor_id, 7, "whatever the answer leaves out");
}

#[test]
fn a_companys_invoice_is_told_by_its_tax_number_as_well() {
    let about = About::Buyer { name: "Acme".into(), email: "ann@example.com", tax_no: Some("5252445767") };
    let asked = Expected { about, ..asked() };
    let difference = |tax_no: Value| {
        let document = with(own(), &json!({"buyer_name": "Acme", "buyer_tax_no": tax_no}));
        matching(&[document], &asked, ORIGIN)[0].difference
    };
    assert_eq!(difference(json!("5252445767")), None);
    assert_eq!(difference(json!("PL 525-244-57-67")), None);
    for other in [json!("5252445768"), json!(""), json!(null), json!(5_252_445_767_i64)] {
        assert_eq!(difference(other), Some(Difference::Buyer));
    }
}

#[test]
fn a_correction_is_told_by_the_invoice_that_it_corrects() {
    let asked = Expected { gross: Balance(-19999), about: About::Invoice(5), ..asked() };
    let correction = json!({"id": 8, "oid": OID, "kind": "correction", "price_gross": "-199.99", "currency": "PLN",
        "from_invoice_id": 5, "invoice_id": 5, "token": "k"});
    let found = |changes: Value| matching(&[with(correction.clone(), &changes)], &asked, ORIGIN).remove(0);
    let own = found(json!({}));
    assert_eq!((own.difference, own.document.kind), (None, DocumentKind::Correction));
    for (changes, difference) in [
        (json!({"invoice_id": "5", "from_invoice_id": null}), None),
        (json!({"invoice_id": 6, "from_invoice_id": null}), Some(Difference::Corrects)),
        (json!({"invoice_id": null, "from_invoice_id": null}), Some(Difference::Corrects)),
        (json!({"kind": "vat"}), Some(Difference::Kind)),
        (json!({"price_gross": "199.99"}), Some(Difference::Amount)),
        (json!({"price_gross": "-100"}), Some(Difference::Amount)),
        (json!({"currency": "EUR"}), Some(Difference::Currency)),
        (json!({"cancelled": true}), Some(Difference::Canceled)),
    ] {
        assert_eq!(found(changes.clone()).difference, difference, "{changes}");
    }
    assert!(matches!(created(&reply(201, &correction), &asked, ORIGIN), Ok(Created::Issued(_))));
    let other = with(correction, &json!({"price_gross": "199.99"}));
    assert!(matches!(created(&reply(201, &other), &asked, ORIGIN), Err(Failure::Unknown { .. })));
}

#[test]
fn only_an_invoice_as_it_was_issued_is_corrected() {
    let gross = Money::from_hundredths(19999).unwrap();
    let invoice = IssuedInvoice { vendor_id: 7, gross, currency: "PLN".to_owned() };
    let answer = |status, body: &Value| corrected(&reply(status, body), &invoice);
    assert_eq!(answer(200, &own()).map(Value::Object), Ok(own()));
    for changes in [
        json!({"kind": "correction"}),
        json!({"cancelled": true}),
        json!({"price_gross": "1"}),
        json!({"currency": "EUR"}),
    ] {
        let refused = answer(200, &with(own(), &changes));
        assert!(matches!(refused, Err(Failure::Refused { .. })), "{changes}");
    }
    assert!(matches!(answer(200, &with(own(), &json!({"id": 8}))), Err(Failure::Later { .. })));
    for status in [201, 404, 422] {
        assert!(matches!(answer(status, &own()), Err(Failure::Later { .. })), "{status}");
    }
    for status in [302, 401, 403, 500, 503] {
        assert!(matches!(answer(status, &own()), Err(Failure::Down { .. })), "{status}");
    }
    for status in [408, 429] {
        assert!(matches!(answer(status, &own()), Err(Failure::Paced { .. })), "{status}");
    }
    assert!(matches!(corrected(&reply(200, "[]"), &invoice), Err(Failure::Down { .. })));
}

#[test]
fn the_invoice_is_told_from_every_other() {
    for (changes, difference) in [
        (json!({"kind": "correction"}), Difference::Kind),
        (json!({"kind": null}), Difference::Kind),
        (json!({"cancelled": true}), Difference::Canceled),
        (json!({"cancelled": "yes"}), Difference::Canceled),
        (json!({"canceled": 1}), Difference::Canceled),
        (json!({"status": "Cancelled"}), Difference::Canceled),
        (json!({"buyer_name": "Eve Example"}), Difference::Buyer),
        (json!({"buyer_name": null}), Difference::Buyer),
        (json!({"buyer_email": "eve@example.com"}), Difference::Buyer),
        (json!({"buyer_email": null}), Difference::Buyer),
        (json!({"buyer_email": ["ann@example.com"]}), Difference::Buyer),
        (json!({"price_gross": "200.00"}), Difference::Amount),
        (json!({"price_gross": "x"}), Difference::Amount),
        (json!({"price_gross": null}), Difference::Amount),
        (json!({"currency": "EUR"}), Difference::Currency),
        (json!({"currency": null}), Difference::Currency),
    ] {
        assert_eq!(found(with(own(), &changes)), Some(difference), "{changes}");
    }
    for changes in [
        json!({}),
        json!({"price_gross": 199.99}),
        json!({"buyer_name": "  Ann  Example ", "buyer_email": " Ann@Example.COM "}),
        json!({"cancelled": null, "canceled": "false", "status": null}),
    ] {
        assert_eq!(found(with(own(), &changes)), None, "{changes}");
    }
}

#[test]
fn without_a_reply_only_silence_and_unreachability_are_the_whole_systems() {
    for (no_reply, create, find) in [
        (NoReply::NotSent("connection refused"), down("connection refused"), down("connection refused")),
        (NoReply::MaybeSent("reply broke off"), unknown("reply broke off"), later("reply broke off")),
        (
            NoReply::TimedOut,
            Failure::Unknown { reason: "timeout".to_owned(), after: None, whole_system: true },
            down("timeout"),
        ),
    ] {
        assert_eq!((not_created(no_reply), not_found_out(no_reply)), (create, find));
    }
}

#[test]
fn a_look_up_without_a_list_proves_nothing() {
    assert_eq!(documents(&reply(200, "[]")), Ok(Vec::new()));
    for status in [201, 400, 422] {
        assert!(matches!(documents(&reply(status, "[]")), Err(Failure::Later { .. })), "{status}");
    }
    for status in [302, 401, 402, 403, 404, 423, 451, 500, 502] {
        assert!(matches!(documents(&reply(status, "[]")), Err(Failure::Down { .. })), "{status}");
    }
    for status in [408, 425, 429] {
        assert!(matches!(documents(&reply(status, "[]")), Err(Failure::Paced { .. })), "{status}");
    }
    for body in ["{}", "<html>", "[{]"] {
        assert_eq!(documents(&reply(200, body)), Err(down("unreadable list")), "{body}");
    }
}

proptest! {
    #[test]
    fn no_reply_makes_it_panic(status: u16, body: Vec<u8>) {
        let reply = Reply { status, retry_after: None, body };
        let _ = created_from(&reply);
        let _ = documents(&reply).map(|documents| matching(&documents, &asked(), ORIGIN));
    }

    #[test]
    fn only_a_2xx_is_ever_an_invoice(status: u16, id: u32) {
        let issued = matches!(created_from(&reply(status, json!({"id": id}))), Ok(Created::Issued(_)));
        prop_assert_eq!(issued, (200..300).contains(&status));
    }
}
