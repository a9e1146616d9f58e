//! A company as a buyer.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A Polish company, as the buyer on an invoice. [`Company::new`] checks what a caller sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Company {
    /// Its name.
    pub name: String,
    /// NIP: ten digits, the last is a check digit, in the form that KSeF accepts.
    pub tax_no: String,
    /// Street and number.
    pub street: String,
    /// Post code.
    pub post_code: String,
    /// City.
    pub city: String,
}

/// A field of a [`Company`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompanyField {
    /// [`Company::name`].
    Name,
    /// [`Company::tax_no`].
    TaxNo,
    /// [`Company::street`].
    Street,
    /// [`Company::post_code`].
    PostCode,
    /// [`Company::city`].
    City,
}

impl CompanyField {
    /// All fields.
    pub const ALL: [Self; 5] = [Self::Name, Self::TaxNo, Self::Street, Self::PostCode, Self::City];

    /// Its name in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::TaxNo => "tax_no",
            Self::Street => "street",
            Self::PostCode => "post_code",
            Self::City => "city",
        }
    }

    /// The maximal number of characters.
    #[must_use]
    pub const fn max_chars(self) -> usize {
        match self {
            Self::Name | Self::Street => 255,
            Self::City => 100,
            Self::TaxNo | Self::PostCode => 20,
        }
    }
}

