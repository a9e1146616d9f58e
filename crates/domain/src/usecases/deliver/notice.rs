//! Delivers notices: looks their recipient up, and sends the mail if the notice is still true.

use super::{Attempt, attempt, deliver_email};
use crate::jobs::outbox::Failure;
use crate::jobs::{Finished, Job, Notice, NoticeEmail, Payload};
use crate::model::reason::FailureReason;
use crate::ports::{Enrolments as _, Mail, Ports};
use crate::usecases::addressee::look_up;
use crate::{Enrolment, Kept, Unavailable};

/// Looks up the recipient, and creates the job of the mail under the same lease. The job waits until the
/// data is available.
pub(super) async fn deliver_notice(ports: &impl Ports, job: &Job, notice: &Notice) -> Attempt {
    let found = async {
        let Some((enrolment, kept)) = still_true(ports, job, notice).await? else { return Ok(Finished::default()) };
        let to = look_up(ports, &enrolment, &kept).await.map_err(super::data::failed)?;
        let email = to.map(|to| Payload::NoticeEmail(NoticeEmail { to, notice: notice.clone() }));
        Ok(super::data::finished(email))
    };
    attempt(ports.store(), ports.env(), job, found).await
}

/// Sends the mail.
pub(super) async fn deliver_notice_email(
    ports: &impl Ports,
    mail: &impl Mail,
    job: &Job,
    email: &NoticeEmail,
) -> Attempt {
    match still_true(ports, job, &email.notice).await {
        Ok(Some(_)) => deliver_email(ports, mail, job, email.message()).await,
        Ok(None) => attempt(ports.store(), ports.env(), job, async { Ok(Finished::default()) }).await,
        Err(waiting) => attempt(ports.store(), ports.env(), job, async { Err(waiting) }).await,
    }
}

/// The enrolment of a notice, if the notice is still true.
async fn still_true(ports: &impl Ports, job: &Job, notice: &Notice) -> Result<Option<(Enrolment, Kept)>, Failure> {
    let waiting = |error: Unavailable| Failure::Waiting { reason: FailureReason::from(&error), after: None };
    let found = ports.store().get_kept(job.enrolment_id).await.map_err(waiting)?;
    Ok(found.filter(|(enrolment, kept)| notice.is_true(enrolment, kept)))
}

#[cfg(test)]
mod tests;
