//! The fields of a request body.

use super::number;
use crate::Problem;
use crate::day::day;
use crate::wire::Detail;
use crate::wire::words::fault;
use chrono::NaiveDate;
use domain::model::mail::{MailKind, check_subject, check_text};
use domain::model::note::{Note, Reason};
use domain::model::reference::PlatformReference;
use domain::{EnrolmentId, Money, UserId};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

/// A JSON object and its duplicate keys. `serde_json` keeps the last duplicate without an
/// error.
struct Object {
    fields: Map<String, Value>,
    duplicates: Vec<String>,
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor)
    }
}

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Object;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
        /// At most this many duplicates are reported.
        const MOST: usize = 8;
        let mut object = Object { fields: Map::new(), duplicates: Vec::new() };
        while let Some((key, value)) = map.next_entry::<String, Value>()? {
            let Object { fields, duplicates } = &mut object;
            if !fields.contains_key(&key) {
                fields.insert(key, value);
            } else if duplicates.len() < MOST && !duplicates.contains(&key) {
                duplicates.push(key);
            }
        }
        Ok(object)
    }
}

/// The fields of a body and their faults.
pub(super) struct Fields<'a> {
    pub(super) body: &'a [u8],
    pub(super) object: Map<String, Value>,
    pub(super) faults: Vec<Detail>,
}

impl<'a> Fields<'a> {
    /// What was read, if no field is faulty; else 400 with every fault.
    pub(super) fn finish<T>(self, read: Option<T>) -> Result<T, Problem> {
        read.filter(|_| self.faults.is_empty()).ok_or_else(|| Problem::invalid(self.faults))
    }

    /// Which enrolment it is about, and why.
    pub(super) fn note(&mut self) -> Option<Note> {
        let enrolment_id = self.id("enrolment_id", EnrolmentId::new);
        let user_id = self.if_given("user_id", Self::user_id);
        let reason = self.if_given("reason", Self::reason);
        enrolment_id.map(|enrolment_id| Note { enrolment_id, user_id, reason })
    }

    pub(super) fn parse(body: &'a [u8]) -> Result<Self, Problem> {
        let fault = |msg, kind| Err(Problem::invalid(vec![Detail::of_the_body(msg, kind)]));
        if body.is_empty() {
            return fault("The body is empty", fault::JSON_INVALID);
        }
        match serde_json::from_slice(body) {
            Ok(Object { fields, duplicates }) if duplicates.is_empty() => {
                Ok(Self { body, object: fields, faults: Vec::new() })
            }
            Ok(Object { duplicates, .. }) => {
                Err(Problem::invalid(duplicates.iter().map(|name| Detail::duplicate(name)).collect()))
            }
            Err(error) if error.is_data() => fault("The body is not a JSON object", fault::OBJECT_TYPE),
            Err(_) => fault("The body is not valid JSON", fault::JSON_INVALID),
        }
    }

    pub(super) fn fault<T>(&mut self, name: &'static str, kind: &'static str, msg: impl Into<String>) -> Option<T> {
        self.faults.push(Detail::of(name, msg, kind));
        None
    }

    pub(super) fn id<T>(&mut self, name: &'static str, new: fn(i64) -> Option<T>) -> Option<T> {
        let number = match self.object.get(name) {
            None => return self.fault(name, fault::MISSING, "Field required"),
            Some(Value::Number(number)) => number,
            Some(_) => return self.fault(name, fault::INT_TYPE, "An integer is required"),
        };
        // The text decides: 222.0 is an integer, 1.0000000000000001 is not.
        let integer =
            if number.is_f64() { number::scaled(&number::text(self.body, name), 0) } else { Ok(number.as_i64()) };
        let Ok(integer) = integer else { return self.fault(name, fault::INT_TYPE, "An integer is required") };
        match integer.and_then(new) {
            Some(id) => Some(id),
            None => self.fault(name, fault::INT_RANGE, "An integer from 1 to 2147483647 is required"),
        }
    }

    /// The JSON of the field `name`.
    pub(super) fn text_of(&self, name: &str) -> String {
        number::text(self.body, name)
    }

