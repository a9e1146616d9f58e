//! What the path of a request names.

use domain::EnrolmentId;

/// Where the service lives.
pub const BASE: &str = "/api/enrolment";

/// The segments of `path` below [`BASE`]: none for the base itself. One slash
/// at the end makes no difference; a second one, or one in the middle too
/// many, is an empty segment that no route has. None outside of the base.
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

/// The enrolment that a path segment names: an integer from 1 to 2147483647 in
/// plain digits, without a sign or a leading zero.
#[must_use]
pub fn enrolment_id(segment: &str) -> Option<EnrolmentId> {
    if segment.starts_with('0') || !segment.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    EnrolmentId::new(segment.parse().ok()?)
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
    fn doubled_slashes_name_nothing() {
        for path in ["/api/enrolment//", "/api/enrolment//7", "/api/enrolment/7//", "/api/enrolment/7//details"] {
            assert!(segments(path).unwrap().contains(&""), "{path}");
        }
    }

    #[test]
    fn other_paths_are_elsewhere() {
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

    proptest! {
        #[test]
        fn any_path_is_taken_or_refused(path: String) {
            let path = format!("{BASE}{path}");
            for segment in segments(&path).unwrap_or_default() {
                if let Some(id) = enrolment_id(segment) {
                    prop_assert_eq!(id.to_string(), segment);
                }
            }
        }
    }
}
