//! Refunds, and what they leave of a payment.

use super::note::Note;
use super::reference::PlatformReference;
use super::terms::Currency;
use crate::Money;
use serde::{Deserialize, Serialize};

/// A refund as a caller reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// The enrolment, and why.
    pub note: Note,
    /// The amount; `None` for all that is left.
    pub amount: Option<Money>,
    /// Whether it cancels an active enrolment; `None`: if nothing is left.
    pub cancel: Option<bool>,
    /// The payment provider's own number. Each is recorded once.
    pub reference: Option<PlatformReference>,
}

/// A refund as it is recorded. It outlives the enrolment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedRefund {
    /// The payment provider's own number.
    pub reference: Option<PlatformReference>,
    /// The amount; `None` for all of a payment whose amount is not known.
    pub amount: Option<Money>,
}

impl RecordedRefund {
    /// Whether a request for `amount`, if it names one, reports this refund again.
    #[must_use]
    pub fn is_again(&self, amount: Option<Money>) -> bool {
        amount.is_none_or(|amount| self.amount == Some(amount))
    }
}

/// What is left of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// This amount: zero only for a payment of nothing.
    Amount(Money),
    /// All of a payment whose amount is not known.
    Unknown,
    /// Nothing: all is refunded.
    Nothing,
}

/// What was left of a payment before a document, and what is left after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amounts {
    /// Before.
    #[serde(rename = "before_hundredths")]
    pub before: Money,
    /// After: less.
    #[serde(rename = "after_hundredths")]
    pub after: Money,
    /// The currency, if it is known.
    pub currency: Option<Currency>,
}

impl Amounts {
    /// The difference.
    #[must_use]
    pub fn refunded(self) -> Money {
        self.before.minus(self.after).unwrap_or(self.before)
    }
}
