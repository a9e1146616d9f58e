//! References of the platform.

use super::text::text;

text! {
    /// The platform's own number of something, such as of an order or of a payment: 1 to
    /// [`PlatformReference::MAX_CHARS`] visible characters of ASCII, compared byte for byte.
    PlatformReference
}

/// Why a text is not a [`PlatformReference`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to {} visible ASCII characters", PlatformReference::MAX_CHARS)]
pub struct InvalidReference;

impl PlatformReference {
    /// The maximal number of characters.
    pub const MAX_CHARS: usize = 64;

    /// Checks `text` and keeps it unchanged.
    ///
    /// # Errors
    ///
    /// When it is empty or too long, or has another character.
    pub fn new(text: &str) -> Result<Self, InvalidReference> {
        if is_visible(text) { Ok(Self(text.to_owned())) } else { Err(InvalidReference) }
    }

    /// One from the database.
    #[must_use]
    pub fn stored(text: String) -> Self {
        Self(text)
    }
}

/// Whether a text is 1 to [`PlatformReference::MAX_CHARS`] visible characters of ASCII.
pub(super) fn is_visible(text: &str) -> bool {
    (1..=PlatformReference::MAX_CHARS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_short_and_visible() {
        for text in ["a", "ORD/2026-11#7", "~!\"", &"r".repeat(64)] {
            assert_eq!(PlatformReference::new(text).as_ref().map(PlatformReference::as_str), Ok(text));
        }
        for text in ["", " ", "a b", "a\n", "ż", "\u{7f}", &"r".repeat(65)] {
            assert_eq!(PlatformReference::new(text), Err(InvalidReference), "{text:?}");
        }
    }
}
