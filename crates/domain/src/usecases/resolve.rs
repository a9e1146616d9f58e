//! Resolves a job: a person did what the job asks for.
//!
//! With the number or the page of a document, the result is the same as if the invoicing service had
//! issued the document: it is stored, there is an event, and the customer gets the mail with the
//! link. If KSeF refused a company's document, the person's document replaces it. With only a note,
//! the job is done and nothing follows.

use crate::Balance;
use crate::jobs::outbox::{JobSummary, State};
use crate::jobs::{Correction, Finished, Job, JobId, Kind, KsefNumber, ManualDocument, Payload, Released};
use crate::model::asked::Author;
use crate::model::invoice::{Document, DocumentKind};
use crate::model::resolution::Resolution;
use crate::ports::{Clock, EventQueue, JobToResolve, NewResolution, Random, Resolutions, ResolveError, new_lease};
use chrono::{DateTime, Utc};

/// The result of a resolved job. `currency` is used if the job does not have one.
///
/// # Errors
///
/// All of [`ResolveError`] except `NotFound` and `Unavailable`.
pub fn resolved(
    job: &JobToResolve,
    resolution: &Resolution,
    currency: &str,
    now: DateTime<Utc>,
) -> Result<Finished, ResolveError> {
    if job.state == State::Done {
        return Err(ResolveError::AlreadyResolved);
    }
    if job.held_until.is_some_and(|until| now < until) {
        return Err(ResolveError::BeingDelivered);
    }
    let kind = job.kind.ok_or(ResolveError::OfLaterRelease)?;
    let Resolution { number, url, .. } = resolution;
    let fields = [("number", number.is_some()), ("url", url.is_some())];
    let fields: Vec<_> = fields.into_iter().filter_map(|(name, given)| given.then_some(name)).collect();
    if fields.is_empty() {
        return Ok(Finished::default());
    }
    let url = url.as_ref().map(|url| url.as_str().to_owned());
    let number_of_document = number.as_ref().map(|number| number.as_str().to_owned());
    if let Some(Payload::KsefNumber(KsefNumber { document, vendor_id, withheld: Some(withheld), .. })) = &job.payload {
        let replaced_by = Some(ManualDocument { number: number_of_document });
        let email = withheld.email.clone().map(|email| Payload::from(email.linked(url.clone())));
        let released = Released { kind: *document, chain_no: job.chain_no, vendor_id: *vendor_id, url, replaced_by };
        return Ok(Finished { released: Some(released), jobs: email.into_iter().collect(), ..Finished::default() });
    }
    let document_kind = kind.document().ok_or(ResolveError::NoDocument(fields))?;
    let known = job.invoice.as_ref().filter(|_| document_kind == DocumentKind::Correction);
    let known = known.and_then(|invoice| invoice.currency.clone());
    let currency = known.unwrap_or_else(|| currency_of_sale(job).unwrap_or(currency).to_owned());
    let document = Document {
        kind: document_kind,
        chain_no: job.chain_no,
        // The id at the invoicing service is not known, so a person has to make a correction too.
        vendor_id: None,
        number: number_of_document,
        url: url.clone(),
        gross: gross(job, document_kind),
        currency: Some(currency),
        tax: None,
        issued_on: None,
        ksef: None,
    };
    // If the user or the course of the payment was not found, there is no recipient for a mail.
    let following = job.payload.as_ref().and_then(|payload| payload.document_email(url));
    Ok(Finished { document: Some(document), jobs: following.into_iter().collect(), ..Finished::default() })
}

/// The currency of the sale.
fn currency_of_sale(job: &JobToResolve) -> Option<&'static str> {
    match job.payload.as_ref()? {
        Payload::Invoice(purchase) => Some(purchase.terms.currency.code()),
        Payload::InvoiceData(invoice_data) => Some(invoice_data.terms.currency.code()),
        _ => None,
    }
}

/// The total of the document: the paid amount, or for a correction, by how much it changes the invoice.
fn gross(job: &JobToResolve, kind: DocumentKind) -> Option<Balance> {
    if let Some(Payload::Correction(Correction { amounts: Some(amounts), .. })) = &job.payload {
        return Some(Balance(-amounts.refunded().hundredths()));
    }
    let paid = match &job.payload {
        Some(Payload::Invoice(purchase)) => Some(purchase.gross),
        Some(Payload::InvoiceData(invoice_data)) => invoice_data.gross,
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

/// Resolves a job. Returns the job after that, and the jobs that follow. The caller holds them and
/// should deliver them now.
///
/// # Errors
///
/// [`ResolveError`].
pub async fn resolve(
    store: &(impl Resolutions + EventQueue),
    env: &(impl Clock + Random),
    id: JobId,
    resolution: &Resolution,
    settled_by: Option<&Author>,
    currency: &str,
) -> Result<(JobSummary, Vec<Job>), ResolveError> {
    let now = env.now();
    let new = NewResolution { resolution, settled_by, lease: new_lease(env), now };
    let decide = |job: &JobToResolve| resolved(job, resolution, currency, now);
    let (job, following) = store.resolve(id, &new, decide).await?;
    if Kind::from_word(&job.kind) == Some(Kind::Event) {
        // If this fails, the next event only waits longer.
        let _ = store.wake_next_event(job.enrolment_id, now).await;
    }
    Ok((job, following))
}

#[cfg(test)]
mod tests;
