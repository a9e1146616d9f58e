use super::super::expected::tests::order;
use super::*;
use domain::jobs::Reference;
use domain::model::address::Address;
use domain::model::buyer::{Company, TaxId};
use domain::model::terms::{Account, Currency, Exemption, KsefPolicy, TaxWord, Terms};
use domain::ports::Content;
use domain::{Buyer, Money, User};
use serde_json::{Value, json};

fn terms() -> Terms {
    Terms {
        account: Account::new("https://account.example"),
        prefix: "enrolment".to_owned(),
        department_id: None,
        tax: tax("23"),
        currency: currency("PLN"),
        gtu_code: None,
        payment_type: "transfer".to_owned(),
        ksef: KsefPolicy::Account,
    }
}

/// With a ground, should it need one.
fn tax(word: &str) -> Tax {
    let (ground, kind) = (Exemption::parse("art. 113 ust. 1"), NotSubject::parse("export_service"));
    TaxWord::parse(word).unwrap().with(ground, kind).unwrap()
}

fn currency(code: &str) -> Currency {
    Currency::parse(code).unwrap()
}

fn purchase() -> Purchase {
    Purchase {
        customer: User::new("Ann", "Example", "ann@example.com").unwrap(),
        buyer: Buyer::default(),
        course_name: "Rust".to_owned(),
        gross: Money::from_hundredths(19999).unwrap(),
        paid_on: "2026-01-31".parse().unwrap(),
        reference: Reference(1),
        terms: Box::new(terms()),
        erased: false,
        rebilled: false,
    }
}

fn for_company() -> Purchase {
    let tax_id = TaxId::new(None, "PL 525-244-57-67").unwrap();
    let company = Company { name: "Acme".to_owned(), tax_id, reverse_charge: false };
    let [street, post_code, city] = ["Prosta 1", "00-001", "Warszawa"].map(|part| Some(part.to_owned()));
    let address = Address { street, post_code, city, country: None };
    Purchase { buyer: Buyer { company: Some(company), address, recipient: None }, ..purchase() }
}

fn sent(terms: &Terms, purchase: &Purchase) -> Value {
    let purchase = Purchase { terms: Box::new(terms.clone()), ..purchase.clone() };
    let asked = Expected::invoice("enrolment-7", &purchase, &order(Content::Invoice(&purchase)));
    serde_json::from_slice(&request("t0ken", &asked, &purchase)).unwrap()
}

/// The whole request for a person at 23 %, in złoty.
fn for_person() -> Value {
    json!({"api_token": "t0ken", "invoice": {
        "kind": "vat", "number": null, "issue_date": "2026-02-01", "sell_date": "2026-01-31",
        "paid_date": "2026-01-31", "oid": "enrolment-7", "oid_unique": "yes", "status": "paid",
        "paid": "199.99", "payment_type": "transfer", "payment_to_kind": "off", "currency": "PLN", "lang": "pl",
        "buyer_company": false, "buyer_name": "Ann Example", "buyer_first_name": "Ann",
        "buyer_last_name": "Example", "buyer_tax_no": "", "buyer_tax_no_kind": "empty", "buyer_street": "",
        "buyer_post_code": "", "buyer_city": "", "buyer_country": "PL", "buyer_email": "ann@example.com",
        "buyer_phone": "", "buyer_mobile_phone": "", "buyer_note": "",
        "positions": [{"name": "Rust", "quantity": 1, "quantity_unit": "usł.", "tax": "23",
            "total_price_gross": "199.99"}],
    }})
}

/// The same with other fields.
fn with(mut request: Value, fields: &Value) -> Value {
    let invoice = request["invoice"].as_object_mut().unwrap();
    for (key, value) in fields.as_object().unwrap() {
        invoice.insert(key.clone(), value.clone());
    }
    request
}

