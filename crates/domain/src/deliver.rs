//! Delivering one job of the outbox.

use crate::backoff;
use crate::invoice::{Created, Found, Invoice, day_in_warsaw};
use crate::job::{Job, Payload, Purchase};
use crate::letter::{Letter, compose};
use crate::outbox::{Failure, Fate, Setback};
use crate::ports::{Clock, Invoices, Mail, Outbox, Random, Repeats};
use crate::{Money, Unavailable};
use chrono::{DateTime, TimeDelta, Utc};

/// How long after an invoice may have been issued a look-up that finds none
/// counts as proof that there is none.
pub const GRACE: TimeDelta = TimeDelta::minutes(2);

/// An invoice that was delivered, and what it leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoiced {
    /// The page that shows it.
    pub url: Option<String>,
    /// The mail that is owed now, under the same lease.
    pub mail: Job,
}

/// Delivers an invoice: has it issued, or finds the one that was, and writes
/// that down together with the mail that follows. None beside the fate means
/// that there is no invoice yet, or that another worker has taken the job over.
///
/// # Errors
///
/// When the database does not answer as it should; the lease then runs out.
pub async fn deliver_invoice(
    store: &impl Outbox,
    invoices: &impl Invoices,
    env: &(impl Clock + Random),
    job: &Job,
    purchase: &Purchase,
) -> Result<(Fate, Option<Invoiced>), Unavailable> {
    if expired(job, env) {
        return Ok((TAKEN_OVER, None));
    }
    match issue_or_find(invoices, env, job, purchase).await {
        Ok(url) => {
            let payload = Payload::PaymentEmail {
                recipient: purchase.buyer.clone(),
                course_name: purchase.course_name.clone(),
                invoice_url: url.clone(),
            };
            let mail = store.finish_invoice(job, url.as_deref(), payload, env.now()).await?;
            Ok((Fate::Delivered, mail.map(|mail| Invoiced { url, mail })))
        }
        Err(failure) => Ok((set_back(store, env, job, failure).await?, None)),
    }
}

/// Delivers a mail. One that may have been sent already is repeated for as long
/// as the relay recognises it; to a relay that never does it is sent once more,
/// and then at worst arrives twice.
///
/// # Errors
///
/// When the database does not answer as it should; the lease then runs out.
pub async fn deliver_mail(
    store: &impl Outbox,
    mail: &impl Mail,
    env: &(impl Clock + Random),
    job: &Job,
) -> Result<Fate, Unavailable> {
    if expired(job, env) {
        return Ok(TAKEN_OVER);
    }
    let sent = match compose(job) {
        Err(unmailable) => Err(Failure::Refused { reason: unmailable.to_string() }),
        Ok(letter) => send(mail, env, job, &letter).await,
    };
    match sent {
        Ok(()) => {
            store.finish(job, env.now()).await?;
            Ok(Fate::Delivered)
        }
        Err(failure) => set_back(store, env, job, failure).await,
    }
}

async fn send(mail: &impl Mail, env: &impl Clock, job: &Job, letter: &Letter) -> Result<(), Failure> {
    let Some(since) = job.unknown_since else { return mail.send(letter).await };
    match mail.repeats() {
        Repeats::Recognised(time) if env.now() - since <= time => mail.send(letter).await,
        Repeats::Recognised(_) => {
            Err(Failure::Refused { reason: "may have been sent, too long ago to repeat".to_owned() })
        }
        Repeats::Sent => match mail.send(letter).await {
            Err(Failure::Unknown { reason }) => Err(Failure::Refused { reason: format!("{reason}, twice") }),
            other => other,
        },
    }
}

/// A worker that was held up until its lease ran out leaves the job alone:
/// others may be at it.
const TAKEN_OVER: Fate = Fate::PutOff { whole_system: false };

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
    if let Some(since) = job.unknown_since {
        let found = invoices.find(job.enrolment_id).await?;
        if !found.is_empty() {
            return adopt(found, purchase.gross);
        }
        if env.now() - since < GRACE {
            return Err(Failure::Unknown { reason: "not found yet".to_owned() });
        }
    }
    let invoice = Invoice { enrolment_id: job.enrolment_id, purchase, issued_on: day_in_warsaw(env.now()) };
    match invoices.create(&invoice).await? {
        Created::Issued { url } => Ok(url),
        Created::Taken => {
            let found = invoices.find(job.enrolment_id).await.map_err(unknown)?;
            if found.is_empty() {
                return Err(Failure::Unknown { reason: "said to exist, but not found".to_owned() });
            }
            adopt(found, purchase.gross)
        }
    }
}

fn adopt(found: Vec<Found>, gross: Money) -> Result<Option<String>, Failure> {
    found
        .into_iter()
        .find(|invoice| invoice.gross == Some(gross))
        .map(|invoice| invoice.url)
        .ok_or_else(|| Failure::Refused { reason: "an invoice over another amount exists".to_owned() })
}

/// An invoice that is said to exist stays unknown until it is found.
fn unknown(failure: Failure) -> Failure {
    Failure::Unknown { reason: failure.reason().to_owned() }
}

async fn set_back(
    store: &impl Outbox,
    env: &(impl Clock + Random),
    job: &Job,
    failure: Failure,
) -> Result<Fate, Unavailable> {
    let now = env.now();
    let (fate, setback) = judge(job, failure, now, env.random());
    store.set_back(job, &setback, now).await?;
    Ok(fate)
}

/// What becomes of a job after `failure`.
fn judge(job: &Job, failure: Failure, now: DateTime<Utc>, random: u64) -> (Fate, Setback) {
    let (reason, after, unknown_since, whole_system) = match failure {
        Failure::Refused { reason } => return (Fate::GivenUp, Setback::GivenUp { reason }),
        Failure::Later { reason, after, whole_system } => (reason, after, job.unknown_since, whole_system),
        Failure::Unknown { reason } => (reason, None, job.unknown_since.or(Some(now)), false),
    };
    if job.attempts >= backoff::MAX_ATTEMPTS {
        return (Fate::GivenUp, Setback::GivenUp { reason });
    }
    let due_at = now + backoff::wait(job.attempts, after, random);
    (Fate::PutOff { whole_system }, Setback::PutOff { due_at, unknown_since, reason })
}

#[cfg(test)]
mod tests;
