//! Enrols a user in a course.

use crate::jobs::{EnrolmentEmail, Job, Payload};
use crate::model::idempotency::{Fingerprint, IdempotencyKey, Reservation};
use crate::ports::change::Addition;
use crate::ports::{Answer, Clock as _, Commit, Courses as _, Enrolments, Ports, Users as _};
use crate::usecases::once::{Done, once};
use crate::{Enrolment, Error, NewEnrolment};
use futures::future::join;

/// Enrols a user, once per idempotency key, and creates the job for a mail. The caller holds the job
/// and should deliver it now.
///
/// # Errors
///
/// [`Error::UserNotFound`], [`Error::CourseNotFound`], [`Error::CourseFull`], those of
/// [`Enrolments::add`], [`Error::Unusable`] for users or courses,
/// [`Error::Unavailable`] for users, courses or the database; for a repeated request
/// [`Error::InProgress`], [`Error::KeyReused`], [`Error::DeletedSince`].
pub async fn enrol(ports: &impl Ports, key: Option<IdempotencyKey>, new: &NewEnrolment) -> Result<Done, Error> {
    let key = key.map(|key| (key, Fingerprint::to_enrol(new)));
    once(ports.store(), ports.env(), key, async |reservation| add(ports, new, reservation).await).await
}

async fn add(
    ports: &impl Ports,
    new: &NewEnrolment,
    reservation: Option<&Reservation>,
) -> Result<(Enrolment, Vec<Job>), Error> {
    let (user, course) = join(ports.users().user(&new.user_id), ports.courses().course(new.course_id)).await;
    let user = user?.ok_or(Error::UserNotFound)?;
    let course = course?.ok_or(Error::CourseNotFound(new.course_id))?;
    // A course without a usable price takes no enrolments, because the price is invoiced later.
    let (course_name, _) = (course.name?, course.price?);
    let recipient = user.with_language(course.language, ports.language());

    let addition = Addition {
        new: new.clone(),
        course_ends_at: course.ends_at?,
        seats: course.seats?,
        jobs: vec![Payload::EnrolmentEmail(EnrolmentEmail { recipient, course_name })],
    };
    ports.store().add(&addition, &Commit::new(ports.env(), ports.env().now(), reservation, Answer::Final)).await
}

#[cfg(test)]
mod tests;
