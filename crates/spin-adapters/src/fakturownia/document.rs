//! The invoice as it is sent.

use domain::Money;
use domain::invoice::Invoice;
use serde::Serialize;

/// What is the same for every invoice of an account.
#[derive(Clone)]
pub(crate) struct Terms {
    /// The seller, if it is not the account's own.
    pub(crate) department_id: Option<String>,
    /// The rate in percent, or a word such as `zw`.
    pub(crate) tax: String,
    pub(crate) currency: String,
    pub(crate) payment_type: String,
}

/// What tells one invoice from another, as the vendor has it.
pub(crate) struct Expected<'a> {
    pub(crate) oid: &'a str,
    pub(crate) gross: Money,
    pub(crate) currency: &'a str,
    pub(crate) buyer_name: String,
    pub(crate) buyer_email: &'a str,
}

impl<'a> Expected<'a> {
    pub(crate) fn new(oid: &'a str, terms: &'a Terms, invoice: &'a Invoice<'_>) -> Self {
        let buyer = &invoice.purchase.buyer;
        Self {
            oid,
            gross: invoice.purchase.gross,
            currency: &terms.currency,
            buyer_name: format!("{} {}", buyer.first_name, buyer.last_name).trim().to_owned(),
            buyer_email: &buyer.email,
        }
    }
}

/// The longest name of a position, in characters.
const MAX_NAME: usize = 256;

/// The body of the request. Amounts are exact decimals in strings. The token
/// goes into the body, where the vendor documents it, and into no URL.
pub(crate) fn request(token: &str, asked: &Expected<'_>, terms: &Terms, invoice: &Invoice<'_>) -> Vec<u8> {
    let purchase = invoice.purchase;
    let buyer = &purchase.buyer;
    let gross = purchase.gross.to_string();
    let paid_on = purchase.paid_on.to_string();
    let issued_on = invoice.issued_on.to_string();
    let name: String = purchase.course_name.chars().take(MAX_NAME).collect();
    let document = Document {
        kind: "vat",
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
        buyer_company: false,
        buyer_name: &asked.buyer_name,
        buyer_first_name: &buyer.first_name,
        buyer_last_name: &buyer.last_name,
        buyer_email: asked.buyer_email,
        positions: [Position {
            name: &name,
            quantity: 1,
            quantity_unit: "usł.",
            tax: &terms.tax,
            total_price_gross: &gross,
        }],
    };
    // Writing plain records to memory does not fail.
    serde_json::to_vec(&Request { api_token: token, invoice: document }).unwrap_or_default()
}

#[derive(Serialize)]
struct Request<'a> {
    api_token: &'a str,
    invoice: Document<'a>,
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
    buyer_company: bool,
    buyer_name: &'a str,
    buyer_first_name: &'a str,
    buyer_last_name: &'a str,
    buyer_email: &'a str,
    positions: [Position<'a>; 1],
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
    use super::*;
    use domain::job::Purchase;
    use domain::{EnrolmentId, Money, User};
    use serde_json::{Value, json};

    fn sent(course_name: &str, department_id: Option<&str>) -> Value {
        let purchase = Purchase {
            buyer: User {
                first_name: "Ann".to_owned(),
                last_name: "Example".to_owned(),
                email: "ann@example.com".to_owned(),
            },
            course_name: course_name.to_owned(),
            gross: Money::from_hundredths(19999).unwrap(),
            paid_on: "2026-01-31".parse().unwrap(),
            reference: None,
        };
        let invoice = Invoice {
            enrolment_id: EnrolmentId::new(7).unwrap(),
            purchase: &purchase,
            issued_on: "2026-02-01".parse().unwrap(),
        };
        let terms = Terms {
            department_id: department_id.map(str::to_owned),
            tax: "23".to_owned(),
            currency: "PLN".to_owned(),
            payment_type: "transfer".to_owned(),
        };
        let asked = Expected::new("enrolment-7", &terms, &invoice);
        serde_json::from_slice(&request("t0ken", &asked, &terms, &invoice)).unwrap()
    }

    #[test]
    fn an_invoice_has_what_the_service_asks_for() {
        assert_eq!(
            sent("Rust", None),
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
        assert_eq!(sent("Rust", Some("12"))["invoice"]["department_id"], "12");
    }

    #[test]
    fn a_long_name_is_cut_between_characters() {
        let name = sent(&"ż".repeat(300), None)["invoice"]["positions"][0]["name"].as_str().unwrap().to_owned();
        assert_eq!(name, "ż".repeat(256));
    }
}
