//! Changes of enrolments: a new one, or a transition of an existing one.
//!
//! A transition is a pure function from a [`Record`] to a [`Change`] or an error. The store locks
//! and reads the row, calls the transition, and writes its result, in one transaction. The store
//! has no rules of its own.

use crate::jobs::{JobId, Kind, Payload};
use crate::model::asked::Author;
use crate::model::chain::ChainNo;
use crate::model::event::EventKind;
use crate::model::note::Reason;
use crate::model::payment::ReferredPayment;
use crate::model::refund::{Left, RecordedRefund};
use crate::model::seats::SeenCourse;
use crate::model::terms::InvoicesProvider;
use crate::{Enrolment, Error, Money, NewEnrolment, PaymentStatus, Status, System, Unavailable};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

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
    /// When the payment was refunded, for the last time.
    pub refunded_at: Option<DateTime<Utc>>,
    /// How much of it was refunded; `None` if nothing was, or all of it by a release that refunds no
    /// parts.
    pub refunded: Option<Money>,
    /// The place of the newest document in the chain; `None` if a release without chains wrote it, or
    /// only the payment's invoice is in it.
    pub chain_end: Option<ChainNo>,
    /// When it was canceled, and by whom; `None` if it is not canceled, or a release without this
    /// field canceled it.
    pub canceled: Option<Cancellation>,
    /// The reason of the cancellation, else of the last refund or failed payment.
    pub reason: Option<Reason>,
    /// Until when the seat is held without a payment; `None` means without an end.
    pub pay_until: Option<DateTime<Utc>>,
    /// Whether it was canceled because it was not paid by then.
    pub lapsed: bool,
}

impl Record {
    /// What is left of the payment.
    ///
    /// # Errors
    ///
    /// [`Error::NotPaid`].
    pub fn left(&self) -> Result<Left, Error> {
        if self.enrolment.payment_status != PaymentStatus::Paid {
            return Err(Error::NotPaid);
        }
        let paid = self.paid.map_or(Left::Unknown, Left::Amount);
        Ok(match (self.refunded_at, self.paid, self.refunded) {
            (None, ..) => paid,
            (Some(_), Some(paid), Some(refunded)) => {
                paid.minus(refunded).filter(|left| !left.is_zero()).map_or(Left::Nothing, Left::Amount)
            }
            (Some(_), ..) => Left::Nothing,
        })
    }

    /// Whether the enrolment still has the user and the course for which data was looked up and seats are
    /// locked. Otherwise the user was erased in between, and their data must not be written again, or the
    /// enrolment was moved.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`]: a repeated request sees the enrolment as it is then.
    pub fn check_still(&self, looked_up: &Enrolment) -> Result<(), Error> {
        let changed = |what: &str| Err(Unavailable::new(System::Database, what).into());
        if self.enrolment.user_id != looked_up.user_id {
            return changed("the user was erased in between");
        }
        if self.enrolment.course_id != looked_up.course_id {
            return changed("the enrolment was moved in between");
        }
        Ok(())
    }

    /// The next place in the chain of a paid enrolment's documents.
    #[must_use]
    pub fn next_place(&self) -> ChainNo {
        let of_payment = if self.refunded_at.is_some() { ChainNo::SECOND } else { ChainNo::FIRST };
        self.chain_end.unwrap_or(of_payment).next()
    }
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

/// What a change does to the seats of the course.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeatChange {
    /// Nothing.
    Same,
    /// It takes a seat.
    Taken,
    /// It frees a seat.
    Freed,
}

/// A job, and after how long it is due.
pub type Later = (Payload, TimeDelta);

