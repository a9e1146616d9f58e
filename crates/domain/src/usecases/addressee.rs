//! Looks up the recipient of a mail about an enrolment.

use crate::model::language::Language;
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
    addressee_of(*course_id, user, course, ports.language())
}

/// The same, from the answers of the two services. `default` is the language if neither has one.
///
/// # Errors
///
/// As for [`addressee`].
pub(crate) fn addressee_of(
    course_id: CourseId,
    user: Result<Option<User>, LookUpError>,
    course: Result<Option<Course>, LookUpError>,
    default: Language,
) -> Result<Option<Addressee>, LookUpError> {
    let Some(user) = user? else { return Ok(None) };
    let (course_name, language) = match course? {
        Some(course) => (course.name?, course.language),
        None => (course_id.to_string(), None),
    };
    Ok(Some(Addressee { recipient: user.with_language(language, default), course_name }))
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
