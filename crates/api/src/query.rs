//! Parsing of query strings.

use crate::wire::Detail;
use crate::wire::words::fault;
use crate::{Problem, View};
use domain::{CourseId, UserId};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The parameters of a query, form-encoded: `+` is a blank. Bytes that are not UTF-8 become
/// U+FFFD.
pub(crate) struct Query<'a> {
    given: BTreeMap<Cow<'a, str>, Given<'a>>,
    faults: Vec<Detail>,
}

struct Given<'a> {
    value: Cow<'a, str>,
    again: bool,
}

/// A fault of a parameter: a sentence and a code.
pub(crate) type Fault = (String, &'static str);

impl<'a> Query<'a> {
    /// Parses `query`. A duplicate parameter is a fault, because its meaning is ambiguous. A
    /// parameter that is not in `known` is a fault, because the caller expects an effect.
    pub(crate) fn parse(query: &'a str, known: &[&str]) -> Self {
        /// At most this many unknown or duplicate parameters are reported.
        const MOST: usize = 8;
        let mut given = BTreeMap::<_, Given<'_>>::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            given.entry(name).and_modify(|given| given.again = true).or_insert(Given { value, again: false });
        }
        let faults = given.iter().filter_map(|(name, given)| {
            let unknown = || (!known.contains(&name.as_ref())).then(|| Detail::unknown(name, "parameter"));
            if given.again { Some(Detail::duplicate(name)) } else { unknown() }
        });
        let faults = faults.take(MOST).collect();
        Self { given, faults }
    }

    /// The value of an optional parameter, parsed with `read`; a fault is recorded.
    pub(crate) fn read<T>(&mut self, name: &'static str, read: impl FnOnce(&str) -> Result<T, Fault>) -> Option<T> {
        let Given { value, again: false } = self.given.get(name)? else { return None };
        match read(value) {
            Ok(value) => Some(value),
            Err((msg, kind)) => {
                self.faults.push(Detail::of(name, msg, kind));
                None
            }
        }
    }

    /// The value of a required parameter, parsed with `read`; a fault is recorded.
    pub(crate) fn required<T>(&mut self, name: &'static str, read: impl FnOnce(&str) -> Result<T, Fault>) -> Option<T> {
        if !self.given.contains_key(name) {
            self.faults.push(Detail::of(name, "Parameter required", fault::MISSING));
        }
        self.read(name, read)
    }

    /// Finishes the parsing.
    ///
    /// # Errors
    ///
    /// 400 with every fault.
    pub(crate) fn end(self) -> Result<(), Problem> {
        self.end_with(Some(()))
    }

    /// Finishes the parsing of a query with a required parameter.
    ///
    /// # Errors
    ///
    /// 400 with every fault.
    pub(crate) fn end_with<T>(self, required: Option<T>) -> Result<T, Problem> {
        match required {
            Some(value) if self.faults.is_empty() => Ok(value),
            _ => Err(Problem::invalid(self.faults)),
        }
    }
}

/// Checks the query of a route without parameters.
///
/// # Errors
///
/// 400 with the names of the parameters.
pub fn no_parameters(query: &str) -> Result<(), Problem> {
    // The usual case.
    if query.is_empty() { Ok(()) } else { Query::parse(query, &[]).end() }
}

/// The required parameter `user_id`, and the optional parameter `view`.
///
/// # Errors
///
/// 400 if the user id is missing, empty or duplicate, and for another view or an unknown parameter.
pub fn user_id(query: &str) -> Result<(String, View), Problem> {
    let (user_id, view) = user_and_view(query, &[USER_ID, View::NAME])?;
    Ok((user_id.ok_or_else(Problem::missing_user_id)?, view))
}

/// The optional parameter `user_id`.
///
/// # Errors
///
/// 400 if it is empty or duplicate, and for an unknown parameter.
pub fn optional_user_id(query: &str) -> Result<Option<String>, Problem> {
    user_and_view(query, &[USER_ID]).map(|(user_id, _)| user_id)
}

const USER_ID: &str = "user_id";

fn user_and_view(query: &str, known: &[&str]) -> Result<(Option<String>, View), Problem> {
    let mut query = Query::parse(query, known);
    if query.given.get(USER_ID).is_some_and(|user_id| user_id.again || user_id.value.is_empty()) {
        return Err(Problem::missing_user_id());
    }
    let user_id = query.read(USER_ID, |text| Ok(text.to_owned()));
    let view = if known.contains(&View::NAME) { View::read(&mut query) } else { View::Short };
    query.end().map(|()| (user_id, view))
}

