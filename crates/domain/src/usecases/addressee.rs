//! What is known of the user and the course of an enrolment, and the recipient of a mail about it.

use crate::model::language::Language;
use crate::model::note::{Addressee, MailTo, Subject};
use crate::ports::{Courses as _, Ports, Users as _};
use crate::{Course, CourseId, CourseTerms, Enrolment, Kept, LookUpError, User, UserId};
use futures::future::join;

/// What the users and courses services say: `None` if there is no active user or no course with the
/// id.
pub(crate) type Records = (Result<Option<User>, LookUpError>, Result<Option<Course>, LookUpError>);

/// The user and the course. What is not known already is looked up.
pub(crate) async fn records(
    ports: &impl Ports,
    user_id: &UserId,
    course_id: CourseId,
    (user, course): (Option<&User>, Option<Course>),
) -> Records {
    let user = async {
        match user {
            Some(user) => Ok(Some(user.clone())),
            None => ports.users().user(user_id).await,
        }
    };
    let course = async {
        match course {
            Some(course) => Ok(Some(course)),
            None => ports.courses().course(course_id).await,
        }
    };
    join(user, course).await
}

/// The same of the subject of a mail. Its terms take the place of the course.
pub(crate) async fn records_of(ports: &impl Ports, user: Option<&User>, subject: &Subject) -> Records {
    let course = subject.course.as_deref().map(Course::from);
    records(ports, &subject.user_id, subject.course_id, (user, course)).await
}

/// The recipient of a mail, from the two records; `None` if there is no active user. For a
/// course that is not found, its id is used as the name. `default` is the language of the mail if
/// neither has one.
///
/// # Errors
///
/// When one of the two services does not answer, or its answer cannot be used.
pub(crate) fn addressee_of(
    (course_id, terms): (CourseId, Option<&CourseTerms>),
    user: Result<Option<User>, LookUpError>,
    course: Result<Option<Course>, LookUpError>,
    default: Language,
) -> Result<Option<Addressee>, LookUpError> {
    let Some(user) = user? else { return Ok(None) };
    let (name, language) = match course? {
        Some(course) => (course.name?, course.language),
        None => (course_id.to_string(), None),
    };
    let course_name = terms.and_then(|terms| terms.moved_to.clone()).unwrap_or(name);
    Ok(Some(Addressee { recipient: user.with_language(language, default), course_name }))
}

/// The user and the course of an enrolment, with its terms.
pub(crate) fn subject(enrolment: &Enrolment, kept: &Kept) -> Subject {
    let course = kept.terms.clone().map(Box::new);
    Subject { user_id: enrolment.user_id.clone(), course_id: enrolment.course_id, course }
}

/// The recipient of a mail about an enrolment; `None` if the user is erased, or there is no active one.
///
/// # Errors
///
/// As for [`addressee_of`].
pub(crate) async fn look_up(
    ports: &impl Ports,
    enrolment: &Enrolment,
    kept: &Kept,
) -> Result<Option<Addressee>, LookUpError> {
    let subject = subject(enrolment, kept);
    if subject.user_id.is_erased() {
        return Ok(None);
    }
    let (user, course) = records_of(ports, kept.user.as_ref(), &subject).await;
    addressee_of((subject.course_id, subject.terms()), user, course, ports.language())
}

/// The same for a change that is stored even if the two services fail.
pub(crate) async fn mail_to(ports: &impl Ports, enrolment: &Enrolment, kept: &Kept) -> MailTo {
    match look_up(ports, enrolment, kept).await {
        Ok(Some(addressee)) => MailTo::Known(addressee),
        Ok(None) => MailTo::NoRecipient,
        Err(_) => MailTo::NotKnownYet(subject(enrolment, kept)),
    }
}
