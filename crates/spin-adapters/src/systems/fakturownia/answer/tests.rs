use super::super::buyer::Buyer;
use super::super::failure::{not_created, not_found_out};
use super::*;
use crate::outbound::NoReply;
use domain::Money;
use domain::model::chain::ChainNo;
use domain::model::invoice::DocumentKind;
use proptest::prelude::*;
use serde_json::json;
use std::time::Duration;

const ORIGIN: &str = "https://account.fakturownia.pl";
const OID: &str = "enrolment-7-0123456789abcdef";

pub(in crate::systems::fakturownia) fn asked() -> Expected<'static> {
    Expected {
        oid: OID,
        gross: Balance(19999),
        currency: "PLN",
        tax: Some("23"),
        issued_on: "2026-02-01".parse().unwrap(),
        chain_no: ChainNo::FIRST,
        about: buyer("Ann Example", ""),
        company: false,
        ksef: false,
    }
}

/// A person, or a company with an address.
fn buyer(name: &'static str, tax_no: &'static str) -> About<'static> {
    let company = !tax_no.is_empty();
    let (buyer_tax_no_kind, buyer_street) = if company { ("", "Prosta 1") } else { ("empty", "") };
    About::Buyer(Box::new(Buyer {
        buyer_company: company,
        buyer_name: name.into(),
        buyer_email: "ann@example.com",
        buyer_tax_no: tax_no,
        buyer_tax_no_kind,
        buyer_street,
        ..Buyer::default()
    }))
}

/// The document that was asked for, as a look-up gives it.
fn own() -> Value {
    json!({"id": 7, "oid": OID, "kind": "vat", "price_gross": "199.99", "currency": "PLN", "status": "paid",
        "cancelled": false, "buyer_name": "Ann Example", "buyer_email": "ann@example.com", "token": "a"})
}

fn created_from(reply: &Reply) -> Result<Created, Failure> {
    created(reply, &asked(), ORIGIN)
}

fn unknown(code: ReasonCode) -> Failure {
    super::unknown(code, &reply(200, ""))
}

fn found(document: Value) -> Option<Difference> {
    let found = matching(&[document], &asked(), ORIGIN);
    assert_eq!(found.len(), 1);
    found[0].difference
}

pub(in crate::systems::fakturownia) fn reply(status: u16, body: impl ToString) -> Reply {
    Reply { status, retry_after: None, body: body.to_string().into_bytes() }
}

