//! Enrols a user in a course.

use crate::jobs::{EnrolmentEmail, Job, Payload};
use crate::model::asked::{Asked, Author};
use crate::model::idempotency::{Fingerprint, Reservation};
use crate::ports::change::Addition;
use crate::ports::{Answer, Clock as _, Commit, Enrolments, Ports};
use crate::usecases::addressee::records;
use crate::usecases::once::{Done, once};
use crate::{Enrolment, Error, NewEnrolment};

/// Enrols a user, once per idempotency key, and creates the job for a mail. The caller holds the job
/// and should deliver it now.
///
/// # Errors
///
/// [`Error::UserNotFound`], [`Error::CourseNotFound`], [`Error::CourseFull`],
/// [`Error::CourseClosed`], [`Error::PriceDecimals`], those of [`Enrolments::add`], [`Error::Unusable`] for users or courses,
/// [`Error::Unavailable`] for users, courses or the database; for a repeated request
/// [`Error::InProgress`], [`Error::KeyReused`], [`Error::DeletedSince`].
pub async fn enrol(ports: &impl Ports, asked: Asked, new: &NewEnrolment) -> Result<Done, Error> {
    let Asked { key, by } = asked;
    let key = key.map(|key| (key, Fingerprint::to_enrol(new)));
    once(ports.store(), ports.env(), key, async |reservation| add(ports, new, (reservation, by.as_ref())).await).await
}

async fn add(
    ports: &impl Ports,
    new: &NewEnrolment,
    (reservation, by): (Option<&Reservation>, Option<&Author>),
) -> Result<(Enrolment, Vec<Job>), Error> {
    let (user, course) = records(ports, &new.user_id, new.course_id, (new.user.as_ref(), new.course.clone())).await;
    let user = user?.ok_or(Error::UserNotFound)?;
    let course = course?.ok_or(Error::CourseNotFound(new.course_id))?;
    // A course without usable terms takes no enrolments, because they are invoiced later.
    let currency = course.currency.clone()?.map_or_else(|| ports.currency(), Ok)?;
    let terms = course.terms(currency).map_err(|unusable| match new.course {
        Some(_) => Error::PriceDecimals(currency),
        None => unusable.into(),
    })?;
    let now = ports.env().now();
    course.window()?.check(now).map_err(Error::CourseClosed)?;
    let recipient = user.with_language(course.language, ports.language());
    let email = EnrolmentEmail { recipient, course_name: terms.name.clone() };
    let addition = Addition {
        new: new.clone(),
        course_ends_at: terms.ends_at,
        terms,
        seats: course.seats?,
        jobs: vec![Payload::EnrolmentEmail(email)],
    };
    let commit = Commit::new(ports.env(), now, (reservation, by), Answer::Final);
    ports.store().add(&addition, &commit).await
}

#[cfg(test)]
mod tests;
