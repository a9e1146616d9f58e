//! Completing enrolments whose course has ended.

use crate::ports::{Clock, Enrolments};
use crate::{Enrolment, Status, Unavailable};

/// How many enrolments are completed in one transaction.
pub const BATCH: u32 = 1000;

/// What becomes of an enrolment whose course has ended, if anything does.
#[must_use]
pub fn completed(enrolment: Enrolment) -> Option<Enrolment> {
    (enrolment.status == Status::Active).then_some(Enrolment { status: Status::Completed, ..enrolment })
}

/// Completes the next [`BATCH`] at most of what has ended and gives those that
/// this call completed. Fewer than [`BATCH`] means that nothing is left.
///
/// # Errors
///
/// When the database does not answer as it should; what earlier batches
/// completed stays so.
pub async fn expire_batch(store: &impl Enrolments, env: &impl Clock) -> Result<Vec<Enrolment>, Unavailable> {
    store.complete_ended(env.now(), BATCH, completed).await
}

/// Completes all that has ended and gives how many that were.
///
/// # Errors
///
/// As for [`expire_batch`].
pub async fn expire(store: &impl Enrolments, env: &impl Clock) -> Result<usize, Unavailable> {
    let mut completed = 0;
    loop {
        let batch = expire_batch(store, env).await?;
        completed += batch.len();
        if batch.len() < BATCH as usize {
            return Ok(completed);
        }
    }
}

#[cfg(test)]
mod tests;