#[test]
fn an_invoice_has_what_was_agreed_and_every_field_of_a_person() {
    assert_eq!(sent(&terms(), &purchase()), for_person());
    let agreed =
        Terms { department_id: Some("12".to_owned()), tax: tax("5.5"), payment_type: "card".to_owned(), ..terms() };
    let mut expected = with(for_person(), &json!({"department_id": "12", "payment_type": "card"}));
    expected["invoice"]["positions"][0]["tax"] = json!("5.5");
    assert_eq!(sent(&agreed, &purchase()), expected);
}

#[test]
fn a_company_is_the_buyer_under_its_own_name() {
    let company = json!({
        "buyer_company": true, "buyer_name": "Acme", "buyer_first_name": "", "buyer_last_name": "",
        "buyer_tax_no": "5252445767", "buyer_tax_no_kind": "", "buyer_street": "Prosta 1",
        "buyer_post_code": "00-001", "buyer_city": "Warszawa",
    });
    assert_eq!(sent(&terms(), &for_company()), with(for_person(), &company));
}

#[test]
fn a_position_has_the_gtu_code_of_its_course() {
    let mut expected = for_person();
    expected["invoice"]["positions"][0]["gtu_code"] = json!("GTU_12");
    assert_eq!(sent(&Terms { gtu_code: GtuCode::parse("GTU_12"), ..terms() }, &purchase()), expected);
}

#[test]
fn an_exempt_sale_has_its_ground() {
    let exempt = Terms { tax: tax("zw"), ..terms() };
    let mut expected = with(for_person(), &json!({"exempt_tax_kind": "art. 113 ust. 1"}));
    expected["invoice"]["positions"][0]["tax"] = json!("zw");
    assert_eq!(sent(&exempt, &purchase()), expected);
}

#[test]
fn a_sale_outside_of_polish_tax_has_its_kind() {
    let with_kind = |kind| Terms { tax: Tax::NotSubject(kind), ..terms() };
    let mut expected = with(for_person(), &json!({"np_tax_kind": "export_service", "buyer_country": ""}));
    expected["invoice"]["positions"][0]["tax"] = json!("np");
    assert_eq!(sent(&with_kind(NotSubject::ExportService), &purchase()), expected);
    let in_the_eu = with(expected, &json!({"np_tax_kind": "export_service_eu", "reverse_charge": true}));
    assert_eq!(sent(&with_kind(NotSubject::ExportServiceEu), &purchase()), in_the_eu);
    // The vendor would make "oo" of it.
    let polish = sent(&with_kind(NotSubject::ExportServiceEu), &for_company());
    assert_eq!((polish["invoice"].get("reverse_charge"), &polish["invoice"]["buyer_country"]), (None, &json!("PL")));
}

#[test]
fn the_tax_on_an_amount_in_another_currency_is_shown_in_zloty() {
    for code in ["EUR", "JPY"] {
        let agreed = Terms { currency: currency(code), ..terms() };
        let exchange = json!({"currency": code, "exchange_currency": "PLN", "exchange_kind": "nbp"});
        assert_eq!(sent(&agreed, &purchase()), with(for_person(), &exchange));
    }
}

#[test]
fn ksef_is_asked_for_beside_the_invoice() {
    for (ksef, person, company) in [
        (KsefPolicy::Account, json!(null), json!(null)),
        (KsefPolicy::Companies, json!(null), json!(true)),
        (KsefPolicy::Always, json!(true), json!(true)),
    ] {
        let asked = |purchase| sent(&Terms { ksef, ..terms() }, purchase)["gov_save_and_send"].clone();
        assert_eq!((asked(&purchase()), asked(&for_company())), (person, company), "{ksef:?}");
    }
}

#[test]
fn long_names_are_cut_between_characters() {
    let sent = sent(&terms(), &Purchase { course_name: "ż".repeat(300), ..purchase() });
    assert_eq!(sent["invoice"]["positions"][0]["name"], "ż".repeat(256));
    let mut long = purchase();
    long.customer.first_name = "ż".repeat(255);
    let sent = self::sent(&terms(), &long);
    assert_eq!(sent["invoice"]["buyer_name"], "ż".repeat(255));
}
