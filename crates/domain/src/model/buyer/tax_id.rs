//! The tax number of a company.

use crate::model::country::Country;

/// The tax number of a company, with its kind at Fakturownia (KSeF.md, "Rodzaj identyfikatora podatkowego"). The
/// country of the company decides which kind it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum TaxId {
    /// In Poland, a NIP: ten digits, the last is a check digit, in the form that KSeF accepts.
    Nip(String),
    /// In Poland, a NIP with a dash and five digits: the number of a unit without a NIP of its own.
    NipWithId(String),
    /// In another country of the European Union, the VAT number, with the letters of a country.
    EuVat(String),
    /// Elsewhere, any number.
    Other(String),
    /// None.
    #[default]
    None,
}

/// Why a text is not a tax number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTaxId {
    /// Empty, or only whitespace.
    #[error("must not be blank")]
    Blank,
    /// The number of a company in Poland begins with the letters of another country.
    #[error("must be a NIP: a company of another country needs its country")]
    Abroad,
    /// The number of a company in Poland is not a NIP.
    #[error("must be a NIP: ten digits, the last is a check digit")]
    Nip,
    /// The number of a company in the European Union cannot be its VAT number.
    #[error("must be a VAT number: the letters of the country, and 1 to 12 digits, capital letters, + and *")]
    EuVat,
    /// The number of a company elsewhere has other characters.
    #[error("must have 1 to 50 digits and letters from A to Z")]
    Other,
}

impl TaxId {
    /// The maximal number of characters of a NIP as it is sent.
    pub const MAX_NIP: usize = 20;

    /// Reads the number of a company in `country`, `None` for Poland. Dashes, full stops and spaces in it are ignored.
    ///
    /// # Errors
    ///
    /// When Fakturownia would refuse it (KSeF.md, "Walidacja formatu identyfikatora"), and for a NIP with a wrong check
    /// digit.
    pub fn new(country: Option<&Country>, text: &str) -> Result<Self, InvalidTaxId> {
        if text.trim().is_empty() {
            return Err(InvalidTaxId::Blank);
        }
        match country {
            None if text.trim().chars().count() > Self::MAX_NIP => Err(InvalidTaxId::Nip),
            None => nip(text.trim()).map(Self::Nip),
            Some(country) if country.is_in_eu() => eu_vat(country, text).map(Self::EuVat),
            Some(_) => other(text).map(Self::Other),
        }
    }

    /// The same for a recipient: in Poland also a NIP with a dash and five digits.
    ///
    /// # Errors
    ///
    /// Those of [`TaxId::new`].
    pub fn of_recipient(country: Option<&Country>, text: &str) -> Result<Self, InvalidTaxId> {
        let parts = text.trim().rsplit_once('-').filter(|(_, id)| is_internal_id(id));
        match (country, parts) {
            (None, Some((number, id))) => nip(number.trim()).map(|nip| Self::NipWithId(format!("{nip}-{id}"))),
            _ => Self::new(country, text),
        }
    }

    /// One from the database, of a company in `country`.
    pub(super) fn stored(country: Option<&Country>, number: Option<String>) -> Self {
        match (country, number) {
            (_, None) => Self::None,
            (None, Some(number)) if number.contains('-') => Self::NipWithId(number),
            (None, Some(number)) => Self::Nip(number),
            (Some(country), Some(number)) if country.is_in_eu() => Self::EuVat(number),
            (Some(_), Some(number)) => Self::Other(number),
        }
    }

    /// The number, if there is one.
    #[must_use]
    pub fn number(&self) -> Option<&str> {
        match self {
            Self::Nip(number) | Self::NipWithId(number) | Self::EuVat(number) | Self::Other(number) => Some(number),
            Self::None => None,
        }
    }
}

