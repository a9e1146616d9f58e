//! Enrolling a user in a course.

use crate::idempotency::Reservation;
use crate::job::{Job, Payload};
use crate::ports::{Alongside, Clock, Courses, Enrolments, Inserted, Random, Users, new_lease};
use crate::{CourseId, Enrolment, Error, UserId};
use futures::future::join;

/// Enrols `user_id` in `course_id` and writes down that the user is owed a
/// mail about it, which the caller holds and should now deliver.
///
/// # Errors
///
/// [`Error::UserNotFound`], [`Error::CourseNotFound`], [`Error::AlreadyEnrolled`],
/// [`Error::UserIdNotStorable`], [`Error::Unusable`] for users or courses, or
/// [`Error::Unavailable`] for users, courses or the database.
pub async fn enrol(
    store: &impl Enrolments,
    users: &impl Users,
    courses: &impl Courses,
    env: &(impl Clock + Random),
    user_id: &UserId,
    course_id: CourseId,
    reservation: Option<&Reservation>,
) -> Result<(Enrolment, Job), Error> {
    let (user, course) = join(users.user(user_id), courses.course(course_id)).await;
    let user = user?.ok_or(Error::UserNotFound)?;
    let course = course?.ok_or(Error::CourseNotFound(course_id))?;

    let payload = Payload::EnrolmentEmail { recipient: user, course_name: course.name };
    let alongside = Alongside { payload, lease: new_lease(env), reservation, now: env.now() };
    match store.insert(user_id, course_id, course.ends_at, &alongside).await? {
        Inserted::Enrolled(enrolment, job) => Ok((enrolment, *job)),
        Inserted::AlreadyEnrolled => Err(Error::AlreadyEnrolled),
        Inserted::NotStorable => Err(Error::UserIdNotStorable),
    }
}

#[cfg(test)]
mod tests;
