//! The books in the database.

use crate::model::books::{Booked, BookedPage, BookedSum, Period};
use crate::model::check::Recorded;
use crate::model::filter::Position;
use crate::{EnrolmentId, Unavailable};
use chrono::NaiveDate;

/// The books: the documents by their day of issue. A document that a person made has none.
pub trait Books {
    /// Up to `limit` documents of a period after a position, in the order of day and id. A replica
    /// may answer.
    ///
    /// # Errors
    ///
    /// When the database fails; the same below.
    async fn booked(&self, period: Period, after: Position, limit: u32) -> Result<BookedPage, Unavailable>;

    /// A page of the documents of a day, from 1, in the order of ids: at most
    /// [`PAGE`](crate::model::check::PAGE).
    ///
    /// # Errors
    ///
    /// As for [`Books::booked`].
    async fn booked_on(&self, day: NaiveDate, page: u32) -> Result<Vec<Booked>, Unavailable>;

    /// What is recorded of the documents of these enrolments.
    ///
    /// # Errors
    ///
    /// As for [`Books::booked`].
    async fn recorded(&self, enrolments: &[EnrolmentId]) -> Result<Vec<Recorded>, Unavailable>;

    /// The sums of a period, in the order of currency and kind. A replica may answer.
    ///
    /// # Errors
    ///
    /// As for [`Books::booked`].
    async fn booked_sums(&self, period: Period) -> Result<Vec<BookedSum>, Unavailable>;
}
