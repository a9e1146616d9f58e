//! The invoice as it is sent.

use super::expected::{Expected, Terms};
use chrono::NaiveDate;
use domain::Company;
use domain::job::Purchase;
use serde::Serialize;

/// The longest name of a position, in characters.
const MAX_NAME: usize = 256;

/// The body of the request. Amounts are exact decimals in strings. The token
/// goes into the body, where the vendor documents it, and into no URL.
pub(super) fn request(
    token: &str,
    asked: &Expected<'_>,
    terms: &Terms,
    purchase: &Purchase,
    issued_on: NaiveDate,
) -> Vec<u8> {
    let gross = purchase.gross.to_string();
    let paid_on = purchase.paid_on.to_string();
    let issued_on = issued_on.to_string();
    let name: String = purchase.course_name.chars().take(MAX_NAME).collect();
    let document = Document {
        kind: asked.kind(),
        number: None,
        issue_date: &issued_on,
        sell_date: &paid_on,
        paid_date: &paid_on,
        oid: asked.oid,
        oid_unique: "yes",
        status: "paid",
        paid: &gross,
        payment_type: &terms.payment_type,
        payment_to_kind: "off",
        currency: asked.currency,
        lang: "pl",
        department_id: terms.department_id.as_deref(),
        buyer: Buyer::of(purchase),
        positions: [Position {
            name: &name,
            quantity: 1,
            quantity_unit: "usł.",
            tax: &terms.tax,
            total_price_gross: &gross,
        }],
    };
    // Writing plain records to memory does not fail.
    let gov_save_and_send = terms.ksef.asks_for(purchase.company.is_some()).then_some(true);
    serde_json::to_vec(&Request { api_token: token, gov_save_and_send, invoice: document }).unwrap_or_default()
}

/// A document, and beside it what is asked for.
#[derive(Serialize)]
pub(super) struct Request<'a, D> {
    pub(super) api_token: &'a str,
    /// Whether it is to be sent to KSeF; none where the account decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) gov_save_and_send: Option<bool>,
    pub(super) invoice: D,
}

/// The fields, as the vendor names them.
#[derive(Serialize)]
struct Document<'a> {
    kind: &'a str,
    number: Option<&'a str>,
    issue_date: &'a str,
    sell_date: &'a str,
    paid_date: &'a str,
    oid: &'a str,
    oid_unique: &'a str,
    status: &'a str,
    paid: &'a str,
    payment_type: &'a str,
    payment_to_kind: &'a str,
    currency: &'a str,
    lang: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    department_id: Option<&'a str>,
    #[serde(flatten)]
    buyer: Buyer<'a>,
    positions: [Position<'a>; 1],
}

#[derive(Serialize)]
#[serde(untagged)]
enum Buyer<'a> {
    Person {
        buyer_company: bool,
        buyer_name: String,
        buyer_first_name: &'a str,
        buyer_last_name: &'a str,
        buyer_email: &'a str,
    },
    Company {
        buyer_company: bool,
        buyer_name: &'a str,
        buyer_tax_no: &'a str,
        buyer_street: &'a str,
        buyer_post_code: &'a str,
        buyer_city: &'a str,
        buyer_country: &'static str,
        buyer_email: &'a str,
    },
}

impl<'a> Buyer<'a> {
    fn of(purchase: &'a Purchase) -> Self {
        let person = &purchase.buyer;
        match &purchase.company {
            None => Self::Person {
                buyer_company: false,
                buyer_name: format!("{} {}", person.first_name, person.last_name).trim().to_owned(),
                buyer_first_name: &person.first_name,
                buyer_last_name: &person.last_name,
                buyer_email: &person.email,
            },
            Some(Company { name, tax_no, street, post_code, city }) => Self::Company {
                buyer_company: true,
                buyer_name: name,
                buyer_tax_no: tax_no,
                buyer_street: street,
                buyer_post_code: post_code,
                buyer_city: city,
                buyer_country: "PL",
                buyer_email: &person.email,
            },
        }
    }
}

#[derive(Serialize)]
struct Position<'a> {
    name: &'a str,
    quantity: u32,
    quantity_unit: &'a str,
    tax: &'a str,
    total_price_gross: &'a str,
}

