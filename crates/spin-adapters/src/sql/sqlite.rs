//! SQLite through `fermyon:spin/sqlite`.

use super::wait::{self, Request};
use super::{DbError, Key, Param, Row, Value};
use spin_sdk::sqlite::{self, Error};
use std::rc::Rc;

/// In ms. SQLite's own 5 s outlast a caller, and its steps grow to 100 ms while
/// the lock is held for two: the lock lies idle and new requests overtake.
const BUSY_TIMEOUT: &str = "PRAGMA busy_timeout = 1";

/// Of enrolments that are not canceled.
const UNIQUE_OPEN: &str = "UNIQUE constraint failed: enrolments.user_id, enrolments.course_id, enrolments.is_open";

pub(crate) struct Connection {
    connection: sqlite::Connection,
    request: Rc<Request>,
}

impl Connection {
    pub(crate) fn open(request: Rc<Request>) -> Result<Self, DbError> {
        let connection = sqlite::Connection::open_default().map_err(|error| name(&error))?;
        connection.execute(BUSY_TIMEOUT, &[]).map_err(|error| name(&error))?;
        Ok(Self { connection, request })
    }

    /// A statement that finds the database locked has done nothing, so it is tried
    /// again; within a transaction, which begins with the lock, none does.
    pub(crate) fn run(&self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>, DbError> {
        let params: Vec<_> = params.iter().map(to_host).collect();
        let result = wait::until_taken_on(
            || self.connection.execute(sql, &params).map_err(|error| name(&error)),
            |now| self.request.end_of_wait(now),
            |waited| self.request.step(waited),
        )?;
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
        Error::Io(text) if text.starts_with(UNIQUE_OPEN) => return DbError::Duplicate(Key::Open),
        Error::Io(text) if text.starts_with("UNIQUE constraint failed") => return DbError::Duplicate(Key::Other),
        Error::Io(text) if text.starts_with("database is locked") => return DbError::Busy("locked"),
        Error::Io(text) if text.starts_with("no such table") => return DbError::Schema("missing table"),
        Error::Io(text) if text.starts_with("no such index") => return DbError::Schema("missing index"),
        Error::Io(text) if lacks_a_column(text) => return DbError::Schema("missing column"),
        Error::Io(text) if text.starts_with("attempt to write a readonly database") => "read-only",
        Error::Io(text) if text.starts_with("unable to open database file") => "file cannot be opened",
        Error::Io(text) if text.starts_with("database disk image is malformed") => "file is damaged",
        Error::Io(text) if text.starts_with("file is not a database") => "file is damaged",
        Error::Io(text) if text.starts_with("database or disk is full") => "disk full",
        Error::Io(text) if text.starts_with("disk I/O error") => "disk error",
        Error::Io(_) => "statement failed",
        Error::NoSuchDatabase => "no such database",
        Error::AccessDenied => "access denied",
        Error::InvalidConnection => "invalid connection",
        Error::DatabaseFull => "database full",
    };
    DbError::Failed(cause.to_owned())
}

/// In a statement of any kind, or in the columns of an INSERT.
fn lacks_a_column(text: &str) -> bool {
    text.starts_with("no such column") || text.starts_with("table ") && text.contains(" has no column named ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_named_and_not_passed_on() {
        let io = |text: &str| name(&Error::Io(text.to_owned()));
        assert_eq!(io(&format!("{UNIQUE_OPEN} in INSERT 'secret'")), DbError::Duplicate(Key::Open));
        assert_eq!(io("UNIQUE constraint failed: idempotency.idempotency_key"), DbError::Duplicate(Key::Other));
        assert_eq!(io("database is locked"), DbError::Busy("locked"));
        for (text, lack) in [
            ("no such table: outbox in SELECT 'secret'", "missing table"),
            ("no such index: ix_outbox_pending in SELECT 'secret'", "missing index"),
            ("no such column: job_key in SELECT 'secret'", "missing column"),
            ("table outbox has no column named job_key in INSERT 'secret'", "missing column"),
        ] {
            assert_eq!(io(text), DbError::Schema(lack), "{text}");
        }
        for (text, cause) in [
            ("attempt to write a readonly database", "read-only"),
            ("unable to open database file: /secret", "file cannot be opened"),
            ("database disk image is malformed", "file is damaged"),
            ("file is not a database", "file is damaged"),
            ("database or disk is full", "disk full"),
            ("disk I/O error", "disk error"),
            ("near \"secret\": syntax error", "statement failed"),
            ("table outbox_new already exists", "statement failed"),
        ] {
            assert_eq!(io(text), DbError::Failed(cause.to_owned()), "{text}");
        }
    }
}
