//! Which methods a path takes.

use crate::Problem;
use http::Method;
use std::fmt;

/// The methods of a path besides HEAD (which goes with GET) and OPTIONS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Methods(pub &'static [&'static str]);

/// As in an `Allow` header: `GET, HEAD, OPTIONS`.
impl fmt::Display for Methods {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for method in self.0 {
            write!(f, "{method}, ")?;
            if *method == "GET" {
                f.write_str("HEAD, ")?;
            }
        }
        f.write_str("OPTIONS")
    }
}

/// What to do with a request whose path exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dispatch {
    /// Handle it under this method; HEAD is handled as GET, without a body.
    Handle {
        /// One of the path's methods.
        method: &'static str,
        /// Whether the answer goes out without its body.
        head: bool,
    },
    /// Answer which methods there are.
    Options(Methods),
}

/// Decides on a request to a path that takes `methods`.
///
/// # Errors
///
/// 404 if there is no such path (`methods` is none), 405 for another method.
pub fn dispatch(method: &Method, methods: Option<Methods>) -> Result<Dispatch, Problem> {
    let methods = methods.ok_or_else(Problem::no_such_path)?;
    if method == Method::OPTIONS {
        return Ok(Dispatch::Options(methods));
    }
    let head = method == Method::HEAD;
    let wanted = if head { "GET" } else { method.as_str() };
    let found = methods.0.iter().find(|method| **method == wanted);
    found.map(|method| Dispatch::Handle { method, head }).ok_or_else(|| Problem::method_not_allowed(methods))
}

#[cfg(test)]
mod tests {
    use super::*;

    const METHODS: Methods = Methods(&["GET", "DELETE"]);

    #[test]
    fn methods_are_matched_exactly() {
        let handle = |method, head| Ok(Dispatch::Handle { method, head });
        assert_eq!(dispatch(&Method::GET, Some(METHODS)), handle("GET", false));
        assert_eq!(dispatch(&Method::HEAD, Some(METHODS)), handle("GET", true));
        assert_eq!(dispatch(&Method::DELETE, Some(METHODS)), handle("DELETE", false));
        assert_eq!(dispatch(&Method::OPTIONS, Some(METHODS)), Ok(Dispatch::Options(METHODS)));
    }

    #[test]
    fn others_are_refused_with_what_is_allowed() {
        let refused = Problem::method_not_allowed(METHODS);
        assert_eq!(refused.allow.unwrap().to_string(), "GET, HEAD, DELETE, OPTIONS");
        for method in [Method::POST, Method::PATCH, Method::TRACE, Method::from_bytes(b"get").unwrap()] {
            assert_eq!(dispatch(&method, Some(METHODS)), Err(refused.clone()));
        }
        let only_post = Some(Methods(&["POST"]));
        assert_eq!(dispatch(&Method::HEAD, only_post).unwrap_err().status, 405);
        assert_eq!(dispatch(&Method::GET, None), Err(Problem::no_such_path()));
        assert_eq!(dispatch(&Method::OPTIONS, None), Err(Problem::no_such_path()));
    }
}
