//! What a document has to be, as the vendor names it.

use super::buyer;
use super::object::Object;
use chrono::NaiveDate;
use domain::Balance;
use domain::jobs::Purchase;
use domain::model::invoice::{DocumentKind, IssuedInvoice};
use std::borrow::Cow;

/// What tells one document from another.
pub(super) struct Expected<'a> {
    pub(super) oid: &'a str,
    pub(super) gross: Balance,
    pub(super) currency: &'a str,
    /// A rate, `zw` or `np`, if it is known.
    pub(super) tax: Option<&'a str>,
    pub(super) issued_on: NaiveDate,
    pub(super) about: About<'a>,
    /// Whether the buyer is known to be a company.
    pub(super) company: bool,
    /// Whether its number of KSeF is asked for.
    pub(super) ksef: bool,
}

/// What it is about.
pub(super) enum About<'a> {
    /// An invoice has a buyer.
    Buyer { name: Cow<'a, str>, email: &'a str, tax_no: Option<&'a str> },
    /// A correction belongs to the invoice with this id, and has its buyer, where that is
    /// known.
    Invoice { id: i64, buyer: Option<&'a Object> },
}

impl<'a> Expected<'a> {
    pub(super) fn invoice(oid: &'a str, purchase: &'a Purchase, issued_on: NaiveDate) -> Self {
        let terms = &purchase.terms;
        let (gross, currency) = (Balance(purchase.gross.hundredths()), terms.currency.code());
        let company = purchase.company.is_some();
        let (about, ksef) = (buyer(purchase), terms.ksef.asks_for(company));
        let tax = Some(terms.tax.word());
        Self { oid, gross, currency, tax, issued_on, about, company, ksef }
    }

    /// A correction to zero. It goes to KSeF where its invoice did.
    pub(super) fn correction(oid: &'a str, invoice: &'a IssuedInvoice, issued_on: NaiveDate) -> Self {
        let (gross, currency) = (Balance(-invoice.gross.hundredths()), invoice.currency.as_str());
        let about = About::Invoice { id: invoice.vendor_id, buyer: None };
        let ksef = invoice.ksef_number.is_some();
        let tax = invoice.tax.as_deref();
        Self { oid, gross, currency, tax, issued_on, about, company: false, ksef }
    }

    pub(super) fn document_kind(&self) -> DocumentKind {
        match self.about {
            About::Buyer { .. } => DocumentKind::Invoice,
            About::Invoice { .. } => DocumentKind::Correction,
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
