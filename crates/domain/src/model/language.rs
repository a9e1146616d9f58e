//! The languages of mails, and how each writes amounts and days.

use crate::Money;
use crate::model::terms::Currency;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use chrono_tz::Europe::Warsaw;

/// The language of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Polish.
    Polish,
}

/// The months in the form that follows a number, from January.
const MONTHS: [(&str, &str); 12] = [
    ("January", "stycznia"),
    ("February", "lutego"),
    ("March", "marca"),
    ("April", "kwietnia"),
    ("May", "maja"),
    ("June", "czerwca"),
    ("July", "lipca"),
    ("August", "sierpnia"),
    ("September", "września"),
    ("October", "października"),
    ("November", "listopada"),
    ("December", "grudnia"),
];

/// Keeps a number and its unit on one line.
const NO_BREAK: char = '\u{a0}';

impl Language {
    /// All languages.
    pub const ALL: [Self; 2] = [Self::English, Self::Polish];

    /// The code of ISO 639-1.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Polish => "pl",
        }
    }

    /// The language with this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code() == code)
    }

    /// The language of a tag, such as `pl-PL` (RFC 5646: letters of both cases are equal). `None`
    /// if there are no mails in it.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        let code = tag.trim().split(['-', '_']).next().unwrap_or_default();
        Self::parse(&code.to_ascii_lowercase())
    }

    /// An amount as in Unicode's CLDR: `PLN 1,234.50`, `1234,50 zł`. In Polish, numbers of less
    /// than five digits are not grouped.
    #[must_use]
    pub fn amount(self, amount: Money, currency: Currency) -> String {
        let (whole, fraction) = (amount.hundredths() / 100, amount.hundredths() % 100);
        let (point, group) = match self {
            Self::English => ('.', ','),
            Self::Polish => (',', NO_BREAK),
        };
        let grouped = self == Self::English || whole >= 10_000;
        let mut number = if grouped { in_groups(whole, group) } else { whole.to_string() };
        if currency.has_decimals() {
            number.push_str(&format!("{point}{fraction:02}"));
        }
        match self {
            Self::English => format!("{currency}{NO_BREAK}{number}"),
            Self::Polish => {
                let unit = if currency.is_zloty() { "zł" } else { currency.code() };
                format!("{number}{NO_BREAK}{unit}")
            }
        }
    }

    /// A time in Warsaw, to the minute: `1 December 2026, 14:00 CET`.
    #[must_use]
    pub fn time(self, time: DateTime<Utc>) -> String {
        let time = time.with_timezone(&Warsaw);
        format!("{}, {}", self.day(time.date_naive()), time.format("%H:%M %Z"))
    }

    /// A day: `1 December 2026`, `1 grudnia 2026`.
    #[must_use]
    pub fn day(self, day: NaiveDate) -> String {
        let (english, polish) = MONTHS.get(day.month0() as usize).copied().unwrap_or_default();
        let month = match self {
            Self::English => english,
            Self::Polish => polish,
        };
        format!("{} {month} {}", day.day(), day.year())
    }
}

/// A number in groups of three digits.
fn in_groups(number: i64, group: char) -> String {
    if number < 1000 {
        return number.to_string();
    }
    format!("{}{group}{:03}", in_groups(number / 1000, group), number % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fakes::{currency, money};

    #[test]
    fn each_language_writes_amounts_its_way() {
        for (amount, code, english, polish) in [
            ("199.99", "PLN", "PLN 199.99", "199,99 zł"),
            ("0.05", "PLN", "PLN 0.05", "0,05 zł"),
            ("1234.50", "PLN", "PLN 1,234.50", "1234,50 zł"),
            ("12345", "PLN", "PLN 12,345.00", "12 345,00 zł"),
            ("1000001", "EUR", "EUR 1,000,001.00", "1 000 001,00 EUR"),
            ("1500", "JPY", "JPY 1,500", "1500 JPY"),
        ] {
            let written = |language: Language| language.amount(money(amount), currency(code)).replace(NO_BREAK, " ");
            assert_eq!((written(Language::English).as_str(), written(Language::Polish).as_str()), (english, polish));
        }
    }

    #[test]
    fn each_language_writes_days_its_way() {
        for (day, english, polish) in [
            ("2026-12-01", "1 December 2026", "1 grudnia 2026"),
            ("2027-01-31", "31 January 2027", "31 stycznia 2027"),
            ("2026-09-10", "10 September 2026", "10 września 2026"),
        ] {
            let day = day.parse().unwrap();
            assert_eq!((Language::English.day(day).as_str(), Language::Polish.day(day).as_str()), (english, polish));
        }
    }

    #[test]
    fn a_tag_begins_with_the_language() {
        for tag in ["pl", " PL ", "pl-PL", "pl_PL", "pl-Latn-PL"] {
            assert_eq!(Language::of_tag(tag), Some(Language::Polish), "{tag}");
        }
        for tag in ["", "p", "pol", "polski", "de", "-pl", "zażółć"] {
            assert_eq!(Language::of_tag(tag), None, "{tag}");
        }
        assert_eq!((Language::parse("en"), Language::parse("EN")), (Some(Language::English), None));
    }
}
