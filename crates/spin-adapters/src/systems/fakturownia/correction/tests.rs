use super::super::expected::tests::order;
use super::*;
use domain::Money;
use domain::model::note::{MailTo, Reason};
use domain::model::refund::Amounts;
use domain::ports::Content;

fn issued() -> IssuedInvoice {
    IssuedInvoice {
        vendor_id: 5,
        gross: Money::from_hundredths(19999).unwrap(),
        currency: "PLN".to_owned(),
        tax: Some("23".to_owned()),
        account: None,
        issued_on: None,
        ksef_number: None,
    }
}

fn sent(invoice: &Value, reason: Option<&str>) -> Result<Value, Failure> {
    sent_of(invoice, reason, None)
}

fn sent_of(invoice: &Value, reason: Option<&str>, amounts: Option<Amounts>) -> Result<Value, Failure> {
    let correction = Correction {
        mail_to: MailTo::NoRecipient,
        reason: reason.map(|reason| Reason::new(reason).unwrap()),
        refunded_on: "2026-01-31".parse().unwrap(),
        amounts,
        rebilled: false,
    };
    let issued = issued();
    let invoice = invoice.as_object().unwrap();
    let at_ksef = AtKsef::of(invoice, &issued)?;
    let order = order(Content::Correction(&correction, &issued));
    let asked =
        Expected { ksef: at_ksef.sent, ..Expected::correction("enrolment-7-1", (&correction, &issued), &order) };
    let body = request("t0ken", &asked, &correction, invoice, at_ksef.number.as_deref())?;
    Ok(serde_json::from_slice(&body).unwrap())
}

fn with(mut document: Value, changes: &Value) -> Value {
    document.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    document
}

/// Of a person, with what the vendor adds by itself.
fn invoice() -> Value {
    json!({
        "id": 5, "kind": "vat", "number": "1/2026", "department_id": 12, "client_id": 99,
        "seller_name": "School", "seller_tax_no": "5252445767", "seller_phone": "", "seller_fax": null,
        "buyer_company": false, "buyer_name": "Ann Example", "buyer_first_name": "Ann", "buyer_last_name": "Example",
        "buyer_tax_no": null, "buyer_email": "ann@example.com", "buyer_phone": "600100200", "buyer_note": "VIP",
        "currency": "PLN", "lang": "en", "payment_type": "card", "exempt_tax_kind": "art. 43", "token": "x",
        "exchange_currency": "PLN", "exchange_kind": "nbp", "internal_note": "not sent", "gov_status": null,
        "positions": [{"id": 9, "name": "Rust", "quantity": "1.0", "quantity_unit": "usł.", "tax": "zw",
            "total_price_gross": "199.99"}],
    })
}

#[test]
fn it_takes_back_what_the_invoice_says_and_has_all_else_as_the_invoice() {
    let mut sent_now = sent(&invoice(), Some("moved")).unwrap();
    let positions = sent_now["invoice"]["positions"].take();
    let own = json!({
        "kind": "correction", "number": null, "correction_reason": "moved", "invoice_id": 5, "from_invoice_id": 5,
        "oid": "enrolment-7-1", "issue_date": "2026-02-01", "sell_date": "2026-01-31", "payment_to_kind": "off",
        "currency": "PLN", "positions": null,
    });
    let taken_over = json!({
        "department_id": 12, "seller_name": "School", "seller_tax_no": "5252445767", "buyer_company": false,
        "buyer_name": "Ann Example", "buyer_first_name": "Ann", "buyer_last_name": "Example",
        "buyer_email": "ann@example.com", "buyer_phone": "600100200", "buyer_note": "VIP", "payment_type": "card",
        "lang": "en", "exempt_tax_kind": "art. 43", "exchange_currency": "PLN", "exchange_kind": "nbp",
    });
    let empty = json!({
        "buyer_tax_no": "", "buyer_tax_no_kind": "", "buyer_street": "", "buyer_post_code": "", "buyer_city": "",
        "buyer_country": "", "buyer_mobile_phone": "",
    });
    let document = with(with(own, &taken_over), &empty);
    assert_eq!(sent_now, json!({"api_token": "t0ken", "invoice": document}));
    assert_eq!(
        positions,
        json!([{
            "name": "Rust", "quantity_unit": "usł.", "tax": "zw", "kind": "correction", "quantity": -1,
            "total_price_gross": "-199.99",
            "correction_before_attributes": {"name": "Rust", "quantity_unit": "usł.", "tax": "zw",
                "kind": "correction_before", "quantity": 1, "total_price_gross": "199.99"},
            "correction_after_attributes": {"name": "Rust", "quantity_unit": "usł.", "tax": "zw",
                "kind": "correction_after", "quantity": 0, "total_price_gross": "0.00"},
        }])
    );
    assert_eq!(sent(&invoice(), None).unwrap()["invoice"]["correction_reason"], REASON);
}

