//! What a document has to be, as the vendor names it.

use super::buyer::Buyer;
use super::object::Object;
use chrono::NaiveDate;
use domain::Balance;
use domain::jobs::Purchase;
use domain::model::invoice::{DocumentKind, IssuedInvoice};

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
    Buyer(Box<Buyer<'a>>),
    /// A correction belongs to the invoice with this id, and has its buyer, where that is
    /// known.
    Invoice { id: i64, buyer: Option<&'a Object> },
}

impl<'a> Expected<'a> {
    pub(super) fn invoice(oid: &'a str, purchase: &'a Purchase, issued_on: NaiveDate) -> Self {
        let terms = &purchase.terms;
        let (gross, currency) = (Balance(purchase.gross.hundredths()), terms.currency.code());
        let buyer = Buyer::of(purchase, &terms.tax);
        let (company, ksef) = (buyer.buyer_company, terms.ksef.asks_for(buyer.buyer_company));
        let about = About::Buyer(buyer.into());
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
            About::Buyer(_) => DocumentKind::Invoice,
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
