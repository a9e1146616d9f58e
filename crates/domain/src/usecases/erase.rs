//! Erases a user: replaces their id everywhere and removes texts about them.
//!
//! One random id replaces the user's id in all enrolments, so that they still belong to one
//! person. Mails that are not sent are withdrawn. An invoice or correction that is not issued yet
//! is still issued, because the law requires it: its job keeps the data that it needs until it is
//! done, and no mail is sent.
//!
//! The user is taken off every waiting list. A seat stays taken: what is not paid in time lapses, without a
//! mail.
//!
//! The erasure has several steps. Each step changes everything of an enrolment in one
//! transaction. After a crash the request can be repeated and continues. The remaining enrolments
//! then get another random id. This is no problem: each enrolment has one id, and the user has at
//! most one open enrolment in a course.

use crate::jobs::{Kind, Payload};
use crate::model::seats::Waiting;
use crate::ports::{Clock, ErasedJob, Erasure, Pseudonym, Random, Seats, WaitingFilter};
use crate::{Unavailable, UserId};

/// What happens to a job when its user is erased. `payload` is `None` if it cannot be read.
#[must_use]
pub fn after_erasure(kind: Kind, payload: Option<&Payload>) -> ErasedJob {
    if kind.is_withdrawn() {
        return ErasedJob::Withdrawn;
    }
    let Some(payload) = payload else { return ErasedJob::Emptied };
    let kept = payload.erased();
    if *payload == kept { ErasedJob::Unchanged } else { ErasedJob::Replaced(Box::new(kept)) }
}

/// Erases a user. For an unknown user it does nothing.
///
/// # Errors
///
/// When the database fails. What was erased until then stays erased, and a repeated request
/// continues.
pub async fn erase(
    store: &(impl Erasure + Seats),
    env: &(impl Clock + Random),
    user_id: &UserId,
) -> Result<(), Unavailable> {
    // First, so that no offer makes an enrolment behind the next step.
    loop {
        let entries = store.waiting(&WaitingFilter::OfUser(user_id.clone()), 0, 100).await?;
        for Waiting { id, .. } in &entries {
            store.leave(*id).await?;
        }
        if entries.is_empty() {
            break;
        }
    }
    let instead = UserId::erased(env.random(), env.random());
    let pseudonym = Pseudonym { of: user_id, instead, now: env.now() };
    let mut after = Some(0);
    while let Some(from) = after {
        let found = store.enrolments_of(user_id, from).await?;
        store.replace(&pseudonym, &found.enrolments, after_erasure).await?;
        after = found.next;
    }
    // Deleted enrolments have only events.
    let mut after = Some(0);
    while let Some(from) = after {
        let found = store.enrolments_with_events_of(user_id, from).await?;
        store.replace(&pseudonym, &found.enrolments, after_erasure).await?;
        after = found.next;
    }
    while store.forget_requests_of(user_id).await? {}
    Ok(())
}

#[cfg(test)]
mod tests;
