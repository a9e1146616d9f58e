//! Types for the JSON that is written without `serde`, because lists are long. They are the
//! source of `openapi.json`; tests compare them with the code.

use super::Enrolment;
use crate::position::{self, Next};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EnrolmentList<'a> {
    pub(crate) enrolments: Vec<Enrolment<'a>>,
    /// Only in a page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = position::next)]
    pub(crate) next: Option<Option<Next>>,
}

#[cfg(test)]
mod tests;
