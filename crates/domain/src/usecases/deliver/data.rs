//! Looking up what an invoice or a mail needs and was not to be had when it came to be owed.

use super::{Attempt, attempt};
use crate::jobs::outbox::Failure;
use crate::jobs::{Finished, Job, Payload, Unaddressed, Unbilled};
use crate::model::reason::{FailureReason, ReasonCode};
use crate::ports::{Courses as _, Ports, Users as _};
use crate::usecases::addressee::addressee;
use crate::{Course, LookUpError, Unusable, User};
use futures::future::join;

/// Looks up who paid and for what, and writes down what is owed then, under the same lease.
/// As long as that is not to be had, the job waits.
pub(super) async fn deliver_invoice_data(ports: &impl Ports, job: &Job, unbilled: &Unbilled) -> Attempt {
    let found = async {
        let Unbilled { user_id, course_id, .. } = unbilled;
        let (user, course) = join(ports.users().user(user_id), ports.courses().course(*course_id)).await;
        billed(unbilled, user, course).map(owing)
    };
    attempt(ports.store(), ports.env(), job, found).await
}

/// Looks up who is to get a mail, and writes down that it is owed, under the same lease. As
/// long as that is not to be had, the job waits.
pub(super) async fn deliver_mail_data(ports: &impl Ports, job: &Job, unaddressed: &Unaddressed) -> Attempt {
    let found = async {
        let to = addressee(ports, &unaddressed.subject).await.map_err(failed)?;
        Ok(owing(to.map(|to| unaddressed.addressed(to))))
    };
    attempt(ports.store(), ports.env(), job, found).await
}

fn owing(owed: Option<Payload>) -> Finished {
    Finished { jobs: owed.into_iter().collect(), ..Finished::default() }
}

/// What is owed for a payment by what the users and courses services say.
///
/// # Errors
///
/// [`Failure::Waiting`] where they do not say what is needed, [`Failure::Down`] where one of
/// them says nothing.
pub(crate) fn billed(
    unbilled: &Unbilled,
    user: Result<Option<User>, LookUpError>,
    course: Result<Option<Course>, LookUpError>,
) -> Result<Option<Payload>, Failure> {
    let waiting = |reason: FailureReason| Failure::Waiting { reason, after: None };
    let unusable = |unusable: Unusable| failed(unusable.into());
    if let Some(nothing) = unbilled.gross.filter(|gross| gross.is_zero()) {
        // The mail alone: no invoice waits for who is gone.
        let Some(user) = user.map_err(failed)? else { return Ok(None) };
        let name = course.map_err(failed)?.map_or_else(|| Ok(unbilled.course_id.to_string()), |course| course.name);
        return Ok(unbilled.owed(user, name.map_err(unusable)?, nothing));
    }
    // That one is out of reach is not hidden by what the other does not know.
    let (user, course) = (user.map_err(failed)?, course.map_err(failed)?);
    let user = user.ok_or_else(|| waiting(ReasonCode::UserNotFound.into()))?;
    let course = course.ok_or_else(|| waiting(ReasonCode::CourseNotFound.with(unbilled.course_id)))?;
    let gross = unbilled.gross.map_or_else(|| unbilled.price(&course), Ok).map_err(unusable)?;
    Ok(unbilled.owed(user, course.name.map_err(unusable)?, gross))
}

/// Nothing was delivered meanwhile, so the job waits for as long as that lasts.
fn failed(error: LookUpError) -> Failure {
    match error {
        LookUpError::Unavailable(error) => Failure::Down { reason: FailureReason::from(&error), after: None },
        LookUpError::Unusable(error) => Failure::Waiting { reason: FailureReason::from(&error), after: None },
    }
}

#[cfg(test)]
mod tests;
