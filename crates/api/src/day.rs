//! Days in requests.

use chrono::NaiveDate;

/// The day of a text such as `2026-01-31`: without a sign, and with every zero.
pub(crate) fn day(text: &str) -> Option<NaiveDate> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<u32>().ok();
    let day = NaiveDate::from_ymd_opt(number(0, 4)?.try_into().ok()?, number(5, 7)?, number(8, 10)?)?;
    (day.to_string() == text).then_some(day)
}
