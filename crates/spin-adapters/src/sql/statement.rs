//! What is sent to a database.

use std::borrow::Cow;

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

/// A statement: a whole text for each database, the same one where they do not differ. It is
/// a constant in the file that runs it; a test explains each on both databases. To run one
/// elsewhere, paste it with a value for each `?` and for `{now}`, which is the time by the
/// database's clock in milliseconds since 1970. A text for one database alone is a `&str`
/// whose name ends with `_ON_MYSQL` or `_ON_SQLITE`.
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

    /// As MySQL takes it. Integers, for a DECIMAL cannot be read; UTC, for an hour comes
    /// twice in other zones.
    pub(super) fn on_mysql(self) -> Cow<'static, str> {
        timed(self.mysql, "(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) DIV 1000)")
    }

    /// As SQLite takes it.
    pub(super) fn on_sqlite(self) -> Cow<'static, str> {
        const NOW: &str = "(CAST(strftime('%s', 'now') AS INTEGER) * 1000 \
                           + CAST(substr(strftime('%f', 'now'), 4) AS INTEGER))";
        timed(self.sqlite, NOW)
    }
}

fn timed(sql: &'static str, now: &str) -> Cow<'static, str> {
    if sql.contains("{now}") { Cow::Owned(sql.replace("{now}", now)) } else { Cow::Borrowed(sql) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_the_databases() {
        let sql = Sql::both("UPDATE t SET a = {now}, b = {now} + ?");
        assert_eq!(sql.on_mysql().matches("UTC_TIMESTAMP(3)").count(), 2);
        assert_eq!(sql.on_sqlite().matches("strftime('%s', 'now')").count(), 2);
        assert!(matches!(Sql::both("SELECT 1").on_mysql(), Cow::Borrowed("SELECT 1")));
    }
}
