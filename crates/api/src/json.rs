//! JSON output.

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
    }
}
