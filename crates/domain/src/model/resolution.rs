//! A resolution: a person did what a job asks for.

use crate::model::link::Link;
use crate::model::text::{Invalid, check, text};
use chrono::{DateTime, Utc};

/// What a person did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// A note for people who read it later.
    pub note: Note,
    /// The number on the document that the person made.
    pub number: Option<DocumentNumber>,
    /// Its page.
    pub url: Option<Link>,
}

text! {
    /// What a person did, in their words: 1 to [`Note::MAX_CHARS`] characters, with line feeds,
    /// trimmed.
    Note
}

impl Note {
    /// The maximal number of characters.
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
    /// The number on a document: 1 to [`DocumentNumber::MAX_CHARS`] characters without control
    /// characters, trimmed.
    DocumentNumber
}

impl DocumentNumber {
    /// The maximal number of characters.
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

/// A resolution in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredResolution {
    /// The word of the job's kind.
    pub kind: String,
    /// Empty if the user is erased.
    pub note: String,
    /// Who resolved it, if known.
    pub settled_by: Option<String>,
    /// When it was resolved.
    pub settled_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn notes_have_lines_and_limits() {
        assert_eq!(Note::new(" made manually\nsee the folder ").unwrap().as_str(), "made manually\nsee the folder");
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
        fn no_text_panics(text: String) {
            if let Ok(note) = Note::new(&text) {
                prop_assert_eq!(Note::new(note.as_str()), Ok(note.clone()));
            }
            if let Ok(number) = DocumentNumber::new(&text) {
                prop_assert_eq!(DocumentNumber::new(number.as_str()), Ok(number.clone()));
            }
        }
    }
}
