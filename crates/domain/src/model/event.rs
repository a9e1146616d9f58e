//! What happened to an enrolment, for others to learn.

use crate::Enrolment;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_its_kind() {
        for kind in EventKind::ALL {
            assert_eq!(EventKind::parse(kind.as_str()), Some(kind));
            assert!(kind.as_str().len() <= 32);
        }
        assert_eq!(EventKind::parse("enrolment.later"), None);
    }
}
