//! Invoices and corrections at the invoicing service.

use crate::model::chain::ChainNo;
use crate::model::event::EventKind;
use crate::model::ksef::{Ksef, KsefStatus, Progress};
use crate::model::terms::Account;
use crate::{Balance, Money};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Europe::Warsaw;

/// An invoice that can be corrected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedInvoice {
    /// Its id at the invoicing service, from 1.
    pub vendor_id: i64,
    /// Its total.
    pub gross: Money,
    /// Its currency: three letters.
    pub currency: String,
    /// Its tax, if it was kept.
    pub tax: Option<String>,
    /// The account that issued it; `None` if its page is not known.
    pub account: Option<Account>,
    /// The day of issue in Warsaw, if known.
    pub issued_on: Option<NaiveDate>,
    /// Its KSeF number.
    pub ksef_number: Option<String>,
}

/// The state of the invoice to correct.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvoiceState {
    /// It is issued.
    Issued(IssuedInvoice),
    /// It, or another document before this place in the chain, is not issued yet.
    NotIssued,
    /// It is issued and waits for its KSeF number.
    NotNumbered,
    /// KSeF refused it.
    NotAccepted,
    /// It exists, but its id at the invoicing service is not known: the Flask service or a
    /// person made it.
    Unidentified,
    /// There is none, because nothing was paid.
    None,
}

/// The kind of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentKind {
    /// An invoice.
    Invoice,
    /// The correction of an invoice.
    Correction,
}

impl DocumentKind {
    /// All kinds.
    pub const ALL: [Self; 2] = [Self::Invoice, Self::Correction];

    /// The word in the database and in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::Correction => "correction",
        }
    }

    /// The event when one is issued.
    #[must_use]
    pub const fn event(self) -> EventKind {
        match self {
            Self::Invoice => EventKind::Invoiced,
            Self::Correction => EventKind::Corrected,
        }
    }

    /// The place of a document that a release without chains issued.
    #[must_use]
    pub const fn usual_chain_no(self) -> ChainNo {
        match self {
            Self::Invoice => ChainNo::FIRST,
            Self::Correction => ChainNo::SECOND,
        }
    }

    /// The kind for a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// An issued document. If the Flask service or a person made it, some fields are not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its kind.
    pub kind: DocumentKind,
    /// Its place in the chain of the enrolment's documents.
    pub chain_no: ChainNo,
    /// Its id at the invoicing service.
    pub vendor_id: Option<i64>,
    /// The number on the document.
    pub number: Option<String>,
    /// Its page.
    pub url: Option<String>,
    /// Its total; negative for a correction.
    pub gross: Option<Balance>,
    /// Its currency: three letters.
    pub currency: Option<String>,
    /// Its tax: a rate in percent, `zw` or `np`.
    pub tax: Option<String>,
    /// The day of issue in Warsaw.
    pub issued_on: Option<NaiveDate>,
    /// Its state at KSeF, if known.
    pub ksef: Option<Ksef>,
}

impl Document {
    /// An invoice with only its page.
    #[must_use]
    pub fn from_page(url: String) -> Self {
        Self {
            kind: DocumentKind::Invoice,
            chain_no: ChainNo::FIRST,
            vendor_id: None,
            number: None,
            url: Some(url),
            gross: None,
            currency: None,
            tax: None,
            issued_on: None,
            ksef: None,
        }
    }
}

/// The newest invoice before this place in the chain.
#[must_use]
pub fn newest_invoice(documents: Vec<Document>, place: ChainNo) -> Option<Document> {
    let invoices = documents.into_iter().filter(|own| own.kind == DocumentKind::Invoice && own.chain_no < place);
    invoices.max_by_key(|own| own.chain_no)
}

/// A document in an answer of the invoicing service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// What the database stores of it.
    pub document: Document,
    /// Whether its buyer is a company.
    pub company: bool,
    /// Whether this service asked for a KSeF number.
    pub asked: bool,
    /// Whether the answer names errors that keep it from being sent to KSeF.
    pub faulty: bool,
}

/// Whether a document gets a KSeF number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbering {
    /// It has its number, or does not get one.
    Complete,
    /// It gets a number, or a person has to see why it does not.
    Expected,
    /// This service did not ask for a number, but the account may send the document itself. The
    /// vendor's first answer then has no status (KSeF.md, "Konfiguracja automatycznej wysyłki").
    Possible,
}

impl Issued {
    /// Whether the document gets a KSeF number.
    #[must_use]
    pub fn numbering(&self) -> Numbering {
        // An account that sends documents itself sends those to companies; consumers' need no number.
        let may_be_sent = self.faulty || (self.company && self.document.kind == DocumentKind::Invoice);
        match self.ksef().as_ref().map(Ksef::progress) {
            Some(Progress::Ended) => Numbering::Complete,
            Some(_) => Numbering::Expected,
            None if may_be_sent => Numbering::Possible,
            None => Numbering::Complete,
        }
    }

    /// Its state at KSeF, including a request of this service. That an account is not connected
    /// to KSeF is ignored if this service did not ask for a number.
    #[must_use]
    pub fn ksef(&self) -> Option<Ksef> {
        match &self.document.ksef {
            None if self.asked => Some(Ksef { status: KsefStatus::requested(), number: None }),
            Some(ksef) if !self.asked && ksef.is_not_connected() => None,
            ksef => ksef.clone(),
        }
    }
}

/// A document without more details.
impl From<Document> for Issued {
    fn from(document: Document) -> Self {
        Self { document, company: false, asked: false, faulty: false }
    }
}

/// The result of creating a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Created {
    /// The document is issued.
    Issued(Issued),
    /// These exist: the issued document differs from the order, or one existed before.
    Found(Vec<Found>),
    /// A document with this number exists and has to be looked up.
    Taken,
}

/// A document with the number of the order, or one that corrects the same invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The number. It has no personal data.
    pub number: String,
    /// How it differs from the order; `None` if it is the ordered document.
    pub difference: Option<Difference>,
    /// The document.
    pub issued: Issued,
}

/// How a document differs from the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// It is of another kind.
    Kind,
    /// It was canceled.
    Canceled,
    /// Its buyer has another name, e-mail address or tax number, or is a person with a tax
    /// number or an address that the order does not have.
    Buyer,
    /// Its amount is different or cannot be read.
    Amount,
    /// Its amount is in another currency.
    Currency,
    /// It corrects another invoice.
    Corrects,
    /// It corrects the same invoice, but not to zero.
    Corrected,
}

/// The date in Warsaw at a point of time, as on Polish invoices.
#[must_use]
pub fn day_in_warsaw(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&Warsaw).date_naive()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_changes_at_midnight_in_warsaw() {
        for (utc, day) in [
            ("2026-01-31T22:59:59Z", "2026-01-31"),
            ("2026-01-31T23:00:00Z", "2026-02-01"),
            ("2026-07-31T21:59:59Z", "2026-07-31"),
            ("2026-07-31T22:00:00Z", "2026-08-01"),
        ] {
            let at: DateTime<Utc> = utc.parse().unwrap();
            assert_eq!(day_in_warsaw(at).to_string(), day, "{utc}");
        }
    }

    #[test]
    fn every_word_has_its_kind() {
        for word in ["invoice", "correction"] {
            assert_eq!(DocumentKind::parse(word).map(DocumentKind::as_str), Some(word));
        }
        assert_eq!(DocumentKind::parse(""), None);
    }
}
