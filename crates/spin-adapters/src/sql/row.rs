//! Rows, as both databases give them.

use super::DbError;
use domain::Money;

/// A value in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Null,
    Int(i64),
    Text(String),
}

/// A row of a result.
pub(crate) type Row = Vec<Value>;

/// The columns of a row, taken one after the other.
pub(crate) struct Columns(std::vec::IntoIter<Value>);

impl Columns {
    pub(crate) fn new(row: Row) -> Self {
        Self(row.into_iter())
    }

    pub(crate) fn optional_int(&mut self) -> Result<Option<i64>, DbError> {
        match self.0.next() {
            Some(Value::Int(value)) => Ok(Some(value)),
            Some(Value::Null) => Ok(None),
            _ => Err(unreadable()),
        }
    }

    pub(crate) fn int(&mut self) -> Result<i64, DbError> {
        self.optional_int()?.ok_or_else(unreadable)
    }

    pub(crate) fn optional_money(&mut self) -> Result<Option<Money>, DbError> {
        self.optional_int()?.map(|hundredths| Money::from_hundredths(hundredths).ok_or_else(unreadable)).transpose()
    }

    pub(crate) fn optional_text(&mut self) -> Result<Option<String>, DbError> {
        match self.0.next() {
            Some(Value::Text(value)) => Ok(Some(value)),
            Some(Value::Null) => Ok(None),
            _ => Err(unreadable()),
        }
    }

    pub(crate) fn text(&mut self) -> Result<String, DbError> {
        self.optional_text()?.ok_or_else(unreadable)
    }
}

/// A row that is not as the schema has it.
pub(crate) fn unreadable() -> DbError {
    DbError::Failed("unreadable row".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_what_the_schema_says_or_an_error() {
        let mut columns = Columns::new(vec![Value::Int(1), Value::Null, Value::Text("a".to_owned()), Value::Null]);
        assert_eq!(columns.int(), Ok(1));
        assert_eq!(columns.optional_int(), Ok(None));
        assert_eq!(columns.text().as_deref(), Ok("a"));
        assert_eq!(columns.optional_text(), Ok(None));
        assert_eq!(columns.int(), Err(unreadable()), "there is no more");
        assert_eq!(Columns::new(vec![Value::Null]).text(), Err(unreadable()));
        assert_eq!(Columns::new(vec![Value::Int(1)]).text(), Err(unreadable()));
        assert_eq!(Columns::new(vec![Value::Text(String::new())]).int(), Err(unreadable()));
    }
}
