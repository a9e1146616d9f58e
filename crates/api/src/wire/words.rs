//! The enumerated strings of the wire. Those of domain types come from the domain; the
//! others are defined here, each set once, as constants and as a schema.

#[cfg(feature = "openapi")]
use domain::{
    PaymentStatus, Status, jobs::Kind, jobs::outbox::State, model::event::EventKind, model::invoice::DocumentKind,
    model::language::Language, model::mail::MailKind, model::reason::ReasonCode,
};

/// A set of strings: a constant for each and, with the feature `openapi`, a schema with the
/// comment as its description.
macro_rules! constants {
    ($(#[doc = $description:literal])? mod $words:ident { $($name:ident = $text:literal,)+ }) => {
        pub(crate) mod $words {
            $(pub(crate) const $name: &str = $text;)+

            #[cfg(feature = "openapi")]
            pub(in crate::wire) fn schema() -> utoipa::openapi::Object {
                super::one_of(concat!($($description)?), [$($text),+])
            }
        }
    };
}

#[cfg(feature = "openapi")]
pub(super) fn statuses() -> utoipa::openapi::Object {
    one_of("", Status::ALL.map(Status::as_str))
}

#[cfg(feature = "openapi")]
pub(super) fn payments() -> utoipa::openapi::Object {
    one_of("", PaymentStatus::ALL.map(PaymentStatus::as_str))
}

#[cfg(feature = "openapi")]
pub(super) fn document_kinds() -> utoipa::openapi::Object {
    one_of("", DocumentKind::ALL.map(DocumentKind::as_str))
}

#[cfg(feature = "openapi")]
pub(super) fn event_kinds() -> utoipa::openapi::Object {
    one_of("", EventKind::ALL.map(EventKind::as_str))
}

#[cfg(feature = "openapi")]
pub(super) fn delivery_states() -> utoipa::openapi::Object {
    one_of("", State::ALL.map(State::as_str))
}

#[cfg(feature = "openapi")]
pub(super) fn mail_kinds() -> utoipa::openapi::Object {
    one_of("", MailKind::ALL.map(MailKind::word))
}

#[cfg(feature = "openapi")]
pub(super) fn languages() -> utoipa::openapi::Object {
    one_of("", Language::ALL.map(Language::code))
}

/// A pattern, because a later release may add values.
#[cfg(feature = "openapi")]
pub(super) fn kinds() -> utoipa::openapi::Object {
    use utoipa::openapi::schema::{ObjectBuilder, Type};
    let known: Vec<_> = Kind::ALL.iter().map(|kind| format!("`{kind}`")).collect();
    let description = format!("One of {}. During an upgrade, a later release may add others.", known.join(", "));
    ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some("^[a-z_]{1,32}$"))
        .description(Some(description))
        .build()
}

/// A pattern, because a later release may add values.
#[cfg(feature = "openapi")]
pub(super) fn reasons() -> utoipa::openapi::Object {
    use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
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

constants! {
    /// The error code, for programs.
    mod code {
        NOT_FOUND = "not_found",
        INVALID = "validation_error",
        MISSING_USER_ID = "missing_user_id",
        CONFLICT = "conflict",
        COURSE_FULL = "course_full",
        ALREADY_SETTLED = "already_settled",
        BEING_DELIVERED = "being_delivered",
        GONE = "gone",
        UNAUTHORIZED = "unauthorized",
        FORBIDDEN = "forbidden",
        METHOD_NOT_ALLOWED = "method_not_allowed",
        UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type",
        TIMEOUT = "request_timeout",
        TOO_LARGE = "payload_too_large",
        KEY_REUSED = "idempotency_key_reused",
        BAD_GATEWAY = "bad_gateway",
        UNAVAILABLE = "service_unavailable",
    }
}

constants! {
    /// The code of the fault, for programs.
    mod fault {
        MISSING = "missing",
        INT_TYPE = "int_type",
        INT_RANGE = "int_range",
        DECIMAL_TYPE = "decimal_type",
        DECIMAL_RANGE = "decimal_range",
        STRING_TYPE = "string_type",
        STRING_VALUE = "string_value",
        JSON_INVALID = "json_invalid",
        OBJECT_TYPE = "object_type",
        ENUM = "enum",
        EXTRA = "extra",
        DUPLICATE = "duplicate",
    }
}

constants! {
    mod service {
        OK = "ok",
        ERROR = "error",
    }
}

constants! {
    mod database {
        OK = "ok",
        DOWN = "down",
    }
}

constants! {
    mod configuration {
        ERROR = "error",
    }
}

constants! {
    mod process {
        OK = "ok",
    }
}

#[cfg(feature = "openapi")]
fn one_of<const N: usize>(description: &str, words: [&'static str; N]) -> utoipa::openapi::Object {
    let description = Some(description.trim()).filter(|text| !text.is_empty());
    // An enumeration of strings needs no type.
    let any = utoipa::openapi::ObjectBuilder::new().schema_type(utoipa::openapi::schema::SchemaType::AnyValue);
    any.description(description).enum_values(Some(words)).build()
}