    /// Parses an optional field; none without a fault if it is missing.
    pub(super) fn if_given<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut Self, &'static str) -> Option<T>,
    ) -> Option<T> {
        if self.object.contains_key(name) { read(self, name) } else { None }
    }

    pub(super) fn text<T, E: fmt::Display>(
        &mut self,
        name: &'static str,
        what: &str,
        new: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = match self.object.get(name) {
            None => return self.fault(name, fault::MISSING, "Field required"),
            Some(Value::String(text)) => text,
            Some(_) => return self.fault(name, fault::STRING_TYPE, "A string is required"),
        };
        match new(text) {
            Ok(value) => Some(value),
            Err(invalid) => self.fault(name, fault::STRING_VALUE, format!("{what} {invalid}")),
        }
    }

    pub(super) fn user_id(&mut self, name: &'static str) -> Option<UserId> {
        self.text(name, "A user id", |text| UserId::new(text))
    }

    pub(super) fn reason(&mut self, name: &'static str) -> Option<Reason> {
        self.text(name, "A reason", Reason::new)
    }

    pub(super) fn reference(&mut self, name: &'static str) -> Option<PlatformReference> {
        self.text(name, "A reference", PlatformReference::new)
    }

    pub(super) fn day(&mut self, name: &'static str) -> Option<NaiveDate> {
        self.text(name, "A day", |text| day(text).ok_or("must be such as 2026-01-31"))
    }

    pub(super) fn subject(&mut self, kind: MailKind, name: &'static str) -> Option<String> {
        self.text(name, "A subject", |subject| check_subject(kind, subject))
    }

    pub(super) fn mail_text(&mut self, kind: MailKind, name: &'static str) -> Option<String> {
        self.text(name, "A text", |text| check_text(kind, text))
    }

    /// Parses the object in the field `name`. Other fields than `known` are faults.
    pub(super) fn inside<T>(
        &mut self,
        name: &'static str,
        known: &[&str],
        read: impl FnOnce(&mut Fields<'_>) -> T,
    ) -> Option<T> {
        if !self.object.get(name).is_some_and(Value::is_object) {
            return self.fault(name, fault::OBJECT_TYPE, "An object is required");
        }
        let text = self.text_of(name);
        let (value, mut faults) = match Fields::parse(text.as_bytes()) {
            Ok(mut fields) => {
                let value = read(&mut fields);
                fields.refuse_others(known);
                (Some(value), fields.faults)
            }
            Err(problem) => (None, problem.details),
        };
        faults.iter_mut().for_each(|fault| fault.loc.insert(0, name.into()));
        let value = value.filter(|_| faults.is_empty());
        self.faults.extend(faults);
        value
    }

    pub(super) fn flag(&mut self, name: &'static str) -> Option<bool> {
        match self.object.get(name) {
            Some(Value::Bool(flag)) => Some(*flag),
            _ => self.fault(name, fault::BOOL_TYPE, "true or false is required"),
        }
    }

    /// Finds the fields that are not `known`.
    pub(super) fn refuse_others(&mut self, known: &[&str]) {
        /// At most this many are reported.
        const MOST: usize = 8;
        let others = self.object.keys().filter(|name| !known.contains(&name.as_str())).take(MOST);
        self.faults.extend(others.map(|name| Detail::unknown(name, "field")));
    }

    pub(super) fn amount(&mut self, name: &'static str) -> Option<Money> {
        let amount = match self.object.get(name) {
            Some(Value::String(text)) => Money::from_decimal(text),
            Some(Value::Number(_)) => {
                let hundredths = number::scaled(&number::text(self.body, name), 2);
                hundredths.ok().flatten().and_then(Money::from_hundredths)
            }
            _ => return self.fault(name, fault::DECIMAL_TYPE, "A decimal as a string, or a number, is required"),
        };
        let must = "An amount from 0 to 99999999.99 with at most two decimals is required";
        amount.or_else(|| self.fault(name, fault::DECIMAL_RANGE, must))
    }
}
