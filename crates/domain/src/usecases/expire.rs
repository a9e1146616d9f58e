//! Ends what has ended: seats that were not paid in time, and enrolments whose course is over.

use crate::model::asked::Author;
use crate::model::seats::Claim;
use crate::model::window::Closed;
use crate::ports::{Clock, Enrolments, Schedule, Schedules, Seats, Settled};
use crate::{Enrolment, Error, Status, Unavailable};

/// The maximal number of enrolments that one transaction completes.
pub const BATCH: u32 = 1000;

/// The enrolment after the end of its course; `None` if it does not change.
#[must_use]
pub fn completed(enrolment: Enrolment) -> Option<Enrolment> {
    (enrolment.status == Status::Active).then_some(Enrolment { status: Status::Completed, ..enrolment })
}

/// Cancels the enrolments that were not paid in time, for the one who asks, if anybody does. Offers every free
/// seat to those who wait, and removes those who wait for a course that is over.
///
/// # Errors
///
/// When the database fails. What was done until then stays done.
pub async fn settle(store: &impl Seats, env: &impl Clock, by: Option<&Author>) -> Result<Settled, Unavailable> {
    let mut all = Settled::default();
    loop {
        let some = store.lapse(env.now(), by, BATCH).await?;
        if some.lapsed == 0 {
            break;
        }
        all += some;
    }
    let mut after = 0;
    loop {
        let courses = store.waited_for(after).await?;
        let Some((last, _)) = courses.last() else { return Ok(all) };
        after = last.get();
        let mut with_free_seats = Vec::new();
        for (course, standing) in courses {
            match standing.seats_for(Claim::Offer, env.now()) {
                Ok(_) => with_free_seats.push(course),
                Err(Error::CourseClosed(Closed::Over(_))) => store.clear(course).await?,
                Err(_) => {}
            }
        }
        all.offered += store.offer(&with_free_seats, env.now()).await?;
    }
}

/// Completes up to [`BATCH`] enrolments for the one who asks, if anybody does, and returns them. Fewer
/// than [`BATCH`] means that none is left: the run has ended, and this is stored.
///
/// # Errors
///
/// When the database fails. Enrolments of earlier batches stay completed.
pub async fn expire_batch(
    store: &(impl Enrolments + Schedules),
    env: &impl Clock,
    by: Option<&Author>,
) -> Result<Vec<Enrolment>, Unavailable> {
    let batch = store.complete_ended(env.now(), by, BATCH, completed).await?;
    if batch.len() < BATCH as usize {
        store.run_ended(Schedule::Expiry, env.now()).await?;
    }
    Ok(batch)
}

/// Settles the seats, then completes all enrolments whose course has ended, and returns their number.
///
/// # Errors
///
/// As for [`settle`] and [`expire_batch`].
pub async fn expire(store: &(impl Enrolments + Seats + Schedules), env: &impl Clock) -> Result<usize, Unavailable> {
    settle(store, env, None).await?;
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
