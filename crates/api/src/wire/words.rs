//! The enumerated strings of the wire that are no words of the domain, each set once, as
//! constants and as a schema.

/// A set of strings: a constant for each and, with the feature `openapi`, a schema with the
/// comment as its description.
macro_rules! constants {
    ($(#[doc = $description:literal])? mod $words:ident { $($name:ident = $text:literal,)+ }) => {
        pub(crate) mod $words {
            $(pub(crate) const $name: &str = $text;)+

            #[cfg(feature = "openapi")]
            pub(in crate::wire) fn schema() -> utoipa::openapi::Object {
                crate::wire::enumerations::one_of(concat!($($description)?), [$($text),+])
            }
        }
    };
}

constants! {
    /// The error code, for programs.
    mod code {
        NOT_FOUND = "not_found",
        INVALID = "validation_error",
        MISSING_USER_ID = "missing_user_id",
        CONFLICT = "conflict",
        COURSE_FULL = "course_full",
        COURSE_CLOSED = "course_closed",
        SEAT_FREE = "seat_free",
        NOT_YET = "not_yet",
        PAYMENT_RECORDED = "payment_already_recorded",
        REFUND_RECORDED = "refund_already_recorded",
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
        BOOL_TYPE = "bool_type",
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
