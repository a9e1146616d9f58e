//! Records in a body: their types and their parser.

use super::fields::Fields;
use crate::problem::beginning;
use crate::records::{COURSE_KEYS, USER_KEYS, read_course, read_user, tax};
use crate::wire::Detail;
use crate::wire::words::fault;
use crate::{Faults, Record};
use domain::model::metadata::Metadata;
use domain::model::terms::{NotSubject, Tax};
use domain::{Course, User};
use serde_json::Value;
#[cfg(feature = "openapi")]
use {crate::wire::field, serde::Serialize, utoipa::ToSchema};

/// The record of the user. It is stored with the enrolment for later mails and documents. The address is on the invoice if it has a street, a city and a country, and the payment names no `buyer`.
#[cfg(feature = "openapi")]
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UserRecord<'a> {
    /// One of the names may be empty.
    #[schema(schema_with = field::person_name)]
    pub(super) first_name: &'a str,
    #[schema(schema_with = field::person_name)]
    pub(super) last_name: &'a str,
    #[schema(schema_with = field::email)]
    pub(super) email: &'a str,
    /// The language of mails, such as `pl` or `en-GB`. Of others than Polish and English, that of the course counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) language: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = field::optional_street)]
    pub(super) street: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = field::optional_post_code)]
    pub(super) post_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = field::optional_city)]
    pub(super) city: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = field::country)]
    pub(super) country: Option<&'a str>,
}

/// The record of the course. Its terms are stored with the enrolment, and a payment uses them.
#[cfg(feature = "openapi")]
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CourseRecord<'a> {
    #[schema(schema_with = field::course_name)]
    pub(super) name: &'a str,
    #[schema(schema_with = field::price)]
    pub(super) price: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = field::currency)]
    pub(super) currency: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = field::tax)]
    pub(super) tax: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = field::tax_exemption)]
    pub(super) tax_exemption: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = field::gtu_code)]
    pub(super) gtu_code: Option<&'a str>,
    /// The language of mails, if the user has none; by default that of the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) language: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = field::end_date)]
    pub(super) end_date: Option<&'a str>,
    /// How many seats the course has; by default there is no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u32>, minimum = 0, maximum = 4_294_967_295_u32)]
    pub(super) max_participants: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = field::opens_at)]
    pub(super) opens_at: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = field::closes_at)]
    pub(super) closes_at: Option<&'a str>,
}

impl Fields<'_> {
    /// Parses the user in the field `name`.
    pub(super) fn user(&mut self, name: &'static str) -> Option<User> {
        let text = self.text_of(name);
        let record = self.record(name, &text, &USER_KEYS)?;
        let (user, faults) = read_user(&record);
        if self.take(name, faults) { user } else { None }
    }

    /// Parses the course in the field `name`. Its end can be missing.
    pub(super) fn course(&mut self, name: &'static str) -> Option<Course> {
        let text = self.text_of(name);
        let record = self.record(name, &text, &COURSE_KEYS)?.with_null("end_date");
        let (course, faults) = read_course(&record);
        self.take(name, faults).then_some(course)
    }

    /// Parses the fields `tax` and `tax_exemption` of the body itself. The buyer may decide otherwise what kind of `np`
    /// it is.
    pub(super) fn tax(&mut self) -> Option<Tax> {
        if !["tax", "tax_exemption"].iter().any(|name| self.object.contains_key(*name)) {
            return None;
        }
        if self.object.get("tax").and_then(Value::as_str).is_some_and(|word| word.trim() == "np") {
            return Some(Tax::NotSubject(NotSubject::ExportService));
        }
        let record: Record<'_> = serde_json::from_slice(self.body).ok()?;
        match tax(record.get("tax"), "tax", record.get("tax_exemption")) {
            Ok(tax) => tax,
            Err(fault) => self.fault("tax", fault.kind, fault.cause),
        }
    }

    /// Parses the metadata in the field `name`.
    pub(super) fn metadata(&mut self, name: &'static str) -> Option<Metadata> {
        let text = self.text_of(name);
        let record = self.object(name, &text)?;
        let mut metadata = Metadata::default();
        for key in record.names() {
            let detail = |msg: String, kind| Detail { loc: vec![name.into(), beginning(key).into()], msg, kind };
            let text = record.get(key).text(key).map_err(|fault| detail(fault.cause, fault.kind));
            let added = text.and_then(|text| {
                metadata.insert(key, text).map_err(|invalid| detail(invalid.to_string(), fault::STRING_VALUE))
            });
            // Those that follow a fault may break the same rule.
            if let Err(detail) = added {
                self.faults.push(detail);
                return None;
            }
        }
        Some(metadata)
    }

    /// The object in `text`, which is that of the field `name`.
    fn object<'a>(&mut self, name: &'static str, text: &'a str) -> Option<Record<'a>> {
        let record = serde_json::from_str(text).ok();
        record.or_else(|| self.fault(name, fault::OBJECT_TYPE, "An object is required"))
    }

    /// The same. Other fields than `keys` are faults.
    pub(super) fn record<'a>(&mut self, name: &'static str, text: &'a str, keys: &[&str]) -> Option<Record<'a>> {
        /// At most this many are reported.
        const MOST: usize = 8;
        let record = self.object(name, text)?;
        let unknown = record.names().filter(|field| !keys.contains(field));
        let faults: Vec<_> = unknown.take(MOST).map(|field| Detail::unknown_inside(name, field)).collect();
        let known = faults.is_empty();
        self.faults.extend(faults);
        known.then_some(record)
    }

    /// Whether there are no faults in the object `name`.
    fn take(&mut self, name: &'static str, faults: Faults) -> bool {
        let none = faults.is_empty();
        let detail =
            |(field, fault): (&'static str, crate::Fault)| Detail::inside(name, field, fault.cause, fault.kind);
        self.faults.extend(faults.into_iter().map(detail));
        none
    }
}
