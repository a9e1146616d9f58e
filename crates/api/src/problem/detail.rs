//! The faults of a request, as its answer names them.

use crate::wire::Detail;
use crate::wire::words::fault;
use std::borrow::Cow;

impl Detail {
    /// A fault of the field `name`.
    #[must_use]
    pub fn of(name: impl Into<Cow<'static, str>>, msg: impl Into<String>, kind: &'static str) -> Self {
        Self { loc: vec![name.into()], msg: msg.into(), kind }
    }

    /// A fault of the field `name` in the object `outer`.
    #[must_use]
    pub fn inside(outer: &'static str, name: &'static str, msg: impl Into<String>, kind: &'static str) -> Self {
        Self { loc: vec![outer.into(), name.into()], msg: msg.into(), kind }
    }

    /// A fault of the body as a whole.
    #[must_use]
    pub fn of_the_body(msg: &str, kind: &'static str) -> Self {
        Self { loc: Vec::new(), msg: msg.to_owned(), kind }
    }

    /// A duplicate field or parameter.
    #[must_use]
    pub fn duplicate(name: &str) -> Self {
        Self::of(beginning(name), "Given more than once", fault::DUPLICATE)
    }

    /// An unknown field in the object `outer`.
    #[must_use]
    pub fn unknown_inside(outer: &'static str, name: &str) -> Self {
        Self { loc: vec![outer.into(), beginning(name).into()], msg: "Unknown field".to_owned(), kind: fault::EXTRA }
    }

    /// An unknown parameter or field.
    #[must_use]
    pub fn unknown(name: &str, what: &str) -> Self {
        Self::of(beginning(name), format!("Unknown {what}"), fault::EXTRA)
    }
}

/// The first 64 characters of a name that the caller chose.
pub(crate) fn beginning(name: &str) -> String {
    const LONGEST: usize = 64;
    name.chars().take(LONGEST).collect()
}
