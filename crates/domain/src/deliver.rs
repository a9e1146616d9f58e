//! Delivering one job of the outbox.

use crate::Unavailable;
use crate::backoff;
use crate::email::{Email, compose, has_control_character};
use crate::invoice::{Created, Found, Invoice, day_in_warsaw};
use crate::job::{Delivery, Finished, Job, Purchase};
use crate::outbox::{AttemptOutcome, FailedAttempt, Failure};
use crate::ports::{Clock, Invoices, Mail, Outbox, Random, Repeats};
use chrono::{DateTime, TimeDelta, Utc};

/// How long after an invoice may have been issued a look-up that finds none
/// counts as proof that there is none.
pub const GRACE: TimeDelta = TimeDelta::minutes(2);

/// Delivers an invoice: has it issued, or finds the one that was, and writes
/// that down together with what follows: the link and the jobs, which are held under
/// the same lease. None beside the outcome means that there is no invoice yet, that it
/// is not written down, or that another worker has taken the job over.
///
/// # Errors
///
/// When the database takes nothing at all for this job; the lease then runs out.
pub async fn deliver_invoice(
    store: &impl Outbox,
    invoices: &impl Invoices,
    env: &(impl Clock + Random),
    job: &Job,
) -> Result<(AttemptOutcome, Option<Invoiced>), Unavailable> {
    if expired(job, env) {
        return Ok((TAKEN_OVER, None));
    }
    let delivered = async {
        check_attempts(job)?;
        let Delivery::Invoice(purchase) = job.payload.delivery() else {
            return Err(Failure::Refused { reason: "not an invoice".to_owned() });
        };
        let url = issue_or_find(invoices, env, job, purchase).await?;
        let finished = Finished { jobs: vec![purchase.email(url.clone())], invoice_url: url };
        let jobs = store.finish(job, &finished, env.now()).await.map_err(not_written)?;
        Ok(jobs.map(|jobs| Invoiced { url: finished.invoice_url, jobs }))
    };
    match delivered.await {
        Ok(invoiced) => Ok((AttemptOutcome::Delivered, invoiced)),
        Err(failure) => Ok((record_failure(store, env, job, failure).await?, None)),
    }
}

/// An invoice that was delivered, and what it leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoiced {
    /// The page that shows it.
    pub url: Option<String>,
    /// The jobs that are owed now, under the same lease.
    pub jobs: Vec<Job>,
}

/// Delivers a mail. One that may have been sent already is repeated for as long
/// as the relay recognises it; to a relay that never does it is sent once more,
/// and then at worst arrives twice.
///
/// # Errors
///
/// When the database takes nothing at all for this job; the lease then runs out.
pub async fn deliver_email(
    store: &impl Outbox,
    mail: &impl Mail,
    env: &(impl Clock + Random),
    job: &Job,
) -> Result<AttemptOutcome, Unavailable> {
    if expired(job, env) {
        return Ok(TAKEN_OVER);
    }
    let delivered = async {
        check_attempts(job)?;
        let email = compose(job).map_err(|unmailable| Failure::Refused { reason: unmailable.to_string() })?;
        send(mail, env, job, &email).await?;
        store.finish(job, &Finished::default(), env.now()).await.map_err(not_written)
    };
    match delivered.await {
        Ok(_) => Ok(AttemptOutcome::Delivered),
        Err(failure) => record_failure(store, env, job, failure).await,
    }
}

/// A job whose workers die one after the other, before they can say how it
/// ended, comes to an end as well.
fn check_attempts(job: &Job) -> Result<(), Failure> {
    if job.attempts > backoff::MAX_ATTEMPTS {
        return Err(Failure::Refused { reason: "too many attempts that did not say how they ended".to_owned() });
    }
    Ok(())
}

/// What was delivered and cannot be written down, for whatever reason, is in
/// doubt; the other jobs are not held up by it.
fn not_written(error: Unavailable) -> Failure {
    let reason = format!("delivered, but not written down: {}", error.cause);
    Failure::Unknown { reason, after: None, whole_system: false }
}

