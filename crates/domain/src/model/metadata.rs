//! Texts that the platform stores with an enrolment.

use serde::Serialize;
use std::collections::BTreeMap;

/// Texts of the platform by their keys, see [`Metadata::insert`]. The service does not read them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Metadata(BTreeMap<String, String>);

/// [`Metadata`] as it is stored and shown: a JSON object of texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMetadata(pub String);

/// Why a text cannot be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMetadata {
    /// There are [`Metadata::MOST`] texts already.
    #[error("metadata can have at most {} texts", Metadata::MOST)]
    TooMany,
    /// All keys and texts together have more than [`Metadata::MAX_BYTES`] bytes.
    #[error("metadata can have at most {} bytes of UTF-8, with its keys", Metadata::MAX_BYTES)]
    TooLong,
    /// The key is empty or too long, or has another character.
    #[error("a key must be 1 to {} letters of ASCII, digits, -, _ or .", Metadata::MAX_KEY)]
    Key,
    /// The text has a control character.
    #[error("must not contain control characters")]
    Control,
}

impl Metadata {
    /// The maximal number of texts.
    pub const MOST: usize = 20;
    /// The maximal number of characters of a key.
    pub const MAX_KEY: usize = 40;
    /// The maximal number of bytes of all keys and texts.
    pub const MAX_BYTES: usize = 2048;

    /// Adds a text under a new key.
    ///
    /// # Errors
    ///
    /// The first rule that is broken.
    pub fn insert(&mut self, key: &str, text: &str) -> Result<(), InvalidMetadata> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if !(1..=Self::MAX_KEY).contains(&key.len()) || !key.bytes().all(is_plain) {
            return Err(InvalidMetadata::Key);
        }
        if text.contains(char::is_control) {
            return Err(InvalidMetadata::Control);
        }
        if self.0.len() >= Self::MOST {
            return Err(InvalidMetadata::TooMany);
        }
        let bytes: usize = self.texts().map(|(key, text)| key.len() + text.len()).sum();
        if bytes + key.len() + text.len() > Self::MAX_BYTES {
            return Err(InvalidMetadata::TooLong);
        }
        self.0.insert(key.to_owned(), text.to_owned());
        Ok(())
    }

    /// The keys and texts, in the order of the keys.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, text)| (key.as_str(), text.as_str()))
    }

    /// Whether there are no texts.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_few_short_texts() {
        let mut metadata = Metadata::default();
        for number in 0..Metadata::MOST {
            assert_eq!(metadata.insert(&format!("key-{number}"), "żółw"), Ok(()));
        }
        assert_eq!(metadata.insert("more", ""), Err(InvalidMetadata::TooMany));
        let mut long = Metadata::default();
        assert_eq!(long.insert("k", &"a".repeat(2048)), Err(InvalidMetadata::TooLong));
        assert_eq!(long.insert("k", &"ż".repeat(1023)), Ok(()), "2047 bytes");
        assert_eq!(long.insert("l", "a"), Err(InvalidMetadata::TooLong));
        assert_eq!(long.insert("l", ""), Ok(()));
    }

    #[test]
    fn keys_are_plain_and_texts_have_no_control_characters() {
        for key in ["", "a b", "ż", "a=b", "a/b", &"k".repeat(41)] {
            assert_eq!(Metadata::default().insert(key, "a"), Err(InvalidMetadata::Key), "{key}");
        }
        for key in ["a", "A.b_c-9", &"k".repeat(40)] {
            assert_eq!(Metadata::default().insert(key, ""), Ok(()), "{key}");
        }
        for text in ["a\nb", "\0", "\u{85}"] {
            assert_eq!(Metadata::default().insert("k", text), Err(InvalidMetadata::Control), "{text:?}");
        }
    }

    #[test]
    fn it_is_stored_in_the_order_of_its_keys() {
        let mut metadata = Metadata::default();
        metadata.insert("b", "2").unwrap();
        metadata.insert("a", "\"").unwrap();
        let json = serde_json::to_string(&metadata).unwrap();
        assert_eq!(json, r#"{"a":"\"","b":"2"}"#);
    }
}
