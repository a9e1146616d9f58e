//! What stands in a document or an error, as the vendor writes it in JSON.

use domain::{Balance, Money};
use serde_json::{Map, Value};

/// A document or an error.
pub(super) type Object = Map<String, Value>;

/// What the document has under `key`; null if it has nothing.
pub(super) fn field<'a>(document: &'a Object, key: &str) -> &'a Value {
    document.get(key).unwrap_or(&Value::Null)
}

/// The vendor's ids come as numbers and as texts.
pub(super) fn id_of(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_i64(),
    }
}

/// A text that may come as a number.
pub(super) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// By a field of that name, in either spelling, or by its status.
pub(super) fn is_canceled(document: &Object) -> bool {
    let status = field(document, "status").as_str().and_then(|status| status.get(..6)).unwrap_or_default();
    let says = |key| is_true(field(document, key));
    says("cancelled") || says("canceled") || status.eq_ignore_ascii_case("cancel")
}

/// However it is written.
pub(super) fn is_true(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !matches!(text.as_str(), "" | "false" | "no" | "0"),
        Value::Number(number) => number.as_f64() != Some(0.0),
        _ => true,
    }
}

pub(super) fn amount(value: &Value) -> Option<Balance> {
    let number: f64 = match value {
        // The vendor's examples have a comma as well (README.md, "Pola faktury").
        Value::String(text) => text.trim().replace(',', ".").parse().ok()?,
        other => other.as_f64()?,
    };
    let hundredths = Money::from_float(number.abs())?.hundredths();
    Some(Balance(if number < 0.0 { -hundredths } else { hundredths }))
}
