//! Following a document on its way to KSeF until it has its number.

use super::attempt;
use crate::Unavailable;
use crate::job::{Delivery, Finished, Job, KsefNumber};
use crate::ksef::{Look, Progress};
use crate::outbox::{AttemptOutcome, Failure};
use crate::ports::{Clock, Documents, Invoices, Outbox, Random};
use std::time::Duration;

/// What the vendor recommends for a document that did not get there, in its description of
/// May 2026: to look again after a minute, then to send it again and wait for five
/// minutes, at most three times with growing waits.
const BEFORE_SENDING_AGAIN: Duration = Duration::from_secs(60);
const AFTER_SENDING_AGAIN: Duration = Duration::from_secs(300);
const SENT_AGAIN: u32 = 3;

/// Looks how far a document is and writes that down. It waits for as long as the document
/// is under way; what failed is sent again, and what is refused is for a person.
///
/// # Errors
///
/// When the database takes nothing at all for this job; the lease then runs out.
pub async fn deliver_ksef_number(
    store: &(impl Outbox + Documents),
    invoices: &impl Invoices,
    env: &(impl Clock + Random),
    job: &Job,
) -> Result<AttemptOutcome, Unavailable> {
    let followed = async {
        let Delivery::KsefNumber(number) = job.payload.delivery() else {
            return Err(Failure::Refused { reason: "not a number to wait for".to_owned() });
        };
        let mut look = invoices.look_at_ksef(number.vendor_id).await.map_err(waiting)?;
        if number.erased {
            look.reasons.clear();
        }
        note(store, job, number, &look).await?;
        match look.ksef.progress() {
            Progress::Ended => Ok(Finished::default()),
            Progress::UnderWay => Err(Failure::Waiting { reason: reason("under way", &look), after: None }),
            Progress::Failed if !look.duplicate => Err(send_again(store, invoices, job, number, &look).await),
            Progress::Failed | Progress::Refused => Err(Failure::Refused { reason: reason("refused", &look) }),
        }
    };
    attempt(store, env, job, followed).await.map(|(outcome, _)| outcome)
}

/// Looks that found it failed count as attempts, so they tell how often it was sent again.
async fn send_again(
    store: &impl Documents,
    invoices: &impl Invoices,
    job: &Job,
    number: KsefNumber,
    look: &Look,
) -> Failure {
    let sent_again = job.attempts.saturating_sub(1);
    let put_off = |reason: String, after| Failure::Later { reason, after: Some(after) };
    if sent_again == 0 {
        return put_off(reason("to be sent again", look), BEFORE_SENDING_AGAIN);
    }
    if sent_again > SENT_AGAIN {
        return Failure::Refused { reason: reason("sent again in vain", look) };
    }
    let wait = AFTER_SENDING_AGAIN * (1 << (sent_again - 1));
    match invoices.send_to_ksef(number.vendor_id).await {
        // If this is not written down, the next look writes what it sees.
        Ok(now) => drop(note(store, job, number, &now).await),
        // It may have been sent: a look that came earlier might find it failed as before.
        Err(Failure::Later { reason, after } | Failure::Unknown { reason, after, .. }) => {
            return put_off(reason, after.unwrap_or_default().max(wait));
        }
        Err(failure) => return failure,
    }
    put_off(reason("sent again", look), wait)
}

async fn note(store: &impl Documents, job: &Job, number: KsefNumber, look: &Look) -> Result<(), Failure> {
    store.set_ksef(job.enrolment_id, number, &look.ksef).await.map_err(|error| {
        let reason = format!("what KSeF says was not written down: {}", error.cause);
        Failure::Waiting { reason, after: None }
    })
}

/// A look that fails says nothing of the document.
fn waiting(failure: Failure) -> Failure {
    match failure {
        Failure::Later { reason, after } => Failure::Waiting { reason, after },
        other => other,
    }
}

fn reason(what: &str, Look { ksef, reasons, .. }: &Look) -> String {
    let separator = if reasons.is_empty() { "" } else { ": " };
    format!("KSeF: {what} ({}){separator}{reasons}", ksef.status.as_str())
}

#[cfg(test)]
mod tests;
