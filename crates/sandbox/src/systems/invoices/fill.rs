//! The fields that the vendor fills in: dates, the seller, missing fields of a buyer.

use super::rules::gross;
use super::value::{id, is_yes, text};
use super::{buyer, is_correction, parties};
use crate::state::Memory;
use chrono::{Days, NaiveDate};
use serde_json::{Map, Value, json};

/// The fields of a client. Documents have them with the prefix `buyer_`.
const CLIENT: [&str; 13] = [
    "tax_no",
    "tax_no_kind",
    "first_name",
    "last_name",
    "street",
    "post_code",
    "city",
    "country",
    "email",
    "phone",
    "mobile_phone",
    "note",
    "company",
];

const NAME: &str = "Sandbox sp. z o.o.";

/// The company of the account.
const SELLER: [(&str, &str); 6] = [
    ("seller_name", NAME),
    ("seller_tax_no", super::ksef::SELLER),
    ("seller_street", "ul. Piaskowa 1"),
    ("seller_post_code", "00-001"),
    ("seller_city", "Warszawa"),
    ("seller_country", "PL"),
];

/// Fills in the missing fields of a document.
pub(super) fn fill(document: &mut Value, memory: &Memory, today: NaiveDate) {
    let account = &memory.settings.invoices;
    let day = json!(today.to_string());
    for (key, value) in [
        ("kind", json!("vat")),
        ("currency", json!("PLN")),
        ("lang", json!("pl")),
        ("issue_date", day.clone()),
        ("sell_date", day),
    ] {
        put_if_missing(document, key, value, true);
    }
    if document.get("payment_to_kind").is_none() {
        put_if_missing(document, "payment_to", json!((today + Days::new(5)).to_string()), true);
    }
    seller(document);
    let name = ["buyer_first_name", "buyer_last_name"].map(|key| text(document, key)).join(" ");
    put_if_missing(document, "buyer_name", json!(name.trim()), true);
    if document.get("buyer_person").is_none() {
        set(document, "buyer_person", json!(name.trim()));
    }
    if account.ksef
        && let Some(client) = memory.clients.get(&text(document, "buyer_name"))
    {
        for (key, value) in client.iter().filter(|(key, _)| CLIENT.contains(&key.as_str())) {
            put_if_missing(document, &format!("buyer_{key}"), value.clone(), account.fills_in_empty);
        }
    }
    let kind = buyer::kind(document);
    if !kind.is_empty() {
        set(document, "buyer_tax_no_kind", json!(kind));
    }
    parties::fill(document);
    if is_yes(document.get("reverse_charge")) {
        let tax = if text(document, "buyer_country") == "PL" { "oo" } else { "np" };
        for position in document.get_mut("positions").and_then(Value::as_array_mut).into_iter().flatten() {
            set(position, "tax", json!(tax));
        }
    }
    exchange(document, memory);
    if is_correction(document) {
        let number = id(document, "invoice_id").and_then(|id| memory.document(id)?.get("gov_id").cloned());
        put_if_missing(document, "gov_corrected_invoice_number", number.unwrap_or_default(), true);
    }
    let gross = gross(document);
    set(document, "price_gross", json!(gross));
}

/// Fills in the exchange rate and a note, unless the kind is `own`. Each document gets
/// another rate.
fn exchange(document: &mut Value, memory: &Memory) {
    let (to, kind) = (text(document, "exchange_currency"), text(document, "exchange_kind"));
    if !to.is_empty() && to != text(document, "currency") && kind != "own" {
        let rate = format!("4.{:04}", 2000 + memory.next_document_id() % 1000);
        set(document, "exchange_note", json!(format!("Kurs {kind}: {rate} {to}")));
        set(document, "exchange_currency_rate", json!(rate));
    }
}

/// A department overwrites the fields of the seller. Without one, the company fills in
/// missing fields.
fn seller(document: &mut Value) {
    let department = text(document, "department_id");
    if !department.is_empty() {
        for (key, value) in SELLER {
            set(document, key, json!(value));
        }
        set(document, "seller_name", json!(format!("{NAME}, {department}")));
    } else if ["", NAME].contains(&text(document, "seller_name").as_str()) {
        for (key, value) in SELLER {
            put_if_missing(document, key, json!(value), true);
        }
    }
}

impl Memory {
    /// Stores the buyer of a document as a client, unless there is one with this name. Returns
    /// the id of the client.
    pub(super) fn keep_client(&mut self, document: &Value) -> u64 {
        let value = |key: &&str| Some(((*key).to_owned(), document.get(format!("buyer_{key}"))?.clone()));
        self.add_client(&text(document, "buyer_name"), CLIENT.iter().filter_map(value).collect())
    }

    /// Adds a client with the vendor's field names ("Klienci"), unless there is one with this
    /// name. Returns the id of the client.
    pub(crate) fn add_client(&mut self, name: &str, mut fields: Map<String, Value>) -> u64 {
        let next = 7001 + self.clients.len() as u64;
        fields.insert("id".to_owned(), json!(next));
        let client = self.clients.entry(name.to_owned()).or_insert(fields);
        client.get("id").and_then(Value::as_u64).unwrap_or(next)
    }
}

fn put_if_missing(document: &mut Value, key: &str, value: Value, empty_is_missing: bool) {
    let missing = match document.get(key) {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => empty_is_missing && text.is_empty(),
        Some(_) => false,
    };
    if missing {
        set(document, key, value);
    }
}

/// Sets a field.
pub(super) fn set(document: &mut Value, key: &str, value: Value) {
    if let Some(fields) = document.as_object_mut() {
        fields.insert(key.to_owned(), value);
    }
}