#[cfg(test)]
mod tests {
    use super::super::ksef::Policy;
    use super::*;
    use domain::invoice::{Content, Order};
    use domain::{EnrolmentId, Money, User};
    use serde_json::{Value, json};

    fn sent(course_name: &str, department_id: Option<&str>, company: Option<Company>) -> Value {
        sent_under(Policy::Account, course_name, department_id, company)
    }

    fn sent_under(ksef: Policy, course_name: &str, department_id: Option<&str>, company: Option<Company>) -> Value {
        let purchase = Purchase {
            buyer: User {
                first_name: "Ann".to_owned(),
                last_name: "Example".to_owned(),
                email: "ann@example.com".to_owned(),
            },
            company,
            course_name: course_name.to_owned(),
            gross: Money::from_hundredths(19999).unwrap(),
            paid_on: "2026-01-31".parse().unwrap(),
            reference: None,
            erased: false,
        };
        let order = Order {
            enrolment_id: EnrolmentId::new(7).unwrap(),
            content: Content::Invoice(&purchase),
            issued_on: "2026-02-01".parse().unwrap(),
        };
        let terms = Terms {
            department_id: department_id.map(str::to_owned),
            tax: "23".to_owned(),
            currency: "PLN".to_owned(),
            payment_type: "transfer".to_owned(),
            ksef,
        };
        let asked = Expected::new("enrolment-7", &terms, &order);
        serde_json::from_slice(&request("t0ken", &asked, &terms, &purchase, order.issued_on)).unwrap()
    }

    #[test]
    fn an_invoice_has_what_the_service_asks_for() {
        assert_eq!(
            sent("Rust", None, None),
            json!({"api_token": "t0ken", "invoice": {
                "kind": "vat", "number": null, "issue_date": "2026-02-01", "sell_date": "2026-01-31",
                "paid_date": "2026-01-31", "oid": "enrolment-7", "oid_unique": "yes", "status": "paid",
                "paid": "199.99", "payment_type": "transfer", "payment_to_kind": "off", "currency": "PLN",
                "lang": "pl", "buyer_company": false, "buyer_name": "Ann Example", "buyer_first_name": "Ann",
                "buyer_last_name": "Example", "buyer_email": "ann@example.com",
                "positions": [{"name": "Rust", "quantity": 1, "quantity_unit": "usł.", "tax": "23",
                    "total_price_gross": "199.99"}],
            }})
        );
        assert_eq!(sent("Rust", Some("12"), None)["invoice"]["department_id"], "12");
    }

    fn company() -> Company {
        Company::new(["Acme", "PL 525-244-57-67", "Prosta 1", "00-001", "Warszawa"]).unwrap()
    }

    #[test]
    fn ksef_is_asked_for_beside_the_invoice() {
        for (policy, person, of_company) in [
            (Policy::Account, json!(null), json!(null)),
            (Policy::Companies, json!(null), json!(true)),
            (Policy::Always, json!(true), json!(true)),
        ] {
            let asked = |company| sent_under(policy, "Rust", None, company)["gov_save_and_send"].clone();
            assert_eq!((asked(None), asked(Some(company()))), (person, of_company), "{policy:?}");
        }
    }

    #[test]
    fn a_company_is_the_buyer_under_its_own_name() {
        let sent = sent("Rust", None, Some(company()));
        for (field, value) in [
            ("buyer_company", json!(true)),
            ("buyer_name", json!("Acme")),
            ("buyer_tax_no", json!("5252445767")),
            ("buyer_street", json!("Prosta 1")),
            ("buyer_post_code", json!("00-001")),
            ("buyer_city", json!("Warszawa")),
            ("buyer_country", json!("PL")),
            ("buyer_email", json!("ann@example.com")),
            ("buyer_first_name", Value::Null),
        ] {
            assert_eq!(sent["invoice"][field], value, "{field}");
        }
    }

    #[test]
    fn a_long_name_is_cut_between_characters() {
        let name = sent(&"ż".repeat(300), None, None)["invoice"]["positions"][0]["name"].as_str().unwrap().to_owned();
        assert_eq!(name, "ż".repeat(256));
    }
}
