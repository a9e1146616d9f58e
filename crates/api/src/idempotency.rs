//! The header `Idempotency-Key`.

use crate::Problem;
use domain::model::idempotency::IdempotencyKey;
use http::HeaderMap;

const HEADER: &str = "Idempotency-Key";

/// The key of a request, with or without quotation marks; none if there is no header.
///
/// # Errors
///
/// 400 for an invalid key and for more than one.
pub fn idempotency_key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, Problem> {
    let mut values = headers.get_all(HEADER).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(Problem::invalid_header(HEADER, "One key is required"));
    }
    let text = value.to_str().unwrap_or_default();
    let bare = match text.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"').unwrap_or_default(),
        None => text,
    };
    let key = IdempotencyKey::new(bare);
    let key = key.ok_or_else(|| Problem::invalid_header(HEADER, "1 to 255 visible characters are required"))?;
    Ok(Some(key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use proptest::prelude::*;

    fn key(value: &[u8]) -> Result<Option<IdempotencyKey>, Problem> {
        let value = HeaderValue::from_bytes(value).unwrap();
        idempotency_key(&HeaderMap::from_iter([("idempotency-key".parse().unwrap(), value)]))
    }

    #[test]
    fn quotation_marks_make_no_difference() {
        for value in ["8e03978e-40d5-43dd", "\"8e03978e-40d5-43dd\""] {
            assert_eq!(key(value.as_bytes()).unwrap().unwrap().as_str(), "8e03978e-40d5-43dd");
        }
        assert_eq!(key("k".repeat(255).as_bytes()).unwrap().unwrap().as_str().len(), 255);
        assert_eq!(idempotency_key(&HeaderMap::new()), Ok(None));
    }

    #[test]
    fn invalid_keys_are_refused() {
        let long = "k".repeat(256);
        for value in ["", "\"\"", "\"", "\"a", "a b", "ż", &long] {
            let problem = key(value.as_bytes()).unwrap_err();
            assert_eq!(
                (problem.status.as_u16(), problem.details[0].loc[0].as_ref()),
                (400, "Idempotency-Key"),
                "{value}"
            );
        }
    }

    #[test]
    fn more_than_one_key_is_refused() {
        let mut headers = HeaderMap::new();
        headers.append("idempotency-key", "a".parse().unwrap());
        headers.append("idempotency-key", "a".parse().unwrap());
        assert_eq!(idempotency_key(&headers).unwrap_err().status, 400);
    }

    proptest! {
        #[test]
        fn no_header_causes_a_panic(bytes: Vec<u8>) {
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                let _ = idempotency_key(&HeaderMap::from_iter([("idempotency-key".parse().unwrap(), value)]));
            }
        }
    }
}
