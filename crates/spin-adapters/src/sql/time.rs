//! Times as the tables keep them.

use super::DbError;
use super::row::unreadable;
use chrono::{DateTime, NaiveDateTime, SubsecRound as _, Utc};

/// A time of every table but `enrolments`: milliseconds since 1970.
pub(crate) fn millis(value: i64) -> Result<DateTime<Utc>, DbError> {
    DateTime::from_timestamp_millis(value).ok_or_else(unreadable)
}

/// A time of `enrolments`, as [`sql_time`] writes it.
pub(crate) fn from_sql_time(text: &str) -> Result<DateTime<Utc>, DbError> {
    let time = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S");
    time.map(|time| time.and_utc()).map_err(|_| unreadable())
}

/// A time as both databases keep it in `enrolments`: UTC, to the second.
pub(crate) fn sql_time(time: DateTime<Utc>) -> String {
    time.naive_utc().trunc_subsecs(0).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_as_it_is_written() {
        let time = "2026-02-28T23:59:58.9Z".parse().unwrap();
        assert_eq!(sql_time(time), "2026-02-28 23:59:58");
        assert_eq!(from_sql_time("2026-02-28 23:59:58").unwrap(), time.trunc_subsecs(0));
        for text in [
            "",
            "2026-02-28",
            "2026-02-29 00:00:00",
            "2026-02-28 24:00:00",
            "0000-00-00 00:00:00",
            "ż26-02-28 00:00:00",
        ] {
            assert_eq!(from_sql_time(text), Err(unreadable()), "{text}");
        }
    }
}
