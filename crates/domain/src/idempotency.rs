//! IdempotencyKeys that may be repeated: the same key and the same request get the
//! first answer again.
//!
//! A key is reserved before anything is looked up. What came of the request is
//! written in the transaction of the change itself, so that neither a crash nor
//! a lost connection can separate the two.

use crate::job::Job;
use crate::ports::{Clock, Enrolments, IdempotencyKeys, Random, new_lease};
use crate::{CourseId, Enrolment, EnrolmentId, Error, Unavailable, UserId};
use chrono::TimeDelta;
use std::time::Duration;

/// For how long a key stands for its first request.
pub const REMEMBERED: TimeDelta = TimeDelta::hours(24);

/// For how long a request may hold its key without an answer: longer than any
/// request takes. After that, whoever repeats it carries it out.
pub const RESERVED: Duration = Duration::from_secs(15);

/// A key that a caller made up for a request: 1 to 255 visible characters of ASCII.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The most characters a key has.
    pub const MAX_CHARS: usize = 255;

    /// Checks `text`; none if it is no key.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        (visible && (1..=Self::MAX_CHARS).contains(&text.len())).then(|| Self(text.to_owned()))
    }

    /// The key as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a key stands for: which request with which content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// To enrol a user in a course.
    #[must_use]
    pub fn to_enrol(user_id: &UserId, course_id: CourseId) -> Self {
        Self(format!("enrol {course_id} {}", user_id.as_str()))
    }

    /// To record a payment, by a caller who may have named the user.
    #[must_use]
    pub fn to_pay(id: EnrolmentId, user_id: Option<&UserId>) -> Self {
        Self(user_id.map_or_else(|| format!("pay {id}"), |user| format!("pay {id} {}", user.as_str())))
    }

    /// The whole of it as one text; two requests are the same if their texts are.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The right to carry a request out and to write down what came of it. Like a
/// lease, it fits only as long as nobody else has taken the request over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// The key.
    pub key: IdempotencyKey,
    /// Random; whoever writes names it.
    pub token: String,
}

/// What came of a request: the enrolment as it was answered, or one of the
/// errors for which [`is_final`] holds.
pub type Outcome = Result<Enrolment, Error>;

/// What a key says about a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// Nothing so far: carry it out.
    Reserved(Reservation),
    /// It was carried out.
    Answered(Box<Outcome>),
    /// It is being carried out.
    InProgress,
    /// The key stands for another request.
    KeyReused,
}

/// Whether the same request would get the same error again, so that it is kept
/// as the answer. What a caller or an outside system may put right is not.
#[must_use]
pub fn is_final(error: &Error) -> bool {
    matches!(error, Error::NotFound | Error::AlreadyEnrolled | Error::AlreadyPaid | Error::Canceled)
}

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
    match store.get(enrolment.id).await? {
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
