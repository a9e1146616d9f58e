//! Corrections: the fields that must equal those of the invoice.

use super::buyer;
use super::faults::Faults;
use super::value::{is_yes, text};
use serde_json::Value;

/// The fields that a correction cannot change.
const LOCKED: [&str; 18] = [
    "department_id",
    "seller_tax_no",
    "seller_email",
    "seller_phone",
    "seller_fax",
    "seller_www",
    "seller_tax_no_kind",
    "seller_bdo_no",
    "buyer_tax_no",
    "buyer_note",
    "buyer_email",
    "buyer_phone",
    "buyer_mobile_phone",
    "invoice_issuer",
    "delivery_address",
    // Flags, which have several spellings.
    "buyer_company",
    "use_invoice_issuer",
    "use_delivery_address",
];

/// Compares a correction with the document that it corrects.
pub(super) fn check(document: &Value, invoice: Option<&Value>, faults: &mut Faults) {
    let Some(invoice) = invoice else { return faults.empty("invoice_id") };
    for field in LOCKED {
        let is_flag = field.starts_with("use_") || field == "buyer_company";
        let same = if is_flag {
            is_yes(document.get(field)) == is_yes(invoice.get(field))
        } else {
            text(document, field) == text(invoice, field)
        };
        if !same {
            faults.locked(field);
        }
    }
    if buyer::kind(document) != buyer::kind(invoice) {
        faults.locked("buyer_tax_no_kind");
    }
}
