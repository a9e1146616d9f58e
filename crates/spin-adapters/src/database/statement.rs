//! What is sent to a database.

/// A value bound to a statement.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Param<'a> {
    Int(i64),
    Text(&'a str),
    Null,
}

impl From<i64> for Param<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl<'a> From<&'a str> for Param<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}

impl<'a, T: Into<Param<'a>>> From<Option<T>> for Param<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A statement on each database.
#[derive(Clone, Copy)]
pub(crate) struct Sql {
    pub(crate) mysql: &'static str,
    pub(crate) sqlite: &'static str,
}

impl Sql {
    /// The same text on both.
    pub(crate) const fn both(sql: &'static str) -> Self {
        Self { mysql: sql, sqlite: sql }
    }
}
