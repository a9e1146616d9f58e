//! What a document must have. The vendor would be content with less; the service is
//! to notice here when it forgets something.

use super::buyer;
use chrono::NaiveDate;
use serde_json::{Map, Value, json};

/// What is missing or malformed, by field, in the vendor's form.
#[derive(Default)]
pub(super) struct Faults(Map<String, Value>);

impl Faults {
    /// Notes a field of which something does not hold.
    pub(super) fn require(&mut self, field: &str, holds: bool) {
        if !holds {
            self.0.insert(field.to_owned(), json!(["- ma nieprawidłową wartość"]));
        }
    }

    /// All that was noted, if anything was.
    pub(super) fn done(self) -> Result<(), Value> {
        if self.0.is_empty() { Ok(()) } else { Err(Value::Object(self.0)) }
    }
}

/// Looks at an invoice.
pub(super) fn invoice(document: &Value) -> Result<(), Value> {
    let mut faults = Faults::default();
    faults.require("kind", text(document, "/kind") == "vat");
    common(document, &mut faults);
    faults.require("paid_date", is_date(document, "/paid_date"));
    faults.require("oid_unique", text(document, "/oid_unique") == "yes");
    faults.require("status", text(document, "/status") == "paid");
    faults.require("positions.name", is_name(document, "/positions/0/name"));
    let amount = hundredths(text(document, "/positions/0/total_price_gross"));
    faults.require("positions.total_price_gross", amount.is_some_and(|amount| amount > 0));
    for key in ["quantity", "tax"] {
        let given = document.pointer(&format!("/positions/0/{key}")).is_some_and(|value| !value.is_null());
        faults.require(&format!("positions.{key}"), given);
    }
    faults.require("paid", document.get("paid") == gross(document));
    faults.done()
}

/// Looks at what every document has.
pub(super) fn common(document: &Value, faults: &mut Faults) {
    for date in ["issue_date", "sell_date"] {
        faults.require(date, is_date(document, &format!("/{date}")));
    }
    for key in ["oid", "payment_type", "currency"] {
        faults.require(key, is_filled(document, &format!("/{key}")));
    }
    buyer::check(document, faults);
}

/// What a document comes to.
pub(super) fn gross(document: &Value) -> Option<&Value> {
    document.pointer("/positions/0/total_price_gross")
}

/// The text at this place, or nothing.
pub(super) fn text<'a>(document: &'a Value, pointer: &str) -> &'a str {
    document.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// Whether there is more than blanks.
pub(super) fn is_filled(document: &Value, pointer: &str) -> bool {
    !text(document, pointer).trim().is_empty()
}

/// Whether this can be the name of a position, or a reason.
pub(super) fn is_name(document: &Value, pointer: &str) -> bool {
    (1..=256).contains(&text(document, pointer).chars().count())
}

fn is_date(document: &Value, pointer: &str) -> bool {
    text(document, pointer).parse::<NaiveDate>().is_ok()
}

/// An exact decimal with at most two places, in hundredths.
pub(super) fn hundredths(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "00"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) || fraction.len() > 2 {
        return None;
    }
    let amount = format!("{whole}{fraction:0<2}").parse::<i64>().ok()?;
    Some(if text.starts_with('-') { -amount } else { amount })
}

#[cfg(test)]
mod tests {
    use super::hundredths;

    #[test]
    fn an_amount_is_an_exact_decimal() {
        for (text, amount) in
            [("199.99", 19999), ("-199.99", -19999), ("0.00", 0), ("0.01", 1), ("10", 1000), ("1.5", 150)]
        {
            assert_eq!(hundredths(text), Some(amount), "{text}");
        }
        for wrong in ["", "-", ".5", "1.", "1.234", "1,50", "+1", "--1", "1e3", "NaN", "99999999999999999999"] {
            assert_eq!(hundredths(wrong), None, "{wrong}");
        }
    }
}
