//! Idempotency keys: a repeated request with the same key gets the first answer again.
//!
//! A key is reserved before anything is looked up. The answer is stored in the transaction of the
//! change, so that a crash or a lost connection cannot separate the two.

use crate::jobs::Job;
use crate::model::idempotency::{Fingerprint, IdempotencyKey, KeyState, REMEMBERED, Reservation, is_final};
use crate::ports::{Clock, Enrolments, IdempotencyKeys, Random, new_lease};
use crate::{Enrolment, Error, Unavailable};

/// A request that succeeded, now or earlier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// The answer.
    pub enrolment: Enrolment,
    /// The jobs to deliver after the answer. The caller holds them. Empty if the request was executed
    /// earlier.
    pub jobs: Vec<Job>,
    /// Why the result of a job could not be stored before the answer, for the log. A run takes the job
    /// over when its lease ends.
    pub failure: Option<Unavailable>,
}

impl Done {
    /// The request was executed earlier.
    pub(crate) fn before(enrolment: Enrolment) -> Self {
        Self { enrolment, jobs: Vec::new(), failure: None }
    }
}

/// The result of [`begin`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Once<T> {
    /// This call executed the request. The stored answer is provisional until [`conclude`].
    Now(T, Option<Reservation>),
    /// An earlier call executed the request; this is its answer.
    Before(Enrolment),
}

/// Executes a request once per key; without a key, always. `work` stores its own success under the
/// reservation.
///
/// # Errors
///
/// The errors of `work`, now or the first time; [`Error::InProgress`];
/// [`Error::KeyReused`]; [`Error::DeletedSince`].
pub(crate) async fn once(
    store: &(impl IdempotencyKeys + Enrolments),
    env: &(impl Clock + Random),
    key: Option<(IdempotencyKey, Fingerprint)>,
    work: impl AsyncFnOnce(Option<&Reservation>) -> Result<(Enrolment, Vec<Job>), Error>,
) -> Result<Done, Error> {
    Ok(match begin(store, env, key, work).await? {
        Once::Now((enrolment, jobs), _) => Done { enrolment, jobs, failure: None },
        Once::Before(enrolment) => Done::before(enrolment),
    })
}

/// Like [`once`], but the answer is not complete yet: call [`conclude`] later.
///
/// # Errors
///
/// As for [`once`].
pub(crate) async fn begin<T>(
    store: &(impl IdempotencyKeys + Enrolments),
    env: &(impl Clock + Random),
    key: Option<(IdempotencyKey, Fingerprint)>,
    work: impl AsyncFnOnce(Option<&Reservation>) -> Result<T, Error>,
) -> Result<Once<T>, Error> {
    let Some((key, fingerprint)) = key else { return Ok(Once::Now(work(None).await?, None)) };
    let reservation = match store.begin(&key, &fingerprint, &new_lease(env).token, env.now()).await? {
        KeyState::Reserved(reservation) => reservation,
        KeyState::Answered(outcome) => return before(store, (*outcome)?).await.map(Once::Before),
        KeyState::InProgress => return Err(Error::InProgress),
        KeyState::KeyReused => return Err(Error::KeyReused),
    };
    match work(Some(&reservation)).await {
        Ok(made) => Ok(Once::Now(made, Some(reservation))),
        Err(error) if is_final(&error) => {
            store.conclude(&reservation, &Err(error.clone())).await?;
            Err(error)
        }
        Err(error) => {
            // If this fails too, the reservation ends by itself.
            let _ = store.abandon(&reservation).await;
            Err(error)
        }
    }
}

/// The first answer, unless the enrolment is deleted now.
async fn before(store: &impl Enrolments, enrolment: Enrolment) -> Result<Enrolment, Error> {
    match store.get_current(enrolment.id).await? {
        Some(_) => Ok(enrolment),
        None => Err(Error::DeletedSince),
    }
}

/// Replaces the provisional answer by the complete one. Returns whether the complete one may be
/// sent: a repeated request has to get the same answer, so one that is not stored is not sent.
pub(crate) async fn conclude(
    store: &impl IdempotencyKeys,
    reservation: Option<Reservation>,
    complete: &Enrolment,
) -> bool {
    match reservation {
        None => true,
        Some(reservation) => store.conclude(&reservation, &Ok(complete.clone())).await.unwrap_or(false),
    }
}

/// Removes a limited number of old keys.
///
/// # Errors
///
/// When the database fails.
pub async fn forget_old_keys(requests: &impl IdempotencyKeys, clock: &impl Clock) -> Result<(), Unavailable> {
    requests.prune(clock.now() - REMEMBERED).await
}

#[cfg(test)]
mod tests;
