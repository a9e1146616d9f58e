//! The schemas of `openapi.json`.

use super::typed::EnrolmentList;
use super::{
    Backlog, Delivered, Delivery, DeliveryList, Detail, Document, DocumentList, Enrolment, Error, Event, EventList,
    Ksef,
};
use super::{
    Health, History, Mail, MailList, MailPreview, Resolved, VariableFault, Webhook, WebhookData, WebhookDocument,
};
use domain::model::company::CompanyField;
use domain::model::metadata::Metadata;
use std::borrow::Cow;
use utoipa::openapi::schema::SchemaType;
use utoipa::openapi::{KnownFormat, Object, ObjectBuilder, OneOfBuilder, RefOr, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

/// A schema and its name.
pub(crate) type Named = (Cow<'static, str>, RefOr<Schema>);

/// The schemas of all bodies.
#[must_use]
pub fn schemas() -> Vec<Named> {
    let mut schemas =
        vec![of::<EnrolmentId>(), of::<CourseId>(), of::<UserId>(), of::<Amount>(), of::<Reason>(), of::<Reference>()];
    schemas.extend(super::enumerations::schemas());
    schemas.extend(crate::body::schemas());
    schemas.extend([
        of::<Enrolment<'_>>(),
        of::<EnrolmentList<'_>>(),
        of::<Document<'_>>(),
        of::<DocumentList<'_>>(),
        of::<Ksef<'_>>(),
        of::<Event<'_>>(),
        of::<EventList<'_>>(),
        of::<History<'_>>(),
        of::<Resolved<'_>>(),
        of::<Webhook<'_>>(),
        of::<WebhookData<'_>>(),
        of::<WebhookDocument<'_>>(),
        of::<Delivery<'_>>(),
        of::<DeliveryList<'_>>(),
        of::<Delivered>(),
        of::<Mail<'_>>(),
        of::<MailList<'_>>(),
        of::<MailPreview<'_>>(),
        of::<Health<'_>>(),
        of::<VariableFault>(),
        of::<Backlog>(),
        of::<Error<'_>>(),
        of::<Detail>(),
    ]);
    schemas
}

pub(crate) fn of<T: ToSchema>() -> Named {
    let mut schema = T::schema();
    drop_widths(&mut schema);
    (T::name(), schema)
}

/// Removes the formats `int32` and `int64`: JSON integers have no width, and `utoipa` calls
/// a `u32` an `int32`.
fn drop_widths(schema: &mut RefOr<Schema>) {
    let RefOr::T(Schema::Object(object)) = schema else { return };
    if let Some(SchemaFormat::KnownFormat(KnownFormat::Int32 | KnownFormat::Int64)) = object.format {
        object.format = None;
    }
    object.properties.values_mut().for_each(drop_widths);
}

/// [`domain::EnrolmentId`].
pub(crate) enum EnrolmentId {}

impl ToSchema for EnrolmentId {}

impl PartialSchema for EnrolmentId {
    fn schema() -> RefOr<Schema> {
        number("The id of an enrolment.").into()
    }
}

/// [`domain::CourseId`].
pub(crate) enum CourseId {}

impl ToSchema for CourseId {}

impl PartialSchema for CourseId {
    fn schema() -> RefOr<Schema> {
        number("The id of a course at the courses service.").into()
    }
}

fn number(description: &str) -> ObjectBuilder {
    let number = ObjectBuilder::from(Object::with_type(Type::Integer));
    number.minimum(Some(1)).maximum(Some(i32::MAX)).description(Some(description))
}

/// [`domain::UserId`].
pub(crate) enum UserId {}

impl ToSchema for UserId {}

impl PartialSchema for UserId {
    fn schema() -> RefOr<Schema> {
        let description = "Not only blanks, no control characters. Ids are compared byte by byte.";
        text(domain::UserId::MAX_CHARS).description(Some(description)).into()
    }
}

/// [`domain::model::note::Reason`].
pub(crate) enum Reason {}

impl ToSchema for Reason {}

impl PartialSchema for Reason {
    fn schema() -> RefOr<Schema> {
        let description = "A text of 1 to 255 characters without control characters. Blanks around it are removed.";
        trimmed_text(domain::model::note::Reason::MAX_CHARS).description(Some(description)).into()
    }
}

/// [`domain::Money`].
pub(crate) enum Amount {}

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
            .description(Some("From 0 to 99,999,999.99 with at most two decimals."))
            .into()
    }
}

