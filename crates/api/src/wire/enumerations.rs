//! The schemas of enumerated strings. Most have a name, so that a generated client has one type
//! for each.

use super::field::Named;
use super::words::{code, fault};
use domain::{
    PaymentStatus, Status, jobs::Kind, jobs::outbox::State, model::buyer::Role, model::event::EventKind,
    model::invoice::DocumentKind, model::language::Language, model::mail::MailKind, model::reason::ReasonCode,
    model::search::FoundBy,
};
use utoipa::openapi::schema::{Object, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{Ref, Schema};

/// Those with a name.
pub(super) fn schemas() -> Vec<Named> {
    let named = |name: &'static str, words: Object| (name.into(), Schema::Object(words).into());
    vec![
        named("EnrolmentStatus", one_of("", Status::ALL.map(Status::as_str))),
        named("PaymentStatus", one_of("", PaymentStatus::ALL.map(PaymentStatus::as_str))),
        named("DocumentKind", one_of("", DocumentKind::ALL.map(DocumentKind::as_str))),
        named("EventType", one_of("", EventKind::ALL.map(EventKind::as_str))),
        named("DeliveryState", one_of("", State::ALL.map(State::as_str))),
        named("DeliveryKind", one_of("", Kind::ALL.iter().map(|kind| kind.word()))),
        named("DeliveryReason", one_of("", ReasonCode::ALL.iter().map(|code| code.word()))),
        named("MailKind", one_of("", MailKind::ALL.map(MailKind::word))),
        named("RecipientRole", one_of("", Role::ALL.map(Role::as_str))),
        named("SearchKey", one_of("", FoundBy::ALL.map(FoundBy::as_str))),
        named("Language", one_of("", Language::ALL.map(Language::code))),
        named("ErrorCode", code::schema()),
        named("FaultCode", fault::schema()),
    ]
}

pub(super) fn enrolment_status() -> Ref {
    Ref::from_schema_name("EnrolmentStatus")
}

pub(super) fn payment_status() -> Ref {
    Ref::from_schema_name("PaymentStatus")
}

pub(super) fn document_kind() -> Ref {
    Ref::from_schema_name("DocumentKind")
}

pub(super) fn event_type() -> Ref {
    Ref::from_schema_name("EventType")
}

pub(super) fn test_type() -> Object {
    one_of("", ["test"])
}

pub(super) fn delivery_state() -> Ref {
    Ref::from_schema_name("DeliveryState")
}

pub(super) fn mail_kind() -> Ref {
    Ref::from_schema_name("MailKind")
}

/// One that this release has.
pub(crate) fn known_delivery_kind() -> Ref {
    Ref::from_schema_name("DeliveryKind")
}

/// One that this release has.
pub(crate) fn known_reason() -> Ref {
    Ref::from_schema_name("DeliveryReason")
}

pub(crate) fn recipient_role() -> Ref {
    Ref::from_schema_name("RecipientRole")
}

pub(super) fn found_by() -> Ref {
    Ref::from_schema_name("SearchKey")
}

pub(super) fn language() -> Ref {
    Ref::from_schema_name("Language")
}

pub(super) fn error_code() -> Ref {
    Ref::from_schema_name("ErrorCode")
}

pub(super) fn fault_code() -> Ref {
    Ref::from_schema_name("FaultCode")
}

/// A pattern, because a later release may add values.
pub(super) fn delivery_kind() -> Object {
    let known: Vec<_> = Kind::ALL.iter().map(|kind| format!("`{kind}`")).collect();
    let description = format!("One of {}. During an upgrade, a later release may add others.", known.join(", "));
    ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some("^[a-z_]{1,32}$"))
        .description(Some(description))
        .build()
}

/// A pattern, because a later release may add values.
pub(super) fn reason_code() -> Object {
    let known: Vec<_> = ReasonCode::ALL.iter().map(|code| format!("`{}`", code.word())).collect();
    let description = format!(
        "The code of the reason why the last attempt failed. One of {}. Later releases may add others.",
        known.join(", ")
    );
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .pattern(Some("^[a-z_]{1,40}$"))
        .description(Some(description))
        .build()
}

/// One of these words.
pub(super) fn one_of(description: &str, words: impl IntoIterator<Item = &'static str>) -> Object {
    let description = Some(description.trim()).filter(|text| !text.is_empty());
    ObjectBuilder::new().schema_type(Type::String).description(description).enum_values(Some(words)).build()
}
