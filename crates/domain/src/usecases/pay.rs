//! Recording a payment.

use crate::jobs::outbox::Failure;
use crate::jobs::{Job, Payload, Reference, Target, Unbilled};
use crate::model::event::EventKind;
use crate::model::idempotency::{Fingerprint, IdempotencyKey, Reservation};
use crate::model::invoice::day_in_warsaw;
use crate::model::payment::Payment;
use crate::ports::change::{Change, Record, Transition, while_it_is_of};
use crate::ports::{
    Answer, Clock as _, Commit, Courses as _, Enrolments as _, Invoices as _, Ports, Random as _, Users as _,
};
use crate::usecases::deliver::{billed, deliver, put_off};
use crate::usecases::find::find_current;
use crate::usecases::once::{Done, Once, begin, conclude};
use crate::{Enrolment, Error, Money, PaymentStatus, Status, Terms};
use futures::future::join;
use std::collections::VecDeque;
use std::time::Duration;

/// How long a caller waits for the invoice; after that it follows.
pub const INVOICE_BUDGET: Duration = Duration::from_millis(2500);

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

/// What came of a payment that is written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Marked {
    /// As it is then.
    pub(crate) enrolment: Enrolment,
    /// What is owed, which the caller holds and should now deliver.
    pub(crate) jobs: Vec<Job>,
    /// Why the invoice waits: what it needs of users and courses was not to be had.
    pub(crate) waits: Option<Failure>,
}

/// Marks an enrolment as paid and writes down what is owed for it: an invoice, or where
/// nothing was to be paid the mail alone. Whatever the users and courses services say undoes
/// no payment: what they do not say now, a job asks for again.
///
/// # Errors
///
/// [`Error::NotFound`], those of [`check_payable`], [`Error::Unavailable`] for the database,
/// or [`Error::Decimals`] where the amount has decimals that the currency has not.
pub(crate) async fn pay(
    ports: &impl Ports,
    terms: &Terms,
    payment: &Payment,
    reservation: Option<&Reservation>,
) -> Result<Marked, Error> {
    let (store, env) = (ports.store(), ports.env());
    let Payment { enrolment_id: id, user_id, amount, buyer } = payment;
    if amount.is_some_and(|amount| !terms.currency.has_decimals_of(amount)) {
        return Err(Error::Decimals(terms.currency));
    }
    let enrolment = find_current(store, *id).await?;
    if user_id.as_ref().is_some_and(|user_id| *user_id != enrolment.user_id) {
        return Err(Error::NotFound);
    }
    check_payable(&enrolment)?;

    let (user, course) =
        join(ports.users().user(&enrolment.user_id), ports.courses().course(enrolment.course_id)).await;
    let now = env.now();
    let mut unbilled = Unbilled {
        user_id: enrolment.user_id.clone(),
        course_id: enrolment.course_id,
        gross: *amount,
        company: buyer.clone(),
        paid_on: day_in_warsaw(now),
        reference: Reference(env.random()),
        terms: Box::new(terms.clone()),
        erased: false,
    };
    if let (None, Ok(Some(course))) = (amount, &course) {
        unbilled.gross = unbilled.price(course).ok();
    }
    let gross = unbilled.gross;
    let (owed, waits) = match billed(&unbilled, user, course) {
        Ok(owed) => (owed, None),
        Err(why) => (Some(Payload::InvoiceData(unbilled)), Some(why)),
    };
    let commit = Commit::new(env, now, reservation, Answer::Provisional);
    let transition = while_it_is_of(&enrolment.user_id, |record| paid(record, gross, owed.as_ref()));
    let (enrolment, jobs) = store.change(*id, &commit, transition).await?;
    Ok(Marked { enrolment, jobs, waits })
}

/// Records a payment, at most once under a key, and has its invoice issued within
/// [`INVOICE_BUDGET`]. Once the payment stands, nothing that fails changes that.
///
/// # Errors
///
/// [`Error::NotFound`], those of [`check_payable`], [`Error::Decimals`] where the amount has
/// decimals that the currency has not, [`Error::Unavailable`] for the database or where a
/// setting for the terms cannot be used; of a repeated request [`Error::InProgress`],
/// [`Error::KeyReused`], [`Error::DeletedSince`].
pub async fn record_payment(ports: &impl Ports, key: Option<IdempotencyKey>, payment: &Payment) -> Result<Done, Error> {
    let (store, env) = (ports.store(), ports.env());
    let key = key.map(|key| (key, Fingerprint::to_pay(payment)));
    let recorded = begin(store, env, key, async |reservation| {
        let invoices = ports.invoices().map_err(Clone::clone)?;
        pay(ports, &invoices.terms()?, payment, reservation).await
    });
    let (marked, reservation) = match recorded.await? {
        Once::Before(enrolment) => return Ok(Done::before(enrolment)),
        Once::Now(marked, reservation) => (marked, reservation),
    };
    let Marked { enrolment, jobs, mut waits } = marked;
    let (mut invoice_url, mut later, mut failure) = (None, Vec::new(), None);
    let mut jobs = VecDeque::from(jobs);
    while let Some(job) = jobs.pop_front() {
        let delivered = match job.payload.kind().target() {
            // Asked again at once, the services would mostly say the same: a run asks.
            Target::Records => match waits.take() {
                Some(why) => put_off(store, env, &job, why).await.map(|()| None),
                None => Ok(None),
            },
            Target::Invoices => {
                if let Ok(invoices) = ports.invoices() {
                    invoices.limit_to(INVOICE_BUDGET);
                }
                deliver(ports, &job).await.map(|(_, delivered)| delivered)
            }
            // After the answer.
            _ => {
                later.push(job);
                continue;
            }
        };
        match delivered {
            Ok(Some(delivered)) => {
                invoice_url = delivered.url.or(invoice_url);
                jobs.extend(delivered.jobs);
            }
            Ok(None) => {}
            Err(error) => failure = Some(error),
        }
    }
    let whole = Enrolment { invoice_url, ..enrolment.clone() };
    let enrolment = if conclude(store, reservation, &whole).await { whole } else { enrolment };
    Ok(Done { enrolment, jobs: later, failure })
}

#[cfg(test)]
mod tests;
