//! Looking up what an invoice or a mail needs and was not to be had when it came to be owed.

use super::{Delivered, attempt};
use crate::job::{Delivery, Finished, Job, Payload, Unaddressed, Unbilled};
use crate::note::addressee;
use crate::outbox::{AttemptOutcome, Failure};
use crate::ports::{Clock, Courses, Outbox, Random, Services, Users};
use crate::reason::{FailureReason, ReasonCode};
use crate::{Course, LookUpError, Unavailable, Unusable, User};
use futures::future::join;

/// Looks up who paid and for what, or who is to get a mail, and writes down what is owed
/// then, under the same lease. As long as that is not to be had, the job waits.
///
/// # Errors
///
/// When the database takes nothing at all for this job; the lease then runs out.
pub async fn deliver_data(
    services: &Services<'_, impl Outbox, impl Users, impl Courses, impl Clock + Random>,
    job: &Job,
) -> Result<(AttemptOutcome, Option<Delivered>), Unavailable> {
    let found = async {
        let owed = match job.payload.delivery() {
            Delivery::InvoiceData(unbilled) => bill(services, unbilled).await?,
            Delivery::MailData(unaddressed) => address(services, unaddressed).await?,
            _ => return Err(Failure::Refused { reason: ReasonCode::WrongSystem.into() }),
        };
        Ok(Finished { jobs: owed.into_iter().collect(), ..Finished::default() })
    };
    attempt(services.store, services.env, job, found).await
}

async fn bill<S, E>(
    services: &Services<'_, S, impl Users, impl Courses, E>,
    unbilled: &Unbilled,
) -> Result<Option<Payload>, Failure> {
    let Unbilled { user_id, course_id, .. } = unbilled;
    let (user, course) = join(services.users.user(user_id), services.courses.course(*course_id)).await;
    billed(unbilled, user, course)
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

async fn address<S, E>(
    services: &Services<'_, S, impl Users, impl Courses, E>,
    unaddressed: &Unaddressed,
) -> Result<Option<Payload>, Failure> {
    let to = addressee(services, &unaddressed.subject).await.map_err(failed)?;
    Ok(to.map(|to| unaddressed.addressed(to)))
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
