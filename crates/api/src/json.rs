//! Writing JSON.

use serde::Serialize;

/// `value` as JSON. The wire types have string keys and no failing fields, so
/// writing them to memory cannot fail; an empty object stands in if it does.
pub(crate) fn to_vec(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_else(|_| b"{}".to_vec())
}
