//! Invoices, as the invoicing service sees them.

use crate::EnrolmentId;
use crate::job::Purchase;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Europe::Warsaw;

/// An invoice to be issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoice<'a> {
    /// For which enrolment; with the purchase's reference it makes the number
    /// under which the invoicing service refuses a second one.
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
    /// There is one with this number already: it has to be found.
    Taken,
}

/// A document that the invoicing service has under an invoice's number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The number; it holds no personal data.
    pub number: String,
    /// What keeps it from being the invoice, if anything does.
    pub difference: Option<Difference>,
    /// The page that shows it, if the answer told.
    pub url: Option<String>,
}

/// Why a document is not the invoice that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Difference {
    /// It is no VAT invoice.
    #[error("a document of another kind exists with this number")]
    Kind,
    /// It was canceled.
    #[error("the invoice with this number is canceled")]
    Canceled,
    /// Its buyer has another name or e-mail address.
    #[error("an invoice with this number exists for another buyer")]
    Buyer,
    /// It is over another amount, or one that cannot be read.
    #[error("an invoice with this number exists over another amount")]
    Amount,
    /// Its amount is in another currency.
    #[error("an invoice with this number exists in another currency")]
    Currency,
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
