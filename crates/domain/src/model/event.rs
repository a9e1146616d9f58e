//! What happened to an enrolment, for others to learn.

use crate::ports::Events;
use crate::{Enrolment, Error};
use chrono::{DateTime, Utc};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// The user is enrolled.
    Created,
    /// It is paid.
    Paid,
    /// A payment was tried and failed.
    PaymentFailed,
    /// Its invoice is issued.
    Invoiced,
    /// It is canceled.
    Canceled,
    /// All that was paid went back; one that was active is canceled by that.
    Refunded,
    /// Its invoice is corrected.
    Corrected,
    /// Its course has ended.
    Completed,
    /// It is deleted.
    Deleted,
}

impl EventKind {
    /// Every one.
    pub const ALL: [Self; 9] = [
        Self::Created,
        Self::Paid,
        Self::PaymentFailed,
        Self::Invoiced,
        Self::Canceled,
        Self::Refunded,
        Self::Corrected,
        Self::Completed,
        Self::Deleted,
    ];

    /// The word for it, in the database and for callers: at most 32 characters.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "enrolment.created",
            Self::Paid => "enrolment.paid",
            Self::PaymentFailed => "enrolment.payment_failed",
            Self::Invoiced => "enrolment.invoiced",
            Self::Canceled => "enrolment.canceled",
            Self::Refunded => "enrolment.refunded",
            Self::Corrected => "enrolment.corrected",
            Self::Completed => "enrolment.completed",
            Self::Deleted => "enrolment.deleted",
        }
    }

    /// The kind that a word stands for; none for one of a later release.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its number, from 1: in the order in which readers get events, which for those of
    /// one enrolment is that in which they happened.
    pub id: i64,
    /// What.
    pub kind: EventKind,
    /// When.
    pub occurred_at: DateTime<Utc>,
    /// The enrolment as it was then, or, of one that was deleted, just before.
    pub enrolment: Enrolment,
}

/// Events in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventPage {
    /// At most as many as were asked for. There may be fewer, even none, where a later
    /// release wrote events that are not known here.
    pub events: Vec<Event>,
    /// The number to go on after, also at the end.
    pub next: i64,
    /// Whether there are more already.
    pub more: bool,
}

/// A part of the events in the database, and how far they reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// The page.
    pub page: EventPage,
    /// The highest number up to which events were taken away: the feed is whole behind it.
    pub removed: i64,
    /// The highest number that was ever given.
    pub newest: i64,
}

/// Up to `limit` events after the one with the number `after`, or from the oldest that there
/// is. Whoever goes on from [`EventPage::next`] sees each once, however late their changes
/// are committed.
///
/// # Errors
///
/// [`Error::EventsGone`] where events behind `after` were taken away, or where none with
/// that number was ever given; [`Error::Unavailable`] for the database.
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
    use crate::ports::{Answer, Commit, Enrolments as _};
    use crate::{EnrolmentId, PaymentStatus, Status};
    use futures::executor::block_on;

    #[test]
    fn every_word_has_its_kind() {
        for kind in EventKind::ALL {
            assert_eq!(EventKind::parse(kind.as_str()), Some(kind));
            assert!(kind.as_str().len() <= 32);
        }
        assert_eq!(EventKind::parse("enrolment.later"), None);
    }

    fn removed(store: &FakeStore) -> EnrolmentId {
        let id = store.add(Status::Active, PaymentStatus::Pending);
        let commit = Commit::new(&Env::new(), crate::fakes::start(), None, Answer::Final);
        block_on(store.change(id, &commit, crate::usecases::remove::removed)).unwrap();
        id
    }

    fn page(store: &FakeStore, after: Option<i64>, limit: u32) -> Result<(Vec<i64>, i64, bool), Error> {
        let EventPage { events, next, more } = block_on(events(store, after, limit))?;
        Ok((events.iter().map(|event| event.id).collect(), next, more))
    }

    #[test]
    fn a_page_says_where_to_go_on_and_whether_there_is_more() {
        let store = FakeStore::default();
        assert_eq!(page(&store, None, 2), Ok((vec![], 0, false)));
        assert_eq!(page(&store, Some(0), 2), Ok((vec![], 0, false)), "nothing was taken away");
        for _ in 0..3 {
            removed(&store);
        }
        assert_eq!(page(&store, None, 2), Ok((vec![1, 2], 2, true)));
        assert_eq!(page(&store, Some(0), 3), Ok((vec![1, 2, 3], 3, false)));
        assert_eq!(page(&store, Some(2), 2), Ok((vec![3], 3, false)));
        assert_eq!(page(&store, Some(3), 3), Ok((vec![], 3, false)));
    }

    #[test]
    fn what_was_taken_away_and_what_never_was_are_gone() {
        let store = FakeStore::default();
        for _ in 0..3 {
            removed(&store);
        }
        assert_eq!(page(&store, Some(4), 2), Err(Error::EventsGone { oldest: 1 }), "of a restored database");
        store.removed.set(2);
        for after in [0, 1, 4, i64::MAX] {
            assert_eq!(page(&store, Some(after), 2), Err(Error::EventsGone { oldest: 3 }), "{after}");
        }
        assert_eq!(page(&store, None, 2), Ok((vec![3], 3, false)));
        assert_eq!(page(&store, Some(2), 2), Ok((vec![3], 3, false)));
        store.removed.set(3);
        assert_eq!(page(&store, None, 2), Ok((vec![], 3, false)), "all of them are");
        assert_eq!(page(&store, Some(3), 2), Ok((vec![], 3, false)));
        assert_eq!(page(&store, Some(2), 2), Err(Error::EventsGone { oldest: 4 }));
    }
}
