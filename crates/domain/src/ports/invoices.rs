//! The invoicing service.

use crate::jobs::outbox::Failure;
use crate::jobs::{Correction, Purchase};
use crate::model::chain::ChainNo;
use crate::model::check::{ListedDocument, Listing};
use crate::model::invoice::{Created, Found, IssuedInvoice};
use crate::model::ksef::Look;
use crate::model::terms::Account;
use crate::{EnrolmentId, Terms, Unavailable};
use chrono::NaiveDate;
use std::time::Duration;

/// An order for a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order<'a> {
    /// The enrolment. The number by which the document is looked up has this id, and the reference
    /// of the purchase or the id of the corrected invoice.
    pub enrolment_id: EnrolmentId,
    /// Its place in the chain of the enrolment's documents.
    pub chain_no: ChainNo,
    /// The content.
    pub content: Content<'a>,
    /// The day of issue in Warsaw.
    pub issued_on: NaiveDate,
    /// The first day in Warsaw on which it can be issued: the day on which its job was created.
    pub since: NaiveDate,
}

/// The content of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content<'a> {
    /// An invoice. The invoicing service refuses a second invoice with the same number.
    Invoice(&'a Purchase),
    /// A correction of an invoice to zero.
    Correction(&'a Correction, &'a IssuedInvoice),
}

/// The invoicing service.
pub trait Invoices {
    /// The account that this service uses.
    fn account(&self) -> &Account;

    /// The terms of a sale that is recorded now.
    ///
    /// # Errors
    ///
    /// When a variable for it is invalid.
    fn terms(&self) -> Result<Terms, Unavailable>;

    /// Creates a document.
    ///
    /// # Errors
    ///
    /// [`Failure::Unknown`] if it is unknown whether it was created.
    async fn create(&self, order: &Order<'_>) -> Result<Created, Failure>;

    /// Looks up documents with the number of the order and, for a correction, other corrections of
    /// the same invoice. An empty result means that the document does not exist.
    ///
    /// # Errors
    ///
    /// When the answer does not show whether it exists.
    async fn find(&self, order: &Order<'_>) -> Result<Vec<Found>, Failure>;

    /// Invoices and corrections of the account.
    ///
    /// # Errors
    ///
    /// When the answer does not have them.
    async fn listed(&self, listing: Listing<'_>) -> Result<Vec<ListedDocument>, Failure>;

    /// The state of a document at KSeF.
    ///
    /// # Errors
    ///
    /// When the answer does not show the state.
    async fn look_at_ksef(&self, vendor_id: i64) -> Result<Look, Failure>;

    /// Sends a document to KSeF again.
    ///
    /// # Errors
    ///
    /// When the request failed. It is unknown whether the document was sent.
    async fn send_to_ksef(&self, vendor_id: i64) -> Result<Look, Failure>;

    /// Limits the time of all requests from now on to `budget` in total, because a caller waits.
    fn limit_to(&self, budget: Duration);
}
