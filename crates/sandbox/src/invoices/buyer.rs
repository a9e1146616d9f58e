//! Who buys: a person with a first and a last name, or a Polish company.

use super::faults::{Faults, is_filled, text};
use serde_json::Value;

/// What a document must say of its buyer.
pub(super) fn check(document: &Value, faults: &mut Faults) {
    let company = document.get("buyer_company").and_then(Value::as_bool);
    faults.require("buyer_company", company.is_some());
    faults.require("buyer_email", text(document, "/buyer_email").contains('@'));
    faults.require("buyer_name", is_filled(document, "/buyer_name"));
    if company == Some(true) {
        faults.require("buyer_tax_no", is_nip(text(document, "/buyer_tax_no")));
        faults.require("buyer_country", text(document, "/buyer_country") == "PL");
        for key in ["buyer_street", "buyer_post_code", "buyer_city"] {
            faults.require(key, is_filled(document, &format!("/{key}")));
        }
    } else {
        // A number would make a company of them.
        faults.require("buyer_tax_no", !is_filled(document, "/buyer_tax_no"));
        for key in ["buyer_first_name", "buyer_last_name"] {
            faults.require(key, is_filled(document, &format!("/{key}")));
        }
    }
}

/// Whether this is a tax number of Poland: ten digits, the last of which follows from
/// the others.
fn is_nip(text: &str) -> bool {
    const WEIGHTS: [u32; 9] = [6, 5, 7, 2, 3, 4, 5, 6, 7];
    let Some(digits) = text.chars().map(|char| char.to_digit(10)).collect::<Option<Vec<_>>>() else { return false };
    let sum: u32 = WEIGHTS.iter().zip(&digits).map(|(weight, digit)| weight * digit).sum();
    digits.len() == 10 && digits.last() == Some(&(sum % 11))
}

#[cfg(test)]
mod tests {
    use super::is_nip;

    #[test]
    fn a_tax_number_is_ten_digits_that_agree() {
        for right in ["1234563218", "1111111111"] {
            assert!(is_nip(right), "{right}");
        }
        for wrong in ["", "1234563219", "123456321", "12345632181", "123-456-32-18", "PL1234563218"] {
            assert!(!is_nip(wrong), "{wrong}");
        }
        // What is left of its sum is 10: no last digit agrees.
        assert!(!(0..=9).any(|last| is_nip(&format!("100000016{last}"))));
    }
}