/// Checks a Polish tax number and returns its ten digits.
fn nip(text: &str) -> Result<String, InvalidTaxId> {
    const WEIGHTS: [u32; 9] = [6, 5, 7, 2, 3, 4, 5, 6, 7];
    let text: String = text.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
    let number = match text.get(..2) {
        Some(country) if country.eq_ignore_ascii_case("pl") => text.get(2..).unwrap_or_default(),
        Some(country) if country.bytes().all(|byte| byte.is_ascii_alphabetic()) => return Err(InvalidTaxId::Abroad),
        _ => &text,
    };
    let digits: Option<Vec<u32>> = number.chars().map(|c| c.to_digit(10)).collect();
    match digits.as_deref() {
        Some([digits @ .., last]) if digits.len() == WEIGHTS.len() && has_ksef_prefix(digits) => {
            let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
            if sum % 11 == *last { Ok(number.to_owned()) } else { Err(InvalidTaxId::Nip) }
        }
        _ => Err(InvalidTaxId::Nip),
    }
}

/// KSeF accepts only numbers of the pattern `[1-9]((\d[1-9])|([1-9]\d))\d{7}` (Fakturownia's
/// KSeF.md, "Walidacja formatu identyfikatora").
fn has_ksef_prefix(digits: &[u32]) -> bool {
    matches!(digits, [1..=9, second, third, ..] if *second > 0 || *third > 0)
}

