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

/// Writes a JSON string. Most texts need no escapes: one pass without branches finds that
/// out, and the text is copied at once.
pub(crate) fn write_text(text: &str, out: &mut Vec<u8>) {
    let plain = |byte: u8| (byte >= b' ') & (byte != b'"') & (byte != b'\\');
    if text.bytes().fold(true, |all, byte| all & plain(byte)) {
        out.reserve(text.len() + 2);
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    } else {
        let _ = serde_json::to_writer(out, text);
    }
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
    out.push(b'.');
    write_digits(amount.hundredths().unsigned_abs(), 2, out);
    out.push(b'"');
}

/// Writes a day from year 0 to 9999 as a JSON string, such as `"2026-06-01"`.
pub(crate) fn write_day(day: NaiveDate, out: &mut Vec<u8>) {
    out.push(b'"');
    write_date(day, out);
    out.push(b'"');
}

/// Writes a time from year 0 to 9999 as [`crate::wire::time`] does, as a JSON string. That takes
/// chrono about 3,000 instructions.
pub(crate) fn write_time(time: DateTime<Utc>, out: &mut Vec<u8>) {
    out.push(b'"');
    write_date(time.date_naive(), out);
    for (before, number) in [(b'T', time.hour()), (b':', time.minute()), (b':', time.second())] {
        out.push(before);
        write_digits(number.into(), 2, out);
    }
    out.push(b'.');
    write_digits(time.timestamp_subsec_millis().into(), 3, out);
    out.extend_from_slice(b"Z\"");
}

fn write_date(day: NaiveDate, out: &mut Vec<u8>) {
    write_digits(day.year().unsigned_abs().into(), 4, out);
    out.push(b'-');
    write_digits(day.month().into(), 2, out);
    out.push(b'-');
    write_digits(day.day().into(), 2, out);
}

/// Writes the last digits of a number.
fn write_digits(number: u64, digits: u32, out: &mut Vec<u8>) {
    for place in (0..digits).rev() {
        out.push(b'0' + (number / 10_u64.pow(place) % 10) as u8);
    }
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
