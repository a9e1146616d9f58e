//! The JSON of seats and waiting lists.

use super::time;
use domain::model::seats;
use serde::Serialize;
#[cfg(feature = "openapi")]
use {super::field::CourseId, utoipa::ToSchema};

/// The seats of a course.
#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct CourseSeats {
    #[cfg_attr(feature = "openapi", schema(value_type = CourseId))]
    pub(crate) course_id: i64,
    /// How many there are, as the service saw the course last; null if there is no limit.
    #[cfg_attr(feature = "openapi", schema(required, minimum = 0))]
    pub(crate) limit: Option<u32>,
    /// The enrolments that are not canceled.
    #[cfg_attr(feature = "openapi", schema(minimum = 0))]
    pub(crate) taken: i64,
    /// Those of them that are not paid and have a time to pay until.
    #[cfg_attr(feature = "openapi", schema(minimum = 0))]
    pub(crate) held: i64,
    /// Null if there is no limit.
    #[cfg_attr(feature = "openapi", schema(required, minimum = 0))]
    pub(crate) free: Option<i64>,
    /// The users who wait.
    #[cfg_attr(feature = "openapi", schema(minimum = 0))]
    pub(crate) waiting: i64,
}

/// A user who waits for a seat.
#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct WaitingEntry<'a> {
    #[cfg_attr(feature = "openapi", schema(minimum = 1))]
    pub(crate) id: i64,
    #[cfg_attr(feature = "openapi", schema(value_type = CourseId))]
    pub(crate) course_id: i64,
    pub(crate) user_id: &'a str,
    /// The place in the list of the course, from 1.
    #[cfg_attr(feature = "openapi", schema(minimum = 1))]
    pub(crate) position: i64,
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub(crate) created_at: String,
}

impl<'a> From<&'a seats::Waiting> for WaitingEntry<'a> {
    fn from(entry: &'a seats::Waiting) -> Self {
        let seats::Waiting { id, course_id, user_id, position, since } = entry;
        Self {
            id: *id,
            course_id: course_id.get(),
            user_id: user_id.as_str(),
            position: *position,
            created_at: time(*since),
        }
    }
}

#[derive(Serialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub(crate) struct WaitingList<'a> {
    pub(crate) waiting: Vec<WaitingEntry<'a>>,
    /// The id to continue after, or null on the last page.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) next: Option<i64>,
}
