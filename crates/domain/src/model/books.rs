//! The books: the documents that were issued in a period.

use crate::model::filter::Position;
use crate::model::invoice::{Document, DocumentKind};
use crate::{Balance, EnrolmentId};
use chrono::{NaiveDate, NaiveTime};

/// A period of 1 to [`Period::MAX_DAYS`] days of issue in Warsaw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    from: NaiveDate,
    to: NaiveDate,
}

impl Period {
    /// The most days of a period: a leap year.
    pub const MAX_DAYS: i64 = 366;

    /// The days `from` to `to`, both included; `None` for no day or too many.
    #[must_use]
    pub fn new(from: NaiveDate, to: NaiveDate) -> Option<Self> {
        (0..Self::MAX_DAYS).contains(&(to - from).num_days()).then_some(Self { from, to })
    }

    /// The first day.
    #[must_use]
    pub fn from(self) -> NaiveDate {
        self.from
    }

    /// The last day.
    #[must_use]
    pub fn to(self) -> NaiveDate {
        self.to
    }
}

/// A document in the books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booked {
    /// Its id in the table.
    pub id: i64,
    /// The enrolment that it is for, which may be deleted.
    pub enrolment_id: EnrolmentId,
    /// The document, with its day of issue.
    pub document: Document,
}

impl Booked {
    /// Its place in the books: the start of its day, and its id.
    #[must_use]
    pub fn position(&self) -> Position {
        let at = self.document.issued_on.map(|day| day.and_time(NaiveTime::MIN).and_utc());
        Position { at, id: self.id }
    }
}

/// A part of the books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookedPage {
    /// In the order of day and id.
    pub documents: Vec<Booked>,
    /// Where the next page begins; `None` if there are no more.
    pub next: Option<Position>,
}

/// The sum of the documents of a kind in a currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookedSum {
    /// The currency: three letters; `None` where it is not known.
    pub currency: Option<String>,
    /// The kind.
    pub kind: DocumentKind,
    /// The number of documents.
    pub documents: i64,
    /// Their total with tax.
    pub gross: Balance,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_has_at_most_a_leap_year() {
        let period = |from: &str, to: &str| Period::new(from.parse().unwrap(), to.parse().unwrap()).is_some();
        assert!(period("2026-01-01", "2026-01-01") && period("2028-01-01", "2028-12-31"));
        assert!(!period("2026-01-02", "2026-01-01") && !period("2026-01-01", "2027-01-02"));
        assert!(!period("0000-01-01", "9999-12-31"));
    }
}
