//! The methods of a path and what each of them requires.

use crate::{Needs, Problem};
use http::Method;
use std::fmt;

/// The methods of a path and what each requires. HEAD comes with GET; every path has
/// OPTIONS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Methods(pub &'static [(&'static str, Needs)]);

impl Methods {
    /// Whether no method requires a token.
    #[must_use]
    pub fn are_open(self) -> bool {
        self.0.iter().all(|(_, needs)| *needs == Needs::NoToken)
    }
}

/// The value of an `Allow` header: `GET, HEAD, OPTIONS`.
impl fmt::Display for Methods {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (method, _) in self.0 {
            write!(f, "{method}, ")?;
            if *method == "GET" {
                f.write_str("HEAD, ")?;
            }
        }
        f.write_str("OPTIONS")
    }
}

/// What to do with a request to an existing path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dispatch {
    /// Handle it with this method; HEAD is handled as GET.
    Handle {
        /// One of the path's methods.
        method: &'static str,
        /// What the method requires.
        needs: Needs,
    },
    /// Answer with the methods of the path.
    Options(Methods),
}

/// Decides what to do with a request to a path that has `methods`.
///
/// # Errors
///
/// 404 if there is no such path (`methods` is none); 405 for any other method.
pub fn dispatch(method: &Method, methods: Option<Methods>) -> Result<Dispatch, Problem> {
    let methods = methods.ok_or_else(Problem::no_such_path)?;
    if method == Method::OPTIONS {
        return Ok(Dispatch::Options(methods));
    }
    let wanted = if method == Method::HEAD { "GET" } else { method.as_str() };
    let found = methods.0.iter().find(|(method, _)| *method == wanted);
    let handle = |(method, needs): &(&'static str, Needs)| Dispatch::Handle { method, needs: *needs };
    found.map(handle).ok_or_else(|| Problem::method_not_allowed(methods))
}

#[cfg(test)]
mod tests {
    use super::*;

    const METHODS: Methods = Methods(&[("GET", Needs::Callers), ("DELETE", Needs::Operators)]);

    #[test]
    fn methods_are_matched_exactly() {
        let handle = |method, needs| Ok(Dispatch::Handle { method, needs });
        assert_eq!(dispatch(&Method::GET, Some(METHODS)), handle("GET", Needs::Callers));
        assert_eq!(dispatch(&Method::HEAD, Some(METHODS)), handle("GET", Needs::Callers));
        assert_eq!(dispatch(&Method::DELETE, Some(METHODS)), handle("DELETE", Needs::Operators));
        assert_eq!(dispatch(&Method::OPTIONS, Some(METHODS)), Ok(Dispatch::Options(METHODS)));
    }

    #[test]
    fn other_methods_are_refused_with_the_allowed_ones() {
        let refused = Problem::method_not_allowed(METHODS);
        assert_eq!(refused.allow.unwrap().to_string(), "GET, HEAD, DELETE, OPTIONS");
        for method in [Method::POST, Method::PATCH, Method::TRACE, Method::from_bytes(b"get").unwrap()] {
            assert_eq!(dispatch(&method, Some(METHODS)), Err(refused.clone()));
        }
        let only_post = Some(Methods(&[("POST", Needs::NoToken)]));
        assert_eq!(dispatch(&Method::HEAD, only_post).unwrap_err().status, 405);
        assert_eq!(dispatch(&Method::GET, None), Err(Problem::no_such_path()));
        assert_eq!(dispatch(&Method::OPTIONS, None), Err(Problem::no_such_path()));
    }

    #[test]
    fn a_path_is_open_if_all_its_methods_are() {
        assert!(!METHODS.are_open());
        assert!(Methods(&[("GET", Needs::NoToken)]).are_open());
        assert!(!Methods(&[("GET", Needs::NoToken), ("PUT", Needs::Callers)]).are_open());
    }
}
