//! Deletes an enrolment.

use crate::jobs::Kind;
use crate::model::asked::Author;
use crate::ports::change::{Change, Record, Transition, if_still};
use crate::ports::{Answer, Clock, Commit, Enrolments, Random};
use crate::usecases::find::find_current;
use crate::{EnrolmentId, Error};

/// The transition to deleted. It withdraws a confirmation that is not sent yet. Jobs for a payment
/// stay.
///
/// # Errors
///
/// None: an enrolment can be deleted in every state.
pub fn removed(_: &Record) -> Transition {
    Ok(Change::deletion().withdrawing(&[Kind::EnrolmentEmail]))
}

/// Deletes an enrolment.
///
/// # Errors
///
/// [`Error::NotFound`], or [`Error::Unavailable`] for the database.
pub async fn remove(
    store: &impl Enrolments,
    env: &(impl Clock + Random),
    id: EnrolmentId,
    by: Option<&Author>,
) -> Result<(), Error> {
    let enrolment = find_current(store, id).await?;
    let commit = Commit::new(env, env.now(), (None, by), Answer::Final).of_seats(enrolment.course_id);
    store.change(id, &commit, if_still(&enrolment, removed)).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fakes::{Env, FakeStore, enrolment_email, purchase};
    use crate::jobs::Payload;
    use crate::{PaymentStatus, Status};
    use futures::executor::block_on;

    #[test]
    fn only_the_confirmation_is_withdrawn() {
        let store = FakeStore::default();
        let id = store.add(Status::Active, PaymentStatus::Paid);
        store.enqueue(1, enrolment_email());
        store.enqueue(1, Payload::Invoice(purchase()));
        store.enqueue(2, enrolment_email());
        block_on(remove(&store, &Env::new(), id, None)).unwrap();
        assert!(store.enrolments.borrow().is_empty());
        assert_eq!(store.jobs(), [(1, Kind::Invoice), (2, Kind::EnrolmentEmail)]);
        assert_eq!(block_on(remove(&store, &Env::new(), id, None)), Err(Error::NotFound));
    }
}