/// A parser for an integer without a sign; `taken` checks its range. 7.0 is an integer, as in a
/// body.
pub(crate) fn integer<T>(must: &str, taken: impl FnOnce(i64) -> Option<T>) -> impl FnOnce(&str) -> Result<T, Fault> {
    let whole = |text: &str| match text.split_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0') => number(whole),
        _ => number(text),
    };
    move |text| whole(text).and_then(taken).ok_or_else(|| (must.to_owned(), fault::INT_RANGE))
}

/// A parser for the id of a course.
pub(crate) fn course(text: &str) -> Result<CourseId, Fault> {
    integer("An integer from 1 to 2147483647 is required", CourseId::new)(text)
}

/// A parser for the id of a user in a list's parameter.
pub(crate) fn user(text: &str) -> Result<UserId, Fault> {
    UserId::new(text).map_err(|invalid| (format!("A user id {invalid}"), fault::STRING_VALUE))
}

pub(crate) fn number(text: &str) -> Option<i64> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_user_id_is_decoded() {
        assert_eq!(user_id("user_id=u").unwrap().0, "u");
        assert_eq!(user_id("&user_id=a%20b+c&").unwrap().0, "a b c");
        assert_eq!(user_id("user_id=%C5%BC%C3%B3%C5%82w").unwrap().0, "żółw");
        assert_eq!(user_id("user%5Fid=u").unwrap().0, "u");
        assert_eq!(user_id("user_id=a=b").unwrap().0, "a=b");
        assert_eq!(user_id("user_id=%2B%ff%2&&").unwrap().0, "+\u{fffd}%2");
        assert_eq!(user_id("view=full&user_id=u").unwrap(), ("u".to_owned(), View::Full));
        assert_eq!(user_id("view=all&user_id=u").unwrap_err().details[0].loc, ["view"]);
    }

    #[test]
    fn a_missing_or_duplicate_user_id_is_refused() {
        for query in ["", "user_id", "user_id=", "user_id=a&user_id=b", "user_id=a&user_id=", "&&"] {
            let problem = user_id(query).unwrap_err();
            assert_eq!((problem.status.as_u16(), problem.error), (400, "missing_user_id"), "{query}");
        }
    }

    #[test]
    fn an_optional_user_id_may_be_missing() {
        assert_eq!(optional_user_id("").unwrap(), None);
        assert_eq!(optional_user_id("user_id=u%20").unwrap().as_deref(), Some("u "));
        for query in ["user_id=", "user_id", "user_id=a&user_id=a", "a=1", "userid=u", "USER_ID=a", "view=full"] {
            assert_eq!(optional_user_id(query).unwrap_err().status.as_u16(), 400, "{query}");
        }
    }

    /// Name and kind of each fault.
    fn faults(problem: Problem) -> Vec<(String, &'static str)> {
        problem.details.into_iter().map(|detail| (detail.loc.join("."), detail.kind)).collect()
    }

    #[test]
    fn every_fault_is_reported() {
        let all = faults(crate::active_page("limit=0&after=x&user=1&user=2&more").unwrap_err());
        let named = [("more", "extra"), ("user", "duplicate"), ("limit", "int_range"), ("after", "int_range")];
        assert_eq!(all, named.map(|(name, kind)| (name.to_owned(), kind)));
        for query in ["limit=1&limit=2", "&limit&&limit=&", "limit=1&lim%69t=1", "limit=1&limit=1&limit=1"] {
            assert_eq!(faults(crate::active_page(query).unwrap_err()), [("limit".to_owned(), "duplicate")], "{query}");
        }
        let many: String = (0..1000).map(|name| format!("{name}=&")).collect();
        assert_eq!(faults(no_parameters(&many).unwrap_err()).len(), 8);
        let long = "a".repeat(1000);
        assert_eq!(no_parameters(&long).unwrap_err().details[0].loc[0].len(), 64);
        assert!(no_parameters("").is_ok() && no_parameters("&").is_ok());
    }

    proptest! {
        #[test]
        fn no_query_causes_a_panic(query: String) {
            let _ = user_id(&query);
            let _ = no_parameters(&query);
            let _ = crate::active_page(&query);
        }
    }
}
