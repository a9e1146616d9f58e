//! Writing JSON.

use serde::Serialize;

/// `value` as JSON. The wire types have string keys and no failing fields, so
/// writing them to memory cannot fail; an empty object stands in if it does.
pub(crate) fn to_vec(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_else(|_| b"{}".to_vec())
}

pub(crate) fn write_number(number: i64, out: &mut Vec<u8>) {
    // Writing to memory does not fail.
    let _ = serde_json::to_writer(out, &number);
}

/// Nearly all texts have nothing to escape. They are looked through without a
/// branch for each byte, and copied as a whole.
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn texts_are_written_as_the_library_does(text in "[ -~\\x00-\\x20\"\\\\żó🐢]{0,40}", number: i64) {
            let mut json = Vec::new();
            write_text(&text, &mut json);
            prop_assert_eq!(&json, &serde_json::to_vec(&text).unwrap());
            json.clear();
            write_number(number, &mut json);
            prop_assert_eq!(json, number.to_string().into_bytes());
        }
    }
}
