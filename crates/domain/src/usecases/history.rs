//! Reads the events and resolutions of an enrolment.

use crate::model::event::Event;
use crate::model::resolution::StoredResolution;
use crate::ports::{Enrolments, Events, Resolutions};
use crate::{EnrolmentId, Error};

/// Both, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// The events.
    pub events: Vec<Event>,
    /// The resolutions.
    pub resolutions: Vec<StoredResolution>,
}

/// The history of an enrolment, also of a deleted one, if it is that user's or no user is named.
///
/// # Errors
///
/// [`Error::NotFound`] if there is no history, or it is another user's;
/// [`Error::Unavailable`] for the database.
pub async fn history(
    store: &(impl Events + Enrolments + Resolutions),
    id: EnrolmentId,
    user_id: Option<&str>,
) -> Result<History, Error> {
    let history = History { events: store.history(id).await?, resolutions: store.resolutions(id).await? };
    let owner = match history.events.last() {
        Some(event) => Some(event.enrolment.user_id.clone()),
        // The Flask service wrote no events, or they are pruned.
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
    use crate::usecases::resolve::resolve;
    use crate::{PaymentStatus, Status};
    use futures::executor::block_on;

    fn asked(store: &FakeStore, id: EnrolmentId, user_id: Option<&str>) -> Result<(Vec<EventKind>, usize), Error> {
        let History { events, resolutions } = block_on(history(store, id, user_id))?;
        Ok((events.iter().map(|event| event.kind).collect(), resolutions.len()))
    }

    #[test]
    fn a_deleted_enrolment_has_its_history_and_only_for_its_user() {
        let store = FakeStore::default();
        let gone = store.add(Status::Active, PaymentStatus::Pending);
        block_on(crate::usecases::remove::remove(&store, &Env::new(), gone, None)).unwrap();
        for user in [None, Some("user-1")] {
            assert_eq!(asked(&store, gone, user), Ok((vec![EventKind::Deleted], 0)));
        }
        assert_eq!(asked(&store, gone, Some("user-2")), Err(Error::NotFound));
        let old = store.add(Status::Active, PaymentStatus::Paid);
        assert_eq!(asked(&store, old, None), Ok((Vec::new(), 0)), "the Flask service wrote no events");
        assert_eq!(asked(&store, old, Some("user-1")), Err(Error::NotFound));
        assert_eq!(asked(&store, id(9), None), Err(Error::NotFound));
    }

    #[test]
    fn resolutions_stay_without_events() {
        let store = FakeStore::default();
        store.enqueue(7, enrolment_email());
        block_on(resolve(&store, &Env::new(), JobId(1), &resolution(None, None), None, "PLN")).unwrap();
        assert_eq!(asked(&store, id(7), None), Ok((Vec::new(), 1)));
        assert_eq!(asked(&store, id(7), Some("user-1")), Err(Error::NotFound), "the user is not known");
    }
}
