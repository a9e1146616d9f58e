//! Events: what happened to an enrolment.

use crate::Enrolment;
use crate::model::asked::Author;
use crate::model::chain::ChainNo;
use chrono::{DateTime, Utc};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// The user is enrolled.
    Created,
    /// The enrolment is paid.
    Paid,
    /// A payment failed.
    PaymentFailed,
    /// Its invoice is issued.
    Invoiced,
    /// It is canceled.
    Canceled,
    /// The payment is refunded. This cancels an active enrolment.
    Refunded,
    /// Its invoice is corrected.
    Corrected,
    /// What is left of the payment is billed to another buyer.
    Rebilled,
    /// Its course has ended.
    Completed,
    /// The user who waited is enrolled.
    Offered,
    /// Its seat is held longer, or shorter.
    Extended,
    /// It is canceled, because it was not paid in time.
    Lapsed,
    /// It is moved to another course.
    Moved,
    /// It is deleted.
    Deleted,
}

impl EventKind {
    /// All kinds.
    pub const ALL: [Self; 14] = [
        Self::Created,
        Self::Paid,
        Self::PaymentFailed,
        Self::Invoiced,
        Self::Canceled,
        Self::Refunded,
        Self::Corrected,
        Self::Rebilled,
        Self::Completed,
        Self::Offered,
        Self::Extended,
        Self::Lapsed,
        Self::Moved,
        Self::Deleted,
    ];

    /// The word in the database and in the API: at most 32 characters.
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
            Self::Rebilled => "enrolment.rebilled",
            Self::Completed => "enrolment.completed",
            Self::Offered => "enrolment.offered",
            Self::Extended => "enrolment.extended",
            Self::Lapsed => "enrolment.lapsed",
            Self::Moved => "enrolment.moved",
            Self::Deleted => "enrolment.deleted",
        }
    }

    /// The kind for a word; `None` for a word of a later release.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// An event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its id, from 1. Readers get events in the order of ids. Events of one enrolment have ids
    /// in the order in which they happened.
    pub id: i64,
    /// What happened.
    pub kind: EventKind,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// Who asked for it. `None` if no token was required, or the service did it by itself.
    pub by: Option<Author>,
    /// The place of its document in the chain. `None` if it has none, or a release without chains
    /// wrote it.
    pub document: Option<ChainNo>,
    /// The enrolment after the event; before it if the event is its deletion.
    pub enrolment: Enrolment,
}

/// A page of events, in the order of ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventPage {
    /// At most as many as requested. There can be fewer, even none, if a later release wrote
    /// events of unknown kinds.
    pub events: Vec<Event>,
    /// The `after` of the next page, also on the last page.
    pub next: i64,
    /// Whether there are more events now.
    pub more: bool,
}

/// A page of events, and which ids the database has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// The page.
    pub page: EventPage,
    /// Events up to this id may be pruned; after it, none is missing.
    pub removed: i64,
    /// The highest id that was ever assigned.
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
