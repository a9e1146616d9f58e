//! The part of a list that a caller asks for.

use crate::query::{Fault, Query, integer};

/// The maximum number of elements of a list, if the caller says none.
pub(crate) const DEFAULT_LIMIT: u32 = 100;

/// The optional parameters `after` and `limit` of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Paging {
    /// Only what has a higher id.
    pub after: Option<i64>,
    /// The maximum number of elements: 1 to 1000.
    pub limit: Option<u32>,
}

impl Paging {
    /// The id to continue after: 0, which is before the first, by default.
    #[must_use]
    pub fn after(self) -> i64 {
        self.after.unwrap_or(0)
    }

    /// The maximum number of elements: 100 by default.
    #[must_use]
    pub fn limit(self) -> u32 {
        self.limit.unwrap_or(DEFAULT_LIMIT)
    }

    /// Reads both parameters; `after` is the parser for an id.
    pub(crate) fn read(query: &mut Query<'_>, after: impl FnOnce(&str) -> Result<i64, Fault>) -> Self {
        Self { limit: query.read("limit", limit), after: query.read("after", after) }
    }
}

/// A parser for the id of an enrolment, or 0.
pub(crate) fn enrolment(text: &str) -> Result<i64, Fault> {
    let in_range = |id| (id <= i64::from(i32::MAX)).then_some(id);
    integer("An integer from 0 to 2147483647 is required", in_range)(text)
}

/// A parser for any id, or 0; `must` says what is required.
pub(crate) fn id(must: &'static str) -> impl FnOnce(&str) -> Result<i64, Fault> {
    integer(must, Some)
}

/// A parser for a maximum number of elements.
pub(crate) fn limit(text: &str) -> Result<u32, Fault> {
    integer("An integer from 1 to 1000 is required", |limit| {
        u32::try_from(limit).ok().filter(|limit| (1..=1000).contains(limit))
    })(text)
}
