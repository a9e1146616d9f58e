//! Records the refund of a payment, or of a part of it.

use crate::jobs::{Correction, Job, Kind, Payload};
use crate::model::asked::{Asked, Author};
use crate::model::event::EventKind;
use crate::model::idempotency::{Fingerprint, Reservation};
use crate::model::invoice::day_in_warsaw;
use crate::model::refund::{Amounts, Left, RecordedRefund, Refund};
use crate::model::terms::{Currency, InvoicesProvider};
use crate::ports::change::{Cancellation, Change, Record, Transition, if_still};
use crate::ports::{Answer, Clock as _, Commit, Enrolments, Ports};
use crate::usecases::addressee::mail_to;
use crate::usecases::find::find_kept;
use crate::usecases::once::{Done, once};
use crate::{Enrolment, Error, Money, PaymentStatus, Status};

/// How much is refunded, and what was left before and is after.
///
/// # Errors
///
/// [`Error::NotPaid`], [`Error::AlreadyRefunded`], [`Error::NothingPaid`], [`Error::RefundAmount`],
/// [`Error::AmountNotKnown`].
fn amounts(record: &Record, refund: &Refund, currency: Option<Currency>) -> Result<Option<Amounts>, Error> {
    let before = match (record.left()?, refund.amount) {
        (Left::Nothing, _) => return Err(Error::AlreadyRefunded),
        (Left::Unknown, Some(_)) => return Err(Error::AmountNotKnown),
        (Left::Unknown, None) => return Ok(None),
        (Left::Amount(left), Some(_)) if left.is_zero() => return Err(Error::NothingPaid),
        (Left::Amount(left), _) => left,
    };
    let amount = refund.amount.unwrap_or(before);
    match before.minus(amount) {
        Some(after) if refund.amount.is_none() || !amount.is_zero() => Ok(Some(Amounts { before, after, currency })),
        _ => Err(Error::RefundAmount(before)),
    }
}

/// The transition to refunded, at the time of the `cancellation`. If it cancels, it cancels an active
/// enrolment, and leaves the reason of one that is canceled. The job is a correction of the invoice, or
/// only the mail if there is no invoice: nothing was paid, or none was agreed on. `correction` is without
/// its amounts; `repeatable` says whether a repeated request is recognised.
///
/// # Errors
///
/// [`Error::NotPaid`], [`Error::AlreadyRefunded`], [`Error::NothingPaid`], [`Error::RefundAmount`],
/// [`Error::AmountNotKnown`], [`Error::RefundNotRepeatable`].
pub fn refunded(
    record: &Record,
    refund: &Refund,
    (correction, currency): (&Correction, Option<Currency>),
    cancellation: &Cancellation,
    repeatable: bool,
) -> Transition {
    let amounts = amounts(record, refund, currency)?;
    let is_part = amounts.is_some_and(|amounts| !amounts.after.is_zero());
    if is_part && !repeatable {
        return Err(Error::RefundNotRepeatable);
    }
    let place = record.next_place();
    let mut after = record.clone();
    (after.refunded_at, after.chain_end) = (Some(cancellation.at), Some(place));
    after.refunded = amounts.and_then(|amounts| record.paid?.minus(amounts.after));
    if record.enrolment.status != Status::Canceled {
        after.reason = refund.note.reason_for(&record.enrolment);
    }
    let cancels = refund.cancel.unwrap_or(!is_part) && record.enrolment.status == Status::Active;
    if cancels {
        after.enrolment.status = Status::Canceled;
        after.canceled = Some(cancellation.clone());
    }
    let correction = Correction { amounts, ..correction.clone() };
    let no_invoice = record.invoices_provider == Some(InvoicesProvider::NoInvoices);
    let job = if no_invoice || record.paid.is_some_and(Money::is_zero) {
        correction.email(None)
    } else {
        Some(Payload::Correction(correction))
    };
    let recorded = RecordedRefund { reference: refund.reference.clone(), amount: amounts.map(Amounts::refunded) };
    let change = Change::to(after, EventKind::Refunded).with_refund(recorded).with_jobs(job).at(place);
    Ok(if cancels { change.withdrawing(&[Kind::EnrolmentEmail]) } else { change })
}

/// Records a refund, once per idempotency key and per reference, and creates the job for the correction
/// or the mail. The caller holds the job and should deliver it now. A user who is not found gets no
/// mail. The refund is recorded even if the users and courses services fail.
///
/// # Errors
///
/// [`Error::NotFound`], those of [`refunded`], [`Error::RefundRecorded`], [`Error::Decimals`] if the
/// amount has decimals but the currency has none, [`Error::Unavailable`] for the
/// database; for a repeated request [`Error::InProgress`], [`Error::KeyReused`],
/// [`Error::DeletedSince`].
pub async fn refund(ports: &impl Ports, asked: Asked, refund: &Refund) -> Result<Done, Error> {
    let Asked { key, by } = asked;
    let key = key.map(|key| (key, Fingerprint::to_refund(refund)));
    once(ports.store(), ports.env(), key, async |reservation| {
        refund_now(ports, refund, (reservation, by.as_ref())).await
    })
    .await
}

async fn refund_now(
    ports: &impl Ports,
    refund: &Refund,
    (reservation, by): (Option<&Reservation>, Option<&Author>),
) -> Result<(Enrolment, Vec<Job>), Error> {
    let (store, note) = (ports.store(), &refund.note);
    let (enrolment, kept) = find_kept(store, note.enrolment_id, note.user_id.as_ref()).await?;
    let now = ports.env().now();
    let commit = Commit::new(ports.env(), now, (reservation, by), Answer::Final);
    let unchanged = |_: &Record| Ok(Change::none());
    if is_recorded(store, refund, &enrolment).await? {
        return store.change(enrolment.id, &commit, unchanged).await;
    }
    if enrolment.payment_status != PaymentStatus::Paid {
        return Err(Error::NotPaid);
    }
    let currency = kept.terms.as_ref().map(|terms| terms.currency);
    if let (Some(currency), Some(amount)) = (currency, refund.amount)
        && !currency.has_decimals_of(amount)
    {
        return Err(Error::Decimals(currency));
    }
    let correction = Correction {
        mail_to: mail_to(ports, &enrolment, &kept).await,
        reason: note.reason_for(&enrolment),
        refunded_on: day_in_warsaw(now),
        amounts: None,
        rebilled: false,
    };
    let cancellation = Cancellation { at: now, by: by.cloned() };
    let repeatable = reservation.is_some() || refund.reference.is_some();
    let transition =
        if_still(&enrolment, |record| refunded(record, refund, (&correction, currency), &cancellation, repeatable));
    let commit = if refund.cancel == Some(false) { commit } else { commit.of_seats(enrolment.course_id) };
    match store.change(enrolment.id, &commit, transition).await {
        // Another request may have recorded the same refund at the same time.
        Err(_) if is_recorded(store, refund, &enrolment).await? => store.change(enrolment.id, &commit, unchanged).await,
        result => result,
    }
}

/// Whether the same refund is recorded, by its reference.
///
/// # Errors
///
/// [`Error::RefundRecorded`] if that refund is of another enrolment or has another amount.
async fn is_recorded(store: &impl Enrolments, refund: &Refund, enrolment: &Enrolment) -> Result<bool, Error> {
    let Some(reference) = &refund.reference else { return Ok(false) };
    let Some((id, recorded)) = store.refund(reference).await? else { return Ok(false) };
    if id == enrolment.id && recorded.is_again(refund.amount) { Ok(true) } else { Err(Error::RefundRecorded(id)) }
}

#[cfg(test)]
mod tests;
