//! The invoice as it is sent.

use super::buyer::Buyer;
use super::expected::Expected;
use domain::jobs::Purchase;
use domain::model::gtu::GtuCode;
use domain::model::terms::{NotSubject, Tax};
use serde::Serialize;

/// The longest name of a position, in characters.
const MAX_NAME: usize = 256;

/// The body of the request. Amounts are exact decimals in strings. The token
/// goes into the body, where the vendor documents it, and into no URL.
pub(super) fn request(token: &str, asked: &Expected<'_>, purchase: &Purchase) -> Vec<u8> {
    let terms = &purchase.terms;
    let gross = purchase.gross.to_string();
    let paid_on = purchase.paid_on.to_string();
    let issued_on = asked.issued_on.to_string();
    let name: String = purchase.course_name.chars().take(MAX_NAME).collect();
    let (tax, exempt_tax_kind, np_tax_kind) = match &terms.tax {
        Tax::Rate(rate) => (rate.as_str(), None, None),
        Tax::Exempt(ground) => ("zw", Some(ground.as_str()), None),
        Tax::NotSubject(kind) => ("np", None, Some(*kind)),
    };
    let buyer = Buyer::of(purchase, &terms.tax);
    let by_the_company = purchase.buyer.company.as_ref().is_some_and(|company| company.reverse_charge);
    let is_eu = np_tax_kind == Some(NotSubject::ExportServiceEu);
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
        exchange: (!terms.currency.is_zloty()).then_some(Exchange::NBP),
        lang: "pl",
        department_id: terms.department_id.as_deref(),
        exempt_tax_kind,
        np_tax_kind: np_tax_kind.map(NotSubject::as_str),
        reverse_charge: (by_the_company || is_eu && !buyer.is_polish()).then_some(true),
        buyer,
        positions: [Position {
            name: &name,
            quantity: 1,
            quantity_unit: "usł.",
            tax,
            gtu_code: terms.gtu_code.as_ref().map(GtuCode::as_str),
            total_price_gross: &gross,
        }],
    };
    // Writing plain records to memory does not fail.
    let gov_save_and_send = asked.ksef.then_some(true);
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
    #[serde(flatten)]
    exchange: Option<Exchange>,
    lang: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    department_id: Option<&'a str>,
    /// Required with the tax `zw` (KSeF.md, "Pola warunkowe").
    #[serde(skip_serializing_if = "Option::is_none")]
    exempt_tax_kind: Option<&'a str>,
    /// Required with the tax `np` (the same section).
    #[serde(skip_serializing_if = "Option::is_none")]
    np_tax_kind: Option<&'static str>,
    /// Goes with `export_service_eu` (README.md, the values of `np_tax_kind`). For a buyer
    /// in Poland the vendor would replace `np` by `oo`, so it is not sent then.
    #[serde(skip_serializing_if = "Option::is_none")]
    reverse_charge: Option<bool>,
    #[serde(flatten)]
    buyer: Buyer<'a>,
    positions: [Position<'a>; 1],
}

/// The conversion to złoty, in which the tax has to be shown.
#[derive(Serialize)]
struct Exchange {
    exchange_currency: &'static str,
    exchange_kind: &'static str,
}

impl Exchange {
    /// At the rate of the National Bank of Poland.
    const NBP: Self = Self { exchange_currency: "PLN", exchange_kind: "nbp" };
}

#[derive(Serialize)]
struct Position<'a> {
    name: &'a str,
    quantity: u32,
    quantity_unit: &'a str,
    tax: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    gtu_code: Option<&'a str>,
    total_price_gross: &'a str,
}

#[cfg(test)]
mod tests;
