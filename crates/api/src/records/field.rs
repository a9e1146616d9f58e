//! A field of a record, of any type: so that what is wrong with it can be said by its name.

use super::Fault;
use crate::wire::words::fault;
use domain::model::language::Language;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// A field.
#[derive(Clone, Debug, PartialEq)]
pub enum Field<'a> {
    /// It is not there.
    Missing,
    /// `null`.
    Null,
    /// `true` or `false`.
    Flag(bool),
    /// An integer of 64 bits.
    Integer(i64),
    /// Any other number.
    Float(f64),
    /// A string.
    Text(Cow<'a, str>),
    /// An array or an object.
    Compound,
    /// It is there more than once.
    Repeated,
}

impl Field<'_> {
    /// Whether it is there and not null.
    #[must_use]
    pub fn is_given(&self) -> bool {
        !matches!(self, Self::Missing | Self::Null)
    }

    /// The text that the field called `name` has to hold.
    pub(crate) fn text(&self, name: &str) -> Result<&str, Fault> {
        match self {
            Self::Text(text) => Ok(text),
            Self::Missing => Err(Fault::new(fault::MISSING, format!("{name} is missing"))),
            Self::Null => Err(Fault::new(fault::STRING_TYPE, format!("{name} is missing"))),
            other => Err(other.is_not(name, fault::STRING_TYPE, "not text")),
        }
    }

    /// The text that the field called `name` can hold.
    pub(crate) fn optional_text(&self, name: &str) -> Result<Option<&str>, Fault> {
        if self.is_given() { self.text(name).map(Some) } else { Ok(None) }
    }

    /// The language that the text of the field called `name` names; none if there are no mails in it.
    pub(crate) fn language(&self, name: &str) -> Result<Option<Language>, Fault> {
        Ok(self.optional_text(name)?.and_then(Language::of_tag))
    }

    /// What `parse` reads in the text that the field called `name` can hold; none if it is blank.
    pub(crate) fn word<T>(&self, name: &str, what: &str, parse: fn(&str) -> Option<T>) -> Result<Option<T>, Fault> {
        match self.optional_text(name)? {
            Some(text) if !text.trim().is_empty() => {
                parse(text).map(Some).ok_or_else(|| Fault::new(fault::STRING_VALUE, format!("{name} is no {what}")))
            }
            _ => Ok(None),
        }
    }

    /// The fault of a field of the wrong type.
    pub(crate) fn is_not(&self, name: &str, kind: &'static str, what: &str) -> Fault {
        match self {
            Self::Repeated => Fault::new(fault::DUPLICATE, format!("{name} is given more than once")),
            _ => Fault::new(kind, format!("{name} is {what}")),
        }
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
        assert_eq!((Field::Missing.optional_text("name"), Field::Null.optional_text("name")), (Ok(None), Ok(None)));
        for (field, cause) in [
            (Field::Missing, "name is missing"),
            (Field::Null, "name is missing"),
            (Field::Integer(5), "name is not text"),
            (Field::Compound, "name is not text"),
            (Field::Repeated, "name is given more than once"),
        ] {
            assert_eq!(field.text("name").map_err(|fault| fault.cause), Err(cause.to_owned()));
        }
    }
}
