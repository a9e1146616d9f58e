//! The schemas of fields.

mod buyers;
mod records;
mod texts;

pub(crate) use buyers::*;
pub(crate) use records::*;
pub(crate) use texts::*;

use domain::model::metadata::Metadata;
use std::borrow::Cow;
use utoipa::openapi::{KnownFormat, Object, ObjectBuilder, OneOfBuilder, RefOr, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

/// A schema and its name.
pub(crate) type Named = (Cow<'static, str>, RefOr<Schema>);

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
        OneOfBuilder::new()
            .item(decimal)
            .item(hundredths(99_999_999.99))
            .description(Some("From 0 to 99,999,999.99 with at most two decimals."))
            .into()
    }
}

/// A number from 0 with at most two decimals.
fn hundredths(maximum: f64) -> Object {
    let number = ObjectBuilder::new().schema_type(Type::Number).minimum(Some(0)).maximum(Some(maximum));
    number.multiple_of(Some(0.01)).build()
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
