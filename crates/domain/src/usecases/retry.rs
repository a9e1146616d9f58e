//! Retrying a delivery that an operator asks for.

use crate::Unavailable;
use crate::jobs::outbox::{Requeued, State};
use crate::jobs::{JobId, Target};
use crate::ports::{Parked, Retries, Retry};

/// What becomes of a job that an operator retries. An invoice that may have been issued is
/// still looked up first. Whether an email may be sent once more, the operator has decided.
#[must_use]
pub fn retried(job: &Parked) -> Retry {
    match job {
        Parked { state: State::Done, .. } => Retry::Done,
        Parked { held: true, .. } => Retry::Held,
        Parked { taken: true, .. } => Retry::AsItIs,
        Parked { kind, .. } => Retry::Due { keeps_doubt: kind.is_some_and(|kind| kind.target() == Target::Invoices) },
    }
}

/// Makes a job due now, unless a worker holds it.
///
/// # Errors
///
/// When the database does not answer as it should.
pub async fn retry(store: &impl Retries, id: JobId) -> Result<Requeued, Unavailable> {
    store.retry(id, retried).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fakes::{FakeStore, enrolment_email, purchase, start};
    use crate::jobs::outbox::FailedAttempt;
    use crate::jobs::{Kind, Payload};
    use crate::model::reason::ReasonCode;
    use futures::executor::block_on;

    fn dead(payload: Payload) -> FakeStore {
        let store = FakeStore::default();
        store.owe(1, payload);
        let mut outbox = store.outbox.borrow_mut();
        outbox[0].job.unknown_since = Some(start());
        outbox[0].job.attempts = 7;
        outbox[0].failed = Some(FailedAttempt::GivenUp { reason: ReasonCode::Timeout.into() });
        drop(outbox);
        store
    }

    #[test]
    fn a_dead_job_is_due_again_and_only_an_invoice_stays_in_doubt() {
        for (payload, state) in [(enrolment_email(), State::Due), (Payload::Invoice(purchase()), State::Unknown)] {
            let store = dead(payload);
            let Ok(Requeued::Due(job)) = block_on(retry(&store, JobId(1))) else { panic!("due") };
            assert_eq!((job.state, job.attempts, store.row(0).dead()), (state, 0, false));
        }
        assert_eq!(block_on(retry(&FakeStore::default(), JobId(1))), Ok(Requeued::NotFound));
    }

    #[test]
    fn what_is_done_or_taken_is_left_alone() {
        let parked = Parked { kind: Some(Kind::Invoice), state: State::Due, taken: false, held: false };
        let keeps_doubt = |kind| retried(&Parked { kind, ..parked }) == Retry::Due { keeps_doubt: true };
        assert!(keeps_doubt(Some(Kind::Correction)) && !keeps_doubt(Some(Kind::InvoiceData)) && !keeps_doubt(None));
        assert_eq!(retried(&Parked { taken: true, held: true, ..parked }), Retry::Held);
        assert_eq!(retried(&Parked { taken: true, ..parked }), Retry::AsItIs);
        for taken in [false, true] {
            assert_eq!(retried(&Parked { state: State::Done, taken, held: taken, ..parked }), Retry::Done);
        }
    }
}
