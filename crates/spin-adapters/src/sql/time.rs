//! Times as the tables keep them.

use super::DbError;
use super::row::unreadable;
use chrono::{DateTime, SubsecRound as _, Utc};

/// A time of every table but `enrolments`: milliseconds since 1970.
pub(crate) fn millis(value: i64) -> Result<DateTime<Utc>, DbError> {
    DateTime::from_timestamp_millis(value).ok_or_else(unreadable)
}

/// A time as both databases keep it in `enrolments`: UTC, to the second.
pub(crate) fn sql_time(time: DateTime<Utc>) -> String {
    time.naive_utc().trunc_subsecs(0).to_string()
}
