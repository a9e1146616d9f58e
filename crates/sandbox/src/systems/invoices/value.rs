//! Values in the formats that the vendor accepts: text or number, comma or point, several
//! spellings of yes.

use serde_json::Value;

/// A field as trimmed text; empty if it is null or missing.
pub(super) fn text(document: &Value, key: &str) -> String {
    match document.get(key) {
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(value @ (Value::Number(_) | Value::Bool(_))) => value.to_string(),
        _ => String::new(),
    }
}

/// Whether a field has a value that is not blank.
pub(super) fn is_filled(document: &Value, key: &str) -> bool {
    !text(document, key).is_empty()
}

/// Whether a value means yes.
pub(crate) fn is_yes(value: Option<&Value>) -> bool {
    match value {
        Some(Value::Bool(yes)) => *yes,
        Some(Value::Number(number)) => number.as_i64() == Some(1),
        Some(Value::String(text)) => ["1", "true", "yes"].contains(&text.as_str()),
        _ => false,
    }
}

/// An id, from a number or a text.
pub(super) fn id(document: &Value, key: &str) -> Option<u64> {
    text(document, key).parse().ok()
}

/// A decimal with at most two places, in hundredths.
pub(super) fn hundredths(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once(['.', ',']).unwrap_or((digits, "00"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) || fraction.len() > 2 {
        return None;
    }
    let amount = format!("{whole}{fraction:0<2}").parse::<i64>().ok()?;
    Some(if text.starts_with('-') { -amount } else { amount })
}

/// Hundredths as a decimal with two places.
pub(super) fn decimal(amount: i64) -> String {
    let sign = if amount < 0 { "-" } else { "" };
    let amount = amount.unsigned_abs();
    format!("{sign}{}.{:02}", amount / 100, amount % 100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_amount_is_an_exact_decimal() {
        for (text, amount) in
            [("199.99", 19999), ("-199.99", -19999), ("0.00", 0), ("0,01", 1), ("10", 1000), ("1.5", 150)]
        {
            assert_eq!(hundredths(text), Some(amount), "{text}");
        }
        for wrong in ["", "-", ".5", "1.", "1.234", "+1", "--1", "1e3", "NaN", "99999999999999999999"] {
            assert_eq!(hundredths(wrong), None, "{wrong}");
        }
        assert_eq!([19999, -5, 0, -1000].map(decimal), ["199.99", "-0.05", "0.00", "-10.00"]);
    }

    #[test]
    fn a_field_is_read_in_all_formats() {
        let document = json!({"a": " x ", "b": 7, "c": null, "d": "7", "e": true, "f": "1", "g": 0});
        assert_eq!(["a", "b", "c", "z"].map(|key| text(&document, key)), ["x", "7", "", ""]);
        assert_eq!(["b", "d", "a"].map(|key| id(&document, key)), [Some(7), Some(7), None]);
        assert_eq!(["e", "f", "g", "z"].map(|key| is_yes(document.get(key))), [true, true, false, false]);
    }
}
