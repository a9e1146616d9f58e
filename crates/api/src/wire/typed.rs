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

#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExpiredList<'a> {
    /// Those that are completed.
    pub(crate) enrolments: Vec<Enrolment<'a>>,
    /// How many were canceled because they were not paid in time.
    #[schema(minimum = 0)]
    pub(crate) lapsed: u32,
    /// How many users who waited for a seat have one now.
    #[schema(minimum = 0)]
    pub(crate) offered: u32,
}

#[cfg(test)]
mod tests;
