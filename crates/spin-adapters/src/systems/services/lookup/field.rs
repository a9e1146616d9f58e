//! A field of a record as another service sent it, of whatever type: so that what
//! is wrong with it can be said by its name.

use super::{NoRecord, unusable};
use domain::model::language::Language;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// A field. To be read with `#[serde(borrow, default)]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Field<'a> {
    #[default]
    Missing,
    Null,
    Flag(bool),
    Integer(i64),
    Float(f64),
    Text(Cow<'a, str>),
    /// An array or an object.
    Compound,
}

impl Field<'_> {
    /// The text that the field called `name` has to hold.
    pub(crate) fn text(&self, name: &str) -> Result<&str, NoRecord> {
        match self {
            Self::Text(text) => Ok(text),
            Self::Missing | Self::Null => Err(unusable(format_args!("{name} is missing"))),
            _ => Err(unusable(format_args!("{name} is not text"))),
        }
    }

    /// The language that it names. An unknown one counts as none, and so does another value, so
    /// that it stops no request.
    pub(crate) fn language(&self) -> Option<Language> {
        self.text("language").ok().and_then(Language::of_tag)
    }

    pub(crate) fn is_given(&self) -> bool {
        !matches!(self, Self::Missing | Self::Null)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Field<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FieldVisitor)
    }
}

struct FieldVisitor;

impl<'de> Visitor<'de> for FieldVisitor {
    type Value = Field<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Field<'de>, E> {
        Ok(Field::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Field<'de>, E> {
        Ok(Field::Flag(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Field<'de>, E> {
        Ok(Field::Integer(value))
    }

    #[allow(clippy::cast_precision_loss, reason = "so large a number is out of every range")]
    fn visit_u64<E: Error>(self, value: u64) -> Result<Field<'de>, E> {
        Ok(i64::try_from(value).map_or(Field::Float(value as f64), Field::Integer))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Field<'de>, E> {
        Ok(Field::Float(value))
    }

    fn visit_borrowed_str<E: Error>(self, value: &'de str) -> Result<Field<'de>, E> {
        Ok(Field::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Field<'de>, E> {
        Ok(Field::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Field<'de>, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Field::Compound)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Field<'de>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Field::Compound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_every_type_are_taken() {
        let text = |text: &'static str| Field::Text(Cow::Borrowed(text));
        for (json, field) in [
            ("null", Field::Null),
            ("true", Field::Flag(true)),
            ("-7", Field::Integer(-7)),
            ("18446744073709551615", Field::Float(18_446_744_073_709_551_615.0)),
            ("7.5", Field::Float(7.5)),
            ("\"a\"", text("a")),
            ("\"\\u017c\\n\"", text("ż\n")),
            ("[1, [2]]", Field::Compound),
            ("{\"a\": {}}", Field::Compound),
        ] {
            assert_eq!(serde_json::from_str::<Field<'_>>(json).unwrap(), field, "{json}");
        }
    }

    #[test]
    fn what_is_no_text_is_named() {
        assert_eq!(Field::Text(Cow::Borrowed("")).text("name"), Ok(""));
        for (field, cause) in [
            (Field::Missing, "name is missing"),
            (Field::Null, "name is missing"),
            (Field::Integer(5), "name is not text"),
            (Field::Compound, "name is not text"),
        ] {
            assert_eq!(field.text("name"), Err(unusable(cause)));
        }
    }
}
