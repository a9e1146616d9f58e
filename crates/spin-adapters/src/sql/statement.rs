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
/// database's clock in milliseconds since 1970; `{columns}` and `{joined}` are those of a
/// [`Shape`]. A text for one database alone is a `&str` whose name ends with `_ON_MYSQL` or
/// `_ON_SQLITE`.
#[derive(Clone, Copy)]
pub(crate) struct Sql {
    pub(crate) mysql: &'static str,
    pub(crate) sqlite: &'static str,
}

/// What a statement reads of each row.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    /// For `{columns}`.
    pub(crate) columns: Sql,
    /// For `{joined}`: the tables beside the first one.
    pub(crate) joined: Sql,
}

impl Shape {
    /// For a statement that names its columns itself.
    pub(crate) const FIXED: Self = Self { columns: Sql::both(""), joined: Sql::both("") };
}

impl Sql {
    /// The same text on both.
    pub(crate) const fn both(sql: &'static str) -> Self {
        Self { mysql: sql, sqlite: sql }
    }

    /// As MySQL takes it. Integers, for a DECIMAL cannot be read; UTC, for an hour comes
    /// twice in other zones.
    pub(super) fn on_mysql(self, shape: Shape) -> Cow<'static, str> {
        const NOW: &str = "(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) DIV 1000)";
        filled(self.mysql, NOW, (shape.columns.mysql, shape.joined.mysql))
    }

    /// As SQLite takes it.
    pub(super) fn on_sqlite(self, shape: Shape) -> Cow<'static, str> {
        const NOW: &str = "(CAST(strftime('%s', 'now') AS INTEGER) * 1000 \
                           + CAST(substr(strftime('%f', 'now'), 4) AS INTEGER))";
        filled(self.sqlite, NOW, (shape.columns.sqlite, shape.joined.sqlite))
    }
}

/// Searches for single characters: for words it takes thousands of instructions.
fn filled(sql: &'static str, now: &str, (columns, joined): (&str, &str)) -> Cow<'static, str> {
    let Some((mut before, mut rest)) = sql.split_once('{') else { return Cow::Borrowed(sql) };
    let mut filled = String::with_capacity(sql.len() + now.len() + columns.len() + joined.len());
    loop {
        filled.push_str(before);
        let (name, after) = rest.split_once('}').unwrap_or((rest, ""));
        match name {
            "now" => filled.push_str(now),
            "columns" => filled.push_str(columns),
            "joined" => filled.push_str(joined),
            // Empty JSON.
            _ => filled.extend(["{", name, "}"]),
        }
        match after.split_once('{') {
            Some(next) => (before, rest) = next,
            None => break filled.push_str(after),
        }
    }
    Cow::Owned(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_the_databases() {
        let sql = Sql::both("UPDATE t SET a = {now}, b = {now} + ?");
        assert_eq!(sql.on_mysql(Shape::FIXED).matches("UTC_TIMESTAMP(3)").count(), 2);
        assert_eq!(sql.on_sqlite(Shape::FIXED).matches("strftime('%s', 'now')").count(), 2);
        assert!(Sql::both("SET a = '{}', b = {now}").on_sqlite(Shape::FIXED).starts_with("SET a = '{}', b = (CAST"));
        assert!(matches!(Sql::both("SELECT 1").on_mysql(Shape::FIXED), Cow::Borrowed("SELECT 1")));
    }

    #[test]
    fn a_statement_reads_rows_in_any_shape() {
        let shape = Shape { columns: Sql { mysql: "a, b", sqlite: "b" }, joined: Sql::both("JOIN u") };
        let sql = Sql::both("SELECT {columns} FROM t {joined} WHERE a = {now}");
        assert!(sql.on_mysql(shape).starts_with("SELECT a, b FROM t JOIN u WHERE a = (TIMESTAMPDIFF"));
        assert!(sql.on_sqlite(shape).starts_with("SELECT b FROM t JOIN u WHERE a = (CAST"));
    }
}
