//! The invoicing service.

use crate::jobs::outbox::Failure;
use crate::jobs::{Purchase, Refund};
use crate::model::invoice::{Created, Found, IssuedInvoice};
use crate::model::ksef::Look;
use crate::model::terms::Account;
use crate::{EnrolmentId, Terms, Unavailable};
use chrono::NaiveDate;
use std::time::Duration;

/// A document to be issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order<'a> {
    /// For which enrolment; with the purchase's reference, or with the invoice that is
    /// corrected, it makes the number by which the document is found again.
    pub enrolment_id: EnrolmentId,
    /// What it says.
    pub content: Content<'a>,
    /// The day of issue in Warsaw.
    pub issued_on: NaiveDate,
    /// The first day in Warsaw on which it can have been issued: that on which its job was
    /// written.
    pub since: NaiveDate,
}

/// What a document says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content<'a> {
    /// What was bought, by whom, for how much. The invoicing service refuses a second
    /// invoice under its number.
    Invoice(&'a Purchase),
    /// That nothing is left of an invoice.
    Correction(&'a Refund, &'a IssuedInvoice),
}

/// The invoicing service.
pub trait Invoices {
    /// The account that is asked.
    fn account(&self) -> &Account;

    /// What is agreed with a payment that is recorded now.
    ///
    /// # Errors
    ///
    /// When a setting for it cannot be used.
    fn terms(&self) -> Result<Terms, Unavailable>;

    /// Has a document issued.
    ///
    /// # Errors
    ///
    /// [`Failure::Unknown`] whenever it may have been issued all the same.
    async fn create(&self, order: &Order<'_>) -> Result<Created, Failure>;

    /// What there is under a document's number, and of a correction besides what else
    /// corrects the same invoice; none means that it was not issued.
    ///
    /// # Errors
    ///
    /// Whenever the answer proves nothing.
    async fn find(&self, order: &Order<'_>) -> Result<Vec<Found>, Failure>;

    /// How far a document is on its way to KSeF.
    ///
    /// # Errors
    ///
    /// Whenever the answer proves nothing.
    async fn look_at_ksef(&self, vendor_id: i64) -> Result<Look, Failure>;

    /// Sends a document to KSeF once more.
    ///
    /// # Errors
    ///
    /// When it is not known to be sent; it may be all the same.
    async fn send_to_ksef(&self, vendor_id: i64) -> Result<Look, Failure>;

    /// A caller waits: from now on all exchanges together take no longer than `budget`.
    fn limit_to(&self, budget: Duration);
}
