//! What queries may look like.

use crate::Problem;
use percent_encoding::percent_decode_str;
use std::borrow::Cow;

/// The parameters of a query, as a form has them: `+` is a blank.
pub(crate) fn parameters(query: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(name), decode(value))
    })
}

/// Bytes that are not UTF-8 come out as U+FFFD, which no user's id and no
/// parameter's name holds.
fn decode(text: &str) -> Cow<'_, str> {
    if text.contains('+') {
        let blanks = text.replace('+', " ");
        Cow::Owned(percent_decode_str(&blanks).decode_utf8_lossy().into_owned())
    } else {
        percent_decode_str(text).decode_utf8_lossy()
    }
}

/// The one user that `?user_id=` names.
///
/// # Errors
///
/// 400 without it, with an empty one or with several.
pub fn user_id(query: &str) -> Result<String, Problem> {
    let mut ids = parameters(query).filter(|(name, _)| name == "user_id").map(|(_, value)| value);
    match (ids.next(), ids.next()) {
        (Some(id), None) if !id.is_empty() => Ok(id.into_owned()),
        _ => Err(Problem::missing_user_id()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_one_user() {
        assert_eq!(user_id("user_id=u").unwrap(), "u");
        assert_eq!(user_id("a=b&user_id=a%20b+c&c").unwrap(), "a b c");
        assert_eq!(user_id("user_id=%C5%BC%C3%B3%C5%82w").unwrap(), "żółw");
        assert_eq!(user_id("user%5Fid=u").unwrap(), "u");
        assert_eq!(user_id("user_id=a=b").unwrap(), "a=b");
    }

    #[test]
    fn none_or_several_are_refused() {
        for query in ["", "user_id", "user_id=", "user_id=a&user_id=b", "user_id=a&user_id=", "USER_ID=a", "&&"] {
            let problem = user_id(query).unwrap_err();
            assert_eq!((problem.status.as_u16(), problem.error), (400, "missing_user_id"), "{query}");
        }
    }

    proptest! {
        #[test]
        fn no_query_makes_it_panic(query: String) {
            let _ = user_id(&query);
            let _ = crate::page(&query);
        }
    }
}
