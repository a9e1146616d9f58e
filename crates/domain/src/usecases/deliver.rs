//! Delivers one job.

mod data;
mod document;
mod event;
mod failed;
mod ksef;
mod notice;

use data::{deliver_invoice_data, deliver_mail_data};
pub(crate) use data::{email_alone, invoice_or_email};
pub use document::GRACE;
use document::{deliver_correction, deliver_invoice};
use event::deliver_event;
use failed::record_failure;
use ksef::deliver_ksef_number;
use notice::{deliver_notice, deliver_notice_email};

use crate::Unavailable;
use crate::jobs::outbox::{AttemptOutcome, Failure, SystemAction};
use crate::jobs::{Finished, Job, Payload};
use crate::model::backoff;
use crate::model::email::{Email, compose};
use crate::model::mail::{MailText, Message};
use crate::model::reason::{FailureReason, ReasonCode};
use crate::ports::{Clock, Mail, MailTexts, Outbox, Ports, Random, Repeats};
use futures::future::LocalBoxFuture;

/// The result of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// The page of the document, if one was issued.
    pub url: Option<String>,
    /// The jobs that follow, under the same lease.
    pub jobs: Vec<Job>,
}

/// The result of an attempt. `Delivered` is `None` if nothing was delivered, if the result could
/// not be stored, or if another worker has taken the job over. The error means that the database
/// can store nothing about this job; its lease then ends.
pub type Attempt = Result<(AttemptOutcome, Option<Delivered>), Unavailable>;

/// Delivers a job. Only this function decides how each kind is delivered, and by which system.
///
/// # Errors
///
/// Those of [`Attempt`].
pub async fn deliver(ports: &impl Ports, job: &Job) -> Attempt {
    // The futures are boxed, because they differ in size.
    let delivered = match &job.payload {
        Payload::EnrolmentEmail(email) => by_mail(ports, job, email.message()),
        Payload::PaymentEmail(email) => by_mail(ports, job, email.message()),
        Payload::CancellationEmail(email) => by_mail(ports, job, email.message()),
        Payload::RefundEmail(email) => by_mail(ports, job, email.message()),
        Payload::InvoiceData(invoice_data) => Box::pin(deliver_invoice_data(ports, job, invoice_data)),
        Payload::MailData(mail_data) => Box::pin(deliver_mail_data(ports, job, mail_data)),
        Payload::Notice(notice) => Box::pin(deliver_notice(ports, job, notice)),
        Payload::NoticeEmail(email) => {
            by(ports.mail(), ports, job, |mail| Box::pin(deliver_notice_email(ports, mail, job, email)))
        }
        Payload::Invoice(purchase) => {
            by(ports.invoices(), ports, job, |invoices| Box::pin(deliver_invoice(ports, invoices, job, purchase)))
        }
        Payload::Correction(refund) => {
            by(ports.invoices(), ports, job, |invoices| Box::pin(deliver_correction(ports, invoices, job, refund)))
        }
        Payload::KsefNumber(number) => {
            by(ports.invoices(), ports, job, |invoices| Box::pin(deliver_ksef_number(ports, invoices, job, number)))
        }
        Payload::Event(notification) => {
            by(ports.webhooks(), ports, job, |webhooks| Box::pin(deliver_event(ports, webhooks, job, *notification)))
        }
    };
    delivered.await
}

fn by_mail<'a>(ports: &'a impl Ports, job: &'a Job, message: Message<'a>) -> LocalBoxFuture<'a, Attempt> {
    by(ports.mail(), ports, job, |mail| Box::pin(deliver_email(ports, mail, job, message)))
}

/// Delivers the job by `system`. If the system cannot be used, the job waits.
fn by<'a, S>(
    system: Result<&'a S, &Unavailable>,
    ports: &'a impl Ports,
    job: &'a Job,
    deliver: impl FnOnce(&'a S) -> LocalBoxFuture<'a, Attempt>,
) -> LocalBoxFuture<'a, Attempt> {
    match system {
        Ok(system) => deliver(system),
        Err(fault) => {
            let unusable = Failure::Down { reason: FailureReason::from(fault), after: None };
            Box::pin(attempt(ports.store(), ports.env(), job, async { Err(unusable) }))
        }
    }
}

