//! Telling the platform of an event.

use super::{TAKEN_OVER, check_attempts, expired, not_written, record_failure};
use crate::Unavailable;
use crate::job::{Delivery, Finished, Job, Notification};
use crate::outbox::{AttemptOutcome, Failure};
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
    if expired(job, env) {
        return Ok(TAKEN_OVER);
    }
    let delivered = async {
        check_attempts(job)?;
        let Delivery::Event(Notification { event_id }) = job.payload.delivery() else {
            return Err(Failure::Refused { reason: "not an event".to_owned() });
        };
        let unreadable = |error: Unavailable| {
            let reason = format!("the event could not be looked up: {}", error.cause);
            Failure::Later { reason, after: None, whole_system: false }
        };
        if store.is_earlier_owed(job.enrolment_id, event_id).await.map_err(unreadable)? {
            let reason = "an earlier event of the enrolment is not delivered yet".to_owned();
            return Err(Failure::Waiting { reason, whole_system: false });
        }
        // One that was pruned is nobody's news any more.
        if let Some(event) = store.event(event_id).await.map_err(unreadable)? {
            webhooks.post(&event).await?;
        }
        store.finish(job, &Finished::default(), env.now()).await.map_err(not_written)?;
        // If this fails, they wait a little longer.
        let _ = store.end_waits(job.enrolment_id, env.now()).await;
        Ok(())
    };
    match delivered.await {
        Ok(()) => Ok(AttemptOutcome::Delivered),
        Err(failure) => {
            let gone = failure.reason() == GONE;
            let outcome = record_failure(store, env, job, failure).await?;
            // The others stay as long due as they were.
            Ok(if gone { AttemptOutcome::PutOff { whole_system: true } } else { outcome })
        }
    }
}
