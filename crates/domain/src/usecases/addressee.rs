//! Looking up who is to get a mail about an enrolment.

use crate::model::note::{Addressee, MailTo, Subject};
use crate::ports::{Courses as _, Ports, Users as _};
use crate::{Enrolment, LookUpError};
use futures::future::join;

/// Looks up who is to get a mail about an enrolment; none if the users service knows no
/// such active user. A course that is not known any more is called by its number.
///
/// # Errors
///
/// When one of the two services gives no answer that can be used.
pub(crate) async fn addressee(
    ports: &impl Ports,
    Subject { user_id, course_id }: &Subject,
) -> Result<Option<Addressee>, LookUpError> {
    let (user, course) = join(ports.users().user(user_id), ports.courses().course(*course_id)).await;
    let Some(recipient) = user? else { return Ok(None) };
    let course_name = match course? {
        Some(course) => course.name?,
        None => course_id.to_string(),
    };
    Ok(Some(Addressee { recipient, course_name }))
}

/// The same for a change that has to be written down whatever the two services say.
pub(crate) async fn mail_to(ports: &impl Ports, enrolment: &Enrolment) -> MailTo {
    let subject = Subject { user_id: enrolment.user_id.clone(), course_id: enrolment.course_id };
    if subject.user_id.is_erased() {
        return MailTo::Nobody;
    }
    match addressee(ports, &subject).await {
        Ok(Some(addressee)) => MailTo::Known(addressee),
        Ok(None) => MailTo::Nobody,
        Err(_) => MailTo::NotKnownYet(subject),
    }
}
