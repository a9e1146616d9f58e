//! The documents in the database.

use crate::jobs::KsefNumber;
use crate::model::chain::ChainNo;
use crate::model::invoice::{Document, InvoiceState};
use crate::model::ksef::Ksef;
use crate::{EnrolmentId, Unavailable};

/// The documents in the database.
pub trait Documents {
    /// The documents of an enrolment, oldest first.
    ///
    /// # Errors
    ///
    /// When the database fails; the same below.
    async fn documents(&self, id: EnrolmentId) -> Result<Vec<Document>, Unavailable>;

    /// The state of the newest invoice before this place in the chain, for the document at this place.
    ///
    /// # Errors
    ///
    /// As for [`Documents::documents`].
    async fn invoice_state(&self, id: EnrolmentId, place: ChainNo) -> Result<InvoiceState, Unavailable>;

    /// Stores the state of a document at KSeF.
    ///
    /// # Errors
    ///
    /// As for [`Documents::documents`].
    async fn set_ksef(&self, id: EnrolmentId, number: &KsefNumber, ksef: &Ksef) -> Result<(), Unavailable>;
}
