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
    /// At most as many as were asked for.
    pub events: Vec<Event>,
    /// The number to go on after, if there are more already.
    pub next: Option<i64>,
}

/// Up to `limit` events after the one with the number `after`. Whoever goes on from the
/// last one that it got sees each once, however late their changes are committed.
///
/// # Errors
///
/// [`Error::Unavailable`] for the database.
pub async fn events(store: &impl Events, after: i64, limit: u32) -> Result<EventPage, Error> {
    let mut events = store.events(after, limit.saturating_add(1)).await?;
    let more = events.len() > limit as usize;
    events.truncate(limit as usize);
    let next = events.last().filter(|_| more).map(|last| last.id);
    Ok(EventPage { events, next })
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
        block_on(store.change(id, &commit, crate::remove::removed)).unwrap();
        id
    }

    #[test]
    fn a_page_says_whether_there_is_more() {
        let store = FakeStore::default();
        for _ in 0..3 {
            removed(&store);
        }
        let page = |after, limit| {
            let EventPage { events, next } = block_on(events(&store, after, limit)).unwrap();
            (events.iter().map(|event| event.id).collect::<Vec<_>>(), next)
        };
        assert_eq!(page(0, 2), (vec![1, 2], Some(2)));
        assert_eq!(page(2, 2), (vec![3], None));
        assert_eq!(page(0, 3), (vec![1, 2, 3], None));
        assert_eq!(page(3, 3), (vec![], None));
    }
}
