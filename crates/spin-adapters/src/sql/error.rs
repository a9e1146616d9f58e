//! Why a statement failed.

use domain::{System, Unavailable};

/// Why a statement failed. Names only: what a database says can hold a
/// password or somebody's data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DbError {
    /// A unique key is taken.
    Duplicate(Key),
    /// A column cannot hold a value, or be compared with it.
    NotStorable,
    /// The whole transaction was rolled back and can be tried again.
    Deadlock,
    /// An index that the statement names is not there.
    NoIndex,
    /// A table or a column is not there, or may not be, by name.
    Schema(&'static str),
    /// Nothing was done, by name: no connection is free, or a lock is held.
    Busy(&'static str),
    /// Anything else, by name.
    Failed(String),
}

/// Which unique key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// That of enrolments which are not canceled.
    Open,
    /// Any other.
    Other,
}

impl From<DbError> for Unavailable {
    fn from(error: DbError) -> Self {
        let cause = match error {
            DbError::Duplicate(_) => "duplicate key".to_owned(),
            DbError::NotStorable => "a value that its column cannot hold".to_owned(),
            DbError::Deadlock => "deadlock".to_owned(),
            DbError::NoIndex => "missing index".to_owned(),
            DbError::Schema(cause) | DbError::Busy(cause) => cause.to_owned(),
            DbError::Failed(cause) => cause,
        };
        Self::new(System::Database, cause)
    }
}
