//! Requests about seats: to hold one longer, to wait for one, and to move to another course.

use super::fields::Fields;
use crate::Problem;
use chrono::{DateTime, Utc};
use domain::model::seats;
use domain::{Course, CourseId, EnrolmentId};
#[cfg(feature = "openapi")]
use {
    super::records::{CourseRecord, UserRecord},
    crate::wire::field,
    serde::Serialize,
    utoipa::ToSchema,
};

impl Fields<'_> {
    /// Parses a time until which a seat is held, to the millisecond.
    pub(super) fn pay_until(&mut self, name: &'static str) -> Option<DateTime<Utc>> {
        let time = self.text(name, "A time", |text| {
            let time = DateTime::parse_from_rfc3339(text).ok().and_then(|time| Course::check_time(time.to_utc()));
            time.ok_or("must be such as 2026-01-31T12:00:00Z")
        })?;
        Some(seats::to_millisecond(time))
    }
}

#[cfg(feature = "openapi")]
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Extension<'a> {
    #[schema(value_type = field::EnrolmentId)]
    enrolment_id: i64,
    /// Optional check: 404 if the enrolment belongs to another user.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = field::UserId)]
    user_id: Option<&'a str>,
    #[schema(schema_with = field::pay_until)]
    pay_until: &'a str,
}

/// Parses a request to hold a seat longer.
///
/// # Errors
///
/// 400 with every fault.
pub fn parse_extension(body: &[u8]) -> Result<seats::Extension, Problem> {
    let mut fields = Fields::parse(body)?;
    let enrolment_id = fields.id("enrolment_id", EnrolmentId::new);
    let user_id = fields.if_given("user_id", Fields::user_id);
    let pay_until = fields.pay_until("pay_until");
    fields.refuse_others(&["enrolment_id", "user_id", "pay_until"]);
    let found = enrolment_id.zip(pay_until);
    fields.finish(found.map(|(enrolment_id, pay_until)| seats::Extension { enrolment_id, user_id, pay_until }))
}

#[cfg(feature = "openapi")]
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewWaitingEntry)]
pub(super) struct NewWaiting<'a> {
    #[schema(value_type = field::CourseId)]
    course_id: i64,
    #[schema(value_type = field::UserId)]
    user_id: &'a str,
    /// With it, the user is not looked up. It is stored, for the mail when a seat is free.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    user: Option<UserRecord<'a>>,
    /// With it, the course is not looked up.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    course: Option<CourseRecord<'a>>,
}

/// Parses a request to wait for a seat, and the course that it has.
///
/// # Errors
///
/// 400 with every fault.
pub fn parse_waiting(body: &[u8]) -> Result<(seats::NewWaiting, Option<Course>), Problem> {
    let mut fields = Fields::parse(body)?;
    let course_id = fields.id("course_id", CourseId::new);
    let user_id = fields.user_id("user_id");
    let user = fields.if_given("user", Fields::user);
    let course = fields.if_given("course", Fields::course);
    fields.refuse_others(&["course_id", "user_id", "user", "course"]);
    let new = course_id.zip(user_id).map(|(course_id, user_id)| seats::NewWaiting { user_id, user, course_id });
    fields.finish(new.map(|new| (new, course)))
}

#[cfg(feature = "openapi")]
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Move<'a> {
    #[schema(value_type = field::EnrolmentId)]
    enrolment_id: i64,
    /// Optional check: 404 if the enrolment belongs to another user.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = field::UserId)]
    user_id: Option<&'a str>,
    /// The other course.
    #[schema(schema_with = field::other_course)]
    course_id: i64,
    /// Its record. With it, the course is not looked up.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    course: Option<CourseRecord<'a>>,
    /// The reason. It is in the mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = field::Reason)]
    reason: Option<&'a str>,
}

/// Parses a request to move an enrolment.
///
/// # Errors
///
/// 400 with every fault.
pub fn parse_move(body: &[u8]) -> Result<seats::Moving, Problem> {
    let mut fields = Fields::parse(body)?;
    let note = fields.note();
    let course_id = fields.id("course_id", CourseId::new);
    let course = fields.if_given("course", Fields::course);
    fields.refuse_others(&["enrolment_id", "user_id", "course_id", "course", "reason"]);
    fields.finish(note.zip(course_id).map(|(note, course_id)| seats::Moving { note, course_id, course }))
}
