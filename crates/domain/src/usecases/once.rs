//! Requests that may be repeated: the same key and the same request get the
//! first answer again.
//!
//! A key is reserved before anything is looked up. What came of the request is
//! written in the transaction of the change itself, so that neither a crash nor
//! a lost connection can separate the two.

use crate::jobs::Job;
use crate::model::idempotency::{Begun, Fingerprint, IdempotencyKey, REMEMBERED, Reservation, is_final};
use crate::ports::{Clock, Enrolments, IdempotencyKeys, Random, new_lease};
use crate::{Enrolment, Error, Unavailable};

/// A request that succeeded, now or before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// What is answered.
    pub enrolment: Enrolment,
    /// The jobs that are to be delivered after the answer; the caller holds them. None where
    /// the request was carried out before.
    pub jobs: Vec<Job>,
    /// Why a job could be neither delivered nor put off before the answer, for the log: it is
    /// taken over when its lease has run out.
    pub failure: Option<Unavailable>,
}

impl Done {
    /// Carried out before.
    pub(crate) fn before(enrolment: Enrolment) -> Self {
        Self { enrolment, jobs: Vec::new(), failure: None }
    }
}

/// How a request went of which more is to be done before the answer is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Once<T> {
    /// Carried out by this call. The answer is kept under the reservation; it is provisional
    /// until [`conclude`].
    Now(T, Option<Reservation>),
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

/// The same where the answer is not whole yet: it is [`conclude`]d later.
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
        Begun::Reserved(reservation) => reservation,
        Begun::Answered(outcome) => return before(store, (*outcome)?).await.map(Once::Before),
        Begun::InProgress => return Err(Error::InProgress),
        Begun::KeyReused => return Err(Error::KeyReused),
    };
    match work(Some(&reservation)).await {
        Ok(made) => Ok(Once::Now(made, Some(reservation))),
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
async fn before(store: &impl Enrolments, enrolment: Enrolment) -> Result<Enrolment, Error> {
    match store.get_current(enrolment.id).await? {
        Some(_) => Ok(enrolment),
        None => Err(Error::DeletedSince),
    }
}

/// Keeps the whole answer in the place of the provisional one. Whether it may be given: a
/// repeated request gets the same answer, so one that cannot be kept is not given.
pub(crate) async fn conclude(
    store: &impl IdempotencyKeys,
    reservation: Option<Reservation>,
    whole: &Enrolment,
) -> bool {
    match reservation {
        None => true,
        Some(reservation) => store.conclude(&reservation, &Ok(whole.clone())).await.unwrap_or(false),
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
