//! Enrols a user in a course.

use crate::jobs::{EnrolmentEmail, Job, Notice, Payload, Topic};
use crate::model::asked::{Asked, Author};
use crate::model::idempotency::{Fingerprint, Reservation};
use crate::model::seats::{HoldTimes, SeenCourse, check_pay_until, later};
use crate::ports::change::{Addition, Later};
use crate::ports::{Answer, Clock as _, Commit, Enrolments, Ports};
use crate::usecases::addressee::records;
use crate::usecases::once::{Done, once};
use crate::{Course, CourseTerms, Enrolment, Error, NewEnrolment, System, Unavailable};
use chrono::{DateTime, Utc};

/// Enrols a user, once per idempotency key, and creates the job for a mail. The caller holds the job
/// and should deliver it now.
///
/// # Errors
///
/// [`Error::UserNotFound`], [`Error::CourseNotFound`], [`Error::PayUntil`],
/// [`Error::PriceDecimals`], those of [`Enrolments::add`], [`Error::Unusable`] for users or courses,
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
    let seen = seen(ports, &course, new.course.is_some())?;
    let recipient = user.with_language(course.language, ports.language());
    let email = EnrolmentEmail { recipient, course_name: seen.terms.name.clone() };
    let now = ports.env().now();
    let (pay_until, later) = hold(ports, new.pay_until, &seen.terms, now)?;
    let jobs = vec![Payload::EnrolmentEmail(email)];
    let addition = Addition { new: new.clone(), course: seen, pay_until, jobs, later };
    let commit = Commit::new(ports.env(), now, (reservation, by), Answer::Final);
    let added = ports.store().add(&addition, &commit).await;
    added.map_err(|error| match error {
        Error::NotYet if new.pay_until.is_none() => {
            Unavailable::new(System::Configuration, "seats_held_for needs the last database migration").into()
        }
        error => error,
    })
}

/// The course as this request sees it, with its terms. A course without usable terms takes no enrolments,
/// because they are invoiced later.
///
/// # Errors
///
/// [`Error::PriceDecimals`] for a course of the request; [`Error::Unusable`] for one that is looked up;
/// [`Error::Unavailable`] for the variable of its currency.
pub(crate) fn seen(ports: &impl Ports, course: &Course, of_request: bool) -> Result<SeenCourse, Error> {
    let currency = course.currency.clone()?.map_or_else(|| ports.currency(), Ok)?;
    let terms = course.terms(currency).map_err(|unusable| match of_request {
        true => Error::PriceDecimals(currency),
        false => unusable.into(),
    })?;
    Ok(SeenCourse { terms, limit: course.seats.clone()?, window: course.window()? })
}

/// Until when a seat is held that somebody pays for, and the job for its reminder.
///
/// # Errors
///
/// [`Error::PayUntil`]; [`Error::Unavailable`] for a variable.
fn hold(
    ports: &impl Ports,
    asked: Option<DateTime<Utc>>,
    terms: &CourseTerms,
    now: DateTime<Utc>,
) -> Result<(Option<DateTime<Utc>>, Option<Later>), Error> {
    if terms.price.is_zero() {
        return Ok((None, None));
    }
    let times = ports.hold_times()?;
    let pay_until = asked.or_else(|| times.seats.map(|held| later(now, held)));
    if let Some(pay_until) = pay_until {
        check_pay_until(pay_until, now)?;
    }
    Ok((pay_until, pay_until.and_then(|pay_until| reminder(times, pay_until, now))))
}

/// The job for the reminder of a time, and after how long it is due.
pub(crate) fn reminder(times: HoldTimes, pay_until: DateTime<Utc>, now: DateTime<Utc>) -> Option<Later> {
    let after = times.reminder_after(pay_until, now)?;
    Some((Payload::Notice(Notice::new(Topic::Reminder, Some(pay_until))), after))
}

#[cfg(test)]
mod tests;
