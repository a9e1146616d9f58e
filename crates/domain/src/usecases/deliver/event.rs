//! Delivers the webhook of an event.

use super::{Attempt, attempt};
use crate::Unavailable;
use crate::jobs::outbox::{AttemptOutcome, Failure, State};
use crate::jobs::{Finished, Job, Notification};
use crate::model::reason::{FailureReason, ReasonCode};
use crate::ports::{Clock as _, EventQueue as _, Ports, Webhooks};

/// Posts an event. The next one of the same enrolment waits for it.
pub(super) async fn deliver_event(
    ports: &impl Ports,
    webhooks: &impl Webhooks,
    job: &Job,
    Notification { event_id }: Notification,
) -> Attempt {
    let (store, env) = (ports.store(), ports.env());
    let mut gone = false;
    let posted = async {
        let unreadable = |error: Unavailable| Failure::Later { reason: FailureReason::from(&error), after: None };
        if let Some(earlier) = store.earlier_undelivered(job.enrolment_id, event_id).await.map_err(unreadable)? {
            let reason = match earlier {
                State::Dead => ReasonCode::EarlierEventDead,
                State::Due | State::Unknown | State::Done => ReasonCode::EarlierEventDue,
            };
            return Err(Failure::Waiting { reason: reason.into(), after: None });
        }
        // A pruned event is not delivered.
        if let Some(webhook) = store.webhook(event_id).await.map_err(unreadable)? {
            webhooks
                .post(&webhook)
                .await
                .inspect_err(|failure| gone = failure.reason().code == ReasonCode::ReceiverGone)?;
        }
        Ok(Finished::default())
    };
    let (outcome, delivered) = attempt(store, env, job, posted).await?;
    if outcome == AttemptOutcome::Delivered {
        // If this fails, the next event only waits longer.
        let _ = store.wake_next_event(job.enrolment_id, env.now()).await;
    }
    let outcome = if gone && outcome == AttemptOutcome::GivenUp { AttemptOutcome::Gone } else { outcome };
    Ok((outcome, delivered))
}
