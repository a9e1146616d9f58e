//! Everything that callers can see of an enrolment.

use crate::model::asked::Author;
use crate::model::metadata::StoredMetadata;
use crate::model::note::Reason;
use crate::model::payment::PaymentMethod;
use crate::model::reference::PlatformReference;
use crate::{CourseTerms, Enrolment, Money};
use chrono::{DateTime, NaiveDate, Utc};
use std::rc::Rc;

/// An enrolment in full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FullEnrolment {
    /// The six fields of every answer.
    pub enrolment: Enrolment,
    /// The platform's own number.
    pub reference: Option<PlatformReference>,
    /// The platform's texts, if it sent any.
    pub metadata: Option<StoredMetadata>,
    /// When the user enrolled, to the second.
    pub created_at: DateTime<Utc>,
    /// When it was changed for the last time, to the second.
    pub updated_at: DateTime<Utc>,
    /// When its course ends, if it has an end.
    pub ends_at: Option<DateTime<Utc>>,
    /// Until when the seat is held without a payment; `None` means without an end.
    pub pay_until: Option<DateTime<Utc>>,
    /// Whether it was canceled because it was not paid by then.
    pub lapsed: bool,
    /// The terms of the course; `None` if a release without them enrolled the user. Enrolments of
    /// one course share them.
    pub terms: Option<Rc<CourseTerms>>,
    /// The payment, if it is paid.
    pub paid: Option<PaidInFull>,
    /// The refunds, oldest first.
    pub refunds: Vec<RefundInFull>,
    /// The cancellation, if it is canceled.
    pub canceled: Option<CanceledInFull>,
}

/// A payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaidInFull {
    /// The amount, if it is known.
    pub amount: Option<Money>,
    /// The day in Warsaw, if it is known.
    pub on: Option<NaiveDate>,
    /// The payment provider's own number, if it is known.
    pub reference: Option<PlatformReference>,
    /// How it was paid, if it is known.
    pub method: Option<PaymentMethod>,
}

/// A refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundInFull {
    /// The amount, if it is known.
    pub amount: Option<Money>,
    /// When it was recorded.
    pub at: DateTime<Utc>,
    /// The payment provider's own number, if it is known.
    pub reference: Option<PlatformReference>,
}

/// A cancellation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CanceledInFull {
    /// When, if it is known.
    pub at: Option<DateTime<Utc>>,
    /// Why, in the caller's words.
    pub reason: Option<Reason>,
    /// The name of the token of the one who asked, if there was one.
    pub by: Option<Author>,
}

impl FullEnrolment {
    /// The amount that was refunded; `None` if one of the amounts is not known.
    #[must_use]
    pub fn refunded(&self) -> Option<Money> {
        let amounts = self.refunds.iter().map(|refund| refund.amount.map(Money::hundredths));
        amounts.sum::<Option<i64>>().and_then(Money::from_hundredths)
    }
}
