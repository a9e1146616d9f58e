//! Waiting for a seat of a course that is full.

use crate::model::seats::{NewWaiting, Waiting};
use crate::ports::{Clock as _, Ports, Seats};
use crate::usecases::addressee::records;
use crate::usecases::enrol::seen;
use crate::{Course, Error};

/// Puts a user on the list of a course that is full. A user who waits already keeps the place. Returns the
/// entry, and whether it is new. `course` is the course of the request, if it has one.
///
/// # Errors
///
/// [`Error::UserNotFound`], [`Error::CourseNotFound`], [`Error::PriceDecimals`], those of [`Seats::wait`],
/// [`Error::Unusable`] and [`Error::Unavailable`] for users and courses.
pub async fn wait(ports: &impl Ports, new: &NewWaiting, course: Option<&Course>) -> Result<(Waiting, bool), Error> {
    let given = (new.user.as_ref(), course.cloned());
    let (user, looked_up) = records(ports, &new.user_id, new.course_id, given).await;
    user?.ok_or(Error::UserNotFound)?;
    let looked_up = looked_up?.ok_or(Error::CourseNotFound(new.course_id))?;
    ports.store().wait(new, &seen(ports, &looked_up, course.is_some())?, ports.env().now()).await
}

/// Takes a user off a list.
///
/// # Errors
///
/// [`Error::NotWaiting`], or [`Error::Unavailable`] for the database.
pub async fn leave(store: &impl Seats, id: i64) -> Result<(), Error> {
    if store.leave(id).await? { Ok(()) } else { Err(Error::NotWaiting) }
}

#[cfg(test)]
mod tests;
