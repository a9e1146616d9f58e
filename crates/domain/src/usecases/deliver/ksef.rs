//! Following a document on its way to KSeF until it has its number.

use super::document::is_of_account;
use super::{Attempt, attempt};
use crate::jobs::outbox::Failure;
use crate::jobs::{Finished, Job, KsefNumber, Payload, Released, Withheld};
use crate::model::ksef::{Ksef, KsefStatus, Look, Progress};
use crate::model::reason::{FailureReason, ReasonCode};
use crate::ports::{Clock as _, Documents, Invoices, Ports};
use chrono::TimeDelta;
use std::time::Duration;

/// What the vendor recommends for a document that did not get there, in its description of
/// May 2026: to look again after a minute, then to send it again and wait for five
/// minutes, at most three times with growing waits.
const BEFORE_SENDING_AGAIN: Duration = Duration::from_secs(60);
const AFTER_SENDING_AGAIN: Duration = Duration::from_secs(300);
const SENT_AGAIN: u32 = 3;

/// For how long a document without a status is looked at that nobody asked to be sent. An
/// account that sends by itself does so within seconds (KSeF.md, "Jak długo trwa wysyłka do
/// KSeF?"); one that does not leaves the status empty for good, and the customer waits for
/// the mail meanwhile.
const MAY_BE_SENT: TimeDelta = TimeDelta::minutes(10);

/// Looks how far a document is and writes that down. It waits for as long as the document
/// is under way; what failed is sent again, and what is refused is for a person. What was
/// withheld until then follows from its end.
pub(super) async fn deliver_ksef_number(
    ports: &impl Ports,
    invoices: &impl Invoices,
    job: &Job,
    number: &KsefNumber,
) -> Attempt {
    let (store, env) = (ports.store(), ports.env());
    let followed = async {
        is_of_account(&number.account, invoices)?;
        let mut look = invoices.look_at_ksef(number.vendor_id).await.map_err(waiting)?;
        let faulty = !look.reasons.is_empty();
        if number.erased {
            look.reasons.clear();
        }
        let Some(ksef) = look.ksef.clone().or_else(|| (!number.unasked).then(requested)) else {
            return if faulty {
                Err(Failure::Refused { reason: reason(ReasonCode::KsefRefused, &look) })
            } else if env.now() - job.created_at < MAY_BE_SENT {
                Err(wait(reason(ReasonCode::KsefNotSent, &look)))
            } else {
                Ok(finished(number))
            };
        };
        note(store, job, number, &ksef).await?;
        match ksef.progress() {
            Progress::Ended => Ok(finished(number)),
            Progress::UnderWay => Err(wait(reason(ReasonCode::KsefUnderWay, &look))),
            // It was not sent for its faults, and would not be the next time.
            Progress::Failed if look.duplicate || (faulty && look.ksef.is_none()) => {
                Err(Failure::Refused { reason: reason(ReasonCode::KsefRefused, &look) })
            }
            Progress::Failed => Err(send_again(store, invoices, job, number, &look).await),
            Progress::Refused => Err(Failure::Refused { reason: reason(ReasonCode::KsefRefused, &look) }),
        }
    };
    attempt(store, env, job, followed).await
}

/// What was withheld is the customer's now. The mail is nobody's yet: a run takes it.
fn finished(number: &KsefNumber) -> Finished {
    let Some(Withheld { url, email }) = number.withheld.clone() else { return Finished::default() };
    let released = Released { kind: number.document, vendor_id: number.vendor_id, url, by_hand: None };
    Finished { released: Some(released), later: email.map(Payload::from).into_iter().collect(), ..Finished::default() }
}

/// Looks that found it failed count as attempts, so they tell how often it was sent again.
async fn send_again(
    store: &impl Documents,
    invoices: &impl Invoices,
    job: &Job,
    number: &KsefNumber,
    look: &Look,
) -> Failure {
    let sent_again = job.attempts.saturating_sub(1);
    let put_off = |reason: FailureReason, after| Failure::Later { reason, after: Some(after) };
    if sent_again == 0 {
        return put_off(reason(ReasonCode::KsefToBeSentAgain, look), BEFORE_SENDING_AGAIN);
    }
    if sent_again > SENT_AGAIN {
        return Failure::Refused { reason: reason(ReasonCode::KsefSentInVain, look) };
    }
    let wait = AFTER_SENDING_AGAIN * (1 << (sent_again - 1));
    match invoices.send_to_ksef(number.vendor_id).await {
        // If this is not written down, the next look writes what it sees.
        Ok(Look { ksef: Some(now), .. }) => drop(note(store, job, number, &now).await),
        Ok(_) => {}
        // It may have been sent: a look that came earlier might find it failed as before.
        Err(Failure::Later { reason, after } | Failure::Unknown { reason, after, .. }) => {
            return put_off(reason, after.unwrap_or_default().max(wait));
        }
        Err(failure) => return failure,
    }
    put_off(reason(ReasonCode::KsefSentAgain, look), wait)
}

async fn note(store: &impl Documents, job: &Job, number: &KsefNumber, ksef: &Ksef) -> Result<(), Failure> {
    store.set_ksef(job.enrolment_id, number, ksef).await.map_err(|error| wait(FailureReason::from(&error)))
}

fn requested() -> Ksef {
    Ksef { status: KsefStatus::requested(), number: None }
}

fn wait(reason: FailureReason) -> Failure {
    Failure::Waiting { reason, after: None }
}

/// A look that fails says nothing of the document.
fn waiting(failure: Failure) -> Failure {
    match failure {
        Failure::Later { reason, after } => Failure::Waiting { reason, after },
        other => other,
    }
}

fn reason(code: ReasonCode, Look { ksef, reasons, .. }: &Look) -> FailureReason {
    let status = ksef.as_ref().map_or("no status", |ksef| ksef.status.as_str());
    FailureReason { quoted: reasons.clone(), ..code.with(status) }
}

#[cfg(test)]
mod tests;