/// [`domain::model::reference::PlatformReference`].
pub(crate) enum Reference {}

impl ToSchema for Reference {}

impl PartialSchema for Reference {
    fn schema() -> RefOr<Schema> {
        let most = domain::model::reference::PlatformReference::MAX_CHARS;
        let description = "Your own number. References are compared byte by byte.";
        let text = ObjectBuilder::new().schema_type(Type::String).pattern(Some(format!("^[!-~]{{1,{most}}}$")));
        text.description(Some(description)).into()
    }
}

pub(crate) fn metadata() -> Object {
    let text = ObjectBuilder::new().schema_type(Type::String).pattern(Some(format!("^[^{CONTROL}]*$")));
    let keys = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(format!("^[0-9A-Za-z._-]{{1,{}}}$", Metadata::MAX_KEY)));
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .additional_properties(Some(Schema::Object(text.build())))
        .property_names(Some(keys.build()))
        .max_properties(Some(Metadata::MOST))
        .build()
}

// Patterns have only what ECMA-262, RE2 and Python read alike: no look-around, no `\s` and no
// `\u`. Above `\xff`, a character stands for itself.
const CONTROL: &str = r"\x00-\x1f\x7f-\x9f";
const ALL_BUT_LINE_FEEDS: &str = r"\x00-\x09\x0b-\x1f\x7f-\x9f";
/// Whitespace as in [`char::is_whitespace`].
const BLANKS: &str = "[\\x09-\\x0d\\x20\\x85\\xa0\u{1680}\u{2000}-\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}]*";
/// A character that is neither whitespace nor a control character.
const INK: &str = "[^\\x00-\\x20\\x7f-\\xa0\u{1680}\u{2000}-\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}]";

/// A text of at most `max_chars` characters: not only blanks, no control characters.
fn text(max_chars: usize) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(max_chars))
        .pattern(Some(format!("^[^{CONTROL}]*{INK}[^{CONTROL}]*$")))
}

/// The same for a text that is trimmed first; line breaks count as blanks.
fn trimmed_text(max_chars: usize) -> ObjectBuilder {
    trimmed(CONTROL, &format!("{{0,{}}}", max_chars - 2))
}

/// The same with another set of forbidden control characters and another number of characters
/// between the first and the last.
fn trimmed(control: &str, times: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .pattern(Some(format!("^{BLANKS}{INK}([^{control}]{times}{INK})?{BLANKS}$")))
}

pub(crate) fn resolution_note() -> Object {
    let description = "What the operator did: 1 to 500 characters. Line feeds are the only control characters that \
                       are allowed. Blanks around the text are removed.";
    let times = format!("{{0,{}}}", domain::model::resolution::Note::MAX_CHARS - 2);
    trimmed(ALL_BUT_LINE_FEEDS, &times).description(Some(description)).build()
}

pub(crate) fn subject() -> Object {
    let description = "One line of 1 to 200 characters, with placeholders in braces. A placeholder that can be without \
                       a value is not allowed. Blanks around it are removed.";
    trimmed_text(domain::model::mail::MailText::MAX_SUBJECT).description(Some(description)).build()
}

pub(crate) fn mail_text() -> Object {
    let description = "1 to 8000 characters. Line feeds are the only control characters that are allowed; an empty \
                       line ends a paragraph. The text has all required placeholders of its kind, such as \
                       `{course}`, and no others than its optional ones. A URL becomes a link. Blanks around the \
                       text are removed.";
    // RE2 repeats at most 1000 times.
    let length = domain::model::mail::MailText::MAX_TEXT;
    trimmed(ALL_BUT_LINE_FEEDS, "*").max_length(Some(length)).description(Some(description)).build()
}

pub(crate) fn document_number() -> Object {
    let description = "The number of the document. Only for an `invoice`, a `correction`, and a `ksef_number` of a \
                       company's document.";
    trimmed_text(domain::model::resolution::DocumentNumber::MAX_CHARS).description(Some(description)).build()
}

