//! Postal addresses.

use super::country::Country;
use super::text::{Invalid, check};
use serde::{Deserialize, Serialize};

/// An address. Each part can be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Address {
    /// Street and number; see [`AddressPart`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street: Option<String>,
    /// Post code; see [`AddressPart`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post_code: Option<String>,
    /// City; see [`AddressPart`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// Country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<Country>,
}

/// A part of an [`Address`] that is a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressPart {
    /// [`Address::street`].
    Street,
    /// [`Address::post_code`].
    PostCode,
    /// [`Address::city`].
    City,
}

impl AddressPart {
    /// Its name in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Street => "street",
            Self::PostCode => "post_code",
            Self::City => "city",
        }
    }

    /// The maximal number of characters. Fakturownia takes 255 of a street (KSeF.md, "Ograniczenia
    /// długości pól").
    #[must_use]
    pub const fn max_chars(self) -> usize {
        match self {
            Self::Street => 255,
            Self::City => 100,
            Self::PostCode => 20,
        }
    }

    /// Checks and trims a part.
    ///
    /// # Errors
    ///
    /// The first rule that it breaks.
    pub fn check(self, text: &str) -> Result<String, Invalid> {
        check(text, self.max_chars(), Invalid::Control, None)
    }

    /// The same for a part that can be blank. A blank one is missing.
    ///
    /// # Errors
    ///
    /// The first rule that it breaks.
    pub fn check_optional(self, text: &str) -> Result<Option<String>, Invalid> {
        match self.check(text) {
            Ok(text) => Ok(Some(text)),
            Err(Invalid::Blank) => Ok(None),
            Err(invalid) => Err(invalid),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_trimmed_and_have_limits() {
        let street = |text: &str| AddressPart::Street.check_optional(text);
        assert_eq!(street(" Prosta 1\n"), Ok(Some("Prosta 1".to_owned())));
        assert_eq!((street(""), street(" \t")), (Ok(None), Ok(None)));
        assert_eq!(street("a\nb"), Err(Invalid::Control));
        for (part, limit) in [(AddressPart::Street, 255), (AddressPart::PostCode, 20), (AddressPart::City, 100)] {
            let (longest, long) = ("ż".repeat(limit), "ż".repeat(limit + 1));
            assert_eq!(part.check(&longest).as_deref(), Ok(longest.as_str()), "{}", part.as_str());
            assert_eq!(part.check(&long), Err(Invalid::TooLong(limit)));
            assert_eq!(part.check(" "), Err(Invalid::Blank));
        }
    }
}
