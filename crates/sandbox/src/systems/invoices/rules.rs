//! Validation of a document. Each rule is in `rules.toml`.

use super::faults::Faults;
use super::value::{decimal, hundredths, id, is_filled, text};
use super::{buyer, correction, is_correction, parties, taxes};
use crate::state::Memory;
use serde_json::Value;

/// The kinds of documents that KSeF accepts.
const OF_KSEF: [&str; 8] = ["vat", "correction", "vat_mp", "vat_margin", "wdt", "export_products", "advance", "final"];

/// The maximum lengths of fields in every account, in characters.
const LIMITS: [(&str, usize); 4] =
    [("seller_name", 255), ("buyer_name", 255), ("seller_street", 255), ("buyer_street", 255)];

/// The same for KSeF.
const LIMITS_OF_KSEF: [(&str, usize); 7] = [
    ("buyer_email", 255),
    ("seller_email", 255),
    ("buyer_phone", 16),
    ("seller_phone", 16),
    ("correction_reason", 256),
    ("description", 256),
    ("description_footer", 3500),
];

/// The fields of the seller that KSeF requires.
const SELLER: [&str; 5] = ["seller_tax_no", "seller_name", "seller_street", "seller_post_code", "seller_city"];

/// The faults of a document.
pub(super) struct Found {
    /// Faults in every account.
    pub(super) always: Faults,
    /// Faults for KSeF.
    pub(super) of_ksef: Faults,
}

/// Checks a document after missing fields are filled in.
pub(super) fn check(document: &Value, memory: &Memory) -> Found {
    let (mut always, mut of_ksef) = (Faults::default(), Faults::default());
    limits(document, &LIMITS, &mut always);
    if text(document, "oid_unique") == "yes" && memory.documents(Some(&text(document, "oid"))).next().is_some() {
        always.taken("oid");
    }
    if positions(document).is_empty() {
        always.empty("positions");
    }
    for position in positions(document) {
        if !is_filled(position, "name") && !is_filled(position, "product_id") {
            always.empty("positions.name");
        }
        match text(position, "total_price_gross").as_str() {
            "" if is_filled(position, "product_id") => {}
            "" => always.empty("positions.total_price_gross"),
            amount if hundredths(amount).is_none() => always.wrong("positions.total_price_gross"),
            _ => {}
        }
    }
    if memory.settings.invoices.ksef && is_for_ksef(document) {
        for_ksef(document, memory, &mut of_ksef);
    }
    Found { always, of_ksef }
}

/// Whether KSeF accepts documents of this kind.
pub(super) fn is_for_ksef(document: &Value) -> bool {
    OF_KSEF.contains(&text(document, "kind").as_str())
}

fn for_ksef(document: &Value, memory: &Memory, faults: &mut Faults) {
    for field in SELLER.into_iter().filter(|field| !is_filled(document, field)) {
        faults.empty(field);
    }
    limits(document, &LIMITS_OF_KSEF, faults);
    for position in positions(document) {
        if text(position, "name").chars().count() > 256 {
            faults.too_long("positions.name", 256);
        }
    }
    buyer::check(document, faults);
    parties::check(document, faults);
    taxes::check(document, faults);
    if is_correction(document) {
        correction::check(document, id(document, "invoice_id").and_then(|id| memory.document(id)), faults);
    }
}

fn limits(document: &Value, limits: &[(&str, usize)], faults: &mut Faults) {
    for (field, limit) in limits {
        if text(document, field).chars().count() > *limit {
            faults.too_long(field, *limit);
        }
    }
}

/// The positions of a document.
pub(super) fn positions(document: &Value) -> &[Value] {
    document.get("positions").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The total of a document, with two decimals.
pub(super) fn gross(document: &Value) -> String {
    let amounts = positions(document).iter().filter_map(|position| hundredths(&text(position, "total_price_gross")));
    decimal(amounts.sum())
}
