//! The correction as it is sent: to what is left, with all else as the invoice has it. Nothing of it
//! is read from variables.

use super::expected::{Expected, Part};
use super::invoice::Request;
use super::ksef;
use super::object::{Object, amount, field, text_of};
use super::recipients;
use domain::jobs::Correction;
use domain::jobs::outbox::Failure;
use domain::model::invoice::IssuedInvoice;
use domain::model::ksef::Progress;
use domain::model::reason::ReasonCode;
use domain::{Balance, Money};
use serde_json::{Map, Value, json};

/// Of the buyer. What the invoice leaves empty is sent empty: the vendor fills in what is
/// missing from another client of the same name (KSeF.md, "uzupełnianie po nazwie").
const BUYER: [&str; 13] = [
    "buyer_name",
    "buyer_first_name",
    "buyer_last_name",
    "buyer_tax_no",
    "buyer_tax_no_kind",
    "buyer_street",
    "buyer_post_code",
    "buyer_city",
    "buyer_country",
    "buyer_email",
    "buyer_phone",
    "buyer_mobile_phone",
    "buyer_note",
];

/// What else is taken over where the invoice has it: what must not differ from the invoice
/// (KSeF.md, "Korekty faktur"), and what says how it is taxed, paid and shown (README.md,
/// "Pola faktury").
const OTHERS: [&str; 34] = [
    "department_id",
    "seller_name",
    "seller_tax_no",
    "seller_tax_no_kind",
    "seller_street",
    "seller_post_code",
    "seller_city",
    "seller_country",
    "seller_email",
    "seller_phone",
    "seller_fax",
    "seller_www",
    "seller_bdo_no",
    "seller_bank",
    "seller_bank_account",
    "buyer_company",
    "buyer_jst",
    "buyer_gv",
    "use_invoice_issuer",
    "invoice_issuer",
    "use_delivery_address",
    "delivery_address",
    "payment_type",
    "lang",
    "exempt_tax_kind",
    "np_tax_kind",
    "reverse_charge",
    "use_oss",
    "split_payment",
    "procedure_designations",
    "exchange_currency",
    "exchange_kind",
    "exchange_currency_rate",
    "exchange_note",
];

/// Of the position.
const POSITION: [&str; 5] = ["name", "quantity_unit", "tax", "gtu_code", "lump_sum_tax"];

/// What the correction says where the caller gave no reason: "refund".
const REASON: &str = "Zwrot płatności";

/// The same where another buyer gets the invoice: "change of the buyer".
const REASON_OF_OTHER_BUYER: &str = "Zmiana nabywcy";

/// What its invoice decides about a correction and KSeF.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct AtKsef {
    /// The number of the invoice, which the correction names.
    pub(super) number: Option<String>,
    /// Whether the correction is sent there: where the invoice is.
    pub(super) sent: bool,
}

impl AtKsef {
    /// # Errors
    ///
    /// Where the invoice is on its way: its number is waited for.
    pub(super) fn of(invoice: &Object, known: &IssuedInvoice) -> Result<Self, Failure> {
        let ksef = ksef::of(invoice);
        let number = ksef.as_ref().and_then(|ksef| ksef.number.clone()).or_else(|| known.ksef_number.clone());
        match ksef {
            Some(ksef) if number.is_none() && ksef.progress() == Progress::UnderWay => {
                Err(Failure::Waiting { reason: ReasonCode::InvoiceNotNumbered.into(), after: None })
            }
            ksef => {
                let accepted = ksef.is_some_and(|ksef| matches!(ksef.status.as_str(), "ok" | "demo_ok"));
                Ok(Self { sent: accepted || number.is_some(), number })
            }
        }
    }
}

