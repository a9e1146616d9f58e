//! Corrections: an invoice is brought to zero, once.

use super::faults::{self, Faults, hundredths, is_filled, is_name, text};
use crate::state::Memory;
use serde_json::{Value, json};

/// The three parts of the position: where each is, of which kind, how many of the
/// course it has.
const PARTS: [(&str, &str, i64); 3] = [
    ("", "correction", -1),
    ("/correction_before_attributes", "correction_before", 1),
    ("/correction_after_attributes", "correction_after", 0),
];

fn part<'a>(document: &'a Value, path: &str) -> &'a Value {
    document.pointer(&format!("/positions/0{path}")).unwrap_or(&Value::Null)
}

/// A field of a part, as faults name it.
fn named(path: &str, key: &str) -> String {
    format!("positions{}.{key}", path.replace('/', "."))
}

/// Looks at a correction by itself.
pub(super) fn check(document: &Value) -> Result<(), Value> {
    let mut faults = Faults::default();
    faults::common(document, &mut faults);
    faults.require("number", is_absent(document, "number"));
    faults.require("oid_unique", is_absent(document, "oid_unique"));
    faults.require("lang", text(document, "/lang") == "pl");
    faults.require("payment_to_kind", is_filled(document, "/payment_to_kind"));
    faults.require("correction_reason", is_name(document, "/correction_reason"));
    let invoice = document.get("invoice_id").and_then(Value::as_u64);
    faults.require("invoice_id", invoice.is_some_and(|id| id > 0));
    faults.require("from_invoice_id", document.get("from_invoice_id") == document.get("invoice_id"));
    let positions = document.get("positions").and_then(Value::as_array);
    faults.require("positions", positions.is_some_and(|positions| positions.len() == 1));
    faults.require("positions.quantity_unit", is_filled(document, "/positions/0/quantity_unit"));
    for (path, kind, quantity) in PARTS {
        let part = part(document, path);
        let amount = hundredths(text(part, "/total_price_gross"));
        for (key, holds) in [
            ("name", is_name(part, "/name")),
            ("kind", text(part, "/kind") == kind),
            ("quantity", part.get("quantity") == Some(&json!(quantity))),
            ("total_price_gross", amount.is_some()),
            ("tax", is_filled(part, "/tax")),
        ] {
            faults.require(&named(path, key), holds);
        }
    }
    faults.done()
}

/// Looks at a correction beside its invoice.
pub(super) fn check_against(document: &Value, memory: &Memory) -> Result<(), Value> {
    let id = document.get("invoice_id").and_then(Value::as_u64).unwrap_or_default();
    let Some(invoice) = memory.document(id).filter(|found| !super::is_correction(found)) else {
        return Err(json!({"invoice_id": ["- nie ma takiej faktury"]}));
    };
    if memory.correction_of(id).is_some() {
        return Err(json!({"invoice_id": ["- faktura ma już korektę"]}));
    }
    let mut faults = Faults::default();
    for key in ["buyer_name", "buyer_email", "buyer_tax_no", "currency"] {
        let value = |of: &Value| of.get(key).cloned().unwrap_or_default();
        faults.require(key, value(document) == value(invoice));
    }
    let gross = hundredths(text(invoice, "/price_gross")).unwrap_or_default();
    for (path, _, quantity) in PARTS {
        let part = part(document, path);
        let amount = hundredths(text(part, "/total_price_gross"));
        faults.require(&named(path, "total_price_gross"), amount == Some(gross * quantity));
        // At another rate there would be tax left.
        faults.require(&named(path, "tax"), part.get("tax") == invoice.pointer("/positions/0/tax"));
    }
    faults.done()
}

fn is_absent(document: &Value, key: &str) -> bool {
    document.get(key).is_none_or(Value::is_null)
}
