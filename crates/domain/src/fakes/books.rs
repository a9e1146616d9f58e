//! The books.

use super::FakeStore;
use crate::model::books::{Booked, BookedPage, BookedSum, Period};
use crate::model::check::Recorded;
use crate::model::filter::Position;
use crate::ports::Books;
use crate::{EnrolmentId, Unavailable};
use chrono::NaiveDate;

impl Books for FakeStore {
    async fn booked(&self, _: Period, _: Position, _: u32) -> Result<BookedPage, Unavailable> {
        Ok(BookedPage { documents: Vec::new(), next: None })
    }

    async fn booked_on(&self, day: NaiveDate, _: u32) -> Result<Vec<Booked>, Unavailable> {
        self.check()?;
        let documents = self.documents.borrow();
        let on_day = documents.iter().filter(|(_, document)| document.issued_on == Some(day));
        Ok(on_day
            .map(|(id, document)| Booked { id: id.get(), enrolment_id: *id, document: document.clone() })
            .collect())
    }

    async fn recorded(&self, enrolments: &[EnrolmentId]) -> Result<Vec<Recorded>, Unavailable> {
        self.check()?;
        let documents = self.documents.borrow();
        let own = documents.iter().filter(|(id, _)| enrolments.contains(id));
        let recorded = own.map(|(id, document)| Recorded {
            enrolment_id: *id,
            kind: document.kind,
            vendor_id: document.vendor_id,
        });
        Ok(recorded.collect())
    }

    async fn booked_sums(&self, _: Period) -> Result<Vec<BookedSum>, Unavailable> {
        Ok(Vec::new())
    }
}
