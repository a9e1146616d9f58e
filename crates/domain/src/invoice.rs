//! Invoices, as the invoicing service sees them.

use crate::job::Purchase;
use crate::{EnrolmentId, Money};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Europe::Warsaw;

/// An invoice to be issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoice<'a> {
    /// For which enrolment; makes the number under which the invoicing service
    /// refuses a second one.
    pub enrolment_id: EnrolmentId,
    /// What was bought, by whom, for how much.
    pub purchase: &'a Purchase,
    /// The day of issue in Warsaw.
    pub issued_on: NaiveDate,
}

/// What came of asking for an invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Created {
    /// It was issued.
    Issued {
        /// The page that shows it, if the answer told.
        url: Option<String>,
    },
    /// There is one for this enrolment already: it has to be found.
    Taken,
}

/// An invoice that the invoicing service has for an enrolment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its gross amount, if it could be read.
    pub gross: Option<Money>,
    /// The page that shows it, if the answer told.
    pub url: Option<String>,
}

/// The day in Warsaw at a point of time: what Polish invoices are dated by.
#[must_use]
pub fn day_in_warsaw(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&Warsaw).date_naive()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_changes_at_midnight_in_warsaw() {
        for (utc, day) in [
            ("2026-01-31T22:59:59Z", "2026-01-31"),
            ("2026-01-31T23:00:00Z", "2026-02-01"),
            ("2026-07-31T21:59:59Z", "2026-07-31"),
            ("2026-07-31T22:00:00Z", "2026-08-01"),
        ] {
            let at: DateTime<Utc> = utc.parse().unwrap();
            assert_eq!(day_in_warsaw(at).to_string(), day, "{utc}");
        }
    }
}
