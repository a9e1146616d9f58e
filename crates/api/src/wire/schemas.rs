//! The schemas of `openapi.json`.

use super::by_hand::{Company, EnrolmentList, EnrolmentPage, Enrolments, NewEnrolment, Note, Payment, Resolution};
use super::{
    Delivered, Delivery, DeliveryList, Detail, Document, DocumentList, Enrolment, Error, Event, EventList, Ksef,
};
use super::{Health, History, Resolved, Webhook};
use domain::company::CompanyField;
use std::borrow::Cow;
use utoipa::openapi::{KnownFormat, Object, ObjectBuilder, OneOfBuilder, RefOr, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

/// Each schema that answers and bodies are made of, under its name.
#[must_use]
pub fn schemas() -> Vec<(Cow<'static, str>, RefOr<Schema>)> {
    fn of<T: ToSchema>() -> (Cow<'static, str>, RefOr<Schema>) {
        let mut schema = T::schema();
        drop_widths(&mut schema);
        (T::name(), schema)
    }
    vec![
        of::<EnrolmentNumber>(),
        of::<CourseNumber>(),
        of::<UserId>(),
        of::<Amount>(),
        of::<Reason>(),
        of::<NewEnrolment<'_>>(),
        of::<Payment<'_>>(),
        of::<Company<'_>>(),
        of::<Note<'_>>(),
        of::<Resolution<'_>>(),
        of::<Enrolment<'_>>(),
        of::<Enrolments<'_>>(),
        of::<EnrolmentList<'_>>(),
        of::<EnrolmentPage<'_>>(),
        of::<Document<'_>>(),
        of::<DocumentList<'_>>(),
        of::<Ksef<'_>>(),
        of::<Event<'_>>(),
        of::<EventList<'_>>(),
        of::<History<'_>>(),
        of::<Resolved<'_>>(),
        of::<Webhook<'_>>(),
        of::<Delivery<'_>>(),
        of::<DeliveryList<'_>>(),
        of::<Delivered>(),
        of::<Health<'_>>(),
        of::<Error<'_>>(),
        of::<Detail>(),
    ]
}

/// Integers on the wire have no width, nor would those without a sign fit the `int32`
/// that the library takes them for.
fn drop_widths(schema: &mut RefOr<Schema>) {
    let RefOr::T(Schema::Object(object)) = schema else { return };
    if let Some(SchemaFormat::KnownFormat(KnownFormat::Int32 | KnownFormat::Int64)) = object.format {
        object.format = None;
    }
    object.properties.values_mut().for_each(drop_widths);
}

/// [`domain::EnrolmentId`].
pub(super) enum EnrolmentNumber {}

impl ToSchema for EnrolmentNumber {}

impl PartialSchema for EnrolmentNumber {
    fn schema() -> RefOr<Schema> {
        number("The number of an enrolment.").into()
    }
}

/// [`domain::CourseId`].
pub(super) enum CourseNumber {}

impl ToSchema for CourseNumber {}

impl PartialSchema for CourseNumber {
    fn schema() -> RefOr<Schema> {
        number("The number of a course at the courses service.").into()
    }
}

fn number(description: &str) -> ObjectBuilder {
    let number = ObjectBuilder::from(Object::with_type(Type::Integer));
    number.minimum(Some(1)).maximum(Some(i32::MAX)).description(Some(description))
}

/// [`domain::UserId`].
pub(super) enum UserId {}

impl ToSchema for UserId {}

impl PartialSchema for UserId {
    fn schema() -> RefOr<Schema> {
        let description = "Not only blanks, no control characters; compared byte for byte.";
        text(domain::UserId::MAX_CHARS).description(Some(description)).into()
    }
}

/// [`domain::note::Reason`].
pub(super) enum Reason {}

impl ToSchema for Reason {}

impl PartialSchema for Reason {
    fn schema() -> RefOr<Schema> {
        let description =
            "In the caller's words: 1 to 255 characters but for blanks around them, no control characters.";
        trimmed_text(domain::note::Reason::MAX_CHARS).description(Some(description)).into()
    }
}

/// [`domain::Money`].
pub(super) enum Amount {}

impl ToSchema for Amount {}

impl PartialSchema for Amount {
    fn schema() -> RefOr<Schema> {
        let decimal =
            ObjectBuilder::new().schema_type(Type::String).pattern(Some(r"^[0-9]{1,8}(\.[0-9]{1,2})?$")).build();
        let number = ObjectBuilder::new()
            .schema_type(Type::Number)
            .minimum(Some(0))
            .maximum(Some(99_999_999.99))
            .multiple_of(Some(0.01))
            .build();
        OneOfBuilder::new()
            .item(decimal)
            .item(number)
            .description(Some("From 0 to 99,999,999.99, with at most two decimals."))
            .into()
    }
}

const CONTROL: &str = r"\u0000-\u001f\u007f-\u009f";

/// Not only blanks, no control characters, and at most so many characters.
fn text(max_chars: usize) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(max_chars))
        .pattern(Some(format!(r"^[^{CONTROL}]*[^\s{CONTROL}][^{CONTROL}]*$")))
}

