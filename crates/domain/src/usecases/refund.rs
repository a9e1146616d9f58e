//! Recording that all that was paid went back.

use crate::jobs::{Job, Kind, Payload, Refund};
use crate::model::event::EventKind;
use crate::model::idempotency::{Fact, Fingerprint, IdempotencyKey, Reservation};
use crate::model::invoice::day_in_warsaw;
use crate::model::note::Note;
use crate::ports::change::{Change, Record, Transition, while_it_is_of};
use crate::ports::{Answer, Clock as _, Commit, Enrolments as _, Ports};
use crate::usecases::addressee::mail_to;
use crate::usecases::find::find_noted;
use crate::usecases::once::{Done, once};
use crate::{Enrolment, Error, Money, PaymentStatus, Status};
use chrono::{DateTime, Utc};

/// Whether an enrolment can be refunded.
///
/// # Errors
///
/// [`Error::NotPaid`], [`Error::AlreadyRefunded`].
pub fn check_refundable(record: &Record) -> Result<(), Error> {
    match (record.enrolment.payment_status, record.refunded_at) {
        (PaymentStatus::Pending | PaymentStatus::Failed, _) => Err(Error::NotPaid),
        (PaymentStatus::Paid, Some(_)) => Err(Error::AlreadyRefunded),
        (PaymentStatus::Paid, None) => Ok(()),
    }
}

/// The transition: refunded, and canceled if it was active. A correction is owed for
/// its invoice; where nothing was paid and so there is none, the mail alone.
///
/// # Errors
///
/// Those of [`check_refundable`].
pub fn refunded(record: &Record, note: &Note, owed: &Refund, now: DateTime<Utc>) -> Transition {
    check_refundable(record)?;
    let mut after = record.clone();
    after.refunded_at = Some(now);
    after.reason = note.reason_for(&record.enrolment);
    let job = if record.paid.is_some_and(Money::is_zero) {
        owed.email(None)
    } else {
        Some(Payload::Correction(owed.clone()))
    };
    if record.enrolment.status != Status::Active {
        return Ok(Change::to(after, EventKind::Refunded).with_jobs(job));
    }
    after.enrolment.status = Status::Canceled;
    Ok(Change::to(after, EventKind::Refunded).with_jobs(job).without(&[Kind::EnrolmentEmail]))
}

/// Marks an enrolment as refunded, at most once under a key, and writes down what is owed for it, which the caller
/// holds and should now deliver. A user who is not found any more gets no mail. What the
/// users and courses services say keeps nothing from being refunded.
///
/// # Errors
///
/// [`Error::NotFound`], those of [`check_refundable`], [`Error::Unavailable`] for the
/// database; of a repeated request [`Error::InProgress`], [`Error::KeyReused`],
/// [`Error::DeletedSince`].
pub async fn refund(ports: &impl Ports, key: Option<IdempotencyKey>, note: &Note) -> Result<Done, Error> {
    let key = key.map(|key| (key, Fingerprint::to_note(Fact::Refunded, note)));
    once(ports.store(), ports.env(), key, async |reservation| refund_now(ports, note, reservation).await).await
}

async fn refund_now(
    ports: &impl Ports,
    note: &Note,
    reservation: Option<&Reservation>,
) -> Result<(Enrolment, Vec<Job>), Error> {
    let enrolment = find_noted(ports.store(), note).await?;
    if enrolment.payment_status != PaymentStatus::Paid {
        return Err(Error::NotPaid);
    }
    let now = ports.env().now();
    let owed = Refund {
        mail_to: mail_to(ports, &enrolment).await,
        reason: note.reason_for(&enrolment),
        refunded_on: day_in_warsaw(now),
    };
    let commit = Commit::new(ports.env(), now, reservation, Answer::Final);
    let transition = while_it_is_of(&enrolment.user_id, |record| refunded(record, note, &owed, now));
    ports.store().change(note.enrolment_id, &commit, transition).await
}

#[cfg(test)]
mod tests;
