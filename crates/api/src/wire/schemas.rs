//! The schemas of `openapi.json`.

use super::by_hand::{Enrolment, EnrolmentList, Enrolments, NewEnrolment, Payment};
use super::{Delivered, Delivery, DeliveryList, Detail, Error, Health};
use std::borrow::Cow;
use utoipa::openapi::{KnownFormat, Object, ObjectBuilder, RefOr, Schema, SchemaFormat, Type};
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
        of::<UserId>(),
        of::<NewEnrolment<'_>>(),
        of::<Payment<'_>>(),
        of::<Enrolment<'_>>(),
        of::<Enrolments<'_>>(),
        of::<EnrolmentList<'_>>(),
        of::<Delivery<'_>>(),
        of::<DeliveryList<'_>>(),
        of::<Delivered>(),
        of::<Health>(),
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
        let number = Object::with_type(Type::Integer);
        ObjectBuilder::from(number).minimum(Some(1)).maximum(Some(i32::MAX)).into()
    }
}

/// [`domain::UserId`].
pub(super) enum UserId {}

impl ToSchema for UserId {}

impl PartialSchema for UserId {
    fn schema() -> RefOr<Schema> {
        const CONTROL: &str = r"\u0000-\u001f\u007f-\u009f";
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("Not only blanks, no control characters; compared byte for byte."))
            .min_length(Some(1))
            .max_length(Some(domain::UserId::MAX_CHARS))
            .pattern(Some(format!(r"^[^{CONTROL}]*[^\s{CONTROL}][^{CONTROL}]*$")))
            .into()
    }
}