impl fmt::Display for CompanyField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a text is not valid for a field of a [`Company`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCompany {
    /// Empty, or only whitespace.
    #[error("must not be blank")]
    Blank,
    /// More characters than [`CompanyField::max_chars`].
    #[error("is too long")]
    TooLong,
    /// A control character.
    #[error("must not contain control characters")]
    Control,
    /// The tax number begins with the letters of another country.
    #[error("must be Polish (NIP): invoices to companies of other countries are not supported")]
    Abroad,
    /// The tax number is not a NIP.
    #[error("must be a NIP: ten digits, the last is a check digit")]
    Nip,
}

impl Company {
    /// Checks and trims each field. The tax number may begin with `PL` and contain dashes and
    /// spaces.
    ///
    /// # Errors
    ///
    /// The first field that breaks a rule, with that rule.
    pub fn new(fields: [&str; 5]) -> Result<Self, (CompanyField, InvalidCompany)> {
        let checked = |(field, text)| Self::check(field, text).map_err(|invalid| (field, invalid));
        let mut checked = CompanyField::ALL.into_iter().zip(fields).map(checked);
        let mut next = || checked.next().unwrap_or(Ok(String::new()));
        Ok(Self { name: next()?, tax_no: next()?, street: next()?, post_code: next()?, city: next()? })
    }

    /// Checks and trims one field.
    ///
    /// # Errors
    ///
    /// The first rule that it breaks.
    pub fn check(field: CompanyField, text: &str) -> Result<String, InvalidCompany> {
        let text = text.trim();
        if text.is_empty() {
            Err(InvalidCompany::Blank)
        } else if text.chars().any(char::is_control) {
            Err(InvalidCompany::Control)
        } else if text.chars().count() > field.max_chars() {
            Err(InvalidCompany::TooLong)
        } else if field == CompanyField::TaxNo {
            nip(text)
        } else {
            Ok(text.to_owned())
        }
    }
}

/// Checks a Polish tax number and returns its ten digits.
fn nip(text: &str) -> Result<String, InvalidCompany> {
    const WEIGHTS: [u32; 9] = [6, 5, 7, 2, 3, 4, 5, 6, 7];
    let text: String = text.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
    let number = match text.get(..2) {
        Some(country) if country.eq_ignore_ascii_case("pl") => text.get(2..).unwrap_or_default(),
        Some(country) if country.bytes().all(|byte| byte.is_ascii_alphabetic()) => return Err(InvalidCompany::Abroad),
        _ => &text,
    };
    let digits: Option<Vec<u32>> = number.chars().map(|c| c.to_digit(10)).collect();
    match digits.as_deref() {
        Some([digits @ .., last]) if digits.len() == WEIGHTS.len() && has_ksef_prefix(digits) => {
            let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
            if sum % 11 == *last { Ok(number.to_owned()) } else { Err(InvalidCompany::Nip) }
        }
        _ => Err(InvalidCompany::Nip),
    }
}

/// KSeF accepts only numbers of the pattern `[1-9]((\d[1-9])|([1-9]\d))\d{7}` (Fakturownia's
/// KSeF.md, "Walidacja formatu identyfikatora").
fn has_ksef_prefix(digits: &[u32]) -> bool {
    matches!(digits, [1..=9, second, third, ..] if *second > 0 || *third > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn with_tax_no(tax_no: &str) -> Result<String, InvalidCompany> {
        let company = Company::new([" Acme sp. z o.o. ", tax_no, "Prosta 1", "00-001", "Warszawa"]);
        company.map(|company| company.tax_no).map_err(|(_, invalid)| invalid)
    }

    #[test]
    fn a_nip_is_ten_digits_with_a_check_digit() {
        for text in ["5252445767", "525-244-57-67", "PL5252445767", "pl 525 244 57 67", " PL525-24-45-767 "] {
            assert_eq!(with_tax_no(text).as_deref(), Ok("5252445767"), "{text}");
        }
        // For the second, the check digit would be 10. The third and the fourth have a wrong length.
        for text in
            ["5252445768", "1234567890", "100000006", "52524457677", "PL", "525244576x", "٥252445767", "+525244576"]
        {
            assert_eq!(with_tax_no(text), Err(InvalidCompany::Nip), "{text}");
        }
        // The check digit is right, but KSeF does not accept them.
        for text in ["0000000000", "0100000005", "1000000006", "PL1000000064"] {
            assert_eq!(with_tax_no(text), Err(InvalidCompany::Nip), "{text}");
        }
    }

    #[test]
    fn the_second_or_third_digit_of_a_nip_is_not_zero() {
        for text in ["1010000002", "1100000000"] {
            assert_eq!(with_tax_no(text).as_deref(), Ok(text));
        }
    }

    #[test]
    fn a_number_of_another_country_has_its_own_error() {
        for text in ["DE123456789", "CZ5252445767", "gb 525244576"] {
            assert_eq!(with_tax_no(text), Err(InvalidCompany::Abroad), "{text}");
        }
    }

    #[test]
    fn fields_have_their_names_in_the_api() {
        let names = CompanyField::ALL.map(|field| (field.as_str(), field.max_chars()));
        assert_eq!(names, [("name", 255), ("tax_no", 20), ("street", 255), ("post_code", 20), ("city", 100)]);
        assert_eq!(CompanyField::PostCode.to_string(), "post_code");
    }

    #[test]
    fn every_field_has_limits() {
        let good = ["Acme", "5252445767", "Prosta 1", "00-001", "Warszawa"];
        assert_eq!(Company::new(good).unwrap().name, "Acme");
        for (index, field) in CompanyField::ALL.into_iter().enumerate() {
            for (bad, invalid) in [
                (String::new(), InvalidCompany::Blank),
                (" \t".to_owned(), InvalidCompany::Blank),
                ("a\nb".to_owned(), InvalidCompany::Control),
                ("1".repeat(field.max_chars() + 1), InvalidCompany::TooLong),
            ] {
                let mut fields = good;
                fields[index] = &bad;
                assert_eq!(Company::new(fields), Err((field, invalid)), "{field} {bad}");
            }
            if field != CompanyField::TaxNo {
                let longest = "ż".repeat(field.max_chars());
                let mut fields = good;
                fields[index] = &longest;
                assert!(Company::new(fields).is_ok(), "{field}");
            }
        }
    }
    proptest! {
        #[test]
        fn an_accepted_company_follows_the_rules_and_no_text_panics(fields: [String; 5], tax_no in "[A-Za-z0-9 ż-]{0,24}") {
            for tax_no in [&tax_no, &fields[1]] {
                let mut fields = fields.each_ref().map(String::as_str);
                fields[1] = tax_no;
                let Ok(company) = Company::new(fields) else { continue };
                prop_assert!(company.tax_no.len() == 10 && company.tax_no.bytes().all(|byte| byte.is_ascii_digit()));
                let Company { name, tax_no, street, post_code, city } = &company;
                let again = Company::new([name, tax_no, street, post_code, city].map(String::as_str));
                prop_assert_eq!(again.as_ref(), Ok(&company));
            }
        }

        #[test]
        fn a_single_wrong_digit_is_detected(number in 0..1_000_000_000_u32, place in 0..10_usize, other in 0..10_u8) {
            let start = format!("{number:09}");
            let Some(nip) = (0..10).map(|last| format!("{start}{last}")).find(|nip| with_tax_no(nip).is_ok()) else {
                return Ok(());
            };
            let mut mistyped = nip.clone().into_bytes();
            mistyped[place] = b'0' + other;
            let mistyped = String::from_utf8(mistyped).unwrap();
            prop_assert_eq!(with_tax_no(&mistyped).is_ok(), mistyped == nip);
        }
    }
}