fn is_internal_id(text: &str) -> bool {
    text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Without what people write between the characters of a number.
fn plain(text: &str) -> String {
    text.chars().filter(|character| !matches!(character, '-' | '.') && !character.is_whitespace()).collect()
}

/// The VAT number with the letters of a country; those of `country` are added. The vendor's pattern is
/// `(\d|[A-Z]|+|*){1,12}`, after the letters.
fn eu_vat(country: &Country, text: &str) -> Result<String, InvalidTaxId> {
    let text = plain(text).to_ascii_uppercase();
    let number = if Country::begins_vat_number(&text) { text } else { format!("{}{text}", country.vat_prefix()) };
    let fits = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_uppercase() || matches!(byte, b'+' | b'*');
    let valid = (3..=14).contains(&number.len()) && number.bytes().all(fits);
    if valid { Ok(number) } else { Err(InvalidTaxId::EuVat) }
}

/// The vendor's pattern is `[a-zA-Z0-9]{1,50}`.
fn other(text: &str) -> Result<String, InvalidTaxId> {
    let number = plain(text);
    let valid = (1..=50).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if valid { Ok(number) } else { Err(InvalidTaxId::Other) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn nip_of(text: &str) -> Result<String, InvalidTaxId> {
        TaxId::new(None, text).map(|tax_id| tax_id.number().unwrap().to_owned())
    }

    #[test]
    fn a_nip_is_ten_digits_with_a_check_digit() {
        for text in ["5252445767", "525-244-57-67", "PL5252445767", "pl 525 244 57 67", " PL525-24-45-767 "] {
            assert_eq!(nip_of(text).as_deref(), Ok("5252445767"), "{text}");
        }
        // For the second, the check digit would be 10. The third and the fourth have a wrong length.
        for text in
            ["5252445768", "1234567890", "100000006", "52524457677", "PL", "525244576x", "٥252445767", "+525244576"]
        {
            assert_eq!(nip_of(text), Err(InvalidTaxId::Nip), "{text}");
        }
        // The check digit is right, but KSeF does not accept them.
        for text in ["0000000000", "0100000005", "1000000006", "PL1000000064"] {
            assert_eq!(nip_of(text), Err(InvalidTaxId::Nip), "{text}");
        }
        assert_eq!((nip_of(""), nip_of(" \t")), (Err(InvalidTaxId::Blank), Err(InvalidTaxId::Blank)));
    }

    #[test]
    fn the_second_or_third_digit_of_a_nip_is_not_zero() {
        for text in ["1010000002", "1100000000"] {
            assert_eq!(nip_of(text).as_deref(), Ok(text));
        }
    }

    #[test]
    fn a_number_of_another_country_has_its_own_error() {
        for text in ["DE123456789", "CZ5252445767", "gb 525244576"] {
            assert_eq!(nip_of(text), Err(InvalidTaxId::Abroad), "{text}");
        }
    }

    #[test]
    fn a_recipient_in_poland_may_have_the_number_of_a_unit() {
        let read = |text: &str| TaxId::of_recipient(None, text);
        assert_eq!(read(" PL 525-244-57-67-00001 "), Ok(TaxId::NipWithId("5252445767-00001".to_owned())));
        assert_eq!(read("525-244-57-67"), Ok(TaxId::Nip("5252445767".to_owned())));
        for text in ["5252445768-00001", "5252445767-0001", "5252445767-000001", "5252445767-0000x", "-00001"] {
            assert_eq!(read(text), Err(InvalidTaxId::Nip), "{text}");
        }
        assert_eq!(TaxId::new(None, "5252445767-00001"), Err(InvalidTaxId::Nip), "no buyer has one");
    }

    #[test]
    fn a_vat_number_has_the_letters_of_its_country() {
        let read = |country: &str, text: &str| TaxId::new(Country::parse(country).as_ref(), text);
        for (country, text, number) in [
            ("DE", "DE123456789", "DE123456789"),
            ("DE", " de 123 456 789", "DE123456789"),
            ("DE", "123456789", "DE123456789"),
            ("AT", "U12345678", "ATU12345678"),
            ("GR", "123456789", "EL123456789"),
            ("GR", "EL123456789", "EL123456789"),
            ("BE", "BE 0123.456.789", "BE0123456789"),
            ("FR", "FRXX123456789", "FRXX123456789"),
            ("IE", "1234567+*", "IE1234567+*"),
            ("FR", "DE123456789", "DE123456789"),
        ] {
            assert_eq!(read(country, text), Ok(TaxId::EuVat(number.to_owned())), "{country} {text}");
        }
        for text in ["-", "DE", "DE1234567890123", "1234567890123", "12/3", "żółw", "DE12_3"] {
            assert_eq!(read("DE", text), Err(InvalidTaxId::EuVat), "{text}");
        }
        for (text, number) in [("CHE-123.456.789", "CHE123456789"), ("gb 12", "gb12"), ("1", "1")] {
            assert_eq!(read("CH", text), Ok(TaxId::Other(number.to_owned())), "{text}");
        }
        for text in ["-", "a/b", "ż", &"1".repeat(51)] {
            assert_eq!(read("CH", text), Err(InvalidTaxId::Other), "{text}");
        }
    }

    proptest! {
        #[test]
        fn an_accepted_number_is_accepted_again_and_no_text_panics(text in ".*|[A-Za-z0-9 ż+*.-]{0,24}", country in "PL|DE|GR|CH") {
            let country = Country::parse(&country).filter(|country| !country.is_poland());
            for read in [TaxId::new, TaxId::of_recipient] {
                let Ok(tax_id) = read(country.as_ref(), &text) else { continue };
                let number = tax_id.number().unwrap();
                prop_assert_eq!(&read(country.as_ref(), number), &Ok(tax_id.clone()), "{}", number);
                prop_assert_eq!(TaxId::stored(country.as_ref(), Some(number.to_owned())), tax_id);
            }
        }

        #[test]
        fn a_single_wrong_digit_is_detected(number in 0..1_000_000_000_u32, place in 0..10_usize, other in 0..10_u8) {
            let start = format!("{number:09}");
            let Some(nip) = (0..10).map(|last| format!("{start}{last}")).find(|nip| nip_of(nip).is_ok()) else {
                return Ok(());
            };
            let mut mistyped = nip.clone().into_bytes();
            mistyped[place] = b'0' + other;
            let mistyped = String::from_utf8(mistyped).unwrap();
            prop_assert_eq!(nip_of(&mistyped).is_ok(), mistyped == nip);
        }
    }
}
