//! Records a payment.

mod next;

use next::{Next, next};

use crate::jobs::outbox::Failure;
use crate::jobs::{Job, Payload, Target};
use crate::model::asked::{Asked, Author};
use crate::model::event::EventKind;
use crate::model::idempotency::{Fingerprint, Reservation, digest_of_buyer};
use crate::model::invoice::day_in_warsaw;
use crate::model::payment::{Payment, ReferredPayment};
use crate::model::terms::{Billing, InvoicesProvider, Tax};
use crate::model::window::Closed;
use crate::ports::change::{Change, Record, Transition, if_still};
use crate::ports::{Answer, Clock as _, Commit, Enrolments, Invoices as _, Ports};
use crate::usecases::deliver::{deliver, put_off};
use crate::usecases::find::find_kept;
use crate::usecases::once::{Done, Once, begin, conclude};
use crate::{Buyer, Enrolment, EnrolmentId, Error, Kept, Money, PaymentStatus, Status};
use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use std::collections::VecDeque;
use std::time::Duration;

/// How long a caller waits for the invoice. After that, the request is answered without it.
pub const INVOICE_BUDGET: Duration = Duration::from_millis(2500);

/// Whether an enrolment can be paid. `late` says whether it lapsed, and is to get a seat again.
///
/// # Errors
///
/// [`Error::AlreadyPaid`], [`Error::Canceled`].
pub fn check_payable(enrolment: &Enrolment, late: bool) -> Result<(), Error> {
    match (enrolment.payment_status, enrolment.status) {
        (PaymentStatus::Paid, _) => Err(Error::AlreadyPaid),
        (_, Status::Canceled) if !late => Err(Error::Canceled),
        _ => Ok(()),
    }
}

/// The transition to paid on a day in Warsaw, with the `job` that follows. `provider` issues the
/// invoice. A `late` payment makes an enrolment active again that lapsed.
///
/// # Errors
///
/// Those of [`check_payable`].
pub fn paid(
    (record, late): (&Record, bool),
    amount: Option<Money>,
    on: NaiveDate,
    provider: InvoicesProvider,
    payment: Option<&ReferredPayment>,
    job: Option<&Payload>,
) -> Transition {
    check_payable(&record.enrolment, late && record.lapsed)?;
    let (paid_on, invoices_provider) = (Some(on), Some(provider));
    let mut after = Record { paid: amount, paid_on, invoices_provider, reason: None, ..record.clone() };
    after.enrolment.payment_status = PaymentStatus::Paid;
    if record.lapsed {
        (after.enrolment.status, after.lapsed, after.canceled) = (Status::Active, false, None);
    }
    Ok(Change::to(after, EventKind::Paid).with_payment(payment.cloned()).with_jobs(job.cloned()))
}

/// A payment that is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RecordedPayment {
    /// The enrolment after the payment.
    pub(crate) enrolment: Enrolment,
    /// The job that follows. The caller holds it and should deliver it now.
    pub(crate) jobs: Vec<Job>,
    /// Why the invoice, or the mail alone, waits: its data was not available from the users and courses
    /// services.
    pub(crate) delay: Option<Failure>,
}

/// Marks an enrolment as paid and creates the job that follows: an invoice, or only the mail if
/// nothing was paid or no invoice is agreed on. The payment is recorded even if the users and courses
/// services fail: then a job looks the data up later.
///
/// # Errors
///
/// [`Error::NotFound`], those of [`check_payable`], [`Error::PaymentRecorded`],
/// [`Error::DayOfPayment`], [`Error::ReverseCharge`], [`Error::Unavailable`] for the database, or [`Error::Decimals`] if
/// the amount has decimals but the currency has none.
pub(crate) async fn pay(
    ports: &impl Ports,
    billing_now: &Billing,
    payment: &Payment,
    (reservation, by): (Option<&Reservation>, Option<&Author>),
) -> Result<RecordedPayment, Error> {
    let (store, env) = (ports.store(), ports.env());
    let Payment { enrolment_id: id, user_id, amount, buyer, tax, on, .. } = payment;
    let commit = || Commit::new(env, env.now(), (reservation, by), Answer::Provisional);
    let (enrolment, kept) = find_kept(store, *id, user_id.as_ref()).await?;
    if is_recorded(store, payment, &enrolment, &kept).await? {
        return again(store, *id, &commit()).await;
    }
    let late = kept.lapsed && enrolment.status == Status::Canceled;
    check_payable(&enrolment, late)?;
    if let Some(end) = kept.terms.as_ref().and_then(|terms| terms.ends_at).filter(|end| late && *end <= env.now()) {
        return Err(Error::CourseClosed(Closed::Over(end)));
    }
    let billing = agreed(&kept, billing_now.clone(), (buyer, tax.as_ref()))?;
    let currency = billing.currency();
    if amount.is_some_and(|amount| !currency.has_decimals_of(amount)) {
        return Err(Error::Decimals(currency));
    }
    let on = day_of_payment(*on, env.now())?;

    let provider = billing.provider();
    let Next { gross, job, delay } = next(ports, billing, payment, (&enrolment, &kept), on).await;
    let (commit, referred) = (commit(), referred(payment, gross));
    let commit = if late { commit.of_seats(enrolment.course_id) } else { commit };
    let transition =
        if_still(&enrolment, |record| paid((record, late), gross, on, provider, referred.as_ref(), job.as_ref()));
    match store.change(*id, &commit, transition).await {
        Ok((enrolment, jobs)) => Ok(RecordedPayment { enrolment, jobs, delay }),
        // Another request may have recorded the same payment at the same time.
        Err(error @ (Error::AlreadyPaid | Error::PaymentRecorded(_))) => {
            let (enrolment, kept) = find_kept(store, *id, user_id.as_ref()).await?;
            let is_recorded = is_recorded(store, payment, &enrolment, &kept).await?;
            if is_recorded { again(store, *id, &commit).await } else { Err(error) }
        }
        // It may have lapsed at the same time.
        Err(Error::Canceled) if !late && find_kept(store, *id, user_id.as_ref()).await?.1.lapsed => {
            Box::pin(pay(ports, billing_now, payment, (reservation, by))).await
        }
        Err(error) => Err(error),
    }
}