/// The same of what is left when blanks around it are taken away, line breaks as well.
fn trimmed_text(max_chars: usize) -> ObjectBuilder {
    trimmed(max_chars, CONTROL)
}

/// The same with these control characters alone not in it.
fn trimmed(max_chars: usize, control: &str) -> ObjectBuilder {
    let (end, inner, blanks) = (format!(r"[^\s{CONTROL}]"), max_chars - 2, r"[\s\u0085]*");
    ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .pattern(Some(format!(r"^{blanks}{end}([^{control}]{{0,{inner}}}{end})?{blanks}$")))
}

pub(super) fn resolution_note() -> Object {
    let description = "What was done, for whoever looks at it later: 1 to 500 characters but for blanks around them, \
                       no control characters but line feeds.";
    let all_but_line_feeds = r"\u0000-\u0009\u000b-\u001f\u007f-\u009f";
    trimmed(domain::settle::Note::MAX_CHARS, all_but_line_feeds).description(Some(description)).build()
}

pub(super) fn document_number() -> Object {
    let description = "Of the document that was made. Only for an `invoice`, a `correction`, or a `ksef_number` that \
                       a company's link waits for.";
    trimmed_text(domain::settle::DocumentNumber::MAX_CHARS).description(Some(description)).build()
}

/// Of what a path and a query are made as RFC 3986 has it, but `@` and segments of dots,
/// however they are written; escapes hide no control character and no slash.
pub(super) fn link() -> Object {
    let host = r"[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*(:[0-9]{1,5})?";
    let dots = r"(?!(/[^?]*)?/(\.|%2[Ee]){1,2}(/|\?|$))";
    let escape = "%(2[0-9A-Ea-e]|5[0-9ABD-Fabd-f]|7[0-9A-Ea-e]|[3468-9A-Fa-f][0-9A-Fa-f])";
    let plain = format!("[!$&-;=?A-Z_a-z~]|{escape}");
    let description = "The page that shows it: a plain http or https URL with a path. Only for an `invoice`, a \
                       `correction`, or a `ksef_number` that a company's link waits for.";
    ObjectBuilder::new()
        .schema_type(Type::String)
        .max_length(Some(domain::link::MAX_URL))
        .pattern(Some(format!("^https?://{host}{dots}/({plain})*$")))
        .description(Some(description))
        .build()
}

pub(super) fn company_name() -> Object {
    trimmed_text(CompanyField::Name.max_chars()).build()
}

pub(super) fn street() -> Object {
    trimmed_text(CompanyField::Street.max_chars()).build()
}

pub(super) fn post_code() -> Object {
    trimmed_text(CompanyField::PostCode.max_chars()).build()
}

pub(super) fn city() -> Object {
    trimmed_text(CompanyField::City.max_chars()).build()
}
