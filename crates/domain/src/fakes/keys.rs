//! The idempotency keys.

use super::{FakeStore, payment, start};
use crate::model::idempotency::{Fingerprint, IdempotencyKey, KeyState, Outcome, RESERVED, Reservation};
use crate::ports::{Answer, Commit, IdempotencyKeys};
use crate::{Enrolment, System, Unavailable};
use chrono::{DateTime, Utc};
use futures::executor::block_on;

/// A row of the idempotency keys in [`FakeStore`].
#[derive(Clone, Debug)]
pub(crate) struct Key {
    reservation: Reservation,
    fingerprint: Fingerprint,
    since: DateTime<Utc>,
    outcome: Option<Outcome>,
    concluded: bool,
}

impl FakeStore {
    /// The state of the key for a request at [`start`](super::start).
    pub(crate) fn begun(&self) -> KeyState {
        self.begun_at(start())
    }

    /// The state of the key for a request at this time.
    pub(crate) fn begun_at(&self, now: DateTime<Utc>) -> KeyState {
        let (key, fingerprint) = (IdempotencyKey::new("k").unwrap(), Fingerprint::to_pay(&payment(1)));
        block_on(self.begin(&key, &fingerprint, "token", now)).unwrap()
    }

    pub(crate) fn reserve(&self) -> Reservation {
        let KeyState::Reserved(reservation) = self.begun() else { panic!("reserved before") };
        reservation
    }

    /// Fails if the reservation was lost.
    pub(super) fn check_reserved(&self, reservation: Option<&Reservation>) -> Result<(), Unavailable> {
        let keys = self.keys.borrow();
        let held = |reservation: &Reservation| keys.iter().any(|k| k.reservation == *reservation && !k.concluded);
        if reservation.is_none_or(held) { Ok(()) } else { Err(Unavailable::new(System::Database, "taken over")) }
    }

    /// Stores the answer.
    pub(super) fn answer(&self, commit: &Commit<'_>, enrolment: &Enrolment) {
        let mut keys = self.keys.borrow_mut();
        for key in keys.iter_mut().filter(|key| Some(&key.reservation) == commit.reservation) {
            (key.outcome, key.concluded) = (Some(Ok(enrolment.clone())), commit.answer == Answer::Final);
        }
    }
}

impl IdempotencyKeys for FakeStore {
    async fn begin(
        &self,
        key: &IdempotencyKey,
        fingerprint: &Fingerprint,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<KeyState, Unavailable> {
        self.check()?;
        let reservation = Reservation { key: key.clone(), token: token.to_owned() };
        let mut keys = self.keys.borrow_mut();
        let Some(found) = keys.iter_mut().find(|found| found.reservation.key == *key) else {
            let new = Key {
                reservation: reservation.clone(),
                fingerprint: fingerprint.clone(),
                since: now,
                outcome: None,
                concluded: false,
            };
            keys.push(new);
            return Ok(KeyState::Reserved(reservation));
        };
        if found.fingerprint != *fingerprint {
            return Ok(KeyState::KeyReused);
        }
        if !found.concluded && now < found.since + RESERVED {
            return Ok(KeyState::InProgress);
        }
        Ok(match &found.outcome {
            Some(outcome) => {
                found.concluded = true;
                KeyState::Answered(Box::new(outcome.clone()))
            }
            None => {
                (found.reservation, found.since) = (reservation.clone(), now);
                KeyState::Reserved(reservation)
            }
        })
    }

    async fn conclude(&self, reservation: &Reservation, outcome: &Outcome) -> Result<bool, Unavailable> {
        self.check()?;
        let mut keys = self.keys.borrow_mut();
        let held = keys.iter_mut().find(|key| key.reservation == *reservation && !key.concluded);
        Ok(held.map(|key| (key.outcome, key.concluded) = (Some(outcome.clone()), true)).is_some())
    }

    async fn abandon(&self, reservation: &Reservation) -> Result<(), Unavailable> {
        self.check()?;
        self.keys.borrow_mut().retain(|key| key.reservation != *reservation || key.outcome.is_some());
        Ok(())
    }

    async fn prune(&self, before: DateTime<Utc>) -> Result<(), Unavailable> {
        self.check()?;
        self.keys.borrow_mut().retain(|key| key.since >= before);
        Ok(())
    }
}
