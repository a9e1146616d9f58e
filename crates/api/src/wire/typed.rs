//! Types for the JSON that is written without `serde`, because lists are long. They are the
//! source of `openapi.json`; tests compare them with the code.

use super::Enrolment;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EnrolmentList<'a> {
    pub(crate) enrolments: Vec<Enrolment<'a>>,
    /// Only in a page: the id to continue after, or null on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>)]
    pub(crate) next: Option<Option<i64>>,
}

#[cfg(test)]
mod tests;