async fn send(mail: &impl Mail, env: &impl Clock, job: &Job, email: &Email) -> Result<(), Failure> {
    let Some(since) = job.unknown_since else { return mail.send(email).await };
    match mail.repeats() {
        Repeats::Recognised(time) if env.now() - since <= time => mail.send(email).await,
        Repeats::Recognised(_) => {
            Err(Failure::Refused { reason: "may have been sent, too long ago to repeat".to_owned() })
        }
        Repeats::Sent => match mail.send(email).await {
            Err(Failure::Unknown { reason, .. }) => Err(Failure::Refused { reason: format!("{reason}, twice") }),
            other => other,
        },
    }
}

/// A worker that was held up until its lease ran out leaves the job alone:
/// others may be at it.
const TAKEN_OVER: AttemptOutcome = AttemptOutcome::PutOff { whole_system: false };

fn expired(job: &Job, env: &impl Clock) -> bool {
    env.now() >= job.lease.until
}

/// The link to the one invoice for `job`. Whatever may have been issued
/// already is looked up before anything is sent again.
async fn issue_or_find(
    invoices: &impl Invoices,
    env: &impl Clock,
    job: &Job,
    purchase: &Purchase,
) -> Result<Option<String>, Failure> {
    let invoice = Invoice { enrolment_id: job.enrolment_id, purchase, issued_on: day_in_warsaw(env.now()) };
    if let Some(since) = job.unknown_since {
        let found = invoices.find(&invoice).await?;
        if !found.is_empty() {
            return adopt(found);
        }
        if env.now() - since < GRACE {
            return Err(unknown("not found yet"));
        }
    }
    if has_control_character(&purchase.buyer) {
        return Err(Failure::Refused { reason: "control character in the buyer's name or address".to_owned() });
    }
    match invoices.create(&invoice).await? {
        Created::Issued { url } => Ok(url),
        Created::Taken => {
            let found = invoices.find(&invoice).await.map_err(in_doubt)?;
            if found.is_empty() {
                return Err(unknown("said to exist, but not found"));
            }
            adopt(found)
        }
    }
}

/// The link to the one of `found` that is the invoice. What is anything else is
/// nobody's business but a person's: it may name another customer.
fn adopt(found: Vec<Found>) -> Result<Option<String>, Failure> {
    let mut reason = String::new();
    for Found { number, difference, url } in found {
        match difference {
            None => return Ok(url),
            Some(difference) => reason = format!("{difference} ({number})"),
        }
    }
    Err(Failure::Refused { reason })
}

fn unknown(reason: &str) -> Failure {
    Failure::Unknown { reason: reason.to_owned(), after: None, whole_system: false }
}

/// An invoice that is said to exist stays unknown until it is found.
fn in_doubt(failure: Failure) -> Failure {
    match failure {
        Failure::Later { reason, after, whole_system } => Failure::Unknown { reason, after, whole_system },
        Failure::Refused { reason } => Failure::Unknown { reason, after: None, whole_system: false },
        unknown @ Failure::Unknown { .. } => unknown,
    }
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

/// What becomes of a job after `failure`.
fn judge(job: &Job, failure: Failure, now: DateTime<Utc>, random: u64) -> (AttemptOutcome, FailedAttempt) {
    let (mut reason, after, unknown_since, whole_system) = match failure {
        Failure::Refused { reason } => return (AttemptOutcome::GivenUp, FailedAttempt::GivenUp { reason }),
        Failure::Later { reason, after, whole_system } => (reason, after, job.unknown_since, whole_system),
        Failure::Unknown { reason, after, whole_system } => {
            (reason, after, job.unknown_since.or(Some(now)), whole_system)
        }
    };
    if job.attempts >= backoff::MAX_ATTEMPTS {
        return (AttemptOutcome::GivenUp, FailedAttempt::GivenUp { reason });
    }
    if after.is_some_and(|after| after > backoff::LONGEST_ASKED) {
        reason.push_str("; asked to wait for more than a day, waiting for a day");
    }
    let due_at = now + backoff::wait(job.attempts, after, random);
    (AttemptOutcome::PutOff { whole_system }, FailedAttempt::PutOff { due_at, unknown_since, reason })
}

#[cfg(test)]
mod tests;