/// An http or https URL with the characters of RFC 3986. Not allowed are `@`, the segments
/// `.` and `..` in any encoding, and percent-encoded control characters and slashes.
pub(crate) fn link() -> Object {
    let host = r"[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*(:[0-9]{1,5})?";
    let dot = r"(\.|%2[Ee])";
    let plain = "[!$&-,0-;=A-Z_a-z~-]|%(2[0-9A-Da-d]|5[0-9ABD-Fabd-f]|7[0-9A-Ea-e]|[3468-9A-Fa-f][0-9A-Fa-f])";
    let character = format!("({plain}|{dot})");
    // Not one or two dots alone.
    let segment = format!("({dot}{{0,2}}({plain}){character}*|{dot}{{3}}{character}*)?");
    let query = format!("({plain}|{dot}|[/?])*");
    let description = "The page that shows the document: an http or https URL with a path. Only for an `invoice`, a \
                       `correction`, and a `ksef_number` of a company's document.";
    ObjectBuilder::new()
        .schema_type(Type::String)
        .max_length(Some(domain::model::link::MAX_URL))
        .pattern(Some(format!(r"^https?://{host}(/{segment})+(\?{query})?$")))
        .description(Some(description))
        .build()
}

/// The same for a text that can be blank.
fn blank_or_trimmed(max_chars: usize) -> ObjectBuilder {
    let pattern = format!("^{BLANKS}({INK}([^{CONTROL}]{{0,{}}}{INK})?)?{BLANKS}$", max_chars - 2);
    ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern))
}

/// The same for a field that can be null.
fn or_null(text: ObjectBuilder) -> Object {
    text.schema_type(SchemaType::from_iter([Type::String, Type::Null])).build()
}

/// A word, or nothing.
fn optional_word(words: &str) -> ObjectBuilder {
    ObjectBuilder::new().pattern(Some(format!("^{BLANKS}({words})?{BLANKS}$")))
}

pub(crate) fn person_name() -> Object {
    blank_or_trimmed(domain::User::MAX_NAME).build()
}

pub(crate) fn optional_street() -> Object {
    or_null(blank_or_trimmed(CompanyField::Street.max_chars()))
}

pub(crate) fn optional_post_code() -> Object {
    or_null(blank_or_trimmed(CompanyField::PostCode.max_chars()))
}

pub(crate) fn optional_city() -> Object {
    or_null(blank_or_trimmed(CompanyField::City.max_chars()))
}

pub(crate) fn country() -> Object {
    or_null(optional_word("[A-Z]{2}").description(Some("Two capital letters, as in ISO 3166-1.")))
}

pub(crate) fn course_name() -> Object {
    trimmed_text(domain::Course::MAX_NAME).build()
}

pub(crate) fn price() -> Object {
    let description = "With tax, from 0 to 10,000,000 with at most two decimals: a number, or a decimal as text.";
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Number]))
        .minimum(Some(0))
        .maximum(Some(10_000_000))
        .description(Some(description))
        .build()
}

pub(crate) fn currency() -> Object {
    or_null(optional_word("[A-Z]{3}").description(Some("The code of ISO 4217; by default that of the service.")))
}

pub(crate) fn tax() -> Object {
    let description = "A rate in percent from 0 to 99.99, or `zw`, which needs `tax_exemption`; by default the tax of the \
                       service at the time of the payment.";
    optional_word(r"[0-9]{1,2}(\.[0-9]{1,2})?|zw")
        .schema_type(SchemaType::from_iter([Type::String, Type::Number, Type::Null]))
        .minimum(Some(0))
        .maximum(Some(99.99))
        .description(Some(description))
        .build()
}

pub(crate) fn gtu_code() -> Object {
    or_null(optional_word("GTU_(0[1-9]|1[0-3])").description(Some("The GTU code on the invoice.")))
}

pub(crate) fn company_name() -> Object {
    trimmed_text(CompanyField::Name.max_chars()).build()
}

pub(crate) fn street() -> Object {
    trimmed_text(CompanyField::Street.max_chars()).build()
}

pub(crate) fn post_code() -> Object {
    trimmed_text(CompanyField::PostCode.max_chars()).build()
}

pub(crate) fn city() -> Object {
    trimmed_text(CompanyField::City.max_chars()).build()
}
