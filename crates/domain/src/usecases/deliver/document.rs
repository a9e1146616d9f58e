//! Delivers invoices and corrections.

use super::{Attempt, attempt};
use crate::Unavailable;
use crate::jobs::outbox::Failure;
use crate::jobs::{Correction, DocumentEmail, Finished, Job, KsefNumber, Payload, Purchase, Target, Withheld};
use crate::model::chain::ChainNo;
use crate::model::email::has_control_character;
use crate::model::invoice::{
    Created, Difference, Document, Found, InvoiceState, Issued, IssuedInvoice, Numbering, day_in_warsaw,
};
use crate::model::note::MailTo;
use crate::model::reason::{FailureReason, ReasonCode};
use crate::model::terms::Account;
use crate::ports::{Clock, Documents, Invoices, Ports};
use crate::ports::{Content, Order};
use chrono::TimeDelta;

/// After this time, a look-up that does not find a document proves that it was not issued.
pub const GRACE: TimeDelta = TimeDelta::minutes(2);

/// Issues an invoice, or finds the one that was issued, and stores the document and the jobs that
/// follow, under the same lease.
pub(super) async fn deliver_invoice(
    ports: &impl Ports,
    invoices: &impl Invoices,
    job: &Job,
    purchase: &Purchase,
) -> Attempt {
    let issued = async {
        // The first document of an enrolment waits for no other.
        if job.key.chain_no() != ChainNo::FIRST {
            invoice_before(ports.store(), job).await?;
        }
        let issued = issue_or_find(invoices, ports.env(), job, Content::Invoice(purchase)).await?;
        Ok(finished(issued, &job.payload, invoices.account()))
    };
    attempt(ports.store(), ports.env(), job, issued).await
}

/// Issues the correction of an invoice, if there is something to correct.
pub(super) async fn deliver_correction(
    ports: &impl Ports,
    invoices: &impl Invoices,
    job: &Job,
    refund: &Correction,
) -> Attempt {
    let issued = async {
        let Some(invoice) = correctable(ports.store(), job).await? else {
            return Ok(finished_with(None, job.payload.document_email(None)));
        };
        if let Some(account) = &invoice.account {
            check_account(account, invoices)?;
        }
        let issued = issue_or_find(invoices, ports.env(), job, Content::Correction(refund, &invoice)).await?;
        Ok(finished(issued, &job.payload, invoices.account()))
    };
    attempt(ports.store(), ports.env(), job, issued).await
}

/// The result of an issued document. A company's document is valid only with its KSeF number, and
/// the vendor itself does not mail it earlier (KSeF.md, "Wysyłanie faktur emailem do klientów"):
/// until then the customer gets neither the link nor the mail. A consumer's document does not need
/// the number, so nothing waits for it.
fn finished(issued: Issued, payload: &Payload, account: &Account) -> Finished {
    let (numbering, company) = (issued.numbering(), issued.company);
    let document = Document { ksef: issued.ksef(), ..issued.document };
    let next = payload.document_email(document.url.clone());
    let (Some(vendor_id), Numbering::Expected | Numbering::Possible) = (document.vendor_id, numbering) else {
        return finished_with(Some(document), next);
    };
    let number = KsefNumber {
        document: document.kind,
        vendor_id,
        erased: has_no_recipient(payload),
        account: account.clone(),
        unasked: numbering == Numbering::Possible,
        withheld: None,
    };
    if !company {
        let mut finished = finished_with(Some(document), next);
        finished.later.push(Payload::KsefNumber(number));
        return finished;
    }
    let withheld = Withheld { url: document.url.clone(), email: next.and_then(DocumentEmail::of) };
    let later = vec![Payload::KsefNumber(KsefNumber { withheld: Some(withheld), ..number })];
    Finished { kept: Some(Document { url: None, ..document }), later, ..Finished::default() }
}

/// The result with a document and the next job. The look-up of a mail's recipient is not urgent.
fn finished_with(document: Option<Document>, next: Option<Payload>) -> Finished {
    let (later, jobs) = next.into_iter().partition(|next| next.kind().target() == Target::Records);
    Finished { document, jobs, later, ..Finished::default() }
}

/// Whether no mail is sent for the document, mostly because the user is erased.
fn has_no_recipient(payload: &Payload) -> bool {
    match payload {
        Payload::Invoice(purchase) => purchase.erased,
        Payload::Correction(refund) => refund.mail_to == MailTo::NoRecipient,
        _ => false,
    }
}

/// The state of the invoice before the document of `job`. While a document before it is not issued, the
/// job waits.
async fn invoice_before(store: &impl Documents, job: &Job) -> Result<InvoiceState, Failure> {
    let unreadable = |error: Unavailable| Failure::Later { reason: FailureReason::from(&error), after: None };
    match store.invoice_state(job.enrolment_id, job.key.chain_no()).await.map_err(unreadable)? {
        InvoiceState::NotIssued => Err(waiting(ReasonCode::InvoiceNotIssued)),
        state => Ok(state),
    }
}

