//! Changes of enrolments: a new one, or a transition of an existing one.
//!
//! A transition is a pure function from a [`Record`] to a [`Change`] or an error. The store locks
//! and reads the row, calls the transition, and writes its result, in one transaction. The store
//! has no rules of its own.

use crate::jobs::{Kind, Payload};
use crate::model::asked::Author;
use crate::model::event::EventKind;
use crate::model::note::Reason;
use crate::model::payment::ReferredPayment;
use crate::model::terms::InvoicesProvider;
use crate::{CourseTerms, Enrolment, Error, Money, NewEnrolment, System, Unavailable, UserId};
use chrono::{DateTime, NaiveDate, Utc};

/// An enrolment with the fields that callers do not see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The fields that callers see.
    pub enrolment: Enrolment,
    /// The paid amount; `None` if it is not paid or the amount is not known.
    pub paid: Option<Money>,
    /// Who issues the invoice of the payment; `None` if it is not paid, or if a release without
    /// this field recorded the payment: then it is Fakturownia.
    pub invoices_provider: Option<InvoicesProvider>,
    /// The day of the payment in Warsaw; `None` if it is not paid, or a release without this field
    /// recorded the payment.
    pub paid_on: Option<NaiveDate>,
    /// When the payment was refunded.
    pub refunded_at: Option<DateTime<Utc>>,
    /// When it was canceled, and by whom; `None` if it is not canceled, or a release without this
    /// field canceled it.
    pub canceled: Option<Cancellation>,
    /// The reason of the cancellation, else of the last refund or failed payment.
    pub reason: Option<Reason>,
}

/// When an enrolment was canceled, and by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cancellation {
    /// When.
    pub at: DateTime<Utc>,
    /// Who asked for it; `None` if no token was required.
    pub by: Option<Author>,
}

/// What happens to the row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum After {
    /// It is not written.
    Same,
    /// It is updated to this.
    Changed(Record),
    /// It is deleted.
    Deleted,
}

/// What is written for a transition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The row.
    pub after: After,
    /// The event, if any.
    pub event: Option<EventKind>,
    /// The payment, if it has a reference or a method.
    pub payment: Option<ReferredPayment>,
    /// The jobs that follow.
    pub jobs: Vec<Payload>,
    /// Kinds of jobs of the enrolment that are withdrawn if they are not done. A job that a
    /// worker is delivering now is still delivered.
    pub withdrawn: &'static [Kind],
}

impl Change {
    /// The row is updated to `record`.
    #[must_use]
    pub fn to(record: Record, event: EventKind) -> Self {
        Self { after: After::Changed(record), event: Some(event), payment: None, jobs: Vec::new(), withdrawn: &[] }
    }

    /// Nothing is written.
    #[must_use]
    pub fn none() -> Self {
        Self { after: After::Same, event: None, payment: None, jobs: Vec::new(), withdrawn: &[] }
    }

    /// The row is deleted.
    #[must_use]
    pub fn deletion() -> Self {
        Self { after: After::Deleted, event: Some(EventKind::Deleted), payment: None, jobs: Vec::new(), withdrawn: &[] }
    }

    /// Records a payment with a reference or a method.
    #[must_use]
    pub fn with_payment(self, payment: Option<ReferredPayment>) -> Self {
        Self { payment, ..self }
    }

    /// Adds the jobs that follow.
    #[must_use]
    pub fn with_jobs(self, jobs: impl IntoIterator<Item = Payload>) -> Self {
        Self { jobs: jobs.into_iter().collect(), ..self }
    }

    /// Withdraws jobs of these kinds.
    #[must_use]
    pub fn withdrawing(self, withdrawn: &'static [Kind]) -> Self {
        Self { withdrawn, ..self }
    }
}

/// The result of a transition.
pub type Transition = Result<Change, Error>;

/// Wraps a transition, so that it runs only if the enrolment still has the user id for which data
/// was looked up. Otherwise the user was erased in between, and their data must not be written
/// again. The error is [`Error::Unavailable`]: a repeated request sees the erased user.
pub fn if_still_of(looked_up: &UserId, transition: impl Fn(&Record) -> Transition) -> impl Fn(&Record) -> Transition {
    move |record| {
        if record.enrolment.user_id != *looked_up {
            return Err(Unavailable::new(System::Database, "the user was erased in between").into());
        }
        transition(record)
    }
}

/// A new enrolment: active, with a pending payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addition {
    /// The user and the course. A user's record is stored with the enrolment.
    pub new: NewEnrolment,
    /// The terms of the course, which are stored with the enrolment.
    pub terms: CourseTerms,
    /// When the course ends, if it has an end.
    pub course_ends_at: Option<DateTime<Utc>>,
    /// How many enrolments that are not canceled the course can have; `None` means no limit.
    pub seats: Option<u32>,
    /// The jobs that follow.
    pub jobs: Vec<Payload>,
}

#[cfg(test)]
mod tests;
