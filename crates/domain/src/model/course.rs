//! What the service uses of a course.

use crate::model::course_terms::CourseTerms;
use crate::model::gtu::GtuCode;
use crate::model::language::Language;
use crate::model::terms::{Currency, Tax};
use crate::model::window::Window;
use crate::{Money, System, Unusable};
use chrono::{DateTime, Datelike, Timelike, Utc};
use std::ops::RangeInclusive;

/// A course as the courses service or a request describes it. Each field is checked on its own: a
/// field that cannot be used is an error only where it is needed. A mail needs only the name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    /// Its name, also on the invoice; see [`Course::check_name`].
    pub name: Result<String, Unusable>,
    /// Its price with tax; see [`Course::check_price`].
    pub price: Result<Money, Unusable>,
    /// The currency of the price; `None` means that of the variable.
    pub currency: Result<Option<Currency>, Unusable>,
    /// The tax: a rate, or exempt; `None` means that of the variable.
    pub tax: Result<Option<Tax>, Unusable>,
    /// The GTU code on the invoice, if any.
    pub gtu_code: Result<Option<GtuCode>, Unusable>,
    /// When it ends. Without an end, its enrolments are never completed. See
    /// [`Course::check_time`].
    pub ends_at: Result<Option<DateTime<Utc>>, Unusable>,
    /// How many seats it has; `None` means no limit.
    pub seats: Result<Option<u32>, Unusable>,
    /// When enrolling begins, if there is such a time; see [`Course::window`].
    pub opens_at: Result<Option<DateTime<Utc>>, Unusable>,
    /// When enrolling ends, if there is such a time.
    pub closes_at: Result<Option<DateTime<Utc>>, Unusable>,
    /// The language of mails about it, if it is known.
    pub language: Option<Language>,
}

/// Why a field of a [`Course`] cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCourse {
    /// The name is empty.
    #[error("name is empty")]
    NoName,
    /// The name has more than [`Course::MAX_NAME`] characters.
    #[error("name has more than 500 characters")]
    LongName,
    /// The name has a control character.
    #[error("name has control characters")]
    Control,
    /// The price is above [`Course::MAX_PRICE`].
    #[error("price is out of range")]
    Price,
}

impl Course {
    /// The maximal number of characters of a name. An invoice shortens it further.
    pub const MAX_NAME: usize = 500;
    /// The highest price: 10,000,000.00.
    pub const MAX_PRICE: i64 = 1_000_000_000;
    /// The years in UTC that a time may be in. Dates are stored as text with a year of four
    /// digits and compared as text.
    pub const YEARS: RangeInclusive<i32> = 1970..=9998;

    /// Checks and trims a name.
    ///
    /// # Errors
    ///
    /// The first rule that it breaks.
    pub fn check_name(name: &str) -> Result<String, InvalidCourse> {
        let name = name.trim();
        if name.is_empty() {
            Err(InvalidCourse::NoName)
        } else if name.chars().any(char::is_control) {
            Err(InvalidCourse::Control)
        } else if name.chars().count() > Self::MAX_NAME {
            Err(InvalidCourse::LongName)
        } else {
            Ok(name.to_owned())
        }
    }

    /// Checks a price.
    ///
    /// # Errors
    ///
    /// [`InvalidCourse::Price`].
    pub fn check_price(price: Money) -> Result<Money, InvalidCourse> {
        if price.hundredths() > Self::MAX_PRICE { Err(InvalidCourse::Price) } else { Ok(price) }
    }

    /// A time, if it is within [`Course::YEARS`]. A leap second becomes the second after it,
    /// because databases do not store leap seconds.
    #[must_use]
    pub fn check_time(time: DateTime<Utc>) -> Option<DateTime<Utc>> {
        // chrono shows a leap second as a billion nanoseconds or more.
        let leap = i64::from(time.nanosecond() / 1_000_000_000);
        let time = DateTime::from_timestamp(time.timestamp() + leap, time.nanosecond() % 1_000_000_000);
        time.filter(|time| Self::YEARS.contains(&time.year()))
    }