#[test]
fn it_goes_to_ksef_where_its_invoice_is_and_names_it() {
    for (changes, asked, number) in [
        (json!({}), json!(null), json!(null)),
        (json!({"gov_status": "not_applicable"}), json!(null), json!(null)),
        (json!({"gov_status": "send_error"}), json!(null), json!(null)),
        (json!({"gov_status": "ok", "gov_id": "525-1"}), json!(true), json!("525-1")),
        (json!({"gov_status": "demo_ok"}), json!(true), json!(null)),
    ] {
        let sent = sent(&with(invoice(), &changes), None).unwrap();
        assert_eq!(sent["gov_save_and_send"], asked, "{changes}");
        assert_eq!(sent["invoice"]["gov_corrected_invoice_number"], number, "{changes}");
    }
    let known = IssuedInvoice { ksef_number: Some("525-2".to_owned()), ..issued() };
    let unsaid = AtKsef::of(invoice().as_object().unwrap(), &known).unwrap();
    assert_eq!(unsaid, AtKsef { number: Some("525-2".to_owned()), sent: true });
}

#[test]
fn an_invoice_on_its_way_is_waited_for() {
    for status in ["processing", "demo_processing", "ok"] {
        let waits = sent(&with(invoice(), &json!({"gov_status": status})), None);
        let reason = ReasonCode::InvoiceNotNumbered.into();
        assert_eq!(waits, Err(Failure::Waiting { reason, after: None }), "{status}");
    }
}

#[test]
fn an_invoice_with_other_positions_is_for_a_person() {
    for positions in [json!(null), json!([]), json!([{}, {}]), json!(["x"])] {
        let refused = sent(&json!({"id": 5, "positions": positions}), None);
        assert!(matches!(refused, Err(Failure::Refused { .. })), "{positions}");
    }
}

#[test]
fn it_is_exchanged_at_the_rate_of_its_invoice() {
    let keys = ["exchange_currency", "exchange_kind", "exchange_currency_rate", "exchange_note"];
    let exchanged = |rate: Value, note: Value| {
        let euro = json!({"currency": "EUR", "exchange_currency_rate": rate, "exchange_note": note});
        let sent = sent(&with(invoice(), &euro), None).unwrap();
        json!(keys.map(|key| sent["invoice"][key].clone()))
    };
    let note = "Tabela 226/A/NBP/2026";
    for rate in [json!("4.2735"), json!(4.2735), json!("4,2735")] {
        assert_eq!(exchanged(rate.clone(), json!(note)), json!(["PLN", "own", rate, note]));
    }
    assert_eq!(exchanged(json!("4.2"), json!(null)), json!(["PLN", "own", "4.2", "Kurs z faktury 1/2026"]));
    // Where the rate is not known, the vendor takes it from the same source.
    assert_eq!(exchanged(json!(null), json!(null)), json!(["PLN", "nbp", null, null]));
    for none in ["0.0", "1.0", "-4", "NaN", "x"] {
        assert_eq!(exchanged(json!(none), json!(null))[1], "nbp", "{none}");
    }
    let zloty = sent(&with(invoice(), &json!({"exchange_currency_rate": "4.2"})), None).unwrap();
    assert_eq!(zloty["invoice"]["exchange_kind"], "nbp");
}

fn amounts(before: i64, after: i64) -> Amounts {
    let money = |hundredths| Money::from_hundredths(hundredths).unwrap();
    Amounts { before: money(before), after: money(after), currency: None }
}

#[test]
fn of_a_part_it_says_what_was_left_before_and_is_left_after() {
    for (before, after, difference, [own, left]) in [
        (19999, 15000, "-49.99", [0, 1]),
        (15000, 5000, "-100.00", [0, 1]),
        (5000, 0, "-50.00", [-1, 0]),
        (19999, 0, "-199.99", [-1, 0]),
    ] {
        let sent = sent_of(&invoice(), None, Some(amounts(before, after))).unwrap();
        let position = &sent["invoice"]["positions"][0];
        let of = |part: &Value| (part["quantity"].clone(), part["total_price_gross"].clone());
        let text = |hundredths| json!(Balance(hundredths).to_string());
        assert_eq!(of(position), (json!(own), json!(difference)));
        assert_eq!(of(&position["correction_before_attributes"]), (json!(1), text(before)));
        assert_eq!(of(&position["correction_after_attributes"]), (json!(left), text(after)));
        let part = part_of(sent["invoice"].as_object().unwrap()).unwrap();
        assert_eq!((part.before.hundredths(), part.after.hundredths()), (before, after));
    }
}

#[test]
fn a_correction_that_does_not_say_what_is_left_has_no_part() {
    let position = |before: Value, after: Value| {
        json!({"correction_before_attributes": {"total_price_gross": before},
            "correction_after_attributes": {"total_price_gross": after}})
    };
    let part = |positions: Value| {
        part_of(json!({"positions": positions}).as_object().unwrap())
            .map(|part| (part.before.hundredths(), part.after.hundredths()))
    };
    let whole = position(json!("100.0"), json!(70));
    assert_eq!(part(json!([whole])), Some((10000, 7000)));
    assert_eq!(part(json!([whole, position(json!("1,5"), json!(0))])), Some((10150, 7000)));
    for positions in [
        json!(null),
        json!([{}]),
        json!([whole, {}]),
        json!([position(json!("x"), json!(0))]),
        json!([position(json!(1), json!(-1))]),
    ] {
        assert_eq!(part(positions.clone()), None, "{positions}");
    }
}
