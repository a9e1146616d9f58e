//! What queries may look like.

use crate::Problem;
use crate::wire::Detail;
use crate::wire::words::fault;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The parameters of a query, as a form has them: `+` is a blank. Bytes that are not UTF-8
/// come out as U+FFFD.
pub(crate) struct Query<'a> {
    given: BTreeMap<Cow<'a, str>, Given<'a>>,
    faults: Vec<Detail>,
}

struct Given<'a> {
    value: Cow<'a, str>,
    again: bool,
}

/// What is wrong with a parameter: in a sentence, and for programs.
pub(crate) type Fault = (String, &'static str);

impl<'a> Query<'a> {
    /// Reads `query`. One that is given more than once is a fault, for each reader would
    /// take another; and one that is not among `known`, for whoever sent it would take the
    /// answer for another.
    pub(crate) fn parse(query: &'a str, known: &[&str]) -> Self {
        /// So many faults of names are listed.
        const MOST: usize = 8;
        let mut given = BTreeMap::<_, Given<'_>>::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            given.entry(name).and_modify(|given| given.again = true).or_insert(Given { value, again: false });
        }
        let faults = given.iter().filter_map(|(name, given)| {
            let unknown = || (!known.contains(&name.as_ref())).then(|| Detail::unknown(name));
            if given.again { Some(Detail::duplicate(name)) } else { unknown() }
        });
        let faults = faults.take(MOST).collect();
        Self { given, faults }
    }

    /// What `read` makes of a parameter, if it is given; a fault is noted.
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

    /// Ends the reading.
    ///
    /// # Errors
    ///
    /// 400 with every fault.
    pub(crate) fn end(self) -> Result<(), Problem> {
        if self.faults.is_empty() { Ok(()) } else { Err(Problem::invalid(self.faults)) }
    }
}

/// Checks the query of a route that takes no parameter.
///
/// # Errors
///
/// 400 that names those that are given.
pub fn no_parameters(query: &str) -> Result<(), Problem> {
    // Nearly always.
    if query.is_empty() { Ok(()) } else { Query::parse(query, &[]).end() }
}

/// The one user that `?user_id=` names.
///
/// # Errors
///
/// 400 without it, with an empty one or with several; for another parameter.
pub fn user_id(query: &str) -> Result<String, Problem> {
    optional_user_id(query)?.ok_or_else(Problem::missing_user_id)
}

/// The user that `?user_id=` names, if it names one.
///
/// # Errors
///
/// 400 with an empty one or with several; for another parameter.
pub fn optional_user_id(query: &str) -> Result<Option<String>, Problem> {
    const NAME: &str = "user_id";
    let mut query = Query::parse(query, &[NAME]);
    if query.given.get(NAME).is_some_and(|user_id| user_id.again || user_id.value.is_empty()) {
        return Err(Problem::missing_user_id());
    }
    let user_id = query.read(NAME, |text| Ok(text.to_owned()));
    query.end().map(|()| user_id)
}

/// An integer in plain digits that `taken` takes.
pub(crate) fn integer<T>(must: &str, taken: impl FnOnce(i64) -> Option<T>) -> impl FnOnce(&str) -> Result<T, Fault> {
    move |text| number(text).and_then(taken).ok_or_else(|| (must.to_owned(), fault::INT_RANGE))
}

pub(crate) fn number(text: &str) -> Option<i64> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

/// How many of a list are asked for at once.
pub(crate) fn limit(text: &str) -> Result<u32, Fault> {
    integer("An integer from 1 to 1000 is required", |limit| {
        u32::try_from(limit).ok().filter(|limit| (1..=1000).contains(limit))
    })(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_one_user() {
        assert_eq!(user_id("user_id=u").unwrap(), "u");
        assert_eq!(user_id("&user_id=a%20b+c&").unwrap(), "a b c");
        assert_eq!(user_id("user_id=%C5%BC%C3%B3%C5%82w").unwrap(), "żółw");
        assert_eq!(user_id("user%5Fid=u").unwrap(), "u");
        assert_eq!(user_id("user_id=a=b").unwrap(), "a=b");
        assert_eq!(user_id("user_id=%2B%ff%2&&").unwrap(), "+\u{fffd}%2");
    }

    #[test]
    fn none_or_several_are_refused() {
        for query in ["", "user_id", "user_id=", "user_id=a&user_id=b", "user_id=a&user_id=", "&&"] {
            let problem = user_id(query).unwrap_err();
            assert_eq!((problem.status.as_u16(), problem.error), (400, "missing_user_id"), "{query}");
        }
    }

    #[test]
    fn the_user_may_be_named_or_not() {
        assert_eq!(optional_user_id("").unwrap(), None);
        assert_eq!(optional_user_id("user_id=u%20").unwrap().as_deref(), Some("u "));
        for query in ["user_id=", "user_id", "user_id=a&user_id=a", "a=1", "userid=u", "USER_ID=a"] {
            assert_eq!(optional_user_id(query).unwrap_err().status.as_u16(), 400, "{query}");
        }
    }

    /// Name and kind of each fault.
    fn faults(problem: Problem) -> Vec<(String, &'static str)> {
        problem.details.into_iter().map(|detail| (detail.loc.join("."), detail.kind)).collect()
    }

    #[test]
    fn every_fault_is_listed() {
        let all = faults(crate::page("limit=0&after=x&user=1&user=2&more").unwrap_err());
        let named = [("more", "extra"), ("user", "duplicate"), ("limit", "int_range"), ("after", "int_range")];
        assert_eq!(all, named.map(|(name, kind)| (name.to_owned(), kind)));
        for query in ["limit=1&limit=2", "&limit&&limit=&", "limit=1&lim%69t=1", "limit=1&limit=1&limit=1"] {
            assert_eq!(faults(crate::page(query).unwrap_err()), [("limit".to_owned(), "duplicate")], "{query}");
        }
        let many: String = (0..1000).map(|name| format!("{name}=&")).collect();
        assert_eq!(faults(no_parameters(&many).unwrap_err()).len(), 8);
        let long = "a".repeat(1000);
        assert_eq!(no_parameters(&long).unwrap_err().details[0].loc[0].len(), 64);
        assert!(no_parameters("").is_ok() && no_parameters("&").is_ok());
    }

    proptest! {
        #[test]
        fn no_query_makes_it_panic(query: String) {
            let _ = user_id(&query);
            let _ = no_parameters(&query);
            let _ = crate::page(&query);
        }
    }
}
