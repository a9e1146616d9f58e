//! The search of operators: one text, and all that it can name.

use super::text::{Invalid, check, text};
use crate::{Enrolment, EnrolmentId};

/// What a text is searched as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundBy {
    /// The id of an enrolment.
    EnrolmentId,
    /// The id of a user.
    UserId,
    /// The platform's reference of an enrolment.
    Reference,
    /// The reference of a payment.
    PaymentReference,
    /// The reference of a refund.
    RefundReference,
    /// The number of an invoice or a correction.
    InvoiceNumber,
    /// The number of a document at KSeF.
    KsefNumber,
}

impl FoundBy {
    /// All, in the order of results.
    pub const ALL: [Self; 7] = [
        Self::EnrolmentId,
        Self::UserId,
        Self::Reference,
        Self::PaymentReference,
        Self::RefundReference,
        Self::InvoiceNumber,
        Self::KsefNumber,
    ];

    /// The word in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EnrolmentId => "enrolment_id",
            Self::UserId => "user_id",
            Self::Reference => "reference",
            Self::PaymentReference => "payment_reference",
            Self::RefundReference => "refund_reference",
            Self::InvoiceNumber => "invoice_number",
            Self::KsefNumber => "ksef_number",
        }
    }
}

/// A result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What the text is.
    pub by: FoundBy,
    /// The enrolment's id.
    pub id: EnrolmentId,
    /// The enrolment; `None` if it is deleted: documents, payments and refunds outlive it.
    pub enrolment: Option<Enrolment>,
}

/// The results.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchResults {
    /// At most [`SearchResults::MOST`]; of one way of search the newest first.
    pub found: Vec<Found>,
    /// Whether there are more.
    pub more: bool,
}

impl SearchResults {
    /// The maximal number of results.
    pub const MOST: usize = 100;
}

text! {
    /// A text to search: 1 to [`SearchText::MAX_CHARS`] characters, without blanks around it.
    SearchText
}

impl SearchText {
    /// The maximal number of characters.
    pub const MAX_CHARS: usize = 100;

    /// Removes blanks around `text`; `None` if nothing is left, if it is too long, or if it has a control
    /// character.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        check(text, Self::MAX_CHARS, Invalid::Control, None).ok().map(Self)
    }

    /// The id, if it is one.
    #[must_use]
    pub fn id(&self) -> Option<EnrolmentId> {
        self.0.parse().ok().and_then(EnrolmentId::new)
    }

    /// Whether it looks like an e-mail address. The service stores none for a search.
    #[must_use]
    pub fn is_like_an_email(&self) -> bool {
        self.0.contains('@')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_short_and_trimmed() {
        let text = |text: &str| SearchText::new(text).map(|text| text.0);
        assert_eq!(text(" FV 1/11/2026\t"), Some("FV 1/11/2026".to_owned()));
        assert_eq!(text(&"ż".repeat(100)), Some("ż".repeat(100)));
        for refused in ["", "  ", "a\u{0}b", &"a".repeat(101)] {
            assert_eq!(text(refused), None);
        }
        let id = |text: &str| SearchText::new(text).unwrap().id().map(EnrolmentId::get);
        assert_eq!(
            ["7", "2147483647", "2147483648", "0", "x"].map(id),
            [Some(7), Some(2_147_483_647), None, None, None]
        );
    }
}