/// What is agreed on for a sale to this buyer: with the terms of the enrolment, if it has them, and with
/// this tax, if one is given.
///
/// # Errors
///
/// [`Error::ReverseCharge`].
pub(crate) fn agreed(
    kept: &Kept,
    mut billing: Billing,
    (buyer, tax): (&Buyer, Option<&Tax>),
) -> Result<Billing, Error> {
    if let Some(terms) = &kept.terms {
        billing = terms.agreed(billing);
    }
    if let Billing::Invoice(terms) = &mut billing {
        terms.tax = buyer.tax_of_sale(tax, &terms.tax)?;
    }
    Ok(billing)
}

/// What is recorded of a payment that has a reference or a method.
fn referred(payment: &Payment, amount: Option<Money>) -> Option<ReferredPayment> {
    let Payment { reference, method, .. } = payment;
    (reference.is_some() || method.is_some()).then(|| ReferredPayment {
        reference: reference.clone(),
        method: method.clone(),
        amount,
        buyer: digest_of_buyer(payment),
    })
}

/// Whether the same payment is recorded, by its reference.
///
/// # Errors
///
/// [`Error::PaymentRecorded`] if that payment is for another enrolment, or has another amount,
/// tax or buyer.
async fn is_recorded(
    store: &impl Enrolments,
    payment: &Payment,
    enrolment: &Enrolment,
    kept: &Kept,
) -> Result<bool, Error> {
    let Some(reference) = &payment.reference else { return Ok(false) };
    let Some((id, recorded)) = store.payment(reference).await? else { return Ok(false) };
    let amount = payment.amount.or_else(|| kept.terms.as_ref().map(|terms| terms.price));
    if id == enrolment.id && recorded.is_again(amount, &digest_of_buyer(payment)) {
        Ok(true)
    } else {
        Err(Error::PaymentRecorded(id))
    }
}

/// The answer about a payment that is recorded: the enrolment as it is now. It is stored under the key of
/// the request, if it has one, so that a repetition gets the same answer.
async fn again(store: &impl Enrolments, id: EnrolmentId, commit: &Commit<'_>) -> Result<RecordedPayment, Error> {
    let (enrolment, jobs) = store.change(id, commit, |_: &Record| Ok(Change::none())).await?;
    Ok(RecordedPayment { enrolment, jobs, delay: None })
}

/// The day of a payment in Warsaw: `on`, by default the day of `now`.
fn day_of_payment(on: Option<NaiveDate>, now: DateTime<Utc>) -> Result<NaiveDate, Error> {
    let today = day_in_warsaw(now);
    let on = on.unwrap_or(today);
    if on.year() >= 2000 && on <= today { Ok(on) } else { Err(Error::DayOfPayment) }
}

/// Records a payment, once per idempotency key, and tries to issue its invoice within
/// [`INVOICE_BUDGET`]. After the payment is recorded, no later failure changes the success.
///
/// # Errors
///
/// [`Error::NotFound`], those of [`check_payable`], [`Error::PaymentRecorded`],
/// [`Error::DayOfPayment`], [`Error::ReverseCharge`], [`Error::Decimals`] if the amount has decimals but
/// the currency has none, [`Error::Unavailable`] for the database or for an invalid variable of
/// the terms; for a repeated request [`Error::InProgress`], [`Error::KeyReused`],
/// [`Error::DeletedSince`].
pub async fn record_payment(ports: &impl Ports, asked: Asked, payment: &Payment) -> Result<Done, Error> {
    let Asked { key, by } = asked;
    let (store, env) = (ports.store(), ports.env());
    let key = key.map(|key| (key, Fingerprint::to_pay(payment)));
    let begun = begin(store, env, key, async |reservation| {
        pay(ports, &ports.billing()?, payment, (reservation, by.as_ref())).await
    });
    let (recorded, reservation) = match begun.await? {
        Once::Before(enrolment) => return Ok(Done::before(enrolment)),
        Once::Now(recorded, reservation) => (recorded, reservation),
    };
    let RecordedPayment { enrolment, jobs, mut delay } = recorded;
    // A payment that was recorded before may have its invoice.
    let (mut invoice_url, mut later, mut failure) = (enrolment.invoice_url.clone(), Vec::new(), None);
    let mut jobs = VecDeque::from(jobs);
    while let Some(job) = jobs.pop_front() {
        let delivered = match job.payload.kind().target() {
            // The look-up has just failed, so a later run repeats it.
            Target::Records => match delay.take() {
                Some(why) => put_off(store, env, &job, why).await.map(|()| None),
                None => Ok(None),
            },
            Target::Invoices => {
                if let Ok(invoices) = ports.invoices() {
                    invoices.limit_to(INVOICE_BUDGET);
                }
                deliver(ports, &job).await.map(|(_, delivered)| delivered)
            }
            // Delivered after the answer.
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
    let complete = Enrolment { invoice_url, ..enrolment.clone() };
    let enrolment = if conclude(store, reservation, &complete).await { complete } else { enrolment };
    Ok(Done { enrolment, jobs: later, failure })
}

#[cfg(test)]
mod tests;