/// What is written for a transition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The row.
    pub after: After,
    /// The event, if any.
    pub event: Option<EventKind>,
    /// The payment, if it has a reference or a method.
    pub payment: Option<ReferredPayment>,
    /// The refund, if it is one.
    pub refund: Option<RecordedRefund>,
    /// The jobs that follow.
    pub jobs: Vec<Payload>,
    /// A job that is due after this time, if any.
    pub later: Option<Later>,
    /// The place in the chain of the first job's document; each further job has the next place. `None`
    /// if they are the first of their kinds.
    pub place: Option<ChainNo>,
    /// A job that is due again, with this payload, as if it were new.
    pub replaced: Option<(JobId, Payload)>,
    /// Kinds of jobs of the enrolment that are withdrawn if they are not done. A job that a
    /// worker is delivering now is still delivered.
    pub withdrawn: &'static [Kind],
}

impl Change {
    /// The row is updated to `record`.
    #[must_use]
    pub fn to(record: Record, event: EventKind) -> Self {
        Self { after: After::Changed(record), event: Some(event), ..Self::none() }
    }

    /// Nothing is written.
    #[must_use]
    pub fn none() -> Self {
        Self {
            after: After::Same,
            event: None,
            payment: None,
            refund: None,
            jobs: Vec::new(),
            later: None,
            place: None,
            replaced: None,
            withdrawn: &[],
        }
    }

    /// What it does to the seats of the course.
    #[must_use]
    pub fn seat(&self, before: &Record) -> SeatChange {
        let has_seat = |record: &Record| record.enrolment.status != Status::Canceled;
        let after = match &self.after {
            After::Same => return SeatChange::Same,
            After::Changed(after) => has_seat(after),
            After::Deleted => false,
        };
        match (has_seat(before), after) {
            (false, true) => SeatChange::Taken,
            (true, false) => SeatChange::Freed,
            _ => SeatChange::Same,
        }
    }

    /// The row is deleted.
    #[must_use]
    pub fn deletion() -> Self {
        Self { after: After::Deleted, event: Some(EventKind::Deleted), ..Self::none() }
    }

    /// Records a payment with a reference or a method.
    #[must_use]
    pub fn with_payment(self, payment: Option<ReferredPayment>) -> Self {
        Self { payment, ..self }
    }

    /// Records a refund.
    #[must_use]
    pub fn with_refund(self, refund: RecordedRefund) -> Self {
        Self { refund: Some(refund), ..self }
    }

    /// Gives the document of the jobs this place in the chain.
    #[must_use]
    pub fn at(self, place: ChainNo) -> Self {
        Self { place: Some(place), ..self }
    }

    /// Adds the jobs that follow.
    #[must_use]
    pub fn with_jobs(self, jobs: impl IntoIterator<Item = Payload>) -> Self {
        Self { jobs: jobs.into_iter().collect(), ..self }
    }

    /// Adds a job that is due after some time.
    #[must_use]
    pub fn with_later(self, later: Option<Later>) -> Self {
        Self { later, ..self }
    }

    /// Gives a job another payload, and makes it due again.
    #[must_use]
    pub fn replacing(self, id: JobId, payload: Payload) -> Self {
        Self { replaced: Some((id, payload)), ..self }
    }

    /// Withdraws jobs of these kinds.
    #[must_use]
    pub fn withdrawing(self, withdrawn: &'static [Kind]) -> Self {
        Self { withdrawn, ..self }
    }
}

/// The result of a transition.
pub type Transition = Result<Change, Error>;

/// Wraps a transition, so that it runs only if [`Record::check_still`] finds the enrolment as it was.
pub fn if_still(looked_up: &Enrolment, transition: impl Fn(&Record) -> Transition) -> impl Fn(&Record) -> Transition {
    move |record| {
        record.check_still(looked_up)?;
        transition(record)
    }
}

/// A new enrolment: active, with a pending payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addition {
    /// The user and the course. A user's record is stored with the enrolment.
    pub new: NewEnrolment,
    /// The course. Its terms are stored with the enrolment.
    pub course: SeenCourse,
    /// Until when the seat is held without a payment; `None` means without an end.
    pub pay_until: Option<DateTime<Utc>>,
    /// The jobs that follow.
    pub jobs: Vec<Payload>,
    /// A job that is due after this time, if any.
    pub later: Option<Later>,
}

#[cfg(test)]
mod tests;
