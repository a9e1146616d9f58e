//! Erasing a user: nothing that is kept says any more who it was.
//!
//! In the place of the user's id stands a random one, the same everywhere, so that what
//! was the user's stays one person's. Mails that were not sent are not owed any more. An
//! invoice or correction that is owed is issued first, as the law wants it: its job keeps
//! what that needs until it is done, and nobody is mailed then.
//!
//! It is done in steps that are whole by themselves: all that is of an enrolment changes
//! at once. After a crash it is asked for again and goes on; what is left then gets
//! another random id, which does no harm: no enrolment has two, and no two that are open
//! are in one course.

use crate::jobs::{Kind, Payload, Refund, Target};
use crate::model::note::MailTo;
use crate::ports::{Clock, Erasure, Pseudonym, Random, Remains};
use crate::{Unavailable, UserId};

/// What becomes of a job of a user who is erased; `payload` is none if it cannot be read.
#[must_use]
pub fn remains(kind: Kind, payload: Option<&Payload>) -> Remains {
    let kept = match payload {
        _ if kind.target() == Target::Mail || kind == Kind::MailData => return Remains::Ended,
        None => return Remains::Emptied,
        Some(Payload::Invoice(purchase)) => {
            let mut purchase = purchase.clone();
            purchase.erased = true;
            Payload::Invoice(purchase)
        }
        // Only the id says who it was that paid: without it no invoice could be issued.
        Some(Payload::InvoiceData(unbilled)) => {
            let mut unbilled = unbilled.clone();
            unbilled.erased = true;
            Payload::InvoiceData(unbilled)
        }
        Some(Payload::Correction(refund)) => {
            Payload::Correction(Refund { mail_to: MailTo::Nobody, reason: None, ..refund.clone() })
        }
        Some(Payload::KsefNumber(number)) => Payload::KsefNumber(number.erased()),
        Some(_) => return Remains::Same,
    };
    if payload == Some(&kept) { Remains::Same } else { Remains::Kept(Box::new(kept)) }
}

/// Erases a user; one of whom nothing is known already is.
///
/// # Errors
///
/// When the database does not answer as it should. What was done by then is; asked again,
/// it goes on.
pub async fn erase(store: &impl Erasure, env: &(impl Clock + Random), user_id: &UserId) -> Result<(), Unavailable> {
    let instead = UserId::erased(env.random(), env.random());
    let pseudonym = Pseudonym { of: user_id, instead, now: env.now() };
    let mut after = Some(0);
    while let Some(from) = after {
        let found = store.enrolments_of(user_id, from).await?;
        store.replace(&pseudonym, &found.enrolments, remains).await?;
        after = found.next;
    }
    // Of those that are deleted.
    let mut after = Some(0);
    while let Some(from) = after {
        let found = store.enrolments_with_events_of(user_id, from).await?;
        store.replace(&pseudonym, &found.enrolments, remains).await?;
        after = found.next;
    }
    while store.forget_requests_of(user_id).await? {}
    Ok(())
}

#[cfg(test)]
mod tests;
