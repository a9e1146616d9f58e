//! What the service uses of a user.

use super::stored::language;
use crate::model::address::Address;
use crate::model::language::Language;
use serde::{Deserialize, Serialize};
use std::fmt;

/// An active user, as the users service or a request describes them. [`User::new`] checks what is
/// sent. A job has the user as they were when it was created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// First name, as the buyer on an invoice.
    pub first_name: String,
    /// Last name, as the buyer on an invoice.
    pub last_name: String,
    /// The e-mail address.
    pub email: String,
    /// The language of mails to them, if it is known.
    #[serde(default, with = "language", skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// The postal address. An invoice to the user has it, if the payment names no buyer.
    #[serde(default)]
    pub address: Address,
}

/// Why a user cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUser {
    /// Both names are empty.
    #[error("both names are empty")]
    NoName,
    /// A name has more than [`User::MAX_NAME`] characters.
    #[error("{0} has more than 255 characters")]
    LongName(NameField),
    /// A name has a control character.
    #[error("{0} has control characters")]
    Control(NameField),
    /// The e-mail address is not exactly one plain address.
    #[error("email is not one plain address")]
    Email,
    /// The e-mail address has more than [`User::MAX_EMAIL`] characters.
    #[error("email has more than 254 characters")]
    LongEmail,
}

/// Which of the two names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameField {
    /// The first name.
    First,
    /// The last name.
    Last,
}

impl fmt::Display for NameField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::First => "first_name",
            Self::Last => "last_name",
        })
    }
}

impl User {
    /// The maximal number of characters of a name.
    pub const MAX_NAME: usize = 255;
    /// The maximal number of characters of an e-mail address.
    pub const MAX_EMAIL: usize = 254;

    /// Checks and trims each field. One of the names may be empty. The language is not known.
    ///
    /// # Errors
    ///
    /// The first broken rule.
    pub fn new(first_name: &str, last_name: &str, email: &str) -> Result<Self, InvalidUser> {
        let first_name = Self::check_name(NameField::First, first_name)?;
        let last_name = Self::check_name(NameField::Last, last_name)?;
        if first_name.is_empty() && last_name.is_empty() {
            return Err(InvalidUser::NoName);
        }
        let email = Self::check_email(email)?;
        Ok(Self { first_name, last_name, email, language: None, address: Address::default() })
    }

    /// The same user, who gets mails in their own language, else in that of the course, else in
    /// `default`.
    #[must_use]
    pub fn with_language(self, course: Option<Language>, default: Language) -> Self {
        Self { language: Some(self.language.or(course).unwrap_or(default)), ..self }
    }

    /// Checks and trims one of the names, which may be empty.
    ///
    /// # Errors
    ///
    /// The first broken rule.
    pub fn check_name(field: NameField, text: &str) -> Result<String, InvalidUser> {
        let text = text.trim();
        if text.chars().any(char::is_control) {
            Err(InvalidUser::Control(field))
        } else if text.chars().count() > Self::MAX_NAME {
            Err(InvalidUser::LongName(field))
        } else {
            Ok(text.to_owned())
        }
    }

    /// Checks and trims an e-mail address: one `@` with text on both sides, and no character that
    /// could make a relay read a second address, a name or a comment.
    ///
    /// # Errors
    ///
    /// [`InvalidUser::Email`], [`InvalidUser::LongEmail`].
    pub fn check_email(text: &str) -> Result<String, InvalidUser> {
        let text = text.trim();
        let plain = |c: char| {
            let special = matches!(c, ',' | ';' | ':' | '<' | '>' | '(' | ')' | '[' | ']' | '\\' | '"');
            !special && !c.is_control() && !c.is_whitespace()
        };
        match text.split_once('@') {
            Some((local, domain))
                if !local.is_empty() && !domain.is_empty() && !domain.contains('@') && text.chars().all(plain) => {}
            _ => return Err(InvalidUser::Email),
        }
        if text.chars().count() > Self::MAX_EMAIL { Err(InvalidUser::LongEmail) } else { Ok(text.to_owned()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn email(text: &str) -> Result<String, InvalidUser> {
        User::new("Ann", "Example", text).map(|user| user.email)
    }

    #[test]
    fn fields_are_trimmed() {
        let user = User::new(" Ann\n", "\tvan der  Berg\u{a0}", " ann@example.com\r\n").unwrap();
        let fields = [user.first_name.as_str(), user.last_name.as_str(), user.email.as_str()];
        assert_eq!(fields, ["Ann", "van der  Berg", "ann@example.com"]);
    }

    #[test]
    fn one_name_is_enough() {
        assert_eq!(User::new("", " Sokrates ", "s@example.com").unwrap().last_name, "Sokrates");
        assert_eq!(User::new("Ann", "", "a@example.com").unwrap().first_name, "Ann");
        assert_eq!(User::new(" ", "\n", "a@example.com"), Err(InvalidUser::NoName));
    }

    #[test]
    fn names_have_limits() {
        let longest = "ż".repeat(User::MAX_NAME);
        assert!(User::new(&longest, &longest, "a@b").is_ok());
        let long = "ż".repeat(User::MAX_NAME + 1);
        assert_eq!(User::new(&long, "B", "a@b"), Err(InvalidUser::LongName(NameField::First)));
        assert_eq!(User::new("A", &long, "a@b"), Err(InvalidUser::LongName(NameField::Last)));
        for inside in ["a\r\nBcc: b@c", "a\tb", "a\0b", "a\u{7f}b", "a\u{85}b"] {
            assert_eq!(User::new(inside, "B", "a@b"), Err(InvalidUser::Control(NameField::First)), "{inside:?}");
            assert_eq!(User::new("A", inside, "a@b"), Err(InvalidUser::Control(NameField::Last)), "{inside:?}");
        }
        assert_eq!(InvalidUser::Control(NameField::Last).to_string(), "last_name has control characters");
    }

    #[test]
    fn an_email_is_one_plain_address() {
        for taken in ["a@b", "ann.o'hara+x=1%@mail.example.com", "żółw@przykład.pl"] {
            assert_eq!(email(taken).as_deref(), Ok(taken));
        }
        for refused in [
            "",
            " ",
            "ann",
            "@",
            "ann@",
            "@example.com",
            "a@b@c",
            "a@b,c@d",
            "a@b, c",
            "a@b;c",
            "a b@c",
            "a@b c",
            "a\n@b",
            "a@b\0",
            "Ann <a@b>",
            "a@[127.0.0.1]",
            "\"a\"@b",
            "mailto:a@b",
        ] {
            assert_eq!(email(refused), Err(InvalidUser::Email), "{refused:?}");
        }
        let of_length = |length: usize| format!("{}@b", "a".repeat(length - 2));
        assert!(email(&of_length(User::MAX_EMAIL)).is_ok());
        assert_eq!(email(&of_length(User::MAX_EMAIL + 1)), Err(InvalidUser::LongEmail));
    }
}
