//! Reads the events of all enrolments, in pages.

use crate::Error;
use crate::model::event::{EventPage, Feed};
use crate::ports::Events;

/// Up to `limit` events after the id `after`, or from the oldest event. A reader who continues with
/// [`EventPage::next`] sees each event once, even if its transaction is committed late.
///
/// # Errors
///
/// [`Error::EventsGone`] if events after `after` are pruned, or if the id `after` was never assigned;
/// [`Error::Unavailable`] for the database.
pub async fn events(store: &impl Events, after: Option<i64>, limit: u32) -> Result<EventPage, Error> {
    let Feed { page, removed, newest } = store.feed(after, limit).await?;
    if after.is_some_and(|after| !(removed..=newest).contains(&after)) {
        return Err(Error::EventsGone { oldest: removed.saturating_add(1) });
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fakes::{Env, FakeStore};
    use crate::{EnrolmentId, PaymentStatus, Status};
    use futures::executor::block_on;

    fn removed(store: &FakeStore) -> EnrolmentId {
        let id = store.add(Status::Active, PaymentStatus::Pending);
        block_on(crate::usecases::remove::remove(store, &Env::new(), id, None)).unwrap();
        id
    }

    fn page(store: &FakeStore, after: Option<i64>, limit: u32) -> Result<(Vec<i64>, i64, bool), Error> {
        let EventPage { events, next, more } = block_on(events(store, after, limit))?;
        Ok((events.iter().map(|event| event.id).collect(), next, more))
    }

    #[test]
    fn a_page_has_the_next_id_and_whether_there_is_more() {
        let store = FakeStore::default();
        assert_eq!(page(&store, None, 2), Ok((vec![], 0, false)));
        assert_eq!(page(&store, Some(0), 2), Ok((vec![], 0, false)), "nothing was pruned");
        for _ in 0..3 {
            removed(&store);
        }
        assert_eq!(page(&store, None, 2), Ok((vec![1, 2], 2, true)));
        assert_eq!(page(&store, Some(0), 3), Ok((vec![1, 2, 3], 3, false)));
        assert_eq!(page(&store, Some(2), 2), Ok((vec![3], 3, false)));
        assert_eq!(page(&store, Some(3), 3), Ok((vec![], 3, false)));
    }

    #[test]
    fn pruned_events_and_unknown_ids_are_gone() {
        let store = FakeStore::default();
        for _ in 0..3 {
            removed(&store);
        }
        assert_eq!(
            page(&store, Some(4), 2),
            Err(Error::EventsGone { oldest: 1 }),
            "the database was restored from an older copy"
        );
        store.removed.set(2);
        for after in [0, 1, 4, i64::MAX] {
            assert_eq!(page(&store, Some(after), 2), Err(Error::EventsGone { oldest: 3 }), "{after}");
        }
        assert_eq!(page(&store, None, 2), Ok((vec![3], 3, false)));
        assert_eq!(page(&store, Some(2), 2), Ok((vec![3], 3, false)));
        store.removed.set(3);
        assert_eq!(page(&store, None, 2), Ok((vec![], 3, false)), "all events are pruned");
        assert_eq!(page(&store, Some(3), 2), Ok((vec![], 3, false)));
        assert_eq!(page(&store, Some(2), 2), Err(Error::EventsGone { oldest: 4 }));
    }
}
