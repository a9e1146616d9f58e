//! Taking note of a payment.

use crate::idempotency::Reservation;
use crate::invoice::day_in_warsaw;
use crate::job::{InvoiceReference, Job, Payload, Purchase};
use crate::ports::{Alongside, Clock, Courses, Enrolments, Marked, Random, Users, new_lease};
use crate::{Enrolment, EnrolmentId, Error, PaymentStatus, Status, UserId};
use futures::future::join;

/// Marks an enrolment as paid and writes down what is owed for it: an invoice,
/// or for a course without a price the mail alone. The caller holds that job
/// and should now deliver it. With `user_id`, another user's enrolment counts as
/// none.
///
/// # Errors
///
/// [`Error::NotFound`], [`Error::AlreadyPaid`], [`Error::Canceled`],
/// [`Error::UserNotFound`], [`Error::CourseNotFound`], [`Error::Unusable`] for
/// users or courses, or [`Error::Unavailable`] for users, courses or the database.
pub async fn pay(
    store: &impl Enrolments,
    users: &impl Users,
    courses: &impl Courses,
    env: &(impl Clock + Random),
    id: EnrolmentId,
    user_id: Option<&UserId>,
    reservation: Option<&Reservation>,
) -> Result<(Enrolment, Job), Error> {
    let enrolment = store.get(id).await?.ok_or(Error::NotFound)?;
    if user_id.is_some_and(|user_id| *user_id != enrolment.user_id) {
        return Err(Error::NotFound);
    }
    match (enrolment.payment_status, enrolment.status) {
        (PaymentStatus::Paid, _) => return Err(Error::AlreadyPaid),
        (_, Status::Canceled) => return Err(Error::Canceled),
        _ => {}
    }

    let (user, course) = join(users.user(&enrolment.user_id), courses.course(enrolment.course_id)).await;
    let user = user?.ok_or(Error::UserNotFound)?;
    let course = course?.ok_or(Error::CourseNotFound(enrolment.course_id))?;

    let now = env.now();
    let payload = if course.price.is_zero() {
        Payload::PaymentEmail { recipient: user, course_name: course.name, invoice_url: None }
    } else {
        Payload::Invoice(Purchase {
            buyer: user,
            course_name: course.name,
            gross: course.price,
            paid_on: day_in_warsaw(now),
            reference: Some(InvoiceReference(env.random())),
        })
    };
    match store.mark_paid(id, &Alongside { payload, lease: new_lease(env), reservation, now }).await? {
        Marked::Paid(enrolment, job) => Ok((enrolment, *job)),
        Marked::NotFound => Err(Error::NotFound),
        Marked::AlreadyPaid => Err(Error::AlreadyPaid),
        Marked::Canceled => Err(Error::Canceled),
    }
}

#[cfg(test)]
mod tests;
