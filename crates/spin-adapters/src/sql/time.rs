//! Times as the tables keep them.

use super::DbError;
use super::row::unreadable;
use chrono::{DateTime, NaiveDate, SubsecRound as _, Utc};

/// A time of every table but `enrolments`: milliseconds since 1970.
pub(crate) fn millis(value: i64) -> Result<DateTime<Utc>, DbError> {
    DateTime::from_timestamp_millis(value).ok_or_else(unreadable)
}

/// A time of `enrolments`, as [`sql_time`] writes it.
pub(crate) fn from_sql_time(text: &str) -> Result<DateTime<Utc>, DbError> {
    let time = || {
        let (date, time) = text.as_bytes().split_first_chunk()?;
        let [b' ', a, b, b':', c, d, b':', e, f, ..] = *time else { return None };
        day(*date)?.and_hms_opt(two(a, b)?, two(c, d)?, two(e, f)?)
    };
    time().map(|time| time.and_utc()).ok_or_else(unreadable)
}

/// A day as `YYYY-MM-DD`.
pub(crate) fn from_sql_day(text: &str) -> Result<NaiveDate, DbError> {
    text.as_bytes().first_chunk().and_then(|text| day(*text)).ok_or_else(unreadable)
}

// A page has thousands, and chrono's parser takes about 4,500 instructions for each.
fn day([a, b, c, d, _, e, f, _, g, h]: [u8; 10]) -> Option<NaiveDate> {
    let year = two(a, b)? * 100 + two(c, d)?;
    NaiveDate::from_ymd_opt(year.cast_signed(), two(e, f)?, two(g, h)?)
}

/// A number of two digits.
fn two(tens: u8, ones: u8) -> Option<u32> {
    (tens.is_ascii_digit() && ones.is_ascii_digit()).then(|| u32::from(tens - b'0') * 10 + u32::from(ones - b'0'))
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