fn issued(document: &Value) -> Option<String> {
    match created_from(&reply(201, document)) {
        Ok(Created::Issued(issued)) => issued.document.url,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_document_with_a_number_is_an_invoice() {
    let view = format!("{ORIGIN}/invoice/abc");
    for id in [json!(7), json!("7")] {
        assert_eq!(issued(&json!({"id": id, "view_url": view, "token": "t"})), Some(view.clone()));
    }
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
        r#"{"id":"seven"}"#,
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
fn a_success_about_another_document_is_looked_up() {
    for changes in [
        json!({"oid": "enrolment-7"}),
        json!({"oid": 7}),
        json!({"oid": null, "price_gross": "200.00"}),
        json!({"oid": null, "buyer_name": "Eve Example"}),
    ] {
        let doubt = Err(unknown(ReasonCode::AnswerOfAnotherDocument));
        assert_eq!(created_from(&reply(201, with(own(), &changes))), doubt, "{changes}");
    }
}

#[test]
fn what_was_issued_otherwise_than_it_was_asked_for_is_shown_to_a_person() {
    for (changes, difference) in [
        (json!({"price_gross": "200.00"}), Difference::Amount),
        (json!({"price_gross": "x"}), Difference::Amount),
        (json!({"price_gross": [199.99]}), Difference::Amount),
        (json!({"currency": "EUR"}), Difference::Currency),
        (json!({"kind": "proforma"}), Difference::Kind),
        (json!({"cancelled": true}), Difference::Canceled),
        (json!({"buyer_name": "Eve Example"}), Difference::Buyer),
        (json!({"buyer_email": "eve@example.com"}), Difference::Buyer),
        (json!({"buyer_company": true}), Difference::Buyer),
        // Of another client with the same name.
        (json!({"buyer_tax_no": "5252445767"}), Difference::Buyer),
        (json!({"buyer_street": "Prosta 1"}), Difference::Buyer),
        (json!({"buyer_post_code": "00-001"}), Difference::Buyer),
        (json!({"buyer_city": "Warszawa"}), Difference::Buyer),
    ] {
        let Ok(Created::Found(found)) = created_from(&reply(201, with(own(), &changes))) else { panic!("{changes}") };
        assert_eq!((found[0].difference, found[0].issued.document.vendor_id), (Some(difference), Some(7)), "{changes}");
    }
}

#[test]
fn what_an_answer_leaves_out_or_writes_otherwise_is_no_difference() {
    for changes in [
        json!({"price_gross": 199.99}),
        json!({"price_gross": "199,99"}),
        json!({"price_gross": null, "oid": null, "kind": null, "currency": null}),
        json!({"buyer_name": null, "buyer_email": null}),
        json!({"buyer_company": "0", "buyer_tax_no": "", "buyer_street": "", "buyer_post_code": null}),
    ] {
        issued(&with(own(), &changes));
    }
    issued(&json!({"id": 7}));
    let tenths = Expected { gross: Balance(19990), ..asked() };
    let answer = created(&reply(201, with(own(), &json!({"price_gross": "199.9"}))), &tenths, ORIGIN);
    assert!(matches!(answer, Ok(Created::Issued(_))));
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
        assert!(matches!(created_from(&reply(422, &body)), Err(Failure::Refused { .. })), "{body}");
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
    let paced = |code: ReasonCode| Failure::Paced { reason: code.into(), after, gap: None };
    for (status, expected) in [
        (429, paced(ReasonCode::TooManyRequests)),
        (408, paced(ReasonCode::AskedToWait)),
        (503, Failure::Unknown { reason: ReasonCode::ServerError.with(503), after, whole_system: true }),
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
        let whole_system = (502..=504).contains(&status);
        let reason = ReasonCode::ServerError.with(status);
        let expected = Failure::Unknown { reason, after: None, whole_system };
        assert_eq!(created_from(&reply(status, r#"{"message":"oid"}"#)), Err(expected));
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
        chain_no: ChainNo::FIRST,
        vendor_id: Some(7),
        number: None,
        url: Some(format!("{ORIGIN}/invoice/a")),
        gross: Some(Balance(19999)),
        currency: Some("PLN".to_owned()),
        tax: Some("23".to_owned()),
        issued_on: Some(asked().issued_on),
        ksef: None,
    };
    assert_eq!(found, [Found { number: OID.to_owned(), difference: None, issued: document.into() }]);
}

#[test]
fn a_document_is_kept_with_its_number_and_its_day() {
    let kept = |changes: Value| {
        let found = matching(&[with(own(), &changes)], &asked(), ORIGIN).remove(0).issued.document;
        (found.number, found.issued_on.unwrap().to_string())
    };
    let given = kept(json!({"number": " 1/2/2026 ", "issue_date": "2026-02-03"}));
    assert_eq!(given, (Some("1/2/2026".to_owned()), "2026-02-03".to_owned()));
    assert_eq!(kept(json!({"number": 7})).0.as_deref(), Some("7"));
    let long = "1".repeat(101);
    for number in [json!(null), json!(""), json!([7]), json!("a\nb"), json!(long)] {
        assert_eq!(kept(json!({"number": number, "issue_date": "soon"})), (None, "2026-02-01".to_owned()), "{number}");
    }
    for day in ["+12345-01-01", "-0044-03-15", "0000-01-01", "2026-02-30"] {
        assert_eq!(kept(json!({"number": "1", "issue_date": day})).1, "2026-02-01", "{day}");
    }
}

#[test]
fn what_is_known_of_ksef_is_passed_on() {
    let issued =
        |asked: &Expected<'_>, changes: Value| matching(&[with(own(), &changes)], asked, ORIGIN).remove(0).issued;
    let said = issued(&asked(), json!({"gov_status": "processing", "gov_error_messages": []}));
    assert_eq!(said.document.ksef.unwrap().status.as_str(), "processing");
    assert_eq!((said.company, said.asked, said.faulty), (false, false, false));
    for faults in [json!(["- x"]), json!("x")] {
        assert!(issued(&asked(), json!({"gov_error_messages": faults})).faulty, "{faults}");
    }
    // Whatever the answer leaves out.
    let about = buyer("Acme", "5252445767");
    let of_company = Expected { about, company: true, ksef: true, ..asked() };
    let Ok(Created::Issued(issued)) = created(&reply(201, json!({"id": 7})), &of_company, ORIGIN) else { panic!() };
    assert_eq!((issued.company, issued.asked, issued.document.vendor_id), (true, true, Some(7)));
}

#[test]
fn an_invoice_to_a_company_must_have_its_tax_number() {
    let about = buyer("Acme", "5252445767");
    let asked = Expected { about, ..asked() };
    let difference = |changes: Value| {
        let company = json!({"buyer_name": "Acme", "buyer_tax_no": "5252445767", "buyer_street": "Prosta 1",
            "buyer_company": true, "buyer_tax_no_kind": ""});
        matching(&[with(with(own(), &company), &changes)], &asked, ORIGIN)[0].difference
    };
    for same in [json!("5252445767"), json!("PL 525-244-57-67"), json!(5_252_445_767_i64)] {
        assert_eq!(difference(json!({"buyer_tax_no": same})), None);
    }
    for other in [
        json!({"buyer_tax_no": "5252445768"}),
        json!({"buyer_tax_no": "DE5252445767"}),
        json!({"buyer_tax_no": ""}),
        json!({"buyer_tax_no": null}),
        json!({"buyer_tax_no_kind": "nip_ue"}),
        json!({"buyer_company": false}),
    ] {
        assert_eq!(difference(other.clone()), Some(Difference::Buyer), "{other}");
    }
}

fn correcting(buyer: Option<&Object>) -> Expected<'_> {
    Expected { gross: Balance(-19999), about: About::Invoice { id: 5, buyer, part: None }, ..asked() }
}

fn correction() -> Value {
    json!({"id": 8, "oid": OID, "kind": "correction", "price_gross": "-199.99", "currency": "PLN",
        "from_invoice_id": 5, "invoice_id": 5, "token": "k"})
}

#[test]
fn a_correction_is_told_by_the_invoice_that_it_corrects() {
    let asked = correcting(None);
    let found = |changes: Value| matching(&[with(correction(), &changes)], &asked, ORIGIN).remove(0);
    let own = found(json!({}));
    assert_eq!((own.difference, own.issued.document.kind), (None, DocumentKind::Correction));
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
}

#[test]
fn one_that_a_person_made_is_adopted_if_it_leaves_nothing() {
    let found = |changes: Value| {
        let by_hand = with(with(correction(), &json!({"oid": null})), &changes);
        matching(&[by_hand], &correcting(None), ORIGIN).into_iter().map(|found| found.difference).collect::<Vec<_>>()
    };
    assert_eq!(found(json!({})), [None]);
    assert_eq!(found(json!({"oid": "other", "invoice_id": "5", "from_invoice_id": ""})), [None]);
    for other in [json!({"price_gross": "-100.00"}), json!({"currency": "EUR"}), json!({"price_gross": null})] {
        assert_eq!(found(other.clone()), [Some(Difference::Corrected)], "{other}");
    }
    for none in [
        json!({"cancelled": true}),
        json!({"kind": "vat"}),
        json!({"invoice_id": 6, "from_invoice_id": 6}),
        json!({"invoice_id": null, "from_invoice_id": null}),
    ] {
        assert_eq!(found(none.clone()), [], "{none}");
    }
}

#[test]
fn a_correction_has_the_buyer_of_its_invoice() {
    let invoice = json!({"buyer_name": "Ann", "buyer_email": "ann@example.com", "buyer_tax_no": null});
    let asked = correcting(invoice.as_object());
    let answer = |changes: Value| created(&reply(201, with(correction(), &changes)), &asked, ORIGIN);
    for same in [json!({}), json!({"buyer_name": "Ann", "buyer_tax_no": ""}), json!({"invoice_id": null})] {
        assert!(matches!(answer(same.clone()), Ok(Created::Issued(_))), "{same}");
    }
    for (changes, difference) in [
        (json!({"buyer_name": "Eve"}), Difference::Buyer),
        (json!({"buyer_tax_no": "5252445767"}), Difference::Buyer),
        (json!({"price_gross": "199.99"}), Difference::Amount),
        (json!({"invoice_id": 6, "from_invoice_id": 6}), Difference::Corrects),
    ] {
        let Ok(Created::Found(found)) = answer(changes.clone()) else { panic!("{changes}") };
        assert_eq!(found[0].difference, Some(difference), "{changes}");
    }
}

#[test]
fn only_an_invoice_as_it_was_issued_is_corrected() {
    let gross = Money::from_hundredths(19999).unwrap();
    let invoice = IssuedInvoice {
        vendor_id: 7,
        gross,
        currency: "PLN".to_owned(),
        tax: None,
        account: None,
        issued_on: None,
        ksef_number: None,
    };
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
        json!({"buyer_company": false, "buyer_tax_no": "", "buyer_city": null}),
        json!({"cancelled": null, "canceled": "false", "status": null}),
    ] {
        assert_eq!(found(with(own(), &changes)), None, "{changes}");
    }
}

#[test]
fn without_a_reply_only_silence_and_unreachability_are_the_whole_systems() {
    let (refused, broke_off) = (ReasonCode::ConnectionRefused, ReasonCode::ReplyBrokeOff);
    for (no_reply, create, find) in [
        (NoReply::NotSent(refused), down(refused), down(refused)),
        (NoReply::MaybeSent(broke_off), unknown(broke_off), later(broke_off)),
        (
            NoReply::TimedOut,
            Failure::Unknown { reason: ReasonCode::Timeout.into(), after: None, whole_system: true },
            down(ReasonCode::Timeout),
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
        assert_eq!(documents(&reply(200, body)), Err(down(ReasonCode::UnreadableAnswer.with("list"))), "{body}");
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

#[test]
fn another_correction_is_judged_by_what_was_left_before_and_is_left_after() {
    let part = |before, after| Part {
        before: Money::from_hundredths(before).unwrap(),
        after: Money::from_hundredths(after).unwrap(),
    };
    let wanted = part(15000, 5000);
    let about = About::Invoice { id: 5, buyer: None, part: Some(wanted) };
    let asked = Expected { gross: Balance(-10000), about, ..asked() };
    let judge = |before: i64, after: i64, changes: Value| {
        let gross = |hundredths: i64| json!({"total_price_gross": Balance(hundredths).to_string()});
        let positions = json!([{"correction_before_attributes": gross(before),
            "correction_after_attributes": gross(after)}]);
        let total = Balance(after - before).to_string();
        let document = with(correction(), &json!({"oid": null, "price_gross": total, "positions": positions}));
        let found = judged(&reply(200, with(document, &changes)), &asked, wanted, ORIGIN).unwrap();
        found.map(|found| found.difference)
    };
    assert_eq!(judge(15000, 5000, json!({})), Some(None), "a person made it");
    assert_eq!(judge(15000, 5000, json!({"currency": "EUR"})), Some(Some(Difference::Currency)));
    for (before, after) in [(19999, 15000), (19999, 17000), (30000, 15000)] {
        assert_eq!(judge(before, after, json!({})), None, "an earlier one: {before} {after}");
    }
    for (before, after) in [(15000, 0), (15000, 14000), (19999, 5000), (5000, 0)] {
        assert_eq!(judge(before, after, json!({})), Some(Some(Difference::Corrected)), "{before} {after}");
    }
    assert_eq!(judge(15000, 5000, json!({"positions": []})), Some(Some(Difference::Corrected)));
    assert_eq!(judge(15000, 5000, json!({"positions": null})), Some(Some(Difference::Corrected)));
    assert!(judged(&reply(500, json!({})), &asked, wanted, ORIGIN).is_err());
    assert!(judged(&reply(200, json!([])), &asked, wanted, ORIGIN).is_err());
}
