//! Recording a payment.

use crate::change::{Change, Record, Transition, while_it_is_of};
use crate::deliver::{Delivered, deliver_document, deliver_invoice_data};
use crate::event::EventKind;
use crate::find::find;
use crate::idempotency::{Fingerprint, IdempotencyKey, Reservation};
use crate::invoice::day_in_warsaw;
use crate::job::{Delivery, Job, Payload, PaymentEmail, Reference, Unbilled};
use crate::once::{Done, once};
use crate::ports::{
    Answer, Clock, Commit, Courses, Documents, Enrolments, IdempotencyKeys, Invoices, Outbox, Random, Services, Users,
};
use crate::{Company, Enrolment, EnrolmentId, Error, Money, PaymentStatus, Status, Terms, Unavailable, UserId};
use futures::future::join;
use std::collections::VecDeque;
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
    /// What was really paid; none for the course's price.
    pub amount: Option<Money>,
    /// The company that is the buyer on the invoice; none for the user.
    pub buyer: Option<Company>,
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
pub fn paid(record: &Record, amount: Option<Money>, owed: Option<&Payload>) -> Transition {
    check_payable(&record.enrolment)?;
    let mut after = Record { paid: amount, reason: None, ..record.clone() };
    after.enrolment.payment_status = PaymentStatus::Paid;
    Ok(Change::to(after, EventKind::Paid).with_jobs(owed.cloned()))
}

/// Marks an enrolment as paid and writes down what is owed for it: an invoice, or where
/// nothing was to be paid the mail alone. The caller holds that job and should now
/// deliver it. That the user or the course is not found any more undoes no payment: the
/// invoice is owed until they are.
///
/// # Errors
///
/// [`Error::NotFound`], those of [`check_payable`], [`Error::Unusable`] for users or
/// courses, [`Error::Unavailable`] for users, courses or the database, or
/// [`Error::Decimals`] where the amount has decimals that the currency has not.
pub async fn pay(
    services: &Services<'_, impl Enrolments, impl Users, impl Courses, impl Clock + Random>,
    terms: &Terms,
    payment: &Payment,
    reservation: Option<&Reservation>,
) -> Result<(Enrolment, Vec<Job>), Error> {
    let &Services { store, users, courses, env } = services;
    let Payment { enrolment_id: id, user_id, amount, buyer } = payment;
    if amount.is_some_and(|amount| !terms.currency.has_decimals_of(amount)) {
        return Err(Error::Decimals(terms.currency));
    }
    let enrolment = find(store, *id).await?;
    if user_id.as_ref().is_some_and(|user_id| *user_id != enrolment.user_id) {
        return Err(Error::NotFound);
    }
    check_payable(&enrolment)?;

    let (user, course) = join(users.user(&enrolment.user_id), courses.course(enrolment.course_id)).await;
    let (user, course) = (user?, course?);
    let now = env.now();
    let mut unbilled = Unbilled {
        user_id: enrolment.user_id.clone(),
        course_id: enrolment.course_id,
        gross: *amount,
        company: buyer.clone(),
        paid_on: day_in_warsaw(now),
        reference: Reference(env.random()),
        terms: Some(Box::new(terms.clone())),
        erased: false,
    };
    if let (None, Some(course)) = (amount, &course) {
        unbilled.gross = unbilled.price(course).ok();
    }
    let amount = unbilled.gross;
    let owed = match (user, course) {
        (Some(user), Some(course)) => unbilled.owed(user, course).unwrap_or(Some(Payload::InvoiceData(unbilled))),
        (user, course) if amount.is_some_and(Money::is_zero) => user.map(|recipient| {
            let course_name = course.map_or_else(|| enrolment.course_id.to_string(), |course| course.name);
            Payload::PaymentEmail(PaymentEmail { recipient, course_name, invoice_url: None })
        }),
        _ => Some(Payload::InvoiceData(unbilled)),
    };
    let commit = Commit::new(env, now, reservation, Answer::Provisional);
    let transition = while_it_is_of(&enrolment.user_id, |record| paid(record, amount, owed.as_ref()));
    store.change(*id, &commit, transition).await
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
/// Those of [`pay`] and [`once`], and [`Error::Unavailable`] where a setting for the terms
/// cannot be used.
pub async fn record_payment(
    services: &Services<
        '_,
        impl Enrolments + IdempotencyKeys + Outbox + Documents,
        impl Users,
        impl Courses,
        impl Clock + Random,
    >,
    invoices: &impl Invoices,
    key: Option<IdempotencyKey>,
    payment: &Payment,
) -> Result<Paid, Error> {
    let &Services { store, env, .. } = services;
    let key = key.map(|key| (key, Fingerprint::to_pay(payment)));
    let pay_on_terms = async |reservation: Option<&_>| pay(services, &invoices.terms()?, payment, reservation).await;
    let done = once(store, env, key, pay_on_terms).await?;
    let (enrolment, jobs, reservation) = match done {
        Done::Before(enrolment) => return Ok(Paid { enrolment, emails: Vec::new(), failure: None }),
        Done::Now { enrolment, jobs, reservation } => (enrolment, jobs, reservation),
    };
    let (mut invoice_url, mut emails, mut failure) = (None, Vec::new(), None);
    let mut owed = VecDeque::from(jobs);
    while let Some(job) = owed.pop_front() {
        let delivered = match job.payload.delivery() {
            Delivery::Email(_) | Delivery::KsefNumber(_) | Delivery::Event(_) => {
                emails.push(job);
                continue;
            }
            // Boxed for it is rare: every payment would carry its state along.
            Delivery::InvoiceData(_) => Box::pin(deliver_invoice_data(services, &job)).await,
            Delivery::Invoice(_) | Delivery::Correction(_) => {
                deliver_document(store, &invoices.within(INVOICE_BUDGET), env, &job).await
            }
        };
        match delivered {
            Ok((_, Some(Delivered { url, jobs }))) => {
                invoice_url = url.or(invoice_url);
                owed.extend(jobs);
            }
            Ok((_, None)) => {}
            Err(error) => failure = Some(error),
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
