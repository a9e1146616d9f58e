//! The tax on an invoice.

use crate::model::text::text;
use serde::{Deserialize, Serialize};

/// The tax, with its legal basis if it needs one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tax {
    /// A rate in percent.
    Rate(Rate),
    /// Exempt (`zw`), with the legal basis.
    Exempt(Exemption),
    /// Not subject to Polish tax (`np`).
    NotSubject(NotSubject),
}

impl Tax {
    /// The rate in percent, `zw` or `np`.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::Rate(rate) => rate.as_str(),
            Self::Exempt(_) => "zw",
            Self::NotSubject(_) => "np",
        }
    }

    /// The legal basis of an exemption.
    #[must_use]
    pub fn exemption(&self) -> Option<&str> {
        match self {
            Self::Exempt(exemption) => Some(exemption.as_str()),
            Self::Rate(_) | Self::NotSubject(_) => None,
        }
    }
}

/// A tax as a word, without its legal basis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaxWord {
    /// A rate in percent.
    Rate(Rate),
    /// `zw`: exempt.
    Exempt,
    /// `np`: not subject to Polish tax.
    NotSubject,
}

/// The legal basis that is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MissingGround {
    /// `zw` needs the legal basis of the exemption.
    #[error("zw needs a ground of exemption")]
    Exemption,
    /// `np` needs its kind.
    #[error("np needs its kind")]
    NotSubject,
}

impl TaxWord {
    /// Reads a rate in percent such as `23` or `5.5`, `zw` or `np`, with or without whitespace
    /// around it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim() {
            "zw" => Some(Self::Exempt),
            "np" => Some(Self::NotSubject),
            rate => Rate::parse(rate).map(Self::Rate),
        }
    }

    /// The tax with its legal basis. One that the tax does not need is ignored.
    ///
    /// # Errors
    ///
    /// When the tax needs a legal basis and it is not given.
    pub fn with(self, exemption: Option<Exemption>, kind: Option<NotSubject>) -> Result<Tax, MissingGround> {
        match self {
            Self::Rate(rate) => Ok(Tax::Rate(rate)),
            Self::Exempt => exemption.map(Tax::Exempt).ok_or(MissingGround::Exemption),
            Self::NotSubject => kind.map(Tax::NotSubject).ok_or(MissingGround::NotSubject),
        }
    }
}

text! {
    /// A rate in percent: 0 to 99.99, at most two decimals.
    ///
    /// Fakturownia does not list the allowed rates. Its examples have 0, 5, 8, 17, 20 and 23
    /// (README.md of fakturownia/API, May 2026).
    #[derive(Serialize, Deserialize)]
    #[serde(into = "String", try_from = "String")]
    Rate
}

impl Rate {
    fn parse(text: &str) -> Option<Self> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |text: &str| (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        let leading_zero = whole.len() > 1 && whole.starts_with('0');
        (digits(whole) && digits(decimals) && !leading_zero).then(|| Self(text.to_owned()))
    }
}

impl From<Rate> for String {
    fn from(rate: Rate) -> Self {
        rate.0
    }
}

impl TryFrom<String> for Rate {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("not a rate")
    }
}

text! {
    /// The legal basis of an exemption, as printed on the invoice: 1 to [`Exemption::MAX_CHARS`]
    /// characters without control characters.
    #[derive(Serialize, Deserialize)]
    #[serde(transparent)]
    Exemption
}

impl Exemption {
    /// The maximal number of characters. KSeF allows 256 for such a text (schema FA(3),
    /// `TZnakowy`).
    pub const MAX_CHARS: usize = 256;

    /// Checks and trims `text`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let fits = (1..=Self::MAX_CHARS).contains(&text.chars().count()) && !text.contains(char::is_control);
        fits.then(|| Self(text.to_owned()))
    }
}

/// Why a sale is not subject to Polish tax.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotSubject {
    /// A service supplied outside of Poland.
    ExportService,
    /// A service to a taxable person in another country of the EU.
    ExportServiceEu,
}

impl NotSubject {
    /// Reads Fakturownia's word, with or without whitespace around it.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::ExportService, Self::ExportServiceEu].into_iter().find(|kind| kind.as_str() == word.trim())
    }

    /// Fakturownia's word (`np_tax_kind`, KSeF.md, May 2026).
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ExportService => "export_service",
            Self::ExportServiceEu => "export_service_eu",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tax_is_a_rate_or_one_of_two_words() {
        for rate in ["0", "5", "8", "23", " 22\n", "5.5", "8.10", "99.99"] {
            assert_eq!(TaxWord::parse(rate), Some(TaxWord::Rate(Rate(rate.trim().to_owned()))));
        }
        assert_eq!(TaxWord::parse("zw\n"), Some(TaxWord::Exempt));
        assert_eq!(TaxWord::parse("np"), Some(TaxWord::NotSubject));
        for wrong in [
            "",
            " ",
            "23%",
            "zwolniony",
            "ZW",
            "-1",
            "+1",
            "05",
            "023",
            "100",
            "5,5",
            "5.",
            ".5",
            "5.555",
            "2e1",
            "٢",
            "oo",
            "disabled",
        ] {
            assert_eq!(TaxWord::parse(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn only_zw_and_np_need_a_legal_basis() {
        let ground = || Exemption::parse("art. 113 ust. 1");
        let kind = Some(NotSubject::ExportService);
        let with = |word: &str, exemption, kind| TaxWord::parse(word).unwrap().with(exemption, kind);
        assert_eq!(with("8", ground(), kind), Ok(Tax::Rate(Rate("8".to_owned()))));
        assert_eq!(with("zw", ground(), None), Ok(Tax::Exempt(ground().unwrap())));
        assert_eq!(with("np", None, kind), Ok(Tax::NotSubject(NotSubject::ExportService)));
        assert_eq!(with("zw", None, kind), Err(MissingGround::Exemption));
        assert_eq!(with("np", ground(), None), Err(MissingGround::NotSubject));
    }

    #[test]
    fn a_legal_basis_has_limits() {
        assert_eq!(Exemption::parse(" art. 43\n").unwrap().as_str(), "art. 43");
        assert!(Exemption::parse(&"ż".repeat(256)).is_some());
        for wrong in ["", " \n", "a\nb", &"ż".repeat(257)] {
            assert_eq!(Exemption::parse(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn every_kind_has_its_word() {
        for word in ["export_service", "export_service_eu"] {
            assert_eq!(NotSubject::parse(&format!(" {word}\n")).map(NotSubject::as_str), Some(word));
        }
        assert_eq!((NotSubject::parse(""), NotSubject::parse("not_specified")), (None, None));
    }

    #[test]
    fn the_serialized_form_does_not_change() {
        for json in [r#"{"rate":"5.5"}"#, r#"{"exempt":"art. 43"}"#, r#"{"not_subject":"export_service_eu"}"#] {
            let tax: Tax = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&tax).unwrap(), json);
        }
        assert!(serde_json::from_str::<Tax>(r#"{"rate":"23%"}"#).is_err());
    }
}
