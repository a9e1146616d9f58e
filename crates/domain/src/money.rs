//! Amounts of money.

use std::fmt;

/// A gross price in hundredths (grosze), from 0 to [`Money::MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Money(i64);

impl Money {
    /// No course costs more than 10,000,000.00; a higher price is an error of
    /// the courses service.
    pub const MAX: Self = Self(1_000_000_000);

    /// An amount in hundredths, if it is from 0 to [`Money::MAX`].
    #[must_use]
    pub fn from_hundredths(hundredths: i64) -> Option<Self> {
        (0..=Self::MAX.0).contains(&hundredths).then_some(Self(hundredths))
    }

    /// The amount that a number stands for which another service sent as a
    /// binary float: the hundredth it is nearest to, if it is near enough to
    /// mean one.
    #[must_use]
    pub fn from_float(amount: f64) -> Option<Self> {
        let hundredths = (amount * 100.0).round();
        let near = (amount * 100.0 - hundredths).abs() < 1e-4;
        #[allow(clippy::cast_possible_truncation)] // bounded by the second check
        (near && (0.0..=1e9).contains(&hundredths)).then_some(Self(hundredths as i64))
    }

    /// The amount in hundredths.
    #[must_use]
    pub fn hundredths(self) -> i64 {
        self.0
    }

    /// Whether there is nothing to pay.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }
}

/// As a decimal with two places, such as `199.99`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
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
    }

    #[test]
    fn absurd_amounts_are_refused() {
        for amount in [-0.01, -1.0, 10_000_000.01, 1e300, f64::NAN, f64::INFINITY, 199.994] {
            assert_eq!(Money::from_float(amount), None, "{amount}");
        }
        assert_eq!(Money::from_hundredths(-1), None);
        assert_eq!(Money::from_hundredths(1_000_000_001), None);
        assert_eq!(Money::from_float(10_000_000.0), Some(Money::MAX));
    }

    #[test]
    fn a_float_that_carries_an_error_means_its_hundredth() {
        assert_eq!(Money::from_float(199.989_999_999_999_98).unwrap().to_string(), "199.99");
        assert!(Money::from_float(0.0).unwrap().is_zero());
        assert!(!Money::from_float(0.01).unwrap().is_zero());
    }

    proptest! {
        #[test]
        fn every_price_survives_the_way_through_a_float(hundredths in 0..=1_000_000_000_i64) {
            let money = Money::from_hundredths(hundredths).unwrap();
            let float: f64 = money.to_string().parse().unwrap();
            prop_assert_eq!(Money::from_float(float), Some(money));
        }
    }
}
