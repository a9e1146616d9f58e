//! What a document has to be, as the vendor names it.

use super::buyer;
use domain::Balance;
use domain::invoice::{Content, DocumentKind, Order};
use domain::job::Purchase;
use domain::terms::{KsefPolicy, Terms};
use std::borrow::Cow;

/// What tells one document from another.
pub(super) struct Expected<'a> {
    pub(super) oid: &'a str,
    pub(super) gross: Balance,
    pub(super) currency: &'a str,
    pub(super) issued_on: chrono::NaiveDate,
    pub(super) about: About<'a>,
    pub(super) ksef: KsefPolicy,
}

/// What it is about.
pub(super) enum About<'a> {
    /// An invoice has a buyer.
    Buyer { name: Cow<'a, str>, email: &'a str, tax_no: Option<&'a str> },
    /// A correction belongs to the invoice with this id.
    Invoice(i64),
}

impl<'a> Expected<'a> {
    pub(super) fn new(oid: &'a str, terms: &'a Terms, order: &Order<'a>) -> Self {
        let (gross, currency, about) = match order.content {
            Content::Invoice(purchase) => {
                (Balance(purchase.gross.hundredths()), terms.currency.code(), buyer(purchase))
            }
            Content::Correction(_, invoice) => {
                (Balance(-invoice.gross.hundredths()), invoice.currency.as_str(), About::Invoice(invoice.vendor_id))
            }
        };
        Self { oid, gross, currency, issued_on: order.issued_on, about, ksef: terms.ksef }
    }

    pub(super) fn document_kind(&self) -> DocumentKind {
        match self.about {
            About::Buyer { .. } => DocumentKind::Invoice,
            About::Invoice(_) => DocumentKind::Correction,
        }
    }

    /// As the vendor calls it.
    pub(super) fn kind(&self) -> &'static str {
        match self.document_kind() {
            DocumentKind::Invoice => "vat",
            DocumentKind::Correction => "correction",
        }
    }
}

fn buyer(purchase: &Purchase) -> About<'_> {
    let tax_no = purchase.company.as_ref().map(|company| company.tax_no.as_str());
    About::Buyer { name: buyer::name(purchase), email: &purchase.buyer.email, tax_no }
}
