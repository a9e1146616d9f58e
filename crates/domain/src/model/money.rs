//! Amounts of money.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A gross amount in hundredths (grosze), from 0 to [`Money::MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "i64", try_from = "i64")]
pub struct Money(i64);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// 99,999,999.99. A higher amount is taken for an error.
    pub const MAX: Self = Self(9_999_999_999);

    /// An amount in hundredths, if it is from 0 to [`Money::MAX`].
    #[must_use]
    pub fn from_hundredths(hundredths: i64) -> Option<Self> {
        (0..=Self::MAX.0).contains(&hundredths).then_some(Self(hundredths))
    }

    /// The amount of a binary float that another service sent: the nearest hundredth, if it is
    /// less than 0.000001 away.
    #[must_use]
    pub fn from_float(amount: f64) -> Option<Self> {
        let hundredths = (amount * 100.0).round();
        let near = (amount * 100.0 - hundredths).abs() < 1e-4;
        #[allow(clippy::cast_possible_truncation)] // bounded by the second check
        (near && (0.0..=9_999_999_999.0).contains(&hundredths)).then_some(Self(hundredths as i64))
    }

    /// The amount of a decimal: one to eight digits, and after a point one or two more.
    #[must_use]
    pub fn from_decimal(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |text: &str, most: usize| {
            ((1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()))
                .then(|| text.parse::<i64>().ok())?
        };
        let tenths = if fraction.len() == 1 { 10 } else { 1 };
        Self::from_hundredths(digits(whole, 8)? * 100 + digits(fraction, 2)? * tenths)
    }

    /// The amount in hundredths.
    #[must_use]
    pub fn hundredths(self) -> i64 {
        self.0
    }

    /// The difference; `None` if `other` is more.
    #[must_use]
    pub fn minus(self, other: Self) -> Option<Self> {
        Self::from_hundredths(self.0 - other.0)
    }

    /// Whether it is zero.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl From<Money> for i64 {
    fn from(money: Money) -> Self {
        money.0
    }
}

impl TryFrom<i64> for Money {
    type Error = &'static str;

    fn try_from(hundredths: i64) -> Result<Self, Self::Error> {
        Self::from_hundredths(hundredths).ok_or("an amount out of range")
    }
}

/// As a decimal with two places, such as `199.99`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Balance(self.0).fmt(f)
    }
}

/// The total of a document, in hundredths: negative on a correction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance(pub i64);

/// As a decimal with two places, such as `-199.99`.
impl fmt::Display for Balance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, hundredths) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        write!(f, "{sign}{}.{:02}", hundredths / 100, hundredths % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn shown_with_two_places() {
        for (hundredths, text) in [(0, "0.00"), (1, "0.01"), (19999, "199.99"), (20000, "200.00")] {
            let money = Money::from_hundredths(hundredths).unwrap();
            assert_eq!((money.hundredths(), money.to_string().as_str()), (hundredths, text));
        }
        for (hundredths, text) in [(-1, "-0.01"), (-19999, "-199.99"), (0, "0.00"), (5, "0.05")] {
            assert_eq!(Balance(hundredths).to_string(), text);
        }
    }

    #[test]
    fn amounts_out_of_range_are_refused() {
        for amount in [-0.01, -1.0, 100_000_000.0, 1e300, f64::NAN, f64::INFINITY, 199.994] {
            assert_eq!(Money::from_float(amount), None, "{amount}");
        }
        assert_eq!(Money::from_hundredths(-1), None);
        assert_eq!(Money::from_hundredths(10_000_000_000), None);
        assert_eq!(Money::from_float(99_999_999.99), Some(Money::MAX));
        assert!(serde_json::from_str::<Money>("-1").is_err());
        assert_eq!(serde_json::from_str::<Money>("100").unwrap().to_string(), "1.00");
    }

    #[test]
    fn a_float_with_a_rounding_error_is_its_nearest_hundredth() {
        assert_eq!(Money::from_float(199.989_999_999_999_98).unwrap().to_string(), "199.99");
        assert!(Money::from_float(0.0).unwrap().is_zero());
        assert!(!Money::from_float(0.01).unwrap().is_zero());
    }

    #[test]
    fn decimals_are_exact() {
        for (text, shown) in [
            ("0", "0.00"),
            ("149", "149.00"),
            ("149.5", "149.50"),
            ("0149.05", "149.05"),
            ("99999999.99", "99999999.99"),
        ] {
            assert_eq!(Money::from_decimal(text).unwrap().to_string(), shown);
        }
        for text in
            ["", ".", "1.", ".5", "-1", "+1", "1.005", "1e2", "1,5", " 1", "100000000", "123456789", "1.1.1", "١"]
        {
            assert_eq!(Money::from_decimal(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_price_is_exact_after_a_float(hundredths in 0..=9_999_999_999_i64) {
            let money = Money::from_hundredths(hundredths).unwrap();
            let float: f64 = money.to_string().parse().unwrap();
            prop_assert_eq!(Money::from_float(float), Some(money));
            prop_assert_eq!(Money::from_decimal(&money.to_string()), Some(money));
        }

        #[test]
        fn no_text_panics(text: String) {
            let _ = Money::from_decimal(&text);
        }
    }
}
