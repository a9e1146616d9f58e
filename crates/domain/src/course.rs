//! What is needed to know of a course.

use crate::Money;
use chrono::{DateTime, Datelike, Utc};
use std::ops::RangeInclusive;

/// A course that can be enrolled in, as the courses service describes it. What
/// comes from that service is made by [`Course::new`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    /// What it is called, on the invoice too.
    pub name: String,
    /// What it costs, tax included.
    pub price: Money,
    /// When it ends; one without an end never completes an enrolment.
    pub ends_at: Option<DateTime<Utc>>,
    /// How many may be enrolled in it; none for any number.
    pub seats: Option<u32>,
}

/// Why a description is not one of a [`Course`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCourse {
    /// The name holds nothing.
    #[error("name is empty")]
    NoName,
    /// The name has more than [`Course::MAX_NAME`] characters.
    #[error("name has more than 500 characters")]
    LongName,
    /// The name holds a control character.
    #[error("name has control characters")]
    Control,
    /// The end is outside of [`Course::YEARS`].
    #[error("end_date is not from 1970 to 9998")]
    End,
    /// The price is above [`Course::MAX_PRICE`].
    #[error("price is absurd")]
    Price,
}

impl Course {
    /// The most characters that a name has; an invoice cuts it shorter.
    pub const MAX_NAME: usize = 500;
    /// No course costs more than 10,000,000.00.
    pub const MAX_PRICE: i64 = 1_000_000_000;
    /// The years in UTC that an end may be in: dates are kept as text with a
    /// year of four digits, in whose order they are compared.
    pub const YEARS: RangeInclusive<i32> = 1970..=9998;

    /// A course, with blanks around its name taken away.
    ///
    /// # Errors
    ///
    /// The first rule that is broken.
    pub fn new(
        name: &str,
        price: Money,
        ends_at: Option<DateTime<Utc>>,
        seats: Option<u32>,
    ) -> Result<Self, InvalidCourse> {
        let name = name.trim();
        if name.is_empty() {
            Err(InvalidCourse::NoName)
        } else if name.chars().any(char::is_control) {
            Err(InvalidCourse::Control)
        } else if name.chars().count() > Self::MAX_NAME {
            Err(InvalidCourse::LongName)
        } else if price.hundredths() > Self::MAX_PRICE {
            Err(InvalidCourse::Price)
        } else if ends_at.is_some_and(|end| !Self::YEARS.contains(&end.year())) {
            Err(InvalidCourse::End)
        } else {
            Ok(Self { name: name.to_owned(), price, ends_at, seats })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Result<String, InvalidCourse> {
        Course::new(name, Money::from_hundredths(Course::MAX_PRICE).unwrap(), None, None).map(|course| course.name)
    }

    #[test]
    fn names_have_bounds() {
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
    fn prices_have_a_bound() {
        let above = Money::from_hundredths(Course::MAX_PRICE + 1).unwrap();
        assert_eq!(Course::new("Rust", above, None, Some(0)), Err(InvalidCourse::Price));
    }

    #[test]
    fn ends_have_years_of_four_digits() {
        let ending = |text: &str| {
            let end: DateTime<Utc> = text.parse().unwrap();
            Course::new("Rust", Money::from_hundredths(1).unwrap(), Some(end), None)
                .map(|course| course.ends_at == Some(end))
        };
        for taken in ["1970-01-01T00:00:00Z", "2026-05-01T10:00:00Z", "9998-12-31T23:59:59Z"] {
            assert_eq!(ending(taken), Ok(true), "{taken}");
        }
        for refused in [
            "1969-12-31T23:59:59Z",
            "0000-01-01T00:00:00Z",
            "-0001-01-01T00:00:00Z",
            "9999-01-01T00:00:00Z",
            "9999-12-31T23:59:59-12:00",
            "+10000-01-01T00:00:00Z",
        ] {
            assert_eq!(ending(refused), Err(InvalidCourse::End), "{refused}");
        }
    }
}
