//! Records the refund of a payment.

use crate::jobs::{Job, Kind, Payload, Refund};
use crate::model::asked::{Asked, Author};
use crate::model::event::EventKind;
use crate::model::idempotency::{Fact, Fingerprint, Reservation};
use crate::model::invoice::day_in_warsaw;
use crate::model::note::Note;
use crate::model::terms::InvoicesProvider;
use crate::ports::change::{Cancellation, Change, Record, Transition, if_still_of};
use crate::ports::{Answer, Clock as _, Commit, Enrolments as _, Ports};
use crate::usecases::addressee::mail_to;
use crate::usecases::find::find_kept;
use crate::usecases::once::{Done, once};
use crate::{Enrolment, Error, Money, PaymentStatus, Status};

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

/// The transition to refunded, at the time of the `cancellation`: it cancels an active enrolment, and
/// leaves the reason of one that is canceled. The job is a correction of the invoice, or only the mail
/// if there is no invoice: nothing was paid, or none was agreed on.
///
/// # Errors
///
/// Those of [`check_refundable`].
pub fn refunded(record: &Record, note: &Note, refund: &Refund, cancellation: &Cancellation) -> Transition {
    check_refundable(record)?;
    let mut after = record.clone();
    after.refunded_at = Some(cancellation.at);
    if record.enrolment.status != Status::Canceled {
        after.reason = note.reason_for(&record.enrolment);
    }
    let no_invoice = record.invoices_provider == Some(InvoicesProvider::NoInvoices);
    let job = if no_invoice || record.paid.is_some_and(Money::is_zero) {
        refund.email(None)
    } else {
        Some(Payload::Correction(refund.clone()))
    };
    if record.enrolment.status != Status::Active {
        return Ok(Change::to(after, EventKind::Refunded).with_jobs(job));
    }
    after.enrolment.status = Status::Canceled;
    after.canceled = Some(cancellation.clone());
    Ok(Change::to(after, EventKind::Refunded).with_jobs(job).withdrawing(&[Kind::EnrolmentEmail]))
}

/// Records a refund, once per idempotency key, and creates the job for the correction or the mail.
/// The caller holds the job and should deliver it now. A user who is not found gets no mail. The
/// refund is recorded even if the users and courses services fail.
///
/// # Errors
///
/// [`Error::NotFound`], those of [`check_refundable`], [`Error::Unavailable`] for the
/// database; for a repeated request [`Error::InProgress`], [`Error::KeyReused`],
/// [`Error::DeletedSince`].
pub async fn refund(ports: &impl Ports, asked: Asked, note: &Note) -> Result<Done, Error> {
    let Asked { key, by } = asked;
    let key = key.map(|key| (key, Fingerprint::to_note(Fact::Refunded, note)));
    once(ports.store(), ports.env(), key, async |reservation| refund_now(ports, note, (reservation, by.as_ref())).await)
        .await
}

async fn refund_now(
    ports: &impl Ports,
    note: &Note,
    (reservation, by): (Option<&Reservation>, Option<&Author>),
) -> Result<(Enrolment, Vec<Job>), Error> {
    let (enrolment, kept) = find_kept(ports.store(), note.enrolment_id, note.user_id.as_ref()).await?;
    if enrolment.payment_status != PaymentStatus::Paid {
        return Err(Error::NotPaid);
    }
    let now = ports.env().now();
    let refund = Refund {
        mail_to: mail_to(ports, &enrolment, &kept).await,
        reason: note.reason_for(&enrolment),
        refunded_on: day_in_warsaw(now),
    };
    let commit = Commit::new(ports.env(), now, (reservation, by), Answer::Final);
    let cancellation = Cancellation { at: now, by: by.cloned() };
    let transition = if_still_of(&enrolment.user_id, |record| refunded(record, note, &refund, &cancellation));
    ports.store().change(note.enrolment_id, &commit, transition).await
}

#[cfg(test)]
mod tests;
