//! Records of users and courses. One parser reads those in the answer of a look-up and those in a
//! request, so that both have the same limits.

mod course;
mod field;
mod user;

pub(crate) use course::KEYS as COURSE_KEYS;
pub use course::read_course;
pub(crate) use course::tax;
pub use field::Field;
pub(crate) use user::KEYS as USER_KEYS;
pub use user::read_user;

use domain::{System, Unusable};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// A JSON object. Of nested values it has only that they are there.
#[derive(Debug, Default)]
pub struct Record<'a>(Vec<(Cow<'a, str>, Field<'a>)>);

impl<'a> Record<'a> {
    /// The field with this name.
    #[must_use]
    pub fn get(&self, name: &str) -> &Field<'a> {
        let mut fields = self.0.iter().filter(|(own, _)| own == name);
        match (fields.next(), fields.next()) {
            (None, _) => &Field::Missing,
            (Some((_, field)), None) => field,
            _ => &Field::Repeated,
        }
    }

    /// The same record with `null` for a field that is missing.
    pub(crate) fn with_null(mut self, name: &'static str) -> Self {
        if *self.get(name) == Field::Missing {
            self.0.push((Cow::Borrowed(name), Field::Null));
        }
        self
    }

    /// The names of the fields.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_ref())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Record<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(RecordVisitor)
    }
}

struct RecordVisitor;

impl<'de> Visitor<'de> for RecordVisitor {
    type Value = Record<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Record<'de>, A::Error> {
        let mut fields = Vec::new();
        while let Some((name, field)) = map.next_entry::<Field<'de>, Field<'de>>()? {
            // The name of a member is a text.
            let Field::Text(name) = name else { continue };
            fields.push((name, field));
        }
        Ok(Record(fields))
    }
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its code in a response.
    pub(crate) kind: &'static str,
    /// A sentence that names the field.
    pub cause: String,
}

impl Fault {
    pub(crate) fn new(kind: &'static str, cause: impl ToString) -> Self {
        Self { kind, cause: cause.to_string() }
    }
}

/// The faults of a record, each with the name of its field.
pub type Faults = Vec<(&'static str, Fault)>;

/// Reads the fields of a record and notes their faults.
struct Reader<'a> {
    record: &'a Record<'a>,
    system: System,
    faults: Faults,
}

impl<'a> Reader<'a> {
    fn new(record: &'a Record<'a>, system: System) -> Self {
        Self { record, system, faults: Vec::new() }
    }

    /// The field with this name, read by `read`, which is given both.
    fn read<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&'a Field<'a>, &'static str) -> Result<T, Fault>,
    ) -> Result<T, Unusable> {
        read(self.record.get(name), name).map_err(|fault| {
            let unusable = Unusable { system: self.system, cause: fault.cause.clone() };
            self.faults.push((name, fault));
            unusable
        })
    }
}
