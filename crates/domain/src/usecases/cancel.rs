//! Cancels an enrolment.

use crate::jobs::{CancellationEmail, Job, Kind, MailContent, MailData, Payload};
use crate::model::asked::{Asked, Author};
use crate::model::event::EventKind;
use crate::model::idempotency::{Fact, Fingerprint, Reservation};
use crate::model::note::{Addressee, MailTo, Note};
use crate::ports::change::{Cancellation, Change, Record, Transition, if_still};
use crate::ports::{Answer, Clock as _, Commit, Enrolments as _, Ports};
use crate::usecases::addressee::mail_to;
use crate::usecases::find::find_kept;
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

/// The transition to canceled, paid or not. It withdraws a confirmation that is not sent yet.
///
/// # Errors
///
/// Those of [`check_cancelable`].
pub fn canceled(record: &Record, note: &Note, cancellation: &Cancellation, email: Option<&Payload>) -> Transition {
    check_cancelable(&record.enrolment)?;
    let mut after = record.clone();
    after.enrolment.status = Status::Canceled;
    after.canceled = Some(cancellation.clone());
    after.reason = note.reason_for(&record.enrolment);
    Ok(Change::to(after, EventKind::Canceled).with_jobs(email.cloned()).withdrawing(&[Kind::EnrolmentEmail]))
}

/// Cancels an enrolment, once per idempotency key, and creates the job for a mail, or for the
/// look-up of its recipient. The caller holds the job and should deliver it now. A user who is not
/// found gets no mail. The enrolment is canceled even if the users and courses services fail.
///
/// # Errors
///
/// [`Error::NotFound`], those of [`check_cancelable`], [`Error::Unavailable`] for the
/// database; for a repeated request [`Error::InProgress`], [`Error::KeyReused`],
/// [`Error::DeletedSince`].
pub async fn cancel(ports: &impl Ports, asked: Asked, note: &Note) -> Result<Done, Error> {
    let Asked { key, by } = asked;
    let key = key.map(|key| (key, Fingerprint::to_note(Fact::Canceled, note)));
    once(ports.store(), ports.env(), key, async |reservation| cancel_now(ports, note, (reservation, by.as_ref())).await)
        .await
}

async fn cancel_now(
    ports: &impl Ports,
    note: &Note,
    (reservation, by): (Option<&Reservation>, Option<&Author>),
) -> Result<(Enrolment, Vec<Job>), Error> {
    let (enrolment, kept) = find_kept(ports.store(), note.enrolment_id, note.user_id.as_ref()).await?;
    check_cancelable(&enrolment)?;
    let reason = note.reason.clone();
    let email = match mail_to(ports, &enrolment, &kept).await {
        MailTo::NoRecipient => None,
        MailTo::Known(Addressee { recipient, course_name }) => {
            Some(Payload::CancellationEmail(CancellationEmail { recipient, course_name, reason }))
        }
        MailTo::NotKnownYet(subject) => {
            Some(Payload::MailData(MailData { subject, mail: MailContent::Cancellation, reason }))
        }
    };
    let commit = Commit::new(ports.env(), ports.env().now(), (reservation, by), Answer::Final);
    let commit = commit.of_seats(enrolment.course_id);
    let cancellation = Cancellation { at: commit.now, by: by.cloned() };
    let transition = if_still(&enrolment, |record| canceled(record, note, &cancellation, email.as_ref()));
    ports.store().change(note.enrolment_id, &commit, transition).await
}

#[cfg(test)]
mod tests;
