//! Checked texts: a macro for their types, and the rules that most of them share.

/// Defines a type for a text. The type's own constructors check the text.
macro_rules! text {
    ($(#[$attribute:meta])* $name:ident) => {
        $(#[$attribute])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub struct $name(String);

        impl $name {
            /// As text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    };
}
pub(crate) use text;

/// Why a text is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Empty, or only whitespace.
    #[error("must not be blank")]
    Blank,
    /// More than this number of characters.
    #[error("must have at most {0} characters")]
    TooLong(usize),
    /// A control character.
    #[error("must not contain control characters")]
    Control,
    /// A control character other than a line feed.
    #[error("must not contain control characters but line feeds")]
    ControlInText,
}

/// The trimmed `text`: not blank, at most `max_chars` characters, and without control characters
/// except `allowed`.
///
/// # Errors
///
/// The first rule that it breaks; `control` for a control character.
pub(crate) fn check(text: &str, max_chars: usize, control: Invalid, allowed: Option<char>) -> Result<String, Invalid> {
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
