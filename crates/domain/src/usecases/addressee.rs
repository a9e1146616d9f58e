//! Looks up the recipient of a mail about an enrolment.

use crate::model::note::{Addressee, MailTo, Subject};
use crate::ports::{Courses as _, Ports, Users as _};
use crate::{Course, CourseId, Enrolment, LookUpError, User};
use futures::future::join;

/// Looks up the recipient of a mail about an enrolment; `None` if the users service has no active
/// user with the id. For a course that is not found, its id is used as the name.
///
/// # Errors
///
/// When one of the two services does not answer, or its answer cannot be used.
pub(crate) async fn addressee(
    ports: &impl Ports,
    Subject { user_id, course_id }: &Subject,
) -> Result<Option<Addressee>, LookUpError> {
    let (user, course) = join(ports.users().user(user_id), ports.courses().course(*course_id)).await;
    addressee_of(*course_id, user, course)
}

/// The same, from the answers of the two services.
///
/// # Errors
///
/// As for [`addressee`].
pub(crate) fn addressee_of(
    course_id: CourseId,
    user: Result<Option<User>, LookUpError>,
    course: Result<Option<Course>, LookUpError>,
) -> Result<Option<Addressee>, LookUpError> {
    let Some(recipient) = user? else { return Ok(None) };
    let course_name = match course? {
        Some(course) => course.name?,
        None => course_id.to_string(),
    };
    Ok(Some(Addressee { recipient, course_name }))
}

/// The recipient for a change that is stored even if the two services fail.
pub(crate) async fn mail_to(ports: &impl Ports, enrolment: &Enrolment) -> MailTo {
    let subject = Subject { user_id: enrolment.user_id.clone(), course_id: enrolment.course_id };
    if subject.user_id.is_erased() {
        return MailTo::NoRecipient;
    }
    match addressee(ports, &subject).await {
        Ok(Some(addressee)) => MailTo::Known(addressee),
        Ok(None) => MailTo::NoRecipient,
        Err(_) => MailTo::NotKnownYet(subject),
    }
}