/// The invoice to correct; `None` if nothing was invoiced.
async fn correctable(store: &impl Documents, job: &Job) -> Result<Option<IssuedInvoice>, Failure> {
    match invoice_before(store, job).await? {
        InvoiceState::Issued(invoice) => Ok(Some(invoice)),
        InvoiceState::NotIssued => Err(waiting(ReasonCode::InvoiceNotIssued)),
        InvoiceState::NotNumbered => Err(waiting(ReasonCode::InvoiceNotNumbered)),
        InvoiceState::NotAccepted => Err(refused(ReasonCode::InvoiceNotAccepted)),
        InvoiceState::Unidentified => Err(refused(ReasonCode::InvoiceUnidentified)),
        InvoiceState::None => Ok(None),
    }
}

/// The document of `job`. If the job is unknown, the document is looked up before anything is sent
/// again.
async fn issue_or_find(
    invoices: &impl Invoices,
    env: &impl Clock,
    job: &Job,
    content: Content<'_>,
) -> Result<Issued, Failure> {
    if let Content::Invoice(purchase) = content {
        check_account(&purchase.terms.account, invoices)?;
    }
    let (issued_on, since) = (day_in_warsaw(env.now()), day_in_warsaw(job.created_at));
    let order = Order { enrolment_id: job.enrolment_id, chain_no: job.key.chain_no(), content, issued_on, since };
    if let Some(since) = job.unknown_since {
        let found = invoices.find(&order).await?;
        if !found.is_empty() {
            return matching(found);
        }
        if env.now() - since < GRACE {
            return Err(unknown(ReasonCode::NotFoundYet));
        }
    }
    if let Content::Invoice(purchase) = content
        && has_control_character(&purchase.customer)
    {
        return Err(refused(ReasonCode::BuyerControlCharacter));
    }
    match invoices.create(&order).await? {
        Created::Issued(issued) => Ok(issued),
        Created::Found(found) => matching(found),
        Created::Taken => {
            let found = invoices.find(&order).await.map_err(as_unknown)?;
            if found.is_empty() {
                return Err(unknown(ReasonCode::SaidToExist));
            }
            matching(found)
        }
    }
}

/// A document of another account is neither looked up nor issued. The job waits until that account
/// is configured again, or a person resolves it.
pub(super) fn check_account(account: &Account, invoices: &impl Invoices) -> Result<(), Failure> {
    if account == invoices.account() {
        return Ok(());
    }
    Err(Failure::Waiting { reason: ReasonCode::OtherAccount.with(account), after: None })
}

/// The document in `found` that matches the order. If all differ, a person has to decide, because
/// they may name another customer.
fn matching(found: Vec<Found>) -> Result<Issued, Failure> {
    let mut reason = FailureReason::from(ReasonCode::SaidToExist);
    for Found { number, difference, issued } in found {
        let Some(difference) = difference else { return Ok(issued) };
        let Document { vendor_id, number: shown, .. } = issued.document;
        let id = vendor_id.map(|id| format!(", id {id}")).unwrap_or_default();
        let shown = shown.map(|shown| format!(", {shown}")).unwrap_or_default();
        reason = ReasonCode::from(difference).with(format_args!("{number}{id}{shown}"));
    }
    Err(Failure::Refused { reason })
}

impl From<Difference> for ReasonCode {
    fn from(difference: Difference) -> Self {
        match difference {
            Difference::Kind => Self::DocumentOfAnotherKind,
            Difference::Canceled => Self::DocumentCanceled,
            Difference::Buyer => Self::DocumentOfAnotherBuyer,
            Difference::Amount => Self::DocumentOverAnotherAmount,
            Difference::Currency => Self::DocumentInAnotherCurrency,
            Difference::Corrects => Self::CorrectionOfAnotherInvoice,
            Difference::Corrected => Self::AnotherCorrection,
        }
    }
}

fn waiting(code: ReasonCode) -> Failure {
    Failure::Waiting { reason: code.into(), after: None }
}

fn refused(code: ReasonCode) -> Failure {
    Failure::Refused { reason: code.into() }
}

fn unknown(reason: impl Into<FailureReason>) -> Failure {
    Failure::Unknown { reason: reason.into(), after: None, whole_system: false }
}

/// The document exists, but its look-up failed: the job stays unknown until it is found.
fn as_unknown(failure: Failure) -> Failure {
    match failure {
        Failure::Down { reason, after } => Failure::Unknown { reason, after, whole_system: true },
        Failure::Later { reason, after }
        | Failure::Waiting { reason, after }
        | Failure::Paced { reason, after, .. } => Failure::Unknown { reason, after, whole_system: false },
        Failure::Refused { reason } => unknown(reason),
        unknown @ Failure::Unknown { .. } => unknown,
    }
}

#[cfg(test)]
mod tests;
