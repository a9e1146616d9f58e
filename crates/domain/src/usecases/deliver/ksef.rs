//! Waits for the KSeF number of a document.

use super::document::check_account;
use super::{Attempt, attempt};
use crate::jobs::outbox::Failure;
use crate::jobs::{Finished, Job, KsefNumber, Payload, Released, Withheld};
use crate::model::ksef::{Ksef, KsefStatus, Look, Progress};
use crate::model::reason::{FailureReason, ReasonCode};
use crate::ports::{Clock as _, Documents, Invoices, Ports};
use chrono::TimeDelta;
use std::time::Duration;

/// What the vendor recommends for a document whose sending failed (its description of May 2026):
/// look again after a minute, then send it again and wait for five minutes, at most three times
/// with growing waits.
const BEFORE_SENDING_AGAIN: Duration = Duration::from_secs(60);
const AFTER_SENDING_AGAIN: Duration = Duration::from_secs(300);
const MAX_SENT_AGAIN: u32 = 3;

/// How long a document without a status is watched if this service did not ask for its number. An
/// account that sends documents itself does so within seconds (KSeF.md, "Jak długo trwa wysyłka do
/// KSeF?"). Otherwise the status stays empty, and the customer waits for the mail.
const WATCHED_FOR: TimeDelta = TimeDelta::minutes(10);

/// Reads the state of a document at KSeF and stores it. The job waits while the document is being
/// processed. If sending failed, it is sent again. If it is refused, the job is dead. With the
/// number, the customer gets what was withheld.
pub(super) async fn deliver_ksef_number(
    ports: &impl Ports,
    invoices: &impl Invoices,
    job: &Job,
    number: &KsefNumber,
) -> Attempt {
    let (store, env) = (ports.store(), ports.env());
    let followed = async {
        check_account(&number.account, invoices)?;
        let mut look = invoices.look_at_ksef(number.vendor_id).await.map_err(waiting)?;
        let has_errors = !look.reasons.is_empty();
        if number.erased {
            look.reasons.clear();
        }
        let Some(ksef) = look.ksef.clone().or_else(|| (!number.unasked).then(requested)) else {
            return if has_errors {
                Err(Failure::Refused { reason: reason(ReasonCode::KsefRefused, &look) })
            } else if env.now() - job.created_at < WATCHED_FOR {
                Err(wait(reason(ReasonCode::KsefNotSent, &look)))
            } else {
                Ok(finished(job, number))
            };
        };
        note(store, job, number, &ksef).await?;
        match ksef.progress() {
            Progress::Ended => Ok(finished(job, number)),
            Progress::UnderWay => Err(wait(reason(ReasonCode::KsefUnderWay, &look))),
            // It was not sent because of its errors, and would not be sent the next time.
            Progress::Failed if look.duplicate || (has_errors && look.ksef.is_none()) => {
                Err(Failure::Refused { reason: reason(ReasonCode::KsefRefused, &look) })
            }
            Progress::Failed => Err(send_again(store, invoices, job, number, &look).await),
            Progress::Refused => Err(Failure::Refused { reason: reason(ReasonCode::KsefRefused, &look) }),
        }
    };
    attempt(store, env, job, followed).await
}

/// The customer gets what was withheld. A later run sends the mail.
fn finished(job: &Job, number: &KsefNumber) -> Finished {
    let Some(Withheld { url, email }) = number.withheld.clone() else { return Finished::default() };
    let (kind, chain_no, vendor_id) = (number.document, job.key.chain_no(), number.vendor_id);
    let released = Released { kind, chain_no, vendor_id, url, replaced_by: None };
    Finished { released: Some(released), later: email.map(Payload::from).into_iter().collect(), ..Finished::default() }
}

/// Sends the document again. Only looks that find a failure count as attempts, so `attempts` says
/// how often it was sent again.
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
    if sent_again > MAX_SENT_AGAIN {
        return Failure::Refused { reason: reason(ReasonCode::KsefSentInVain, look) };
    }
    let wait = AFTER_SENDING_AGAIN * (1 << (sent_again - 1));
    match invoices.send_to_ksef(number.vendor_id).await {
        // If this is not stored, the next look stores the state.
        Ok(Look { ksef: Some(now), .. }) => drop(note(store, job, number, &now).await),
        Ok(_) => {}
        // It may have been sent. An earlier look could still find the old failure.
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

/// A failed look says nothing about the document, so it is not an attempt.
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
