//! The books in the database.

use crate::Unavailable;
use crate::model::books::{BookedPage, BookedSum, Period};
use crate::model::filter::Position;

/// The books: the documents by their day of issue. A document that a person made has none.
pub trait Books {
    /// Up to `limit` documents of a period after a position, in the order of day and id. A replica
    /// may answer.
    ///
    /// # Errors
    ///
    /// When the database fails; the same below.
    async fn booked(&self, period: Period, after: Position, limit: u32) -> Result<BookedPage, Unavailable>;

    /// The sums of a period, in the order of currency and kind. A replica may answer.
    ///
    /// # Errors
    ///
    /// As for [`Books::booked`].
    async fn booked_sums(&self, period: Period) -> Result<Vec<BookedSum>, Unavailable>;
}
