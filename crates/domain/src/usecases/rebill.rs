//! Bills what is left of a payment to another buyer.

use crate::jobs::{Correction, InvoiceData, Job, Payload, Reference};
use crate::model::asked::{Asked, Author};
use crate::model::event::EventKind;
use crate::model::idempotency::{Fingerprint, Reservation};
use crate::model::invoice::day_in_warsaw;
use crate::model::note::{MailTo, Subject};
use crate::model::rebilling::Rebilling;
use crate::model::refund::{Amounts, Left};
use crate::model::terms::{Billing, InvoicesProvider, Tax};
use crate::ports::change::{Change, Record, Transition};
use crate::ports::{Answer, Billed, Clock as _, Commit, OwedInvoice, Ports, Random as _, Rebillings as _};
use crate::usecases::addressee::{records_of, subject};
use crate::usecases::deliver::invoice_or_email;
use crate::usecases::find::find_kept;
use crate::usecases::once::{Done, once};
use crate::usecases::pay::agreed;
use crate::{Enrolment, Error, Money};

/// The transition to another buyer. An invoice that does not exist yet gets the new buyer. One that
/// exists, or may exist, is corrected to zero by `correction`, which is without its amounts, and a new
/// invoice over what is left follows: `invoice` gives its job. Its tax is `agreed`, unless the request
/// has one.
///
/// # Errors
///
/// [`Error::NotPaid`], [`Error::AlreadyRefunded`] if nothing is left, [`Error::AmountNotKnown`],
/// [`Error::NothingBilled`], [`Error::TaxNeeded`], [`Error::ReverseCharge`].
pub fn rebilled(
    record: &Record,
    billed: &Billed,
    (rebilling, agreed): (&Rebilling, &Tax),
    correction: &Correction,
    invoice: impl Fn(Money) -> Option<Payload>,
) -> Transition {
    let before = match record.left()? {
        Left::Unknown => return Err(Error::AmountNotKnown),
        Left::Amount(left) if !left.is_zero() => left,
        Left::Amount(_) | Left::Nothing => return Err(Error::AlreadyRefunded),
    };
    let Billed { owed, issued } = billed;
    if record.invoices_provider == Some(InvoicesProvider::NoInvoices) || (owed.is_none() && issued.is_none()) {
        return Err(Error::NothingBilled);
    }
    if let Some(OwedInvoice { id, payload: Some(payload), may_exist: false }) = owed
        && let Some(payload) = payload.with_buyer(&rebilling.buyer, rebilling.tax.as_ref())?
    {
        return Ok(Change::to(record.clone(), EventKind::Rebilled).replacing(*id, payload));
    }
    let owed_tax = owed.as_ref().and_then(|owed| owed.payload.as_ref()).and_then(Payload::tax);
    let tax = owed_tax.or_else(|| issued.as_ref().and_then(|issued| issued.tax.as_deref()));
    if rebilling.tax.is_none() && tax.is_some_and(|tax| tax != agreed.word()) {
        return Err(Error::TaxNeeded);
    }
    let (place, amounts) = (record.next_place(), Amounts { before, after: Money::ZERO, currency: None });
    let correction = Correction { amounts: Some(amounts), rebilled: true, ..correction.clone() };
    let after = Record { chain_end: Some(place.next()), ..record.clone() };
    let jobs = std::iter::once(Payload::Correction(correction)).chain(invoice(before));
    Ok(Change::to(after, EventKind::Rebilled).with_jobs(jobs).at(place))
}

/// Bills what is left of a payment to another buyer, once per idempotency key. The caller holds the jobs
/// and should deliver them now. If the users and courses services fail, a job looks the data up later.
///
/// # Errors
///
/// [`Error::NotFound`], those of [`rebilled`], [`Error::UserGone`], [`Error::Unavailable`] for the
/// database or for an invalid variable of the terms; for a repeated request [`Error::InProgress`],
/// [`Error::KeyReused`], [`Error::DeletedSince`].
pub async fn rebill(ports: &impl Ports, asked: Asked, rebilling: &Rebilling) -> Result<Done, Error> {
    let Asked { key, by } = asked;
    let key = key.map(|key| (key, Fingerprint::to_rebill(rebilling)));
    once(ports.store(), ports.env(), key, async |reservation| {
        rebill_now(ports, rebilling, (reservation, by.as_ref())).await
    })
    .await
}

async fn rebill_now(
    ports: &impl Ports,
    rebilling: &Rebilling,
    (reservation, by): (Option<&Reservation>, Option<&Author>),
) -> Result<(Enrolment, Vec<Job>), Error> {
    let Rebilling { note, buyer, tax } = rebilling;
    let (store, env, now) = (ports.store(), ports.env(), ports.env().now());
    let (enrolment, kept) = find_kept(store, note.enrolment_id, note.user_id.as_ref()).await?;
    let Billing::Invoice(terms) = agreed(&kept, ports.billing()?, (buyer, tax.as_ref()))? else {
        return Err(Error::NothingBilled);
    };
    let subject = subject(&enrolment, &kept);
    let (user, course) = records_of(ports, kept.user.as_ref(), &subject).await;
    if subject.user_id.is_erased() || matches!(user, Ok(None)) {
        return Err(Error::UserGone);
    }
    let agreed = terms.tax.clone();
    let Subject { user_id, course_id, course: terms_of_course } = subject;
    let today = day_in_warsaw(now);
    let draft = InvoiceData {
        user_id,
        course_id,
        course: terms_of_course,
        gross: None,
        buyer: buyer.clone(),
        paid_on: today,
        reference: Reference(env.random()),
        terms,
        erased: false,
        rebilled: true,
    };
    let correction = Correction {
        mail_to: MailTo::NoRecipient,
        reason: note.reason_for(&enrolment),
        refunded_on: today,
        amounts: None,
        rebilled: true,
    };
    let commit = Commit::new(env, now, (reservation, by), Answer::Final);
    let transition = |record: &Record, billed: &Billed| {
        record.check_still(&enrolment)?;
        rebilled(record, billed, (rebilling, &agreed), &correction, |left| {
            let paid_on = record.paid_on.unwrap_or(today);
            let data = InvoiceData { gross: Some(left), paid_on, ..draft.clone() };
            // What is not known now is looked up by the job.
            invoice_or_email(&data, user.clone(), course.clone(), ports.language())
                .unwrap_or(Some(Payload::InvoiceData(data)))
        })
    };
    store.rebill(enrolment.id, &commit, transition).await
}

#[cfg(test)]
mod tests;
