//! The bodies of invoices and corrections for every buyer, tax and currency, as they were. `bodies.txt` has the first
//! invoice of each buyer in full, then what its other invoices have otherwise. Of the first correction it has what it
//! has otherwise than its invoice; of the others, where that differs. `UPDATE=1` writes the file.

use super::correction::{self, AtKsef};
use super::expected::Expected;
use super::expected::tests::order;
use super::invoice;
use super::object::Object;
use domain::jobs::{Correction, Purchase, Reference};
use domain::model::address::Address;
use domain::model::buyer::{Company, Recipient, Role, TaxId};
use domain::model::country::Country;
use domain::model::invoice::IssuedInvoice;
use domain::model::note::MailTo;
use domain::model::terms::{Account, Currency, Exemption, KsefPolicy, NotSubject, TaxWord, Terms};
use domain::ports::Content;
use domain::{Buyer, Money, User};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

fn address(country: &str) -> Address {
    let [street, post_code, city] = ["Prosta 1", "00-001", "Warszawa"].map(|part| Some(part.to_owned()));
    let country = Country::parse(country).filter(|country| !country.is_poland());
    Address { street, post_code, city, country }
}

fn company(country: &str, tax_no: Option<&str>, reverse_charge: bool) -> Buyer {
    let address = Address { post_code: None, ..address(country) };
    let tax_id = tax_no.map(|tax_no| TaxId::new(address.country.as_ref(), tax_no).unwrap()).unwrap_or_default();
    Buyer { company: Some(Company { name: "Acme".to_owned(), tax_id, reverse_charge }), address, recipient: None }
}

fn with(role: Role, tax_no: Option<&str>) -> Buyer {
    let tax_id = tax_no.map(|tax_no| TaxId::of_recipient(None, tax_no).unwrap()).unwrap_or_default();
    let recipient = Recipient { name: "School".to_owned(), tax_id, address: address("PL"), role };
    Buyer { recipient: Some(recipient), ..polish() }
}

fn polish() -> Buyer {
    Buyer { address: address("PL"), ..company("PL", Some("5252445767"), false) }
}

