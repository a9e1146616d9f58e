//! Moves an enrolment to another course, with its payment and documents.

use crate::jobs::Job;
use crate::model::asked::{Asked, Author};
use crate::model::idempotency::{Fingerprint, Reservation};
use crate::model::seats::{Moving, SeenCourse};
use crate::ports::change::Record;
use crate::ports::{Answer, Clock as _, Commit, Courses as _, Move, Moved, Ports, Seats as _};
use crate::usecases::cancel::check_cancelable;
use crate::usecases::enrol::seen;
use crate::usecases::find::find_reported;
use crate::usecases::once::{Done, once};
use crate::{Enrolment, Error, Kept, PaymentStatus};

/// What a move to a course writes. What is paid keeps its terms, apart from the name in mails and the end.
///
/// # Errors
///
/// [`Error::Canceled`], [`Error::Completed`].
pub fn moved(record: &Record, kept: &Kept, to: &SeenCourse) -> Result<Moved, Error> {
    check_cancelable(&record.enrolment)?;
    if record.enrolment.payment_status == PaymentStatus::Paid {
        let terms = kept.terms.as_ref().map(|sold| sold.moved_to(&to.terms));
        return Ok(Moved { terms, pay_until: record.pay_until });
    }
    let pay_until = record.pay_until.filter(|_| !to.terms.price.is_zero());
    Ok(Moved { terms: Some(to.terms.clone()), pay_until })
}

/// Moves an enrolment, once per idempotency key.
///
/// # Errors
///
/// [`Error::NotFound`], those of [`moved`], [`Error::CourseNotFound`], [`Error::PriceDecimals`], those of
/// [`Seats::move_to`](crate::ports::Seats::move_to), [`Error::Unusable`] and [`Error::Unavailable`] for
/// courses; for a repeated request [`Error::InProgress`], [`Error::KeyReused`], [`Error::DeletedSince`].
pub async fn move_to(ports: &impl Ports, asked: Asked, moving: &Moving) -> Result<Done, Error> {
    let Asked { key, by } = asked;
    let key = key.map(|key| (key, Fingerprint::to_move(moving)));
    once(ports.store(), ports.env(), key, async |reservation| move_now(ports, moving, (reservation, by.as_ref())).await)
        .await
}

async fn move_now(
    ports: &impl Ports,
    Moving { note, course_id, course }: &Moving,
    (reservation, by): (Option<&Reservation>, Option<&Author>),
) -> Result<(Enrolment, Vec<Job>), Error> {
    let store = ports.store();
    let enrolment = find_reported(store, note.enrolment_id, note.user_id.as_ref()).await?;
    check_cancelable(&enrolment)?;
    if enrolment.course_id == *course_id {
        return Err(Error::AlreadyEnrolled);
    }
    let looked_up = match course {
        Some(course) => Some(course.clone()),
        None => ports.courses().course(*course_id).await?,
    };
    let looked_up = looked_up.ok_or(Error::CourseNotFound(*course_id))?;
    let seen = seen(ports, &looked_up, course.is_some())?;
    let reason = note.reason_for(&enrolment);
    let own = Move { enrolment: &enrolment, to: *course_id, course: &seen, reason: reason.as_ref() };
    let commit = Commit::new(ports.env(), ports.env().now(), (reservation, by), Answer::Final);
    let moved = store.move_to(&own, &commit, |record, kept| moved(record, kept, &seen)).await?;
    Ok((moved, Vec::new()))
}

#[cfg(test)]
mod tests;
