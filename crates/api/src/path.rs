//! Parsing of request paths.

use crate::Problem;
use crate::query::number;
use crate::wire::words::fault;
use domain::{EnrolmentId, UserId};
use percent_encoding::percent_decode_str;

/// The base path of the service.
pub const BASE: &str = "/api/enrolment";

/// The segments of `path` below [`BASE`]; empty for the base itself. One trailing slash is
/// ignored. Any other extra slash makes an empty segment, which no route has. None for a
/// path outside of the base.
#[must_use]
pub fn segments(path: &str) -> Option<Vec<&str>> {
    let rest = path.strip_prefix(BASE)?;
    if rest.is_empty() {
        return Some(Vec::new());
    }
    let rest = rest.strip_prefix('/')?;
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    if rest.is_empty() && !path.ends_with("//") {
        return Some(Vec::new());
    }
    Some(rest.split('/').collect())
}

/// The id of an enrolment in a path segment: an integer from 1 to 2147483647 without a sign
/// or a leading zero.
#[must_use]
pub fn enrolment_id(segment: &str) -> Option<EnrolmentId> {
    positive(segment).and_then(EnrolmentId::new)
}

/// A number in a path segment: positive, without a sign or a leading zero.
pub(crate) fn positive(segment: &str) -> Option<i64> {
    number(segment).filter(|_| !segment.starts_with('0'))
}

/// The percent-encoded id of a user in a path segment.
///
/// # Errors
///
/// 400 for an invalid id.
pub fn user_in_path(segment: &str) -> Result<UserId, Problem> {
    let fault = |msg: String| Problem::invalid_parameter("user_id", msg, fault::STRING_VALUE);
    let decoded = percent_decode_str(segment).decode_utf8().ok().filter(|_| is_encoded(segment));
    let id = decoded.ok_or_else(|| fault("A user id must be percent-encoded UTF-8".to_owned()))?;
    UserId::new(id).map_err(|invalid| fault(format!("A user id {invalid}")))
}

/// Whether two hexadecimal digits follow each percent sign. Without them, the sign could be
/// part of the id or of a truncated encoding.
fn is_encoded(segment: &str) -> bool {
    let digits = |bytes: &[u8]| bytes.len() == 2 && bytes.iter().all(u8::is_ascii_hexdigit);
    segment.split('%').skip(1).all(|rest| rest.as_bytes().get(..2).is_some_and(digits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_slash_at_the_end_makes_no_difference() {
        let some = |list: &[&'static str]| Some(list.to_vec());
        assert_eq!(segments("/api/enrolment"), some(&[]));
        assert_eq!(segments("/api/enrolment/"), some(&[]));
        assert_eq!(segments("/api/enrolment/7"), some(&["7"]));
        assert_eq!(segments("/api/enrolment/7/"), some(&["7"]));
        assert_eq!(segments("/api/enrolment/7/details"), some(&["7", "details"]));
    }

    #[test]
    fn an_extra_slash_makes_an_empty_segment() {
        for path in ["/api/enrolment//", "/api/enrolment//7", "/api/enrolment/7//", "/api/enrolment/7//details"] {
            assert!(segments(path).unwrap().contains(&""), "{path}");
        }
    }

    #[test]
    fn other_paths_have_no_segments() {
        for path in ["/", "", "/api", "/api/enrolments", "/api/enrolmentx/7", "/API/enrolment"] {
            assert_eq!(segments(path), None, "{path}");
        }
    }

    #[test]
    fn ids_are_plain_numbers() {
        assert_eq!(enrolment_id("2147483647").unwrap().get(), 2_147_483_647);
        for text in
            ["0", "-1", "+1", "1.0", "01", "abc", "2147483648", "99999999999999999999999", "", " 1", "%31", "１"]
        {
            assert_eq!(enrolment_id(text), None, "{text}");
        }
    }

    #[test]
    fn users_are_decoded() {
        let user = |segment: &str| user_in_path(segment).unwrap().as_str().to_owned();
        assert_eq!(user("63a1f1234abc5678def12345"), "63a1f1234abc5678def12345");
        assert_eq!(user("%C5%BC%C3%B3%C5%82w%20%F0%9F%90%A2"), "żółw 🐢");
        assert_eq!((user("a+b"), user("a%2Fb"), user("a%25")), ("a+b".into(), "a/b".into(), "a%".into()));
        assert_eq!(user("%EF%BF%BD"), "\u{fffd}");
        assert_eq!(user(&"%C5%BC".repeat(64)), "ż".repeat(64));
        let long = "%C5%BC".repeat(65);
        for segment in ["", "%20", "%00", "a%0A", "%FF", "a%2", "%", "a%%20", "%zz", "%C5", long.as_str()] {
            let problem = user_in_path(segment).unwrap_err();
            assert_eq!((problem.status.as_u16(), problem.details[0].loc[0].as_ref()), (400, "user_id"), "{segment}");
        }
    }

    proptest! {
        #[test]
        fn no_segment_causes_a_panic(segment: String) {
            let _ = user_in_path(&segment);
        }

        #[test]
        fn no_path_causes_a_panic(path: String) {
            let path = format!("{BASE}{path}");
            for segment in segments(&path).unwrap_or_default() {
                if let Some(id) = enrolment_id(segment) {
                    prop_assert_eq!(id.to_string(), segment);
                }
            }
        }
    }
}