/// Delivers a mail. If it is unknown whether it was sent, it is repeated while the relay recognises
/// it, and arrives once. If the relay does not recognise repeats, it is sent once more, and may
/// arrive twice.
async fn deliver_email(ports: &impl Ports, mail: &impl Mail, job: &Job, message: Message<'_>) -> Attempt {
    let sent = async {
        // Its job is done, so that what asks whether a payment has its mail finds it.
        if mail.is_off(message.kind) {
            return Ok(Finished::default());
        }
        let text = text_of(ports.store(), &message, job).await?;
        let email = compose(&message, &text, job.mail_key());
        let email = email.map_err(|code| Failure::Refused { reason: code.into() })?;
        send(mail, ports.env(), job, &email).await?;
        Ok(Finished::default())
    };
    attempt(ports.store(), ports.env(), job, sent).await
}

/// The text of a mail: that of the time when the job was created.
async fn text_of(store: &impl MailTexts, message: &Message<'_>, job: &Job) -> Result<MailText, Failure> {
    let (kind, language) = (message.kind, message.language());
    let version = store.version_at(kind, language, job.created_at).await;
    let version = version.map_err(|error| Failure::Waiting { reason: FailureReason::from(&error), after: None })?;
    Ok(version.and_then(|version| version.text).unwrap_or_else(|| MailText::built_in(kind, language)))
}

/// One attempt at a job: stores the result of `work`.
async fn attempt(
    store: &impl Outbox,
    env: &(impl Clock + Random),
    job: &Job,
    work: impl Future<Output = Result<Finished, Failure>>,
) -> Attempt {
    // If the lease has ended, another worker may deliver the job.
    if env.now() >= job.lease.until {
        return Ok((AttemptOutcome::PutOff(SystemAction::Continue), None));
    }
    let delivered = async {
        check_attempts(job)?;
        let finished = work.await?;
        let jobs = store.finish(job, &finished, env.now()).await.map_err(not_stored)?;
        Ok(jobs.map(|jobs| Delivered { url: finished.document.and_then(|document| document.url), jobs }))
    };
    match delivered.await {
        Ok(delivered) => Ok((AttemptOutcome::Delivered, delivered)),
        Err(failure) => Ok((record_failure(store, env, job, failure).await?, None)),
    }
}

/// Stores why a job was not tried.
///
/// # Errors
///
/// When the database can store nothing about this job; its lease then ends.
pub(crate) async fn put_off(
    store: &impl Outbox,
    env: &(impl Clock + Random),
    job: &Job,
    why: Failure,
) -> Result<(), Unavailable> {
    attempt(store, env, job, async { Err(why) }).await.map(drop)
}

/// Ends a job whose workers crash each time before they store a result.
fn check_attempts(job: &Job) -> Result<(), Failure> {
    if job.attempts > backoff::MAX_ATTEMPTS {
        return Err(Failure::Refused { reason: ReasonCode::TooManyAttempts.into() });
    }
    Ok(())
}

/// A delivered job whose result cannot be stored is unknown. Other jobs continue.
fn not_stored(error: Unavailable) -> Failure {
    let reason = ReasonCode::NotWrittenDown.with(error.cause);
    Failure::Unknown { reason, after: None, whole_system: false }
}

/// Sends a mail. An unknown one is sent again while the relay recognises it. A relay that does not
/// recognise repeats gets it only once more, and only after a check that it answers, so that an
/// outage does not use up the repeat. Such a relay is paused after the first unknown mail, so that
/// an outage leaves few of them.
async fn send(mail: &impl Mail, env: &impl Clock, job: &Job, email: &Email) -> Result<(), Failure> {
    let (repeats, unknown) = (mail.repeats(), job.unknown_since.is_some());
    match (repeats, job.unknown_since) {
        (Repeats::Recognised(time), Some(since)) if env.now() - since > time => {
            return Err(Failure::Refused { reason: ReasonCode::MaybeSentLongAgo.into() });
        }
        (Repeats::Sent, Some(_)) => mail.check().await?,
        _ => {}
    }
    mail.send(email).await.map_err(|failure| match (repeats, failure) {
        (Repeats::Sent, Failure::Unknown { reason, .. }) if unknown => {
            Failure::Refused { reason: ReasonCode::MaybeSentTwice.with(reason) }
        }
        (Repeats::Sent, Failure::Unknown { reason, after, .. }) => {
            Failure::Unknown { reason, after, whole_system: true }
        }
        (_, other) => other,
    })
}

#[cfg(test)]
mod tests;
