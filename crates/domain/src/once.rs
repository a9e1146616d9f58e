//! Requests that may be repeated: the same key and the same request get the
//! first answer again.
//!
//! A key is reserved before anything is looked up. What came of the request is
//! written in the transaction of the change itself, so that neither a crash nor
//! a lost connection can separate the two.

use crate::idempotency::{Begun, Fingerprint, IdempotencyKey, REMEMBERED, Reservation, is_final};
use crate::job::Job;
use crate::ports::{Clock, Enrolments, IdempotencyKeys, Random, new_lease};
use crate::{Enrolment, Error, Unavailable};

/// What came of a request that succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// Carried out by this call; the caller holds the jobs.
    Now {
        /// As it is after the change.
        enrolment: Enrolment,
        /// What is owed for it.
        jobs: Vec<Job>,
        /// To conclude the request under.
        reservation: Option<Reservation>,
    },
    /// Carried out before, and answered with this.
    Before(Enrolment),
}

/// Carries a request out at most once under its key; without a key, just
/// carries it out. `work` writes its success down under the reservation itself.
///
/// # Errors
///
/// Those of `work`, now or the first time; [`Error::InProgress`];
/// [`Error::KeyReused`]; [`Error::DeletedSince`].
pub async fn once(
    store: &(impl IdempotencyKeys + Enrolments),
    env: &(impl Clock + Random),
    key: Option<(IdempotencyKey, Fingerprint)>,
    work: impl AsyncFnOnce(Option<&Reservation>) -> Result<(Enrolment, Vec<Job>), Error>,
) -> Result<Done, Error> {
    let Some((key, fingerprint)) = key else {
        let (enrolment, jobs) = work(None).await?;
        return Ok(Done::Now { enrolment, jobs, reservation: None });
    };
    let reservation = match store.begin(&key, &fingerprint, &new_lease(env).token, env.now()).await? {
        Begun::Reserved(reservation) => reservation,
        Begun::Answered(outcome) => return before(store, (*outcome)?).await,
        Begun::InProgress => return Err(Error::InProgress),
        Begun::KeyReused => return Err(Error::KeyReused),
    };
    match work(Some(&reservation)).await {
        Ok((enrolment, jobs)) => Ok(Done::Now { enrolment, jobs, reservation: Some(reservation) }),
        Err(error) if is_final(&error) => {
            store.conclude(&reservation, &Err(error.clone())).await?;
            Err(error)
        }
        Err(error) => {
            // If this fails as well, the reservation runs out.
            let _ = store.abandon(&reservation).await;
            Err(error)
        }
    }
}

/// The first answer again, unless what it tells of is no longer there.
async fn before(store: &impl Enrolments, enrolment: Enrolment) -> Result<Done, Error> {
    match store.get_current(enrolment.id).await? {
        Some(_) => Ok(Done::Before(enrolment)),
        None => Err(Error::DeletedSince),
    }
}

/// Forgets keys that were remembered long enough, a bounded number of them.
///
/// # Errors
///
/// When the database does not answer as it should.
pub async fn forget_old_keys(requests: &impl IdempotencyKeys, clock: &impl Clock) -> Result<(), Unavailable> {
    requests.prune(clock.now() - REMEMBERED).await
}

#[cfg(test)]
mod tests;
