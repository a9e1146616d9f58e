//! The errors of the use cases.

use crate::model::terms::Currency;
use crate::model::window::Closed;
use crate::{CourseId, EnrolmentId, Money};
use std::fmt;

/// Why a use case failed. `api` maps it to HTTP.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The enrolment does not exist.
    #[error("enrolment not found")]
    NotFound,
    /// The users service has no active user with this id.
    #[error("user not found or inactive")]
    UserNotFound,
    /// The user of an enrolment is erased, or the users service has no active user with this id.
    #[error("the user is gone")]
    UserGone,
    /// The courses service has no course with this id.
    #[error("course {0} not found")]
    CourseNotFound(CourseId),
    /// The table cannot store a character of the user id.
    #[error("user id cannot be stored")]
    UserIdNotStorable,
    /// The user already has an enrolment in the course that is not canceled.
    #[error("already enrolled")]
    AlreadyEnrolled,
    /// The user has a canceled enrolment in the course, and the table of the Flask service does
    /// not allow a second one.
    #[error("a canceled enrolment is in the way")]
    CanceledInTheWay,
    /// All seats of the course are taken, or a user waits for the next one.
    #[error("course full")]
    CourseFull,
    /// The course takes no enrolments now.
    #[error("course closed: {0:?}")]
    CourseClosed(Closed),
    /// The course has a free seat that the user can have at once.
    #[error("a seat is free")]
    SeatFree,
    /// A seat can be held until a time in the next 365 days.
    #[error("no time to pay until")]
    PayUntil,
    /// The course is free, so that its seats are not held.
    #[error("nothing to pay")]
    NothingToPay,
    /// Nothing was paid for the course, so that no part of it can be refunded.
    #[error("nothing paid")]
    NothingPaid,
    /// There is no such entry in a waiting list.
    #[error("not waiting")]
    NotWaiting,
    /// The database still has the unique key of the Flask service.
    #[error("the last database migration is missing")]
    NotYet,
    /// The amount has decimals, but the currency has none.
    #[error("{0} has no decimals")]
    Decimals(Currency),
    /// A reverse charge goes with the tax `np` only.
    #[error("a reverse charge needs the tax np")]
    ReverseCharge,
    /// The price of the course in the request has decimals, but its currency has none.
    #[error("price has decimals, {0} has none")]
    PriceDecimals(Currency),
    /// A payment with this reference is recorded, for this enrolment.
    #[error("the payment is recorded for enrolment {0}")]
    PaymentRecorded(EnrolmentId),
    /// The day of the payment is in the future, or before 2000.
    #[error("no day of a payment")]
    DayOfPayment,
    /// The enrolment is paid.
    #[error("already paid")]
    AlreadyPaid,
    /// The enrolment is canceled.
    #[error("canceled")]
    Canceled,
    /// The course has ended.
    #[error("completed")]
    Completed,
    /// The enrolment is not paid.
    #[error("not paid")]
    NotPaid,
    /// The payment is refunded, and nothing is left of it.
    #[error("already refunded")]
    AlreadyRefunded,
    /// A refund of nothing, or of more than this, which is left.
    #[error("{0} is left to refund")]
    RefundAmount(Money),
    /// A refund of a part, but the paid amount is not known.
    #[error("the paid amount is not known")]
    AmountNotKnown,
    /// A refund of a part without a reference and without an idempotency key: a repeated request would
    /// refund it twice.
    #[error("a refund of a part that cannot be repeated safely")]
    RefundNotRepeatable,
    /// There is no invoice whose buyer can change: none was agreed on, or the service does not know it.
    #[error("nothing is billed")]
    NothingBilled,
    /// The invoice has another tax than a new one would have, so the request must name it.
    #[error("the tax is needed")]
    TaxNeeded,
    /// A refund with this reference is recorded, for this enrolment.
    #[error("the refund is recorded for enrolment {0}")]
    RefundRecorded(EnrolmentId),
    /// A request with the same idempotency key is in progress.
    #[error("in progress")]
    InProgress,
    /// The idempotency key was used for another request.
    #[error("idempotency key reused")]
    KeyReused,
    /// The idempotency key was used for an enrolment that is deleted now.
    #[error("deleted since")]
    DeletedSince,
    /// Events after the given id are missing: they are pruned, or the database is restored from
    /// an older copy.
    #[error("events gone, the oldest is {oldest}")]
    EventsGone {
        /// The id of the oldest event in the database, or of the next one if there is none.
        oldest: i64,
    },
    /// The invoicing service did not answer as it should, or is used by a run now. The cause is for the log.
    #[error("invoices: {0}")]
    InvoicesUnavailable(String),
    /// A system did not answer as it should. Nothing was changed.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// A system gave an answer that cannot be used. Nothing was changed.
    #[error(transparent)]
    Unusable(#[from] Unusable),
}

impl From<LookUpError> for Error {
    fn from(error: LookUpError) -> Self {
        match error {
            LookUpError::Unavailable(unavailable) => unavailable.into(),
            LookUpError::Unusable(unusable) => unusable.into(),
        }
    }
}

/// A system that a use case depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    /// The users service.
    Users,
    /// The courses service.
    Courses,
    /// The database.
    Database,
    /// The variables of this service.
    Configuration,
}

impl fmt::Display for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Users => "users",
            Self::Courses => "courses",
            Self::Database => "database",
            Self::Configuration => "configuration",
        })
    }
}

/// A system did not answer as it should. The cause is for the log. It is written by this
/// service and never quotes another system.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{system}: {cause}")]
pub struct Unavailable {
    /// Which system.
    pub system: System,
    /// What happened.
    pub cause: String,
}

impl Unavailable {
    /// `system` failed because of `cause`.
    #[must_use]
    pub fn new(system: System, cause: impl Into<String>) -> Self {
        Self { system, cause: cause.into() }
    }
}

/// A system answered, but the answer cannot be used. A repeated request gets the same answer
/// until a person corrects the data there. The cause names the field. It is written by this
/// service and never quotes the other system.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{system}: {cause}")]
pub struct Unusable {
    /// Which system.
    pub system: System,
    /// What is wrong with its answer.
    pub cause: String,
}

/// Why a look-up in another system failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LookUpError {
    /// The system did not answer, or asked to try again.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// The answer cannot be used.
    #[error(transparent)]
    Unusable(#[from] Unusable),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_the_system() {
        let systems = [System::Users, System::Courses, System::Database, System::Configuration];
        let lines = systems.map(|system| Unavailable::new(system, "timeout").to_string());
        assert_eq!(lines, ["users: timeout", "courses: timeout", "database: timeout", "configuration: timeout"]);
        let unusable = Unusable { system: System::Courses, cause: "name is empty".to_owned() };
        assert_eq!(Error::from(LookUpError::from(unusable)).to_string(), "courses: name is empty");
    }
}
