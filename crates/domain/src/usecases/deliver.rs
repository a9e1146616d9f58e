//! Delivering one job of the outbox.

mod data;
mod document;
mod event;
mod ksef;

pub(crate) use data::billed;
use data::{deliver_invoice_data, deliver_mail_data};
pub use document::GRACE;
use document::{deliver_correction, deliver_invoice};
use event::deliver_event;
use ksef::deliver_ksef_number;

use crate::Unavailable;
use crate::jobs::outbox::{AttemptOutcome, FailedAttempt, Failure, Others};
use crate::jobs::{Finished, Job, Payload};
use crate::model::backoff;
use crate::model::email::{Email, Message, compose};
use crate::model::reason::{FailureReason, ReasonCode};
use crate::ports::{Clock, Mail, Outbox, Ports, Random, Repeats};
use chrono::{DateTime, Utc};
use futures::future::LocalBoxFuture;
use std::time::Duration;

/// What was delivered, and what it leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// The page that shows the document, if one was issued.
    pub url: Option<String>,
    /// The jobs that are owed now, under the same lease.
    pub jobs: Vec<Job>,
}

/// How one attempt at a job ended. None beside the outcome means that nothing is delivered,
/// that it is not written down, or that another worker has taken the job over. It is an error
/// when the database takes nothing at all for this job; the lease then runs out.
pub type Attempt = Result<(AttemptOutcome, Option<Delivered>), Unavailable>;

