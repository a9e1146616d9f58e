//! Retries a job for an operator.

use crate::Unavailable;
use crate::jobs::outbox::{DeadJobs, RetryResult, State};
use crate::jobs::{JobId, Kind, Target};
use crate::ports::{JobToRetry, Retries, Retry};

/// What the retry of a job writes. An unknown invoice is still looked up first. An unknown email is
/// sent again, because the operator decided so.
#[must_use]
pub fn retried(job: &JobToRetry) -> Retry {
    match job {
        JobToRetry { state: State::Done, .. } => Retry::Done,
        JobToRetry { held: true, .. } => Retry::Held,
        JobToRetry { taken: true, .. } => Retry::Unchanged,
        JobToRetry { kind, .. } => Retry::Due { stays_unknown: kind.is_some_and(stays_unknown) },
    }
}

/// Whether a job of this kind is looked up first, if it was delivered perhaps.
fn stays_unknown(kind: Kind) -> bool {
    kind.target() == Target::Invoices
}

/// Makes a job due now, unless a worker holds it.
///
/// # Errors
///
/// When the database fails.
pub async fn retry(store: &impl Retries, id: JobId) -> Result<RetryResult, Unavailable> {
    store.retry(id, retried).await
}

/// Makes all dead jobs of a kind due now, or those with one reason. Returns how many.
///
/// # Errors
///
/// When the database fails.
pub async fn retry_dead(store: &impl Retries, jobs: &DeadJobs) -> Result<u64, Unavailable> {
    store.retry_dead(jobs, stays_unknown(jobs.kind)).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fakes::{FakeStore, enrolment_email, purchase, start};
    use crate::jobs::Payload;
    use crate::jobs::outbox::FailedAttempt;
    use crate::model::reason::ReasonCode;
    use futures::executor::block_on;

    fn dead(payload: Payload) -> FakeStore {
        let store = FakeStore::default();
        store.enqueue(1, payload);
        let mut outbox = store.outbox.borrow_mut();
        outbox[0].job.unknown_since = Some(start());
        outbox[0].job.attempts = 7;
        outbox[0].failed = Some(FailedAttempt::GivenUp { reason: ReasonCode::Timeout.into() });
        drop(outbox);
        store
    }

    #[test]
    fn a_dead_job_is_due_again_and_only_an_invoice_stays_unknown() {
        for (payload, state) in [(enrolment_email(), State::Due), (Payload::Invoice(purchase()), State::Unknown)] {
            let store = dead(payload);
            let Ok(RetryResult::Due(job)) = block_on(retry(&store, JobId(1))) else { panic!("due") };
            assert_eq!((job.state, job.attempts, store.row(0).dead()), (state, 0, false));
        }
        assert_eq!(block_on(retry(&FakeStore::default(), JobId(1))), Ok(RetryResult::NotFound));
    }

    #[test]
    fn dead_jobs_are_due_by_kind_and_reason() {
        for (payload, state) in [(enrolment_email(), State::Due), (Payload::Invoice(purchase()), State::Unknown)] {
            let kind = payload.kind();
            let store = dead(payload);
            let of = |kind, reason| block_on(retry_dead(&store, &DeadJobs { kind, reason }));
            assert_eq!(of(Kind::Correction, None), Ok(0));
            assert_eq!(of(kind, Some(ReasonCode::Unreachable)), Ok(0));
            assert!(store.row(0).dead());
            assert_eq!(of(kind, Some(ReasonCode::Timeout)), Ok(1));
            assert_eq!(of(kind, None), Ok(0));
            let job = store.row(0).job;
            assert_eq!((job.attempts, job.unknown_since.is_some()), (0, state == State::Unknown));
        }
    }

    #[test]
    fn a_done_or_taken_job_is_not_changed() {
        let parked = JobToRetry { kind: Some(Kind::Invoice), state: State::Due, taken: false, held: false };
        let stays_unknown = |kind| retried(&JobToRetry { kind, ..parked }) == Retry::Due { stays_unknown: true };
        assert!(
            stays_unknown(Some(Kind::Correction)) && !stays_unknown(Some(Kind::InvoiceData)) && !stays_unknown(None)
        );
        assert_eq!(retried(&JobToRetry { taken: true, held: true, ..parked }), Retry::Held);
        assert_eq!(retried(&JobToRetry { taken: true, ..parked }), Retry::Unchanged);
        for taken in [false, true] {
            assert_eq!(retried(&JobToRetry { state: State::Done, taken, held: taken, ..parked }), Retry::Done);
        }
    }
}
