//! Canceling an enrolment.

use crate::jobs::{CancellationEmail, Job, Kind, Payload, Unaddressed, UnaddressedMail};
use crate::model::event::EventKind;
use crate::model::idempotency::{Fact, Fingerprint, IdempotencyKey, Reservation};
use crate::model::note::{Addressee, MailTo, Note};
use crate::ports::change::{Change, Record, Transition, while_it_is_of};
use crate::ports::{Answer, Clock as _, Commit, Enrolments as _, Ports};
use crate::usecases::addressee::mail_to;
use crate::usecases::find::find_noted;
use crate::usecases::once::{Done, once};
use crate::{Enrolment, Error, Status};

/// Whether an enrolment can be canceled.
///
/// # Errors
///
/// [`Error::Canceled`], [`Error::Completed`].
pub fn check_cancelable(enrolment: &Enrolment) -> Result<(), Error> {
    match enrolment.status {
        Status::Active => Ok(()),
        Status::Canceled => Err(Error::Canceled),
        Status::Completed => Err(Error::Completed),
    }
}

/// The transition: canceled, whatever was paid. The confirmation that was not sent yet
/// is not sent any more.
///
/// # Errors
///
/// Those of [`check_cancelable`].
pub fn canceled(record: &Record, note: &Note, email: Option<&Payload>) -> Transition {
    check_cancelable(&record.enrolment)?;
    let mut after = record.clone();
    after.enrolment.status = Status::Canceled;
    after.reason = note.reason_for(&record.enrolment);
    Ok(Change::to(after, EventKind::Canceled).with_jobs(email.cloned()).without(&[Kind::EnrolmentEmail]))
}

/// Cancels an enrolment, at most once under a key, and writes down that a mail about it is owed, or the look-up of whom
/// it goes to, which the caller holds and should now deliver. A user who is not found any
/// more gets no mail. What the users and courses services say keeps nothing from being
/// canceled.
///
/// # Errors
///
/// [`Error::NotFound`], those of [`check_cancelable`], [`Error::Unavailable`] for the
/// database; of a repeated request [`Error::InProgress`], [`Error::KeyReused`],
/// [`Error::DeletedSince`].
pub async fn cancel(ports: &impl Ports, key: Option<IdempotencyKey>, note: &Note) -> Result<Done, Error> {
    let key = key.map(|key| (key, Fingerprint::to_note(Fact::Canceled, note)));
    once(ports.store(), ports.env(), key, async |reservation| cancel_now(ports, note, reservation).await).await
}

async fn cancel_now(
    ports: &impl Ports,
    note: &Note,
    reservation: Option<&Reservation>,
) -> Result<(Enrolment, Vec<Job>), Error> {
    let enrolment = find_noted(ports.store(), note).await?;
    check_cancelable(&enrolment)?;
    let reason = note.reason.clone();
    let email = match mail_to(ports, &enrolment).await {
        MailTo::Nobody => None,
        MailTo::Known(Addressee { recipient, course_name }) => {
            Some(Payload::CancellationEmail(CancellationEmail { recipient, course_name, reason }))
        }
        MailTo::NotKnownYet(subject) => {
            Some(Payload::MailData(Unaddressed { subject, mail: UnaddressedMail::Cancellation, reason }))
        }
    };
    let commit = Commit::new(ports.env(), ports.env().now(), reservation, Answer::Final);
    let transition = while_it_is_of(&enrolment.user_id, |record| canceled(record, note, email.as_ref()));
    ports.store().change(note.enrolment_id, &commit, transition).await
}

#[cfg(test)]
mod tests;
