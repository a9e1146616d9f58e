//! Telling the platform of an event.

use super::attempt;
use crate::Unavailable;
use crate::job::{Delivery, Finished, Job, Notification};
use crate::outbox::{AttemptOutcome, Failure, State};
use crate::ports::{Clock, EventQueue, Outbox, Random, Webhooks};
use crate::reason::{FailureReason, ReasonCode};

/// Posts an event. The next one of the same enrolment waits for it.
///
/// # Errors
///
/// When the database takes nothing at all for this job; the lease then runs out.
pub async fn deliver_event(
    store: &(impl Outbox + EventQueue),
    webhooks: &impl Webhooks,
    env: &(impl Clock + Random),
    job: &Job,
) -> Result<AttemptOutcome, Unavailable> {
    let mut gone = false;
    let told = async {
        let Delivery::Event(Notification { event_id }) = job.payload.delivery() else {
            return Err(Failure::Refused { reason: ReasonCode::WrongSystem.into() });
        };
        let unreadable = |error: Unavailable| Failure::Later { reason: FailureReason::from(&error), after: None };
        if let Some(earlier) = store.earlier_owed(job.enrolment_id, event_id).await.map_err(unreadable)? {
            let reason = match earlier {
                State::Dead => ReasonCode::EarlierEventDead,
                State::Due | State::Unknown | State::Done => ReasonCode::EarlierEventDue,
            };
            return Err(Failure::Waiting { reason: reason.into(), after: None });
        }
        // A pruned event is not delivered.
        if let Some(event) = store.event(event_id).await.map_err(unreadable)? {
            webhooks
                .post(&event)
                .await
                .inspect_err(|failure| gone = failure.reason().code == ReasonCode::ReceiverGone)?;
        }
        Ok(Finished::default())
    };
    let (outcome, _) = attempt(store, env, job, told).await?;
    if outcome == AttemptOutcome::Delivered {
        // If this fails, they wait a little longer.
        let _ = store.end_waits(job.enrolment_id, env.now()).await;
    }
    Ok(if gone && outcome == AttemptOutcome::GivenUp { AttemptOutcome::Gone } else { outcome })
}
