//! Whether a payment gets an invoice.

use super::{Currency, Terms};

/// Who issues the invoices of payments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvoicesProvider {
    /// Fakturownia.
    Fakturownia,
    /// A payment gets no invoice.
    NoInvoices,
}

impl InvoicesProvider {
    /// Reads the word of the variable `invoices_provider` or of the column, with or without
    /// whitespace around it.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word.trim() {
            "fakturownia" => Some(Self::Fakturownia),
            "none" => Some(Self::NoInvoices),
            _ => None,
        }
    }

    /// The word: at most 16 characters.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fakturownia => "fakturownia",
            Self::NoInvoices => "none",
        }
    }
}

/// What is agreed with a payment that is recorded now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Billing {
    /// An invoice with these terms.
    Invoice(Box<Terms>),
    /// No invoice. The amount is in this currency.
    NoInvoice(Currency),
}

impl Billing {
    /// Who issues the invoice.
    #[must_use]
    pub fn provider(&self) -> InvoicesProvider {
        match self {
            Self::Invoice(_) => InvoicesProvider::Fakturownia,
            Self::NoInvoice(_) => InvoicesProvider::NoInvoices,
        }
    }

    /// The currency of the amount.
    #[must_use]
    pub fn currency(&self) -> Currency {
        match self {
            Self::Invoice(terms) => terms.currency,
            Self::NoInvoice(currency) => *currency,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_provider_has_its_word() {
        for (provider, word) in [(InvoicesProvider::Fakturownia, "fakturownia"), (InvoicesProvider::NoInvoices, "none")]
        {
            assert_eq!((provider.word(), InvoicesProvider::parse(&format!(" {word}\n"))), (word, Some(provider)));
            assert!(word.len() <= 16);
        }
        assert_eq!((InvoicesProvider::parse(""), InvoicesProvider::parse("None")), (None, None));
    }
}
