//! A payment as a caller reports it.

use super::reference::{InvalidReference, PlatformReference, is_visible};
use super::terms::Tax;
use super::text::text;
use crate::{Buyer, EnrolmentId, Money, UserId};
use chrono::NaiveDate;

text! {
    /// How it was paid, in the platform's words, such as `card`: 1 to
    /// [`PlatformReference::MAX_CHARS`] visible characters of ASCII.
    PaymentMethod
}

impl PaymentMethod {
    /// Checks `text` and keeps it unchanged.
    ///
    /// # Errors
    ///
    /// When it is empty or too long, or has another character.
    pub fn new(text: &str) -> Result<Self, InvalidReference> {
        if is_visible(text) { Ok(Self(text.to_owned())) } else { Err(InvalidReference) }
    }

    /// One from the database.
    #[must_use]
    pub fn stored(text: String) -> Self {
        Self(text)
    }
}

/// A payment to record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// The enrolment.
    pub enrolment_id: EnrolmentId,
    /// The user, if the caller names one. Another user's enrolment counts as not found.
    pub user_id: Option<UserId>,
    /// The amount; `None` for the course's price.
    pub amount: Option<Money>,
    /// The buyer on the invoice.
    pub buyer: Buyer,
    /// The tax of this sale; `None` for that of the course.
    pub tax: Option<Tax>,
    /// The payment provider's own number. Each is recorded once.
    pub reference: Option<PlatformReference>,
    /// How it was paid.
    pub method: Option<PaymentMethod>,
    /// The day of the payment in Warsaw; `None` for today.
    pub on: Option<NaiveDate>,
}

/// A payment with a reference or a method, as it is recorded. It outlives the enrolment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferredPayment {
    /// The payment provider's own number.
    pub reference: Option<PlatformReference>,
    /// How it was paid.
    pub method: Option<PaymentMethod>,
    /// The amount, if it is known.
    pub amount: Option<Money>,
    /// The hash of the buyer and of the tax, if one was given: two payments have the same if their
    /// hashes are the same. Empty for the user without a tax, and after the user is erased.
    pub buyer: String,
}

impl ReferredPayment {
    /// Whether a request for `amount`, if one is known, and with this hash reports this payment again.
    #[must_use]
    pub fn is_again(&self, amount: Option<Money>, buyer: &str) -> bool {
        let same = self.amount.zip(amount).is_none_or(|(own, other)| own == other);
        same && self.buyer == buyer
    }
}
