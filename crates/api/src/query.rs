//! What queries may look like.

use crate::Problem;
use crate::wire::Detail;
use std::borrow::Cow;
use std::collections::BTreeSet;

type Parameter<'a> = (Cow<'a, str>, Cow<'a, str>);

/// The parameters of a query, as a form has them: `+` is a blank.
///
/// # Errors
///
/// 400 for one that is given more than once: each reader would take another.
pub(crate) fn parameters(query: &str) -> Result<Vec<Parameter<'_>>, Problem> {
    let parameters = pairs(query);
    check_unique(&parameters)?;
    Ok(parameters)
}

/// Bytes that are not UTF-8 come out as U+FFFD, which no user's id and no
/// parameter's name holds.
fn pairs(query: &str) -> Vec<Parameter<'_>> {
    form_urlencoded::parse(query.as_bytes()).collect()
}

fn check_unique(parameters: &[Parameter<'_>]) -> Result<(), Problem> {
    let mut names = BTreeSet::new();
    match parameters.iter().find(|(name, _)| !names.insert(name.as_ref())) {
        Some((name, _)) => Err(Problem::invalid(vec![Detail::duplicate(name)])),
        None => Ok(()),
    }
}

/// The one user that `?user_id=` names.
///
/// # Errors
///
/// 400 without it, with an empty one or with several; for another parameter that is
/// given more than once.
pub fn user_id(query: &str) -> Result<String, Problem> {
    let parameters = pairs(query);
    let mut ids = parameters.iter().filter(|(name, _)| name == "user_id").map(|(_, id)| id);
    match (ids.next(), ids.next()) {
        (Some(id), None) if !id.is_empty() => check_unique(&parameters).map(|()| id.to_string()),
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
        assert_eq!(user_id("user_id=%2B%ff%2&&").unwrap(), "+\u{fffd}%2");
    }

    #[test]
    fn none_or_several_are_refused() {
        for query in ["", "user_id", "user_id=", "user_id=a&user_id=b", "user_id=a&user_id=", "USER_ID=a", "&&"] {
            let problem = user_id(query).unwrap_err();
            assert_eq!((problem.status.as_u16(), problem.error), (400, "missing_user_id"), "{query}");
        }
    }

    #[test]
    fn a_parameter_that_comes_twice_is_named() {
        for query in ["limit=1&limit=2", "limit=1&a=b&c&lim%69t=1", "&a&limit&&limit=&b", "x=1&limit=1&a=2&limit=1"] {
            let problem = parameters(query).unwrap_err();
            assert_eq!((problem.status.as_u16(), problem.error), (400, "validation_error"), "{query}");
            assert_eq!(
                (problem.details[0].loc[0].as_ref(), problem.details[0].kind),
                ("limit", "duplicate"),
                "{query}"
            );
        }
        assert_eq!(parameters("a&b=1&A=2&&c+=3").unwrap().len(), 4);
        assert_eq!(user_id("a=1&user_id=u&a=2").unwrap_err().details[0].loc, ["a"]);
    }

    proptest! {
        #[test]
        fn no_query_makes_it_panic(query: String) {
            let _ = user_id(&query);
            let _ = crate::page(&query);
        }
    }
}
