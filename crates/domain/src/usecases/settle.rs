//! Settling a delivery by hand: a person has done what the service could not, and says so.
//!
//! With the number or the page of a document it is as if the invoicing service had issued
//! that: it is written down, others learn of it and the customer gets the mail with its
//! link. For a company's document that KSeF refused, the one that a person made takes its
//! place. With a note alone the delivery counts as dealt with, and nothing follows.

use crate::Balance;
use crate::jobs::outbox::{JobSummary, State};
use crate::jobs::{ByHand, Finished, Job, JobId, Kind, KsefNumber, Payload, Released};
use crate::model::invoice::{Document, DocumentKind};
use crate::model::resolution::{Author, Resolution};
use crate::ports::{Clock, EventQueue, Random, Resolutions, SettleError, Settlement, Unsettled, new_lease};
use chrono::{DateTime, Utc};

/// What a job leads to that is settled so; `currency` is the one in which customers pay
/// where the job does not say.
///
/// # Errors
///
/// Each of [`SettleError`] but that the job or the database is not there.
pub fn settled(
    job: &Unsettled,
    resolution: &Resolution,
    currency: &str,
    now: DateTime<Utc>,
) -> Result<Finished, SettleError> {
    if job.state == State::Done {
        return Err(SettleError::AlreadySettled);
    }
    if job.held_until.is_some_and(|until| now < until) {
        return Err(SettleError::BeingDelivered);
    }
    let kind = job.kind.ok_or(SettleError::OfLaterRelease)?;
    let Resolution { number, url, .. } = resolution;
    let fields = [("number", number.is_some()), ("url", url.is_some())];
    let fields: Vec<_> = fields.into_iter().filter_map(|(name, given)| given.then_some(name)).collect();
    if fields.is_empty() {
        return Ok(Finished::default());
    }
    let url = url.as_ref().map(|url| url.as_str().to_owned());
    let number_of_document = number.as_ref().map(|number| number.as_str().to_owned());
    if let Some(Payload::KsefNumber(KsefNumber { document, vendor_id, withheld: Some(withheld), .. })) = &job.payload {
        let by_hand = Some(ByHand { number: number_of_document });
        let email = withheld.email.clone().map(|email| Payload::from(email.linked(url.clone())));
        let released = Released { kind: *document, vendor_id: *vendor_id, url, by_hand };
        return Ok(Finished { released: Some(released), jobs: email.into_iter().collect(), ..Finished::default() });
    }
    let document_kind = kind.document().ok_or(SettleError::NoDocument(fields))?;
    let known = job.invoice.as_ref().filter(|_| document_kind == DocumentKind::Correction);
    let known = known.and_then(|invoice| invoice.currency.clone());
    let currency = known.unwrap_or_else(|| agreed_currency(job).unwrap_or(currency).to_owned());
    let document = Document {
        kind: document_kind,
        // How the invoicing service calls it, nobody has said: a correction of it is for
        // a person as well.
        vendor_id: None,
        number: number_of_document,
        url: url.clone(),
        gross: gross(job, document_kind),
        currency: Some(currency),
        issued_on: None,
        ksef: None,
    };
    // For a payment whose user or course was not found nobody is known to be mailed.
    let following = job.payload.as_ref().and_then(|payload| payload.following(url));
    Ok(Finished { document: Some(document), jobs: following.into_iter().collect(), ..Finished::default() })
}

/// The currency that was agreed with the payment.
fn agreed_currency(job: &Unsettled) -> Option<&'static str> {
    match job.payload.as_ref()? {
        Payload::Invoice(purchase) => Some(purchase.terms.currency.code()),
        Payload::InvoiceData(unbilled) => Some(unbilled.terms.currency.code()),
        _ => None,
    }
}

/// What the document is over: what was paid, or all of that taken back.
fn gross(job: &Unsettled, kind: DocumentKind) -> Option<Balance> {
    let paid = match &job.payload {
        Some(Payload::Invoice(purchase)) => Some(purchase.gross),
        Some(Payload::InvoiceData(unbilled)) => unbilled.gross,
        _ => None,
    };
    let paid = paid.or(job.paid).map(|paid| Balance(paid.hundredths()));
    match kind {
        DocumentKind::Invoice => paid,
        DocumentKind::Correction => {
            let invoiced = job.invoice.as_ref().and_then(|invoice| invoice.gross);
            invoiced.or(paid).map(|Balance(hundredths)| Balance(-hundredths))
        }
    }
}

/// Settles a delivery. It gives the job as it is then, and the jobs that follow, which the
/// caller holds and should now deliver.
///
/// # Errors
///
/// [`SettleError`].
pub async fn settle(
    store: &(impl Resolutions + EventQueue),
    env: &(impl Clock + Random),
    id: JobId,
    resolution: &Resolution,
    settled_by: Option<&Author>,
    currency: &str,
) -> Result<(JobSummary, Vec<Job>), SettleError> {
    let now = env.now();
    let settlement = Settlement { resolution, settled_by, lease: new_lease(env), now };
    let judge = |job: &Unsettled| settled(job, resolution, currency, now);
    let (job, following) = store.settle(id, &settlement, judge).await?;
    if Kind::from_word(&job.kind) == Some(Kind::Event) {
        // If this fails, the next ones wait a little longer.
        let _ = store.end_waits(job.enrolment_id, now).await;
    }
    Ok((job, following))
}

#[cfg(test)]
mod tests;
