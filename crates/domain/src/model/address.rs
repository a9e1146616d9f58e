//! The postal address of a person.

use super::text::{Invalid, check, text};
use crate::model::company::CompanyField;
use serde::{Deserialize, Serialize};

/// The address of a user. Each part can be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Address {
    /// Street and number; see [`Address::check`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street: Option<String>,
    /// Post code; see [`Address::check`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post_code: Option<String>,
    /// City; see [`Address::check`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// Country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<Country>,
}

impl Address {
    /// Checks and trims a part, which has the limits of the same field of a company. A blank one
    /// is missing.
    ///
    /// # Errors
    ///
    /// The first rule that it breaks.
    pub fn check(part: CompanyField, text: &str) -> Result<Option<String>, Invalid> {
        match check(text, part.max_chars(), Invalid::Control, None) {
            Ok(text) => Ok(Some(text)),
            Err(Invalid::Blank) => Ok(None),
            Err(invalid) => Err(invalid),
        }
    }
}

text! {
    /// A country: two capital letters, as in ISO 3166-1.
    #[derive(Serialize, Deserialize)]
    #[serde(transparent)]
    Country
}

impl Country {
    /// Reads two capital letters, with or without whitespace around them.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let code = text.trim();
        (code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase())).then(|| Self(code.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_trimmed_and_have_limits() {
        let street = |text: &str| Address::check(CompanyField::Street, text);
        assert_eq!(street(" Prosta 1\n"), Ok(Some("Prosta 1".to_owned())));
        assert_eq!((street(""), street(" \t")), (Ok(None), Ok(None)));
        assert_eq!(street("a\nb"), Err(Invalid::Control));
        assert!(street(&"ż".repeat(255)).is_ok());
        assert_eq!(street(&"ż".repeat(256)), Err(Invalid::TooLong(255)));
        assert_eq!(Address::check(CompanyField::PostCode, &"1".repeat(21)), Err(Invalid::TooLong(20)));
    }

    #[test]
    fn a_country_is_two_capital_letters() {
        assert_eq!(Country::parse(" PL ").as_ref().map(Country::as_str), Some("PL"));
        for text in ["", "P", "pl", "POL", "Ż", "P1"] {
            assert_eq!(Country::parse(text), None, "{text}");
        }
    }
}
