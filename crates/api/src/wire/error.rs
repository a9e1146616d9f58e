//! The body of an error.

use serde::Serialize;
use std::borrow::Cow;
#[cfg(feature = "openapi")]
use {super::enumerations, utoipa::ToSchema};

#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = Problem))]
pub(crate) struct Error<'a> {
    /// A sentence for people. Programs use `error`.
    pub(crate) message: &'a str,
    #[cfg_attr(feature = "openapi", schema(schema_with = enumerations::error_code))]
    pub(crate) error: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[cfg_attr(feature = "openapi", schema(min_items = 1))]
    pub(crate) details: &'a [Detail],
    /// With `gone` for events: the id of the oldest event, or of the next one if there is none.
    /// To start again, use the id before it as `after`, or leave `after` out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, nullable = false))]
    pub(crate) oldest: Option<i64>,
}

/// A fault of a request's body, query or header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = ProblemDetail))]
pub struct Detail {
    /// The path of the field or parameter, outermost first; empty for the body as a whole.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub loc: Vec<Cow<'static, str>>,
    /// The fault as a sentence, for people.
    pub msg: String,
    /// The code of the fault, for programs.
    #[serde(rename = "type")]
    #[cfg_attr(feature = "openapi", schema(schema_with = enumerations::fault_code))]
    pub kind: &'static str,
}
