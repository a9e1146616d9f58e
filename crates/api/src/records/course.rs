//! The record of a course.

use super::{Fault, Faults, Field, Reader, Record};
use crate::wire::words::fault;
use chrono::{DateTime, NaiveDateTime, Utc};
use domain::model::gtu::GtuCode;
use domain::model::terms::{Currency, Exemption, Tax, TaxWord};
use domain::{Course, Money, System};
use std::borrow::Cow;

/// The fields that a request can have.
pub(crate) const KEYS: [&str; 11] = [
    "name",
    "price",
    "currency",
    "tax",
    "tax_exemption",
    "gtu_code",
    "language",
    "end_date",
    "max_participants",
    "opens_at",
    "closes_at",
];

/// The course that a record describes, and the faults of the record.
#[must_use]
pub fn read_course(record: &Record<'_>) -> (Course, Faults) {
    let mut reader = Reader::new(record, System::Courses);
    let course = Course {
        name: reader.read("name", name),
        price: reader.read("price", price),
        currency: reader.read("currency", |field, name| field.word(name, "code of ISO 4217", Currency::parse)),
        tax: reader.read("tax", |field, name| tax(field, name, record.get("tax_exemption"))),
        gtu_code: reader.read("gtu_code", |field, name| field.word(name, "GTU code", GtuCode::parse)),
        ends_at: reader.read("end_date", end),
        seats: reader.read("max_participants", seats),
        opens_at: reader.read("opens_at", time),
        closes_at: reader.read("closes_at", time),
        language: reader.read("language", |field, name| field.language(name)).unwrap_or_default(),
    };
    (course, reader.faults)
}

fn name(field: &Field<'_>, name: &str) -> Result<String, Fault> {
    Course::check_name(field.text(name)?).map_err(|invalid| Fault::new(fault::STRING_VALUE, invalid))
}

fn price(field: &Field<'_>, name: &str) -> Result<Money, Fault> {
    let price = match field {
        #[allow(clippy::cast_precision_loss, reason = "no price is so large")]
        Field::Integer(number) => Some(*number as f64),
        Field::Float(number) => Some(*number),
        Field::Text(text) => text.trim().parse().ok(),
        Field::Missing | Field::Null => return Err(Fault::new(fault::MISSING, "price is missing")),
        other => return Err(other.is_not(name, fault::DECIMAL_TYPE, "no number")),
    };
    let price = price.and_then(Money::from_float).and_then(|price| Course::check_price(price).ok());
    price.ok_or_else(|| Fault::new(fault::DECIMAL_RANGE, "price is out of range"))
}

/// A rate, as a number or a text, or `zw`, which needs an exemption.
pub(crate) fn tax(field: &Field<'_>, name: &str, exemption: &Field<'_>) -> Result<Option<Tax>, Fault> {
    let exemption = exemption.word("tax_exemption", "text of at most 256 characters", Exemption::parse)?;
    let invalid = |cause: &str| Fault::new(fault::STRING_VALUE, cause);
    let text = match field {
        Field::Integer(number) => Cow::Owned(number.to_string()),
        Field::Float(number) => Cow::Owned(rate(*number).ok_or_else(|| invalid("tax is neither a rate nor zw"))?),
        Field::Text(text) => Cow::Borrowed(text.trim()),
        Field::Missing | Field::Null => Cow::Borrowed(""),
        other => return Err(other.is_not(name, fault::STRING_TYPE, "neither text nor a number")),
    };
    match (text.as_ref(), exemption) {
        ("", None) => Ok(None),
        ("", Some(_)) => Err(invalid("tax_exemption needs the tax zw")),
        (word, exemption) => match TaxWord::parse(word) {
            // What `np` needs depends on who pays.
            None | Some(TaxWord::NotSubject) => Err(invalid("tax is neither a rate nor zw")),
            Some(word) => word.with(exemption, None).map(Some).map_err(|_| invalid("tax zw needs a tax_exemption")),
        },
    }
}

/// A number as a rate is written: `5.5`.
fn rate(number: f64) -> Option<String> {
    let rate = Money::from_float(number)?.to_string();
    Some(rate.trim_end_matches('0').trim_end_matches('.').to_owned())
}

/// An end, or none for `null`.
fn end(field: &Field<'_>, name: &str) -> Result<Option<DateTime<Utc>>, Fault> {
    if *field == Field::Missing {
        return Err(Fault::new(fault::MISSING, "end_date is missing"));
    }
    time(field, name)
}

fn time(field: &Field<'_>, name: &str) -> Result<Option<DateTime<Utc>>, Fault> {
    let Some(text) = field.optional_text(name)? else { return Ok(None) };
    let invalid = |cause: &str| Fault::new(fault::STRING_VALUE, format!("{name} {cause}"));
    let time = parse_time(text).ok_or_else(|| invalid("is no time"))?;
    Course::check_time(time).map(Some).ok_or_else(|| invalid("is not from 1970 to 9998"))
}

/// A time with an offset is converted; one without is UTC.
fn parse_time(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.to_utc());
    }
    ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .map(|time| time.and_utc())
}

fn seats(field: &Field<'_>, name: &str) -> Result<Option<u32>, Fault> {
    match field {
        Field::Missing | Field::Null => Ok(None),
        Field::Integer(number) => u32::try_from(*number)
            .map(Some)
            .map_err(|_| Fault::new(fault::INT_RANGE, "max_participants is out of range")),
        // 12.0 is an integer.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is within the range")]
        Field::Float(number) if number.fract() == 0.0 && (0.0..=u32::MAX.into()).contains(number) => {
            Ok(Some(*number as u32))
        }
        other => Err(other.is_not(name, fault::INT_TYPE, "no whole number")),
    }
}
