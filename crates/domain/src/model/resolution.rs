//! What a person says of a delivery that was settled by hand.

use crate::model::link::Link;
use crate::model::text::text;
use chrono::{DateTime, Utc};

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// For whoever looks at it later.
    pub note: Note,
    /// Of the document that was made, as customers and tax offices know it.
    pub number: Option<DocumentNumber>,
    /// The page that shows it.
    pub url: Option<Link>,
}

/// Why a text is not what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Nothing, or only blanks.
    #[error("must not be blank")]
    Blank,
    /// More than so many characters.
    #[error("must have at most {0} characters")]
    TooLong(usize),
    /// A control character.
    #[error("must not contain control characters")]
    Control,
    /// One other than the end of a line.
    #[error("must not contain control characters but line feeds")]
    ControlInText,
}

fn check(text: &str, max_chars: usize, control: Invalid, allowed: Option<char>) -> Result<String, Invalid> {
    let text = text.trim();
    if text.is_empty() {
        Err(Invalid::Blank)
    } else if text.chars().any(|character| character.is_control() && Some(character) != allowed) {
        Err(control)
    } else if text.chars().count() > max_chars {
        Err(Invalid::TooLong(max_chars))
    } else {
        Ok(text.to_owned())
    }
}

text! {
    /// What was done, in a person's words: 1 to [`Note::MAX_CHARS`] characters in any number
    /// of lines, blanks around them taken away.
    Note
}

impl Note {
    /// The most characters it has.
    pub const MAX_CHARS: usize = 500;

    /// Checks `text`.
    ///
    /// # Errors
    ///
    /// The first rule that it breaks.
    pub fn new(text: &str) -> Result<Self, Invalid> {
        check(text, Self::MAX_CHARS, Invalid::ControlInText, Some('\n')).map(Self)
    }
}

text! {
    /// The number of a document: 1 to [`DocumentNumber::MAX_CHARS`] characters without control
    /// characters, blanks around them taken away.
    DocumentNumber
}

impl DocumentNumber {
    /// The most characters it has.
    pub const MAX_CHARS: usize = 64;

    /// Checks `text`.
    ///
    /// # Errors
    ///
    /// The first rule that it breaks.
    pub fn new(text: &str) -> Result<Self, Invalid> {
        check(text, Self::MAX_CHARS, Invalid::Control, None).map(Self)
    }
}

/// The name under which somebody may settle deliveries: at most 64 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author(pub String);

/// What was settled, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The word for what was to be delivered.
    pub kind: String,
    /// Empty if it was about a user who was erased.
    pub note: String,
    /// By whom, if that is known.
    pub settled_by: Option<String>,
    /// When.
    pub settled_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn notes_have_lines_and_bounds() {
        assert_eq!(Note::new(" made by hand\nsee the folder ").unwrap().as_str(), "made by hand\nsee the folder");
        assert!(Note::new(&"ż".repeat(500)).is_ok());
        assert_eq!(Note::new(&"ż".repeat(501)), Err(Invalid::TooLong(500)));
        assert_eq!(Note::new(" \n"), Err(Invalid::Blank));
        for control in ["a\tb", "a\rb", "a\0b", "a\u{85}b"] {
            assert_eq!(Note::new(control), Err(Invalid::ControlInText));
        }
    }

    #[test]
    fn numbers_are_one_line() {
        assert_eq!(DocumentNumber::new(" 7/06/2026 ").unwrap().as_str(), "7/06/2026");
        assert!(DocumentNumber::new(&"ż".repeat(64)).is_ok());
        assert_eq!(DocumentNumber::new(&"ż".repeat(65)), Err(Invalid::TooLong(64)));
        assert_eq!(DocumentNumber::new(""), Err(Invalid::Blank));
        assert_eq!(DocumentNumber::new("a\nb"), Err(Invalid::Control));
    }

    proptest! {
        #[test]
        fn no_text_makes_them_panic(text: String) {
            if let Ok(note) = Note::new(&text) {
                prop_assert_eq!(Note::new(note.as_str()), Ok(note.clone()));
            }
            if let Ok(number) = DocumentNumber::new(&text) {
                prop_assert_eq!(DocumentNumber::new(number.as_str()), Ok(number.clone()));
            }
        }
    }
}
