//! Parsing of request bodies.

mod company;
mod number;
mod resolution;

pub use resolution::parse_resolution;

use crate::Problem;
use crate::wire::Detail;
use crate::wire::words::fault;
use domain::model::note::{Note, Reason};
use domain::model::payment::Payment;
use domain::{CourseId, EnrolmentId, Money, NewEnrolment, UserId};
use http::HeaderMap;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

/// The maximum size of a body, in bytes.
pub const MAX_BODY: usize = 64 * 1024;

/// Collects a JSON body of at most [`MAX_BODY`] bytes.
#[derive(Debug, Default)]
pub struct BodyLimit {
    read: Vec<u8>,
    /// `Content-Length`, if it is given.
    length: Option<u64>,
}

impl BodyLimit {
    /// Checks the headers before the body is read.
    ///
    /// # Errors
    ///
    /// 415 unless `Content-Type` is JSON; 413 if `Content-Length` is too large.
    pub fn new(headers: &HeaderMap) -> Result<Self, Problem> {
        let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !is_json(content_type) {
            return Err(Problem::unsupported_media_type());
        }
        let length = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        if length.is_some_and(|length| length > MAX_BODY as u64) {
            return Err(Problem::payload_too_large());
        }
        Ok(Self { read: Vec::new(), length })
    }

    /// Whether all bytes that `Content-Length` announces are read.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.length == Some(self.read.len() as u64)
    }

    /// Appends a chunk.
    ///
    /// # Errors
    ///
    /// 413 if the body becomes too large.
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), Problem> {
        if self.read.len() + chunk.len() > MAX_BODY {
            return Err(Problem::payload_too_large());
        }
        self.read.extend_from_slice(chunk);
        Ok(())
    }

    /// The whole body.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.read
    }
}

/// `application/json` or any type that ends in `+json`; parameters are ignored.
fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.split_once('/') {
        Some(("application", "json")) => true,
        Some((kind, subtype)) => !kind.is_empty() && subtype.len() > "+json".len() && subtype.ends_with("+json"),
        None => false,
    }
}

/// Parses `{"course_id": int, "user_id": string}`.
///
/// # Errors
///
/// 400 with every fault.
pub fn parse_new_enrolment(body: &[u8]) -> Result<NewEnrolment, Problem> {
    let mut fields = Fields::parse(body)?;
    let course_id = fields.id("course_id", CourseId::new);
    let user_id = fields.user_id("user_id");
    match (course_id, user_id) {
        (Some(course_id), Some(user_id)) => Ok(NewEnrolment { user_id, course_id }),
        _ => Err(Problem::invalid(fields.faults)),
    }
}

/// Parses `{"enrolment_id": int}` with optional `"user_id": string`, `"amount"` (a decimal
/// as a string, or a number) and `"buyer"` (a company).
///
/// # Errors
///
/// 400 with every fault.
pub fn parse_payment(body: &[u8]) -> Result<Payment, Problem> {
    let mut fields = Fields::parse(body)?;
    let enrolment_id = fields.id("enrolment_id", EnrolmentId::new);
    let user_id = fields.if_given("user_id", Fields::user_id);
    let amount = fields.if_given("amount", Fields::amount);
    let buyer = fields.if_given("buyer", Fields::company);
    match enrolment_id {
        Some(enrolment_id) if fields.faults.is_empty() => Ok(Payment { enrolment_id, user_id, amount, buyer }),
        _ => Err(Problem::invalid(fields.faults)),
    }
}

/// Parses `{"enrolment_id": int}` with optional `"user_id"` and `"reason"`, both strings.
///
/// # Errors
///
/// 400 with every fault.
pub fn parse_note(body: &[u8]) -> Result<Note, Problem> {
    let mut fields = Fields::parse(body)?;
    let enrolment_id = fields.id("enrolment_id", EnrolmentId::new);
    let user_id = fields.if_given("user_id", Fields::user_id);
    let reason = fields.if_given("reason", Fields::reason);
    match enrolment_id {
        Some(enrolment_id) if fields.faults.is_empty() => Ok(Note { enrolment_id, user_id, reason }),
        _ => Err(Problem::invalid(fields.faults)),
    }
}

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
struct Fields<'a> {
    body: &'a [u8],
    object: Map<String, Value>,
    faults: Vec<Detail>,
}

impl<'a> Fields<'a> {
    fn parse(body: &'a [u8]) -> Result<Self, Problem> {
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

    fn fault<T>(&mut self, name: &'static str, kind: &'static str, msg: impl Into<String>) -> Option<T> {
        self.faults.push(Detail::of(name, msg, kind));
        None
    }

    fn id<T>(&mut self, name: &'static str, new: fn(i64) -> Option<T>) -> Option<T> {
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

    /// Parses an optional field; none without a fault if it is missing.
    fn if_given<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut Self, &'static str) -> Option<T>,
    ) -> Option<T> {
        if self.object.contains_key(name) { read(self, name) } else { None }
    }

    fn text<T, E: fmt::Display>(
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

    fn user_id(&mut self, name: &'static str) -> Option<UserId> {
        self.text(name, "A user id", |text| UserId::new(text))
    }

    fn reason(&mut self, name: &'static str) -> Option<Reason> {
        self.text(name, "A reason", Reason::new)
    }

    fn amount(&mut self, name: &'static str) -> Option<Money> {
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

#[cfg(test)]
mod tests;