/// Delivers a job: the one place that says how each kind is delivered, and by which system.
///
/// # Errors
///
/// Those of [`Attempt`].
pub async fn deliver(ports: &impl Ports, job: &Job) -> Attempt {
    // Boxed, for they differ in size, and a component has no code for a system that it does
    // not ask.
    let delivered = match &job.payload {
        Payload::EnrolmentEmail(email) => by_mail(ports, job, email.message()),
        Payload::PaymentEmail(email) => by_mail(ports, job, email.message()),
        Payload::CancellationEmail(email) => by_mail(ports, job, email.message()),
        Payload::RefundEmail(email) => by_mail(ports, job, email.message()),
        Payload::InvoiceData(unbilled) => Box::pin(deliver_invoice_data(ports, job, unbilled)),
        Payload::MailData(unaddressed) => Box::pin(deliver_mail_data(ports, job, unaddressed)),
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

/// Has a system deliver the job. Where the system cannot be used, the job waits.
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

/// Delivers a mail. One that may have been sent already is repeated for as long
/// as the relay recognises it, and arrives once; to a relay that never does it is sent once
/// more, and then at worst arrives twice.
async fn deliver_email(ports: &impl Ports, mail: &impl Mail, job: &Job, message: Message<'_>) -> Attempt {
    let sent = async {
        let email = compose(message, job.mail_key()).map_err(|code| Failure::Refused { reason: code.into() })?;
        send(mail, ports.env(), job, &email).await?;
        Ok(Finished::default())
    };
    attempt(ports.store(), ports.env(), job, sent).await
}

/// One attempt at a job: writes down what `work` led to, or how it failed.
async fn attempt(
    store: &impl Outbox,
    env: &(impl Clock + Random),
    job: &Job,
    work: impl Future<Output = Result<Finished, Failure>>,
) -> Attempt {
    // A worker that was held up until its lease ran out leaves the job alone: others may
    // be at it.
    if env.now() >= job.lease.until {
        return Ok((AttemptOutcome::PutOff(Others::GoOn), None));
    }
    let delivered = async {
        check_attempts(job)?;
        let finished = work.await?;
        let jobs = store.finish(job, &finished, env.now()).await.map_err(not_written)?;
        Ok(jobs.map(|jobs| Delivered { url: finished.document.and_then(|document| document.url), jobs }))
    };
    match delivered.await {
        Ok(delivered) => Ok((AttemptOutcome::Delivered, delivered)),
        Err(failure) => Ok((record_failure(store, env, job, failure).await?, None)),
    }
}

/// Writes down of a job why nothing was tried.
///
/// # Errors
///
/// When the database takes nothing at all for this job; the lease then runs out.
pub(crate) async fn put_off(
    store: &impl Outbox,
    env: &(impl Clock + Random),
    job: &Job,
    why: Failure,
) -> Result<(), Unavailable> {
    attempt(store, env, job, async { Err(why) }).await.map(drop)
}

/// A job whose workers die one after the other, before they can say how it
/// ended, comes to an end as well.
fn check_attempts(job: &Job) -> Result<(), Failure> {
    if job.attempts > backoff::MAX_ATTEMPTS {
        return Err(Failure::Refused { reason: ReasonCode::TooManyAttempts.into() });
    }
    Ok(())
}

/// What was delivered and cannot be written down, for whatever reason, is in
/// doubt; the other jobs are not held up by it.
fn not_written(error: Unavailable) -> Failure {
    let reason = ReasonCode::NotWrittenDown.with(error.cause);
    Failure::Unknown { reason, after: None, whole_system: false }
}

/// A mail that may have been sent is sent again as long as the relay recognises it. A
/// relay that recognises none gets it once more, when it is seen to answer again: an outage
/// would use up the repeat. Such a relay is left alone after the first mail in doubt, so
/// that an outage leaves few of them.
async fn send(mail: &impl Mail, env: &impl Clock, job: &Job, email: &Email) -> Result<(), Failure> {
    let (repeats, doubtful) = (mail.repeats(), job.unknown_since.is_some());
    match (repeats, job.unknown_since) {
        (Repeats::Recognised(time), Some(since)) if env.now() - since > time => {
            return Err(Failure::Refused { reason: ReasonCode::MaybeSentLongAgo.into() });
        }
        (Repeats::Sent, Some(_)) => mail.look().await?,
        _ => {}
    }
    mail.send(email).await.map_err(|failure| match (repeats, failure) {
        (Repeats::Sent, Failure::Unknown { reason, .. }) if doubtful => {
            Failure::Refused { reason: ReasonCode::MaybeSentTwice.with(reason) }
        }
        (Repeats::Sent, Failure::Unknown { reason, after, .. }) => {
            Failure::Unknown { reason, after, whole_system: true }
        }
        (_, other) => other,
    })
}

async fn record_failure(
    store: &impl Outbox,
    env: &(impl Clock + Random),
    job: &Job,
    failure: Failure,
) -> Result<AttemptOutcome, Unavailable> {
    let now = env.now();
    let (outcome, failed) = judge(job, failure, now, env.random());
    store.record_failure(job, &failed, now).await?;
    Ok(outcome)
}

/// What becomes of a job after `failure`: which of them use an attempt is said there.
fn judge(job: &Job, failure: Failure, now: DateTime<Utc>, random: u64) -> (AttemptOutcome, FailedAttempt) {
    let waits = |reason: FailureReason, wait: Duration, after, tried| FailedAttempt::Waits {
        due_at: now + wait,
        reason: bounded_wait(reason, after),
        tried,
    };
    let for_others = |after| backoff::wait_for_others(now - job.created_at, after, random);
    let tried = |reason: FailureReason, after, unknown_since| {
        if job.attempts >= backoff::MAX_ATTEMPTS {
            return FailedAttempt::GivenUp { reason };
        }
        let due_at = now + backoff::wait(job.attempts, after, random);
        FailedAttempt::PutOff { due_at, unknown_since, reason: bounded_wait(reason, after) }
    };
    let (failed, others) = match failure {
        Failure::Refused { reason } => (FailedAttempt::GivenUp { reason }, Others::GoOn),
        Failure::Later { reason, after } => (tried(reason, after, job.unknown_since), Others::GoOn),
        Failure::Unknown { reason, after, whole_system } => {
            let others = if whole_system { Others::Wait { after, in_doubt: true } } else { Others::GoOn };
            (tried(reason, after, job.unknown_since.or(Some(now))), others)
        }
        Failure::Waiting { reason, after } => (waits(reason, for_others(after), after, false), Others::GoOn),
        Failure::Down { reason, after } => {
            (waits(reason, for_others(after), after, true), Others::Wait { after, in_doubt: false })
        }
        Failure::Paced { reason, after, gap } => {
            (waits(reason, backoff::wait_for_turn(after), after, true), Others::SlowDown { after, gap })
        }
    };
    let outcome = match failed {
        FailedAttempt::GivenUp { .. } => AttemptOutcome::GivenUp,
        FailedAttempt::PutOff { .. } | FailedAttempt::Waits { .. } => AttemptOutcome::PutOff(others),
    };
    (outcome, failed)
}

/// Says so where the other side asked for a longer wait than it gets.
fn bounded_wait(reason: FailureReason, after: Option<Duration>) -> FailureReason {
    if after.is_some_and(|after| after > backoff::LONGEST_ASKED) {
        return reason.and("asked to wait for more than a day, waits for a day");
    }
    reason
}

#[cfg(test)]
mod tests;
