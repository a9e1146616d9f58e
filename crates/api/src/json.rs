//! JSON output.

use chrono::{DateTime, Datelike as _, NaiveDate, Timelike as _, Utc};
use domain::Money;
use serde::Serialize;

/// `value` as JSON. This cannot fail for the types in [`crate::wire`]: they have string
/// keys and no fallible fields. If it did, the result would be an empty object.
pub(crate) fn to_vec(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_else(|_| b"{}".to_vec())
}

pub(crate) fn write_number(number: i64, out: &mut Vec<u8>) {
    // A write to memory does not fail.
    let _ = serde_json::to_writer(out, &number);
}

/// Writes a JSON string. Most texts need no escapes: that is found out for eight bytes at a time, and
/// the text is copied at once.
pub(crate) fn write_text(text: &str, out: &mut Vec<u8>) {
    if is_plain(text.as_bytes()) {
        write_plain(text, out);
    } else {
        let _ = serde_json::to_writer(out, text);
    }
}

/// Writes a JSON string without characters that need escapes.
pub(crate) fn write_plain(text: &str, out: &mut Vec<u8>) {
    out.reserve(text.len() + 2);
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

/// Whether no byte is below a space, a quotation mark or a backslash.
fn is_plain(text: &[u8]) -> bool {
    const EACH: u64 = u64::from_ne_bytes([1; 8]);
    const HIGHEST: u64 = EACH << 7;
    let (words, rest) = text.as_chunks();
    // The highest bit of each byte that is below `limit`, or of one above such a byte; of bytes up to 127.
    let below = |word: u64, limit: u64| word.wrapping_sub(EACH * limit) & !word;
    let escaped = words.iter().fold(0, |found, word| {
        let word = u64::from_ne_bytes(*word);
        let (quotation_mark, backslash) = (word ^ (EACH * u64::from(b'"')), word ^ (EACH * u64::from(b'\\')));
        found | below(word, 0x20) | below(quotation_mark, 1) | below(backslash, 1)
    });
    escaped & HIGHEST == 0 && rest.iter().all(|byte| *byte >= b' ' && *byte != b'"' && *byte != b'\\')
}

pub(crate) fn write_or_null<T>(value: Option<T>, out: &mut Vec<u8>, write: impl FnOnce(T, &mut Vec<u8>)) {
    match value {
        Some(value) => write(value, out),
        None => out.extend_from_slice(b"null"),
    }
}

/// Writes an amount as a JSON string, such as `"199.99"`.
pub(crate) fn write_money(amount: Money, out: &mut Vec<u8>) {
    out.push(b'"');
    write_number(amount.hundredths() / 100, out);
    let [tens, ones] = two(amount.hundredths().unsigned_abs() % 100);
    out.extend_from_slice(&[b'.', tens, ones, b'"']);
}

/// Writes a day from year 0 to 9999 as a JSON string, such as `"2026-06-01"`.
pub(crate) fn write_day(day: NaiveDate, out: &mut Vec<u8>) {
    out.push(b'"');
    out.extend_from_slice(&date(day));
    out.push(b'"');
}

/// Writes a time from year 0 to 9999 as [`crate::wire::time`] does, as a JSON string. That takes
/// chrono about 3,000 instructions.
pub(crate) fn write_time(time: DateTime<Utc>, out: &mut Vec<u8>) {
    let time = time.naive_utc();
    let ([h, i], [m, n], [s, t]) = (two(time.hour()), two(time.minute()), two(time.second()));
    let millis = time.and_utc().timestamp_subsec_millis();
    let ([_, a], [b, c]) = (two(millis / 100), two(millis % 100));
    out.push(b'"');
    out.extend_from_slice(&date(time.date()));
    out.extend_from_slice(&[b'T', h, i, b':', m, n, b':', s, t, b'.', a, b, c, b'Z', b'"']);
}

fn date(day: NaiveDate) -> [u8; 10] {
    let year = day.year().unsigned_abs();
    let ([a, b], [c, d]) = (two(year / 100), two(year % 100));
    let ([m, n], [e, f]) = (two(day.month()), two(day.day()));
    [a, b, c, d, b'-', m, n, b'-', e, f]
}

/// The two digits of a number below 100.
fn two(number: impl Into<u64>) -> [u8; 2] {
    let number = number.into();
    [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn output_equals_that_of_serde_json(text in "[ -~\\x00-\\x20\"\\\\żó🐢]{0,40}", number: i64) {
            let mut json = Vec::new();
            write_text(&text, &mut json);
            prop_assert_eq!(&json, &serde_json::to_vec(&text).unwrap());
            json.clear();
            write_number(number, &mut json);
            prop_assert_eq!(json, number.to_string().into_bytes());
        }

        #[test]
        fn times_and_amounts_are_written_as_they_are_shown(
            millis in -62_135_596_800_000_i64..253_402_300_800_000,
            hundredths in 0..=9_999_999_999_i64,
        ) {
            let (time, amount) = (DateTime::from_timestamp_millis(millis).unwrap(), Money::from_hundredths(hundredths));
            let mut json = Vec::new();
            write_time(time, &mut json);
            write_day(time.date_naive(), &mut json);
            write_or_null(amount, &mut json, write_money);
            let shown = format!("\"{}\"\"{}\"\"{}\"", crate::wire::time(time), time.date_naive(), amount.unwrap());
            prop_assert_eq!(String::from_utf8(json).unwrap(), shown);
        }
    }
}