    /// The terms of an enrolment now, in a currency: that of the course, or of the variable.
    ///
    /// # Errors
    ///
    /// When a field for them cannot be used, or the price has decimals but the currency has none.
    pub fn terms(&self, currency: Currency) -> Result<CourseTerms, Unusable> {
        Ok(CourseTerms {
            name: self.name.clone()?,
            price: self.price_in(currency)?,
            currency,
            tax: self.tax.clone()?,
            gtu_code: self.gtu_code.clone()?,
            language: self.language,
            ends_at: self.ends_at.clone()?,
            moved_to: None,
        })
    }

    /// When it takes enrolments.
    ///
    /// # Errors
    ///
    /// When one of its times cannot be used.
    pub fn window(&self) -> Result<Window, Unusable> {
        let (opens_at, closes_at) = (self.opens_at.clone()?, self.closes_at.clone()?);
        Ok(Window { opens_at, closes_at, ends_at: self.ends_at.clone()? })
    }

    /// The price as an amount of a currency.
    ///
    /// # Errors
    ///
    /// When the price cannot be used, or has decimals but the currency has none.
    pub fn price_in(&self, currency: Currency) -> Result<Money, Unusable> {
        let price = self.price.clone()?;
        if currency.has_decimals_of(price) {
            return Ok(price);
        }
        Err(Unusable { system: System::Courses, cause: format!("price has decimals, {currency} has none") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fakes::{course, currency, money};

    fn named(name: &str) -> Result<String, InvalidCourse> {
        Course::check_name(name)
    }

    #[test]
    fn names_have_limits() {
        assert_eq!(named(" Rust & <Wasm>\n").as_deref(), Ok("Rust & <Wasm>"));
        assert!(named(&"ż".repeat(Course::MAX_NAME)).is_ok());
        assert_eq!(named(&"ż".repeat(Course::MAX_NAME + 1)), Err(InvalidCourse::LongName));
        for empty in ["", " ", "\u{2003}\n"] {
            assert_eq!(named(empty), Err(InvalidCourse::NoName), "{empty:?}");
        }
        for inside in ["a\nb", "a\0b", "a\tb"] {
            assert_eq!(named(inside), Err(InvalidCourse::Control), "{inside:?}");
        }
    }

    #[test]
    fn a_price_with_decimals_needs_a_currency_with_decimals() {
        let yen = currency("JPY");
        let unusable = course(149.5).price_in(yen).unwrap_err();
        assert_eq!(unusable.to_string(), "courses: price has decimals, JPY has none");
        assert_eq!(course(149.0).price_in(yen), Ok(money("149")));
        assert_eq!(course(149.5).price_in(currency("PLN")), Ok(money("149.5")));
    }

    #[test]
    fn prices_have_a_limit() {
        let above = Money::from_hundredths(Course::MAX_PRICE + 1).unwrap();
        assert_eq!(Course::check_price(above), Err(InvalidCourse::Price));
        let most = Money::from_hundredths(Course::MAX_PRICE).unwrap();
        assert_eq!(Course::check_price(most), Ok(most));
    }

    #[test]
    fn times_have_years_of_four_digits() {
        let ending = |text: &str| {
            let end: DateTime<Utc> = text.parse().unwrap();
            Course::check_time(end).is_some_and(|checked| checked == end)
        };
        for taken in ["1970-01-01T00:00:00Z", "2026-05-01T10:00:00Z", "9998-12-31T23:59:59Z"] {
            assert!(ending(taken), "{taken}");
        }
        for refused in [
            "1969-12-31T23:59:59Z",
            "0000-01-01T00:00:00Z",
            "-0001-01-01T00:00:00Z",
            "9999-01-01T00:00:00Z",
            "9999-12-31T23:59:59-12:00",
            "+10000-01-01T00:00:00Z",
        ] {
            assert!(!ending(refused), "{refused}");
        }
    }

    #[test]
    fn a_leap_second_becomes_the_second_after_it() {
        for (given, kept) in [
            ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
            ("2016-12-31T23:59:60.25Z", "2017-01-01T00:00:00.25Z"),
            ("2017-01-01T00:59:60+01:00", "2017-01-01T00:00:00Z"),
            ("2016-12-31T23:59:59.999Z", "2016-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(Course::check_time(given.parse().unwrap()), kept.parse().ok(), "{given}");
        }
    }
}
