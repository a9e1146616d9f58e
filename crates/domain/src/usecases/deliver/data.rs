//! Looks up the data for an invoice or a mail that was not available before.

use super::{Attempt, attempt};
use crate::jobs::outbox::Failure;
use crate::jobs::{Finished, InvoiceData, Job, MailData, Payload};
use crate::model::language::Language;
use crate::model::note::Addressee;
use crate::model::reason::{FailureReason, ReasonCode};
use crate::ports::Ports;
use crate::usecases::addressee::{addressee_of, records, records_of};
use crate::{Course, LookUpError, Unusable, User};

/// Looks up the user and the course of a payment, and creates the next job under the same lease.
/// The job waits until the data is available.
pub(super) async fn deliver_invoice_data(ports: &impl Ports, job: &Job, invoice_data: &InvoiceData) -> Attempt {
    let found = async {
        let InvoiceData { user_id, course_id, course, .. } = invoice_data;
        let course = course.as_deref().map(Course::from);
        let (user, course) = records(ports, user_id, *course_id, (None, course)).await;
        invoice_or_email(invoice_data, user, course, ports.language()).map(finished)
    };
    attempt(ports.store(), ports.env(), job, found).await
}

/// Looks up the recipient of a mail, and creates its job under the same lease. The job waits until
/// the data is available.
pub(super) async fn deliver_mail_data(ports: &impl Ports, job: &Job, mail_data: &MailData) -> Attempt {
    let found = async {
        let (user, course) = records_of(ports, None, &mail_data.subject).await;
        let to = addressee_of((mail_data.subject.course_id, mail_data.subject.terms()), user, course, ports.language());
        email_alone(mail_data, to).map(finished)
    };
    attempt(ports.store(), ports.env(), job, found).await
}

pub(super) fn finished(next: Option<Payload>) -> Finished {
    Finished { jobs: next.into_iter().collect(), ..Finished::default() }
}

/// The job for a payment, from the answers of the users and courses services. `None` if nothing was
/// paid and no mail is sent. `default` is the language of a mail if neither has one.
///
/// # Errors
///
/// [`Failure::Waiting`] if an answer does not have the data, [`Failure::Down`] if one of the services
/// does not answer.
pub(crate) fn invoice_or_email(
    invoice_data: &InvoiceData,
    user: Result<Option<User>, LookUpError>,
    course: Result<Option<Course>, LookUpError>,
    default: Language,
) -> Result<Option<Payload>, Failure> {
    let waiting = |reason: FailureReason| Failure::Waiting { reason, after: None };
    let unusable = |unusable: Unusable| failed(unusable.into());
    if let Some(nothing) = invoice_data.gross.filter(|gross| gross.is_zero()) {
        // Only a mail: if the user is not found, nothing is sent.
        let to = addressee_of((invoice_data.course_id, None), user, course, default).map_err(failed)?;
        return Ok(
            to.and_then(|Addressee { recipient, course_name }| invoice_data.job(recipient, course_name, nothing))
        );
    }
    // A service that does not answer is reported first.
    let (user, course) = (user.map_err(failed)?, course.map_err(failed)?);
    let user = user.ok_or_else(|| waiting(ReasonCode::UserNotFound.into()))?;
    let course = course.ok_or_else(|| waiting(ReasonCode::CourseNotFound.with(invoice_data.course_id)))?;
    let gross =
        invoice_data.gross.map_or_else(|| course.price_in(invoice_data.terms.currency), Ok).map_err(unusable)?;
    let customer = user.with_language(course.language, default);
    Ok(invoice_data.job(customer, course.name.map_err(unusable)?, gross))
}

/// The job of a mail, from the look-up of its recipient. `None` if no mail is sent: the user is not
/// found or erased.
///
/// # Errors
///
/// As for [`invoice_or_email`].
pub(crate) fn email_alone(
    mail_data: &MailData,
    to: Result<Option<Addressee>, LookUpError>,
) -> Result<Option<Payload>, Failure> {
    if mail_data.subject.user_id.is_erased() {
        return Ok(None);
    }
    Ok(to.map_err(failed)?.map(|to| mail_data.email(to)))
}

/// Nothing was delivered, so the job waits without a limit.
pub(super) fn failed(error: LookUpError) -> Failure {
    match error {
        LookUpError::Unavailable(error) => Failure::Down { reason: FailureReason::from(&error), after: None },
        LookUpError::Unusable(error) => Failure::Waiting { reason: FailureReason::from(&error), after: None },
    }
}

#[cfg(test)]
mod tests;
