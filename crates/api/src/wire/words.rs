//! The words of the wire: one table each, from which they are written and described.

use domain::job::Kind;
use domain::outbox::State;
use domain::{PaymentStatus, Status};

/// The words for an enum of the domain: `$word` is what is written for a value and, with
/// the feature `openapi`, `$words` the schema of all.
macro_rules! words {
    ($word:ident, $words:ident of $of:ident { $($variant:ident => $text:literal,)+ }) => {
        pub(crate) fn $word(of: $of) -> &'static str {
            match of {
                $($of::$variant => $text,)+
            }
        }

        #[cfg(feature = "openapi")]
        pub(super) fn $words() -> utoipa::openapi::Object {
            one_of("", [$($text),+])
        }
    };
}

/// Words that only the wire has: constants and, with the feature `openapi`, the schema of
/// all, described by the comment.
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

words! {
    status, statuses of Status {
        Active => "active",
        Canceled => "canceled",
        Completed => "completed",
    }
}

words! {
    payment, payments of PaymentStatus {
        Pending => "pending",
        Paid => "paid",
        Failed => "failed",
    }
}

words! {
    kind, kinds of Kind {
        EnrolmentEmail => "enrolment_email",
        Invoice => "invoice",
        PaymentEmail => "payment_email",
    }
}

pub(crate) fn state(state: State) -> &'static str {
    match state {
        State::Due => "due",
        State::Unknown => "unknown",
        State::Dead => "dead",
        State::Done => "done",
    }
}

/// The states that can be asked for and counted: what is done is over.
pub(crate) const OWED: [State; 3] = [State::Due, State::Unknown, State::Dead];

pub(crate) fn owed_state(word: &str) -> Option<State> {
    OWED.into_iter().find(|own| state(*own) == word)
}

#[cfg(feature = "openapi")]
pub(super) fn owed_states() -> utoipa::openapi::Object {
    one_of("", OWED.map(state))
}

constants! {
    /// For programs.
    mod code {
        NOT_FOUND = "not_found",
        INVALID = "validation_error",
        MISSING_USER_ID = "missing_user_id",
        CONFLICT = "conflict",
        GONE = "gone",
        UNAUTHORIZED = "unauthorized",
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
    /// The same for programs.
    mod fault {
        MISSING = "missing",
        INT_TYPE = "int_type",
        INT_RANGE = "int_range",
        STRING_TYPE = "string_type",
        STRING_VALUE = "string_value",
        JSON_INVALID = "json_invalid",
        OBJECT_TYPE = "object_type",
        ENUM = "enum",
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
    mod process {
        OK = "ok",
    }
}

#[cfg(feature = "openapi")]
fn one_of<const N: usize>(description: &str, words: [&'static str; N]) -> utoipa::openapi::Object {
    let description = Some(description.trim()).filter(|text| !text.is_empty());
    // Words are texts, without saying so.
    let any = utoipa::openapi::ObjectBuilder::new().schema_type(utoipa::openapi::schema::SchemaType::AnyValue);
    any.description(description).enum_values(Some(words)).build()
}