fn buyers() -> [(&'static str, Buyer); 11] {
    let number = Some("DE123456789");
    [
        ("person", Buyer::default()),
        ("person with an address", Buyer { address: address("PL"), ..Buyer::default() }),
        ("person elsewhere", Buyer { address: address("US"), ..Buyer::default() }),
        ("company", polish()),
        ("EU company", company("DE", number, false)),
        ("EU company, reverse charge", company("DE", number, true)),
        ("EU company without a number", company("DE", None, false)),
        ("company elsewhere", company("CH", Some("CHE-123.456.789"), false)),
        ("company elsewhere without a number", company("US", None, true)),
        ("municipality with its school", with(Role::LocalGovernment, Some("5252445767-00001"))),
        ("company with a recipient", with(Role::Recipient, None)),
    ]
}

/// The bodies of the invoice and of its correction; `None` if the tax is refused.
fn documents(buyer: Buyer, tax: &str, currency: &str) -> Option<[Value; 2]> {
    let (ground, kind) = (Exemption::parse("art. 43 ust. 1 pkt 29"), NotSubject::parse("export_service"));
    let tax = buyer.tax(TaxWord::parse(tax)?.with(ground, kind).ok()?).ok()?;
    let terms = Terms {
        account: Account::new("https://account.example"),
        prefix: "enrolment".to_owned(),
        department_id: None,
        tax,
        currency: Currency::parse(currency)?,
        gtu_code: None,
        payment_type: "transfer".to_owned(),
        ksef: KsefPolicy::Companies,
    };
    let paid_on = "2026-01-31".parse().ok()?;
    let purchase = Purchase {
        customer: User::new("Ann", "Example", "ann@example.com").ok()?,
        buyer,
        course_name: "Rust".to_owned(),
        gross: Money::from_decimal("200")?,
        paid_on,
        reference: Reference(1),
        terms: Box::new(terms),
        erased: false,
        rebilled: false,
    };
    let asked = Expected::invoice("enrolment-7", &purchase, &order(Content::Invoice(&purchase)));
    let sent: Value = serde_json::from_slice(&invoice::request("t0ken", &asked, &purchase)).ok()?;
    let issued = issued(&sent["invoice"]);
    let known = IssuedInvoice {
        vendor_id: 5,
        gross: purchase.gross,
        currency: currency.to_owned(),
        tax: None,
        account: None,
        issued_on: None,
        ksef_number: None,
    };
    let correction =
        Correction { mail_to: MailTo::NoRecipient, reason: None, refunded_on: paid_on, amounts: None, rebilled: false };
    let at_ksef = AtKsef::of(&issued, &known).ok()?;
    let order = order(Content::Correction(&correction, &known));
    let asked = Expected { ksef: at_ksef.sent, ..Expected::correction("correction-7", (&correction, &known), &order) };
    let corrected = correction::request("t0ken", &asked, &correction, &issued, None).ok()?;
    Some([sent, serde_json::from_slice(&corrected).ok()?])
}

/// The invoice as the vendor shows it.
fn issued(sent: &Value) -> Object {
    let mut issued = sent.as_object().unwrap().clone();
    issued.extend([("id".to_owned(), json!(5)), ("number".to_owned(), json!("1/2026"))]);
    if issued.contains_key("exchange_kind") {
        issued.insert("exchange_currency_rate".to_owned(), json!("4.2"));
    }
    for recipient in issued.get_mut("recipients").and_then(Value::as_array_mut).into_iter().flatten() {
        recipient["id"] = json!(9);
    }
    issued
}

type Leaves = BTreeMap<String, Value>;

/// The values of a body by their paths.
fn leaves(body: &Value) -> Leaves {
    fn add(path: &str, value: &Value, into: &mut Leaves) {
        match value {
            Value::Object(fields) => fields.iter().for_each(|(key, value)| add(&format!("{path}/{key}"), value, into)),
            Value::Array(items) => (0..).zip(items).for_each(|(at, value)| add(&format!("{path}/{at}"), value, into)),
            leaf => drop(into.insert(path.to_owned(), leaf.clone())),
        }
    }
    let mut leaves = Leaves::new();
    add("", body, &mut leaves);
    leaves
}

/// What the second has otherwise than the first; null where it has nothing.
fn difference(first: &Leaves, second: &Leaves) -> Leaves {
    let gone = first.keys().filter(|path| !second.contains_key(*path)).map(|path| (path.clone(), Value::Null));
    let changed = second.iter().filter(|(path, value)| first.get(*path) != Some(value));
    gone.chain(changed.map(|(path, value)| (path.clone(), value.clone()))).collect()
}

#[test]
fn every_body_is_as_it_was() {
    let (mut text, mut first_correction) = (String::new(), None);
    for (name, buyer) in buyers() {
        let mut first_invoice = None;
        for currency in ["PLN", "EUR", "JPY"] {
            for tax in ["23", "8", "0", "zw", "np"] {
                let _ = write!(text, "# {name}, {tax}, {currency}: ");
                let Some([invoice, correction]) = documents(buyer.clone(), tax, currency) else {
                    text.push_str("refused\n");
                    continue;
                };
                let flat = leaves(&invoice);
                let corrected = difference(&flat, &leaves(&correction));
                match &first_invoice {
                    None => writeln!(text, "{invoice:#}").unwrap(),
                    Some(first) => writeln!(text, "{}", json!(difference(first, &flat))).unwrap(),
                }
                match &first_correction {
                    None => writeln!(text, "its correction: {:#}", json!(corrected)).unwrap(),
                    Some(first) => writeln!(text, "its correction: {}", json!(difference(first, &corrected))).unwrap(),
                }
                first_invoice.get_or_insert(flat);
                first_correction.get_or_insert(corrected);
            }
        }
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/systems/fakturownia/bodies.txt");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap_or_default(), text, "run it with UPDATE=1");
}
