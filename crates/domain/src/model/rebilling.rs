//! Billing a payment anew.

use super::buyer::Buyer;
use super::note::Note;
use super::terms::Tax;

/// A request to bill what is left of a payment to another buyer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rebilling {
    /// The enrolment, and why.
    pub note: Note,
    /// The new buyer.
    pub buyer: Buyer,
    /// The tax; `None` for that of the invoice.
    pub tax: Option<Tax>,
}
