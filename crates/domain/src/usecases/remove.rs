//! Deleting an enrolment.

use crate::jobs::Kind;
use crate::ports::change::{Change, Record, Transition};
use crate::ports::{Answer, Clock, Commit, Enrolments, Random};
use crate::{EnrolmentId, Error};

/// The transition: gone, and so is the confirmation that was not sent yet. What is
/// owed for a payment stays owed.
///
/// # Errors
///
/// None: whatever its state, it can be deleted.
pub fn removed(_: &Record) -> Transition {
    Ok(Change::deletion().without(&[Kind::EnrolmentEmail]))
}

/// Deletes an enrolment for good.
///
/// # Errors
///
/// [`Error::NotFound`], or [`Error::Unavailable`] for the database.
pub async fn remove(store: &impl Enrolments, env: &(impl Clock + Random), id: EnrolmentId) -> Result<(), Error> {
    store.change(id, &Commit::new(env, env.now(), None, Answer::Final), removed).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fakes::{Env, FakeStore, enrolment_email, purchase};
    use crate::jobs::Payload;
    use crate::{PaymentStatus, Status};
    use futures::executor::block_on;

    #[test]
    fn takes_the_confirmation_back_and_nothing_else() {
        let store = FakeStore::default();
        let id = store.add(Status::Active, PaymentStatus::Paid);
        store.owe(1, enrolment_email());
        store.owe(1, Payload::Invoice(purchase()));
        store.owe(2, enrolment_email());
        block_on(remove(&store, &Env::new(), id)).unwrap();
        assert!(store.enrolments.borrow().is_empty());
        assert_eq!(store.jobs(), [(1, Kind::Invoice), (2, Kind::EnrolmentEmail)]);
        assert_eq!(block_on(remove(&store, &Env::new(), id)), Err(Error::NotFound));
    }
}
