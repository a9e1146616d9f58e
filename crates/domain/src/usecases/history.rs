//! What happened to an enrolment, and what people settled for it.

use crate::model::event::Event;
use crate::model::resolution::Resolved;
use crate::ports::{Enrolments, Events, Resolutions};
use crate::{EnrolmentId, Error};

/// Both, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// What happened.
    pub events: Vec<Event>,
    /// What was settled by hand.
    pub resolutions: Vec<Resolved>,
}

/// The history of an enrolment, if it is or was that user's or no user is named; after it
/// was deleted as well.
///
/// # Errors
///
/// [`Error::NotFound`] where nothing is known of it, and for another user's;
/// [`Error::Unavailable`] for the database.
pub async fn history(
    store: &(impl Events + Enrolments + Resolutions),
    id: EnrolmentId,
    user_id: Option<&str>,
) -> Result<History, Error> {
    let history = History { events: store.history(id).await?, resolutions: store.resolutions(id).await? };
    let owner = match history.events.last() {
        Some(event) => Some(event.enrolment.user_id.clone()),
        // From before there were events, or they are not kept any more.
        None => store.get(id).await?.map(|enrolment| enrolment.user_id),
    };
    let known = owner.is_some() || !history.resolutions.is_empty();
    let others = user_id.is_some_and(|user_id| owner.is_none_or(|owner| owner.as_str() != user_id));
    if known && !others { Ok(history) } else { Err(Error::NotFound) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fakes::{Env, FakeStore, enrolment_email, id, resolution};
    use crate::jobs::JobId;
    use crate::model::event::EventKind;
    use crate::usecases::settle::settle;
    use crate::{PaymentStatus, Status};
    use futures::executor::block_on;

    fn asked(store: &FakeStore, id: EnrolmentId, user_id: Option<&str>) -> Result<(Vec<EventKind>, usize), Error> {
        let History { events, resolutions } = block_on(history(store, id, user_id))?;
        Ok((events.iter().map(|event| event.kind).collect(), resolutions.len()))
    }

    #[test]
    fn a_history_outlives_its_enrolment_and_is_its_users_alone() {
        let store = FakeStore::default();
        let gone = store.add(Status::Active, PaymentStatus::Pending);
        block_on(crate::usecases::remove::remove(&store, &Env::new(), gone)).unwrap();
        for user in [None, Some("user-1")] {
            assert_eq!(asked(&store, gone, user), Ok((vec![EventKind::Deleted], 0)));
        }
        assert_eq!(asked(&store, gone, Some("user-2")), Err(Error::NotFound));
        let old = store.add(Status::Active, PaymentStatus::Paid);
        assert_eq!(asked(&store, old, None), Ok((Vec::new(), 0)), "from before there were events");
        assert_eq!(asked(&store, old, Some("user-1")), Err(Error::NotFound));
        assert_eq!(asked(&store, id(9), None), Err(Error::NotFound));
    }

    #[test]
    fn what_was_settled_outlives_the_events() {
        let store = FakeStore::default();
        store.owe(7, enrolment_email());
        block_on(settle(&store, &Env::new(), JobId(1), &resolution(None, None), None, "PLN")).unwrap();
        assert_eq!(asked(&store, id(7), None), Ok((Vec::new(), 1)));
        assert_eq!(asked(&store, id(7), Some("user-1")), Err(Error::NotFound), "whose it was is not known");
    }
}
