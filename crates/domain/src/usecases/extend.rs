//! Holds the seat of an enrolment until another time.

use crate::jobs::Job;
use crate::model::asked::{Asked, Author};
use crate::model::event::EventKind;
use crate::model::idempotency::{Fingerprint, Reservation};
use crate::model::seats::{Extension, check_pay_until};
use crate::ports::change::{Change, Record, Transition, if_still};
use crate::ports::{Answer, Clock as _, Commit, Enrolments as _, Ports};
use crate::usecases::cancel::check_cancelable;
use crate::usecases::enrol::reminder;
use crate::usecases::find::find_kept;
use crate::usecases::once::{Done, once};
use crate::{Enrolment, Error, PaymentStatus};
use chrono::{DateTime, Utc};

/// The transition to another time to pay until.
///
/// # Errors
///
/// [`Error::Canceled`], [`Error::Completed`], [`Error::AlreadyPaid`].
pub fn extended(record: &Record, pay_until: DateTime<Utc>) -> Transition {
    check_cancelable(&record.enrolment)?;
    if record.enrolment.payment_status == PaymentStatus::Paid {
        return Err(Error::AlreadyPaid);
    }
    Ok(Change::to(Record { pay_until: Some(pay_until), ..record.clone() }, EventKind::Extended))
}

/// Holds the seat until another time, once per idempotency key.
///
/// # Errors
///
/// [`Error::NotFound`], those of [`extended`], [`Error::PayUntil`], [`Error::NothingToPay`],
/// [`Error::NotYet`], [`Error::Unavailable`] for the database or a variable; for a repeated request
/// [`Error::InProgress`], [`Error::KeyReused`], [`Error::DeletedSince`].
pub async fn extend(ports: &impl Ports, asked: Asked, extension: &Extension) -> Result<Done, Error> {
    let Asked { key, by } = asked;
    let key = key.map(|key| (key, Fingerprint::to_extend(extension)));
    once(ports.store(), ports.env(), key, async |reservation| {
        extend_now(ports, extension, (reservation, by.as_ref())).await
    })
    .await
}

async fn extend_now(
    ports: &impl Ports,
    Extension { enrolment_id, user_id, pay_until }: &Extension,
    (reservation, by): (Option<&Reservation>, Option<&Author>),
) -> Result<(Enrolment, Vec<Job>), Error> {
    let (enrolment, kept) = find_kept(ports.store(), *enrolment_id, user_id.as_ref()).await?;
    let now = ports.env().now();
    check_pay_until(*pay_until, now)?;
    if kept.terms.is_some_and(|terms| terms.price.is_zero()) {
        return Err(Error::NothingToPay);
    }
    let later = reminder(ports.hold_times()?, *pay_until, now);
    // A run that lets enrolments of the course lapse must not see the time change.
    let commit = Commit::new(ports.env(), now, (reservation, by), Answer::Final).of_seats(enrolment.course_id);
    let transition =
        if_still(&enrolment, |record| extended(record, *pay_until).map(|change| change.with_later(later.clone())));
    ports.store().change(enrolment.id, &commit, transition).await
}

#[cfg(test)]
mod tests;