/// The body of the request. The token goes into the body, where the vendor documents
/// it, and into no URL.
///
/// # Errors
///
/// Where the invoice has no position or several, which none that was issued from here
/// has.
pub(super) fn request(
    token: &str,
    asked: &Expected<'_>,
    correction: &Correction,
    invoice: &Object,
    ksef_number: Option<&str>,
) -> Result<Vec<u8>, Failure> {
    let refused = || Failure::Refused { reason: ReasonCode::InvoiceChanged.with("other positions") };
    let [Value::Object(sold)] = field(invoice, "positions").as_array().map(Vec::as_slice).unwrap_or_default() else {
        return Err(refused());
    };
    let id = field(invoice, "id");
    let usual = if correction.rebilled { REASON_OF_OTHER_BUYER } else { REASON };
    let reason = correction.reason.as_ref().map_or(usual, |reason| reason.as_str());
    let Value::Object(mut document) = json!({
        "kind": asked.kind(), "number": null, "correction_reason": reason,
        "invoice_id": id, "from_invoice_id": id, "oid": asked.oid,
        "issue_date": asked.issued_on.to_string(), "sell_date": correction.refunded_on.to_string(),
        "payment_to_kind": "off", "currency": asked.currency, "positions": [position(sold, asked)],
    }) else {
        return Err(refused());
    };
    for key in BUYER {
        let value = invoice.get(key).filter(|value| !value.is_null()).cloned().unwrap_or_else(|| json!(""));
        document.insert(key.to_owned(), value);
    }
    document.extend(filled(invoice, &OTHERS));
    document.extend(exchange(invoice));
    document.extend(recipients::of(invoice));
    if let Some(number) = ksef_number {
        document.insert("gov_corrected_invoice_number".to_owned(), json!(number));
    }
    let gov_save_and_send = asked.ksef.then_some(true);
    // Writing plain records to memory does not fail.
    Ok(serde_json::to_vec(&Request { api_token: token, gov_save_and_send, invoice: document }).unwrap_or_default())
}

/// The difference, what there was before, and what is left, as the vendor's example has it
/// (README.md, "Dodanie nowej faktury korygującej"). Of the course, one is left at a lower price, or
/// none. That the difference in quantity is 0 for a lower price is *claimed*, by clients of the vendor.
fn position(sold: &Object, asked: &Expected<'_>) -> Object {
    let Balance(difference) = asked.gross;
    let after = asked.part().map_or(0, |part| part.after.hundredths());
    let quantity = |gross: i64| i32::from(gross > 0);
    let part = |kind: &str, quantity: i32, gross: i64| {
        let mut part: Map<_, _> = filled(sold, &POSITION).collect();
        part.insert("quantity".to_owned(), json!(quantity));
        part.insert("total_price_gross".to_owned(), json!(Balance(gross).to_string()));
        part.insert("kind".to_owned(), json!(kind));
        part
    };
    let mut position = part("correction", quantity(after) - 1, difference);
    let before = part("correction_before", 1, after - difference);
    position.insert("correction_before_attributes".to_owned(), Value::Object(before));
    let after = part("correction_after", quantity(after), after);
    position.insert("correction_after_attributes".to_owned(), Value::Object(after));
    position
}

/// What was left before a correction and is left after it, in its own positions; none if they do not say it.
pub(super) fn part_of(document: &Object) -> Option<Part> {
    let positions = field(document, "positions").as_array()?;
    let total = |name: &str| {
        let gross = |position: &Value| amount(position.get(name)?.get("total_price_gross")?);
        let sum = positions.iter().map(|position| gross(position).map(|Balance(gross)| gross)).sum::<Option<i64>>();
        sum.and_then(Money::from_hundredths)
    };
    Some(Part { before: total("correction_before_attributes")?, after: total("correction_after_attributes")? })
}

/// The rate of the invoice, which a correction keeps: not that of the day on which it is
/// made. With `exchange_kind` "own" the vendor takes the one that is sent, and wants a note
/// with it (README.md, "Pola faktury"). That it answers with the rate is *claimed*: without
/// one, or with what is none, the source is sent as the invoice has it.
fn exchange(invoice: &Object) -> Vec<(String, Value)> {
    let text = |key| text_of(field(invoice, key)).unwrap_or_default();
    let (to, note) = (text("exchange_currency"), text("exchange_note"));
    let rate: f64 = text("exchange_currency_rate").trim().replace(',', ".").parse().unwrap_or_default();
    // Two currencies at one to one are not exchanged yet.
    if to.is_empty() || to == text("currency") || !rate.is_normal() || rate < 0.0 || rate == 1.0 {
        return Vec::new();
    }
    let own = format!("Kurs z faktury {}", text("number"));
    let note = if note.is_empty() { own.trim() } else { note.as_str() };
    [("exchange_kind", "own"), ("exchange_note", note)].map(|(key, value)| (key.to_owned(), json!(value))).to_vec()
}

/// Those of the fields that say something.
fn filled<'a>(of: &'a Object, keys: &'a [&str]) -> impl Iterator<Item = (String, Value)> + 'a {
    let value = |key: &&str| of.get(*key).filter(|value| !value.is_null() && *value != "").cloned();
    keys.iter().filter_map(move |key| Some(((*key).to_owned(), value(key)?)))
}

#[cfg(test)]
mod tests;
