//! Looking up what an invoice needs.

use super::{Delivered, attempt};
use crate::job::{Delivery, Finished, Job, Payload, Unbilled};
use crate::outbox::{AttemptOutcome, Failure};
use crate::ports::{Clock, Courses, Outbox, Random, Services, Users};
use crate::{Error, LookUpError, Unavailable};
use futures::future::join;

/// Looks up who paid and for what, and writes down that an invoice is owed, under the
/// same lease. As long as one of the two is not found, the job waits.
///
/// # Errors
///
/// When the database takes nothing at all for this job; the lease then runs out.
pub async fn deliver_invoice_data(
    services: &Services<'_, impl Outbox, impl Users, impl Courses, impl Clock + Random>,
    job: &Job,
) -> Result<(AttemptOutcome, Option<Delivered>), Unavailable> {
    let found = async {
        let Delivery::InvoiceData(unbilled) = job.payload.delivery() else {
            return Err(Failure::Refused { reason: "not a payment without an invoice".to_owned() });
        };
        let jobs = look_up(services, unbilled).await?.into_iter().collect();
        Ok(Finished { jobs, ..Finished::default() })
    };
    attempt(services.store, services.env, job, found).await
}

async fn look_up<S, E>(
    services: &Services<'_, S, impl Users, impl Courses, E>,
    unbilled: &Unbilled,
) -> Result<Option<Payload>, Failure> {
    let Unbilled { user_id, course_id, .. } = unbilled;
    let (user, course) = join(services.users.user(user_id), services.courses.course(*course_id)).await;
    let waiting = |error: Error| Failure::Waiting { reason: format!("{error}: the invoice waits"), after: None };
    // That one is out of reach is not hidden by what the other does not know.
    let (user, course) = (user.map_err(failed)?, course.map_err(failed)?);
    let user = user.ok_or_else(|| waiting(Error::UserNotFound))?;
    let course = course.ok_or_else(|| waiting(Error::CourseNotFound(*course_id)))?;
    unbilled.owed(user, course).map_err(|error| failed(error.into()))
}

/// Nothing was issued meanwhile, so the job waits for as long as that lasts.
fn failed(error: LookUpError) -> Failure {
    match error {
        LookUpError::Unavailable(error) => Failure::Down { reason: error.to_string(), after: None },
        LookUpError::Unusable(error) => Failure::Waiting { reason: error.to_string(), after: None },
    }
}

#[cfg(test)]
mod tests;
