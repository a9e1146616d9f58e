//! Completes enrolments whose course has ended.

use crate::model::asked::Author;
use crate::ports::{Clock, Enrolments};
use crate::{Enrolment, Status, Unavailable};

/// The maximal number of enrolments that one transaction completes.
pub const BATCH: u32 = 1000;

/// The enrolment after the end of its course; `None` if it does not change.
#[must_use]
pub fn completed(enrolment: Enrolment) -> Option<Enrolment> {
    (enrolment.status == Status::Active).then_some(Enrolment { status: Status::Completed, ..enrolment })
}

/// Completes up to [`BATCH`] enrolments for the one who asks, if anybody does, and returns them. Fewer
/// than [`BATCH`] means that none is left.
///
/// # Errors
///
/// When the database fails. Enrolments of earlier batches stay completed.
pub async fn expire_batch(
    store: &impl Enrolments,
    env: &impl Clock,
    by: Option<&Author>,
) -> Result<Vec<Enrolment>, Unavailable> {
    store.complete_ended(env.now(), by, BATCH, completed).await
}

/// Completes all enrolments whose course has ended, and returns their number.
///
/// # Errors
///
/// As for [`expire_batch`].
pub async fn expire(store: &impl Enrolments, env: &impl Clock) -> Result<usize, Unavailable> {
    let mut completed = 0;
    loop {
        let batch = expire_batch(store, env, None).await?;
        completed += batch.len();
        if batch.len() < BATCH as usize {
            return Ok(completed);
        }
    }
}

#[cfg(test)]
mod tests;
