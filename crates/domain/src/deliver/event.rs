//! Telling the platform of an event.

use super::attempt;
use crate::Unavailable;
use crate::job::{Delivery, Finished, Job, Notification};
use crate::outbox::{AttemptOutcome, Failure, State};
use crate::ports::{Clock, EventQueue, Outbox, Random, Webhooks};

/// Why an event is dead after which no more are sent until a person retries it.
pub const GONE: &str = "the receiver says that it is gone (410): no more events are sent";

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
            return Err(Failure::Refused { reason: "not an event".to_owned() });
        };
        let unreadable = |error: Unavailable| {
            let reason = format!("the event could not be looked up: {}", error.cause);
            Failure::Later { reason, after: None }
        };
        if let Some(earlier) = store.earlier_owed(job.enrolment_id, event_id).await.map_err(unreadable)? {
            let reason = match earlier {
                State::Dead => "an earlier event of the enrolment is dead: it is to be retried or resolved first",
                State::Due | State::Unknown | State::Done => "an earlier event of the enrolment is not delivered yet",
            };
            return Err(Failure::Waiting { reason: reason.to_owned(), after: None });
        }
        // One that was pruned is nobody's news any more.
        if let Some(event) = store.event(event_id).await.map_err(unreadable)? {
            webhooks.post(&event).await.inspect_err(|failure| gone = failure.reason() == GONE)?;
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
