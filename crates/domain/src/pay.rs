//! Recording a payment.

use crate::change::{Change, Transition};
use crate::deliver::{Invoiced, deliver_invoice};
use crate::idempotency::{Fingerprint, IdempotencyKey, Reservation};
use crate::invoice::day_in_warsaw;
use crate::job::{Delivery, InvoiceReference, Job, Payload, PaymentEmail, Purchase};
use crate::once::{Done, once};
use crate::ports::{
    Answer, Clock, Commit, Courses, Enrolments, IdempotencyKeys, Invoices, Outbox, Random, Services, Users,
};
use crate::{Enrolment, EnrolmentId, Error, PaymentStatus, Status, Unavailable, UserId};
use futures::future::join;
use std::time::Duration;

/// How long a caller waits for the invoice; after that it follows.
pub const INVOICE_BUDGET: Duration = Duration::from_millis(2500);

/// A payment to be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// For what.
    pub enrolment_id: EnrolmentId,
    /// Whose enrolment it has to be, if the caller says so: another user's
    /// counts as none.
    pub user_id: Option<UserId>,
}

/// Whether an enrolment can be paid.
///
/// # Errors
///
/// [`Error::AlreadyPaid`], [`Error::Canceled`].
pub fn check_payable(enrolment: &Enrolment) -> Result<(), Error> {
    match (enrolment.payment_status, enrolment.status) {
        (PaymentStatus::Paid, _) => Err(Error::AlreadyPaid),
        (_, Status::Canceled) => Err(Error::Canceled),
        _ => Ok(()),
    }
}

/// The transition: paid, and `owed` for it.
///
/// # Errors
///
/// Those of [`check_payable`].
pub fn paid(enrolment: &Enrolment, owed: &Payload) -> Transition {
    check_payable(enrolment)?;
    let enrolment = Enrolment { payment_status: PaymentStatus::Paid, ..enrolment.clone() };
    Ok(Change::with_job(enrolment, owed.clone()))
}

/// Marks an enrolment as paid and writes down what is owed for it: an invoice,
/// or for a course without a price the mail alone. The caller holds that job
/// and should now deliver it.
///
/// # Errors
///
/// [`Error::NotFound`], those of [`check_payable`], [`Error::UserNotFound`],
/// [`Error::CourseNotFound`], [`Error::Unusable`] for users or courses, or
/// [`Error::Unavailable`] for users, courses or the database.
pub async fn pay(
    services: &Services<'_, impl Enrolments, impl Users, impl Courses, impl Clock + Random>,
    payment: &Payment,
    reservation: Option<&Reservation>,
) -> Result<(Enrolment, Vec<Job>), Error> {
    let &Services { store, users, courses, env } = services;
    let Payment { enrolment_id: id, user_id } = payment;
    let enrolment = store.get(*id).await?.ok_or(Error::NotFound)?;
    if user_id.as_ref().is_some_and(|user_id| *user_id != enrolment.user_id) {
        return Err(Error::NotFound);
    }
    check_payable(&enrolment)?;

    let (user, course) = join(users.user(&enrolment.user_id), courses.course(enrolment.course_id)).await;
    let user = user?.ok_or(Error::UserNotFound)?;
    let course = course?.ok_or(Error::CourseNotFound(enrolment.course_id))?;

    let now = env.now();
    let owed = if course.price.is_zero() {
        Payload::PaymentEmail(PaymentEmail { recipient: user, course_name: course.name, invoice_url: None })
    } else {
        Payload::Invoice(Purchase {
            buyer: user,
            course_name: course.name,
            gross: course.price,
            paid_on: day_in_warsaw(now),
            reference: Some(InvoiceReference(env.random())),
        })
    };
    let commit = Commit::new(env, now, reservation, Answer::Provisional);
    store.change(*id, &commit, |enrolment| paid(enrolment, &owed)).await
}

/// A payment that is recorded, now or before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paid {
    /// What is answered.
    pub enrolment: Enrolment,
    /// The emails that can be sent now; the caller holds them.
    pub emails: Vec<Job>,
    /// What kept the invoice from being delivered and from being put off, for the
    /// log: its job is taken over when the lease has run out.
    pub failure: Option<Unavailable>,
}

/// Records a payment, at most once under a key, and has its invoice issued within
/// [`INVOICE_BUDGET`]. Once the payment stands, nothing that fails changes that.
///
/// # Errors
///
/// Those of [`pay`] and [`once`].
pub async fn record_payment(
    services: &Services<'_, impl Enrolments + IdempotencyKeys + Outbox, impl Users, impl Courses, impl Clock + Random>,
    invoices: &impl Invoices,
    key: Option<IdempotencyKey>,
    payment: &Payment,
) -> Result<Paid, Error> {
    let &Services { store, env, .. } = services;
    let key = key.map(|key| (key, Fingerprint::to_pay(payment.enrolment_id, payment.user_id.as_ref())));
    let done = once(store, env, key, async |reservation| pay(services, payment, reservation).await).await?;
    let (enrolment, jobs, reservation) = match done {
        Done::Before(enrolment) => return Ok(Paid { enrolment, emails: Vec::new(), failure: None }),
        Done::Now { enrolment, jobs, reservation } => (enrolment, jobs, reservation),
    };
    let (mut invoice_url, mut emails, mut failure) = (None, Vec::new(), None);
    for job in jobs {
        match job.payload.delivery() {
            Delivery::Email(_) => emails.push(job),
            Delivery::Invoice(_) => match deliver_invoice(store, &invoices.within(INVOICE_BUDGET), env, &job).await {
                Ok((_, Some(Invoiced { url, jobs }))) => {
                    invoice_url = url;
                    emails.extend(jobs);
                }
                Ok((_, None)) => {}
                Err(error) => failure = Some(error),
            },
        }
    }
    let whole = Enrolment { invoice_url, ..enrolment.clone() };
    let enrolment = if conclude(store, reservation, &whole).await { whole } else { enrolment };
    Ok(Paid { enrolment, emails, failure })
}

/// Whether `answer` may be given: a repeated request gets the same one, so what
/// cannot be written down for it is not said now either.
async fn conclude(store: &impl IdempotencyKeys, reservation: Option<Reservation>, answer: &Enrolment) -> bool {
    match reservation {
        None => true,
        Some(reservation) => store.conclude(&reservation, &Ok(answer.clone())).await.unwrap_or(false),
    }
}

#[cfg(test)]
mod tests;
