//! What a document has to be, as the vendor names it.

use super::buyer::Buyer;
use super::object::Object;
use chrono::NaiveDate;
use domain::jobs::{Correction, Purchase};
use domain::model::chain::ChainNo;
use domain::model::invoice::{DocumentKind, IssuedInvoice};
use domain::model::refund::Amounts;
use domain::ports::Order;
use domain::{Balance, Money};

/// What tells one document from another.
pub(super) struct Expected<'a> {
    pub(super) oid: &'a str,
    pub(super) gross: Balance,
    pub(super) currency: &'a str,
    /// A rate, `zw` or `np`, if it is known.
    pub(super) tax: Option<&'a str>,
    pub(super) issued_on: NaiveDate,
    pub(super) chain_no: ChainNo,
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
    /// known. `part`: it is not the only one of its invoice.
    Invoice { id: i64, buyer: Option<&'a Object>, part: Option<Part> },
}

/// What was left of an invoice before one of several corrections, and what is left after it. A pair
/// never comes again, because each correction leaves less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) before: Money,
    pub(super) after: Money,
}

impl Part {
    /// None for a correction of the whole invoice to zero.
    pub(super) fn of(correction: &Correction, invoice: &IssuedInvoice) -> Option<Self> {
        let Amounts { before, after, .. } = correction.amounts?;
        (before != invoice.gross || !after.is_zero()).then_some(Self { before, after })
    }

    /// Whether it was before `other` in the chain.
    pub(super) fn is_before(self, other: Self) -> bool {
        self.after >= other.before
    }
}

impl<'a> Expected<'a> {
    pub(super) fn invoice(oid: &'a str, purchase: &'a Purchase, order: &Order<'_>) -> Self {
        let terms = &purchase.terms;
        let (gross, currency) = (Balance(purchase.gross.hundredths()), terms.currency.code());
        let buyer = Buyer::of(purchase, &terms.tax);
        let (company, ksef) = (buyer.buyer_company, terms.ksef.asks_for(buyer.buyer_company));
        let about = About::Buyer(buyer.into());
        let tax = Some(terms.tax.word());
        let (issued_on, chain_no) = (order.issued_on, order.chain_no);
        Self { oid, gross, currency, tax, issued_on, chain_no, about, company, ksef }
    }

    /// A correction. It goes to KSeF where its invoice did.
    pub(super) fn correction(
        oid: &'a str,
        (correction, invoice): (&Correction, &'a IssuedInvoice),
        order: &Order<'_>,
    ) -> Self {
        let part = Part::of(correction, invoice);
        let less = part.map_or(invoice.gross.hundredths(), |part| part.before.hundredths() - part.after.hundredths());
        let (gross, currency) = (Balance(-less), invoice.currency.as_str());
        let about = About::Invoice { id: invoice.vendor_id, buyer: None, part };
        let ksef = invoice.ksef_number.is_some();
        let tax = invoice.tax.as_deref();
        let (issued_on, chain_no) = (order.issued_on, order.chain_no);
        Self { oid, gross, currency, tax, issued_on, chain_no, about, company: false, ksef }
    }

    /// What it corrects, if it is not the only correction of its invoice.
    pub(super) fn part(&self) -> Option<Part> {
        match self.about {
            About::Invoice { part, .. } => part,
            About::Buyer { .. } => None,
        }
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

#[cfg(test)]
pub(super) mod tests {
    use domain::EnrolmentId;
    use domain::model::chain::ChainNo;
    use domain::ports::{Content, Order};

    /// The order of enrolment 7 for a document of 1 February 2026.
    pub(in crate::systems::fakturownia) fn order(content: Content<'_>) -> Order<'_> {
        let (enrolment_id, issued_on) = (EnrolmentId::new(7).unwrap(), "2026-02-01".parse().unwrap());
        let chain_no = match content {
            Content::Invoice(_) => ChainNo::FIRST,
            Content::Correction(..) => ChainNo::SECOND,
        };
        Order { enrolment_id, chain_no, content, issued_on, since: issued_on }
    }
}
