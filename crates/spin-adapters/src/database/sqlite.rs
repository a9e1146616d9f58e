//! SQLite through `fermyon:spin/sqlite`.

use super::{DbError, Param, Row, Value};
use spin_sdk::sqlite::{self, Error};

pub(crate) struct Connection(sqlite::Connection);

impl Connection {
    pub(crate) fn open() -> Result<Self, DbError> {
        sqlite::Connection::open_default().map(Self).map_err(|error| name(&error))
    }

    pub(crate) fn run(&self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>, DbError> {
        let params: Vec<_> = params.iter().map(to_host).collect();
        let result = self.0.execute(sql, &params).map_err(|error| name(&error))?;
        result.rows.into_iter().map(|row| row.values.into_iter().map(from_host).collect()).collect()
    }
}

fn to_host(param: &Param<'_>) -> sqlite::Value {
    match param {
        Param::Int(value) => sqlite::Value::Integer(*value),
        Param::Text(value) => sqlite::Value::Text((*value).to_owned()),
        Param::Null => sqlite::Value::Null,
    }
}

fn from_host(value: sqlite::Value) -> Result<Value, DbError> {
    match value {
        sqlite::Value::Integer(value) => Ok(Value::Int(value)),
        sqlite::Value::Text(value) => Ok(Value::Text(value)),
        sqlite::Value::Null => Ok(Value::Null),
        sqlite::Value::Real(_) | sqlite::Value::Blob(_) => Err(super::row::unreadable()),
    }
}

/// What the host says begins with SQLite's own text for the error.
fn name(error: &Error) -> DbError {
    let cause = match error {
        Error::Io(text) if text.starts_with("UNIQUE constraint failed") => return DbError::Duplicate,
        Error::Io(text) if text.starts_with("database is locked") => "busy",
        Error::Io(text) if text.starts_with("no such table") => "missing table",
        Error::Io(_) => "statement failed",
        Error::NoSuchDatabase => "no such database",
        Error::AccessDenied => "access denied",
        Error::InvalidConnection => "invalid connection",
        Error::DatabaseFull => "database full",
    };
    DbError::Failed(cause.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_named_and_not_passed_on() {
        let io = |text: &str| name(&Error::Io(text.to_owned()));
        assert_eq!(io("UNIQUE constraint failed: enrolments.user_id, enrolments.course_id"), DbError::Duplicate);
        assert_eq!(io("database is locked"), DbError::Failed("busy".to_owned()));
        assert_eq!(io("no such table: outbox in SELECT 'secret'"), DbError::Failed("missing table".to_owned()));
        assert_eq!(io("near \"secret\": syntax error"), DbError::Failed("statement failed".to_owned()));
    }
}
