//! Records a failed payment.

use crate::jobs::Job;
use crate::model::asked::{Asked, Author};
use crate::model::event::EventKind;
use crate::model::idempotency::{Fact, Fingerprint, Reservation};
use crate::model::note::Note;
use crate::ports::change::{Change, Record, Transition, if_still};
use crate::ports::{Answer, Clock, Commit, Enrolments, IdempotencyKeys, Random};
use crate::usecases::find::find_reported;
use crate::usecases::once::{Done, once};
use crate::usecases::pay::check_payable;
use crate::{Enrolment, Error, PaymentStatus};

/// The transition to a failed payment. The enrolment can still be paid. A second failed payment
/// changes nothing.
///
/// # Errors
///
/// Those of [`check_payable`].
pub fn failed(record: &Record, note: &Note) -> Transition {
    check_payable(&record.enrolment, false)?;
    if record.enrolment.payment_status == PaymentStatus::Failed {
        return Ok(Change::none());
    }
    let mut after = record.clone();
    after.enrolment.payment_status = PaymentStatus::Failed;
    after.reason = note.reason_for(&record.enrolment);
    Ok(Change::to(after, EventKind::PaymentFailed))
}

/// Records a failed payment, once per idempotency key.
///
/// # Errors
///
/// [`Error::NotFound`], those of [`check_payable`], [`Error::Unavailable`] for the
/// database; for a repeated request [`Error::InProgress`], [`Error::KeyReused`],
/// [`Error::DeletedSince`].
pub async fn fail(
    store: &(impl Enrolments + IdempotencyKeys),
    env: &(impl Clock + Random),
    Asked { key, by }: Asked,
    note: &Note,
) -> Result<Done, Error> {
    let key = key.map(|key| (key, Fingerprint::to_note(Fact::Failed, note)));
    once(store, env, key, async |reservation| fail_now(store, env, note, (reservation, by.as_ref())).await).await
}

async fn fail_now(
    store: &impl Enrolments,
    env: &(impl Clock + Random),
    note: &Note,
    (reservation, by): (Option<&Reservation>, Option<&Author>),
) -> Result<(Enrolment, Vec<Job>), Error> {
    let enrolment = find_reported(store, note.enrolment_id, note.user_id.as_ref()).await?;
    let commit = Commit::new(env, env.now(), (reservation, by), Answer::Final);
    let transition = if_still(&enrolment, |record| failed(record, note));
    store.change(note.enrolment_id, &commit, transition).await
}

#[cfg(test)]
mod tests;
