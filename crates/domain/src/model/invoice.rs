//! Invoices and their corrections, as the invoicing service sees them.

use crate::model::event::EventKind;
use crate::model::ksef::{Ksef, KsefStatus, Progress};
use crate::model::terms::Account;
use crate::{Balance, Money};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Europe::Warsaw;

/// An invoice that can be corrected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedInvoice {
    /// The invoicing service's own id for it: from 1.
    pub vendor_id: i64,
    /// What it is over.
    pub gross: Money,
    /// In which currency: three letters.
    pub currency: String,
    /// The account that has it; none where its page is not known.
    pub account: Option<Account>,
    /// The day of issue in Warsaw, where it is known.
    pub issued_on: Option<NaiveDate>,
    /// The number that KSeF gave it.
    pub ksef_number: Option<String>,
}

/// What is known of the invoice that is to be corrected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvoiceState {
    /// It is issued.
    Issued(IssuedInvoice),
    /// It is not issued yet.
    Owed,
    /// It is issued, and its number of KSeF is still to come.
    Unnumbered,
    /// KSeF refused it for good.
    NotAccepted,
    /// There is one, but its id at the invoicing service is not known: the Flask service or a
    /// person made it.
    Unidentified,
    /// There is none, for nothing was paid.
    None,
}

/// Which document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentKind {
    /// An invoice.
    Invoice,
    /// What takes an invoice back.
    Correction,
}

impl DocumentKind {
    /// Every one.
    pub const ALL: [Self; 2] = [Self::Invoice, Self::Correction];

    /// The word for it, in the database and in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::Correction => "correction",
        }
    }

    /// What others learn when one is issued.
    #[must_use]
    pub const fn event(self) -> EventKind {
        match self {
            Self::Invoice => EventKind::Invoiced,
            Self::Correction => EventKind::Corrected,
        }
    }

    /// The kind that a word stands for, if any does.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// A document that was issued. Less is known of one that the Flask service or a person made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Which.
    pub kind: DocumentKind,
    /// The invoicing service's own id for it.
    pub vendor_id: Option<i64>,
    /// Its number, as customers and tax offices know it.
    pub number: Option<String>,
    /// The page that shows it.
    pub url: Option<String>,
    /// What it is over; a correction is over less than nothing.
    pub gross: Option<Balance>,
    /// In which currency: three letters.
    pub currency: Option<String>,
    /// The day of issue in Warsaw.
    pub issued_on: Option<NaiveDate>,
    /// How far it is on its way to KSeF; none where nothing is known of it.
    pub ksef: Option<Ksef>,
}

impl Document {
    /// Of an invoice whose page is all that is known.
    #[must_use]
    pub fn known_by_its_page(url: String) -> Self {
        Self {
            kind: DocumentKind::Invoice,
            vendor_id: None,
            number: None,
            url: Some(url),
            gross: None,
            currency: None,
            issued_on: None,
            ksef: None,
        }
    }
}

/// A document as the invoicing service answers with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// What is kept of it.
    pub document: Document,
    /// Whether its buyer is a company.
    pub company: bool,
    /// Whether its number of KSeF was asked for.
    pub asked: bool,
    /// Whether the service names faults that keep it from KSeF.
    pub faulty: bool,
}

/// Whether a document gets a number of KSeF.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbering {
    /// It has its number, or gets none.
    Complete,
    /// The number comes, or a person has to see why it does not.
    ToCome,
    /// Nobody asked for it, but the account may send the document by itself: the vendor's
    /// first answer then has no status (KSeF.md, "Konfiguracja automatycznej wysyłki").
    Perhaps,
}

impl Issued {
    /// Whether the document gets a number.
    #[must_use]
    pub fn numbering(&self) -> Numbering {
        // Who sells to companies has their invoices sent; consumers' need no number.
        let may_be_sent = self.faulty || (self.company && self.document.kind == DocumentKind::Invoice);
        match self.ksef().as_ref().map(Ksef::progress) {
            Some(Progress::Ended) => Numbering::Complete,
            Some(_) => Numbering::ToCome,
            None if may_be_sent => Numbering::Perhaps,
            None => Numbering::Complete,
        }
    }

    /// How far it is on its way to KSeF, this service's own request included. An account
    /// that is not connected is of no concern where nobody asked for the number.
    #[must_use]
    pub fn ksef(&self) -> Option<Ksef> {
        match &self.document.ksef {
            None if self.asked => Some(Ksef { status: KsefStatus::requested(), number: None }),
            Some(ksef) if !self.asked && ksef.is_not_connected() => None,
            ksef => ksef.clone(),
        }
    }
}

/// One of which no more is said.
impl From<Document> for Issued {
    fn from(document: Document) -> Self {
        Self { document, company: false, asked: false, faulty: false }
    }
}

/// What came of asking for a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Created {
    /// It was issued.
    Issued(Issued),
    /// These are there: what was issued is not what was asked for, or there was one before.
    Found(Vec<Found>),
    /// There is one with this number already: it has to be found.
    Taken,
}

/// A document that the invoicing service has under the number that was asked for, or that
/// corrects the same invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The number; it holds no personal data.
    pub number: String,
    /// What keeps it from being the one that was asked for, if anything does.
    pub difference: Option<Difference>,
    /// What it is.
    pub issued: Issued,
}

/// Why a document is not the one that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// It is another kind of document.
    Kind,
    /// It was canceled.
    Canceled,
    /// Its buyer has another name, e-mail address or tax number, or is a person and has a
    /// tax number or an address that was not sent.
    Buyer,
    /// It is over another amount, or one that cannot be read.
    Amount,
    /// Its amount is in another currency.
    Currency,
    /// It corrects another invoice.
    Corrects,
    /// It corrects the same invoice, and not to zero.
    Corrected,
}

/// The day in Warsaw at a point of time: what Polish invoices are dated by.
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
