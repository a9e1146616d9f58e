//! Exact JSON numbers, from their text: a binary float would round them.

use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// The text of the field `name`; empty if it is missing.
pub(super) fn text(body: &[u8], name: &str) -> String {
    let fields = serde_json::from_slice::<BTreeMap<String, &RawValue>>(body).unwrap_or_default();
    fields.get(name).map(|value| value.get().to_owned()).unwrap_or_default()
}

/// The text is not a number, or it has too many decimals.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotWhole;

/// A JSON number times ten to the power of `decimals`, exactly; none if it does not fit.
pub(super) fn scaled(text: &str, decimals: u8) -> Result<Option<i64>, NotWhole> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or((1, mantissa), |digits| (-1, digits));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NotWhole);
    }
    let significant = digits.trim_end_matches('0');
    let zeros = digits.len() - significant.len();
    let digits = significant.trim_start_matches('0');
    if digits.is_empty() {
        return Ok(Some(0));
    }
    let negative = exponent.starts_with('-');
    let exponent = exponent.parse::<i64>().unwrap_or(if negative { i64::MIN } else { i64::MAX });
    let places = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
    let shift = exponent
        .saturating_sub(places(fraction.len()))
        .saturating_add(places(zeros))
        .saturating_add(i64::from(decimals));
    if shift < 0 {
        return Err(NotWhole);
    }
    let number = || digits.parse::<i64>().ok()?.checked_mul(10_i64.checked_pow(u32::try_from(shift).ok()?)?);
    Ok(number().map(|number| sign * number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_exact() {
        for (text, hundredths) in [
            ("0", 0),
            ("-0", 0),
            ("-0.00", 0),
            ("0e999999999999999999999", 0),
            ("149", 14900),
            ("149.5", 14950),
            ("149.50", 14950),
            ("149.000000000000000000", 14900),
            ("1.49e2", 14900),
            ("14900E-2", 14900),
            ("1490000e-4", 14900),
            ("-1.5", -150),
            ("0.01", 1),
            ("1e+2", 10000),
            ("99999999.99", 9_999_999_999),
        ] {
            assert_eq!(scaled(text, 2), Ok(Some(hundredths)), "{text}");
        }
        for text in ["-1e-7", "149.00000001", "0.001", "1e-3", "1e-99999999999999999999", "", "-", "x", "1x"] {
            assert_eq!(scaled(text, 2), Err(NotWhole), "{text}");
        }
        for text in ["1e17", "1e400", "99999999999999999999", "1e99999999999999999999"] {
            assert_eq!(scaled(text, 2), Ok(None), "{text}");
        }
        assert_eq!((scaled("222.0", 0), scaled("1.5", 0)), (Ok(Some(222)), Err(NotWhole)));
        assert_eq!(scaled("1.0000000000000001", 0), Err(NotWhole));
    }

    #[test]
    fn a_field_is_found_by_its_name() {
        let body = br#"{"a": [1, {"amount": 2}], "am\u006funt": 1.50e0, "b": "x"}"#;
        assert_eq!((text(body, "amount").as_str(), text(body, "c").as_str()), ("1.50e0", ""));
        assert_eq!(text(b"{", "a"), "");
    }

    proptest! {
        #[test]
        fn no_text_causes_a_panic(text in "[-+0-9.eE]{0,24}", any: String) {
            let _ = scaled(&text, 2);
            let _ = scaled(&any, 0);
        }

        #[test]
        fn integers_keep_their_value(number: i32, zeros in "[.]0{1,20}") {
            prop_assert_eq!(scaled(&format!("{number}{zeros}"), 0), Ok(Some(number.into())));
        }
    }
}
