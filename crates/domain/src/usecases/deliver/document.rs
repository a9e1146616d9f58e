//! Having invoices and their corrections issued.

use super::{Attempt, attempt};
use crate::Unavailable;
use crate::jobs::outbox::Failure;
use crate::jobs::{DocumentEmail, Finished, Job, KsefNumber, Payload, Purchase, Refund, Target, Withheld};
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

/// How long after a document may have been issued a look-up that finds none
/// counts as proof that there is none.
pub const GRACE: TimeDelta = TimeDelta::minutes(2);

/// Has an invoice issued, or finds the one that was, and writes that down together with
/// what follows: the document and the jobs, which are held under the same lease.
pub(super) async fn deliver_invoice(
    ports: &impl Ports,
    invoices: &impl Invoices,
    job: &Job,
    purchase: &Purchase,
) -> Attempt {
    let issued = async {
        let issued = issue_or_find(invoices, ports.env(), job, Content::Invoice(purchase)).await?;
        Ok(finished(issued, &job.payload, invoices.account()))
    };
    attempt(ports.store(), ports.env(), job, issued).await
}

/// The same for the correction of an invoice, if there is something to correct.
pub(super) async fn deliver_correction(
    ports: &impl Ports,
    invoices: &impl Invoices,
    job: &Job,
    refund: &Refund,
) -> Attempt {
    let issued = async {
        let Some(invoice) = correctable(ports.store(), job).await? else {
            return Ok(following(None, job.payload.following(None)));
        };
        if let Some(account) = &invoice.account {
            is_of_account(account, invoices)?;
        }
        let issued = issue_or_find(invoices, ports.env(), job, Content::Correction(refund, &invoice)).await?;
        Ok(finished(issued, &job.payload, invoices.account()))
    };
    attempt(ports.store(), ports.env(), job, issued).await
}

/// What an issued document leads to. A company's counts as issued once it has its number of
/// KSeF, and the vendor itself mails it no earlier (KSeF.md, "Wysyłanie faktur emailem do
/// klientów"): until then the customer has neither the link nor the mail. A consumer's
/// counts without it, so nothing waits there.
fn finished(issued: Issued, payload: &Payload, account: &Account) -> Finished {
    let (numbering, company) = (issued.numbering(), issued.company);
    let document = Document { ksef: issued.ksef(), ..issued.document };
    let next = payload.following(document.url.clone());
    let (Some(vendor_id), Numbering::ToCome | Numbering::Perhaps) = (document.vendor_id, numbering) else {
        return following(Some(document), next);
    };
    let number = KsefNumber {
        document: document.kind,
        vendor_id,
        erased: is_nobodys(payload),
        account: account.clone(),
        unasked: numbering == Numbering::Perhaps,
        withheld: None,
    };
    if !company {
        let mut finished = following(Some(document), next);
        finished.later.push(Payload::KsefNumber(number));
        return finished;
    }
    let withheld = Withheld { url: document.url.clone(), email: next.and_then(DocumentEmail::of) };
    let later = vec![Payload::KsefNumber(KsefNumber { withheld: Some(withheld), ..number })];
    Finished { kept: Some(Document { url: None, ..document }), later, ..Finished::default() }
}

/// A document and what follows. The address of a mail that has to be looked up first has
/// time.
fn following(document: Option<Document>, next: Option<Payload>) -> Finished {
    let (later, jobs) = next.into_iter().partition(|next| next.kind().target() == Target::Records);
    Finished { document, jobs, later, ..Finished::default() }
}

/// Whether nobody hears of the document, mostly for the buyer was erased.
fn is_nobodys(payload: &Payload) -> bool {
    match payload {
        Payload::Invoice(purchase) => purchase.erased,
        Payload::Correction(refund) => refund.mail_to == MailTo::Nobody,
        _ => false,
    }
}

/// The invoice that is to be corrected; none if nothing was invoiced.
async fn correctable(store: &impl Documents, job: &Job) -> Result<Option<IssuedInvoice>, Failure> {
    let unreadable = |error: Unavailable| Failure::Later { reason: FailureReason::from(&error), after: None };
    let state = store.invoice_state(job.enrolment_id).await.map_err(unreadable)?;
    match state {
        InvoiceState::Issued(invoice) => Ok(Some(invoice)),
        InvoiceState::Owed => Err(waiting(ReasonCode::InvoiceNotIssued)),
        InvoiceState::Unnumbered => Err(waiting(ReasonCode::InvoiceNotNumbered)),
        InvoiceState::NotAccepted => Err(refused(ReasonCode::InvoiceNotAccepted)),
        InvoiceState::Unidentified => Err(refused(ReasonCode::InvoiceUnidentified)),
        InvoiceState::None => Ok(None),
    }
}

/// The one document for `job`. Whatever may have been issued already is looked up before
/// anything is sent again.
async fn issue_or_find(
    invoices: &impl Invoices,
    env: &impl Clock,
    job: &Job,
    content: Content<'_>,
) -> Result<Issued, Failure> {
    if let Content::Invoice(purchase) = content {
        is_of_account(&purchase.terms.account, invoices)?;
    }
    let (issued_on, since) = (day_in_warsaw(env.now()), day_in_warsaw(job.created_at));
    let order = Order { enrolment_id: job.enrolment_id, content, issued_on, since };
    if let Some(since) = job.unknown_since {
        let found = invoices.find(&order).await?;
        if !found.is_empty() {
            return adopt(found);
        }
        if env.now() - since < GRACE {
            return Err(unknown(ReasonCode::NotFoundYet));
        }
    }
    if let Content::Invoice(purchase) = content
        && has_control_character(&purchase.buyer)
    {
        return Err(refused(ReasonCode::BuyerControlCharacter));
    }
    match invoices.create(&order).await? {
        Created::Issued(issued) => Ok(issued),
        Created::Found(found) => adopt(found),
        Created::Taken => {
            let found = invoices.find(&order).await.map_err(in_doubt)?;
            if found.is_empty() {
                return Err(unknown(ReasonCode::SaidToExist));
            }
            adopt(found)
        }
    }
}

/// A document of another account is neither looked up nor issued: it waits until that
/// account is set again, or a person settles it.
pub(super) fn is_of_account(account: &Account, invoices: &impl Invoices) -> Result<(), Failure> {
    if account == invoices.account() {
        return Ok(());
    }
    Err(Failure::Waiting { reason: ReasonCode::OtherAccount.with(account), after: None })
}

/// The one of `found` that was asked for. A person decides about any other: it may name
/// another customer.
fn adopt(found: Vec<Found>) -> Result<Issued, Failure> {
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

/// A document that is said to exist stays unknown until it is found.
fn in_doubt(failure: Failure) -> Failure {
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
