//! What can go wrong, as the callers of a use case see it.

use crate::CourseId;
use crate::model::terms::Currency;
use std::fmt;

/// Why a use case did not do what it was asked to. `api` maps it to HTTP.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no such enrolment.
    #[error("enrolment not found")]
    NotFound,
    /// The users service knows no such active user.
    #[error("user not found or inactive")]
    UserNotFound,
    /// The courses service knows no such course.
    #[error("course {0} not found")]
    CourseNotFound(CourseId),
    /// The table cannot hold a character of the user id.
    #[error("user id cannot be stored")]
    UserIdNotStorable,
    /// The user already has an enrolment in the course that is not canceled.
    #[error("already enrolled")]
    AlreadyEnrolled,
    /// The user's canceled enrolment in the course keeps another one out until the
    /// database allows for both.
    #[error("a canceled enrolment is in the way")]
    CanceledInTheWay,
    /// As many are enrolled in the course as may be.
    #[error("course full")]
    CourseFull,
    /// The amount has decimals that the currency has not.
    #[error("{0} has no decimals")]
    Decimals(Currency),
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
    /// All that was paid went back.
    #[error("already refunded")]
    AlreadyRefunded,
    /// The same request, under the same idempotency key, is under way.
    #[error("in progress")]
    InProgress,
    /// The idempotency key stands for another request.
    #[error("idempotency key reused")]
    KeyReused,
    /// The idempotency key stands for a request whose enrolment was deleted since.
    #[error("deleted since")]
    DeletedSince,
    /// What comes after an event is not known whole: events were taken away since, or the
    /// database is an older copy.
    #[error("events gone, the oldest is {oldest}")]
    EventsGone {
        /// The number of the oldest event that there is, or of the next one.
        oldest: i64,
    },
    /// A system that is needed did not do its part; nothing was changed.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// A system that is needed gave an answer that cannot be used; nothing was changed.
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

/// A system that a use case needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    /// The users service.
    Users,
    /// The courses service.
    Courses,
    /// The database.
    Database,
    /// The service's own variables.
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

/// A needed system did not do its part. The cause is for the log; it is made
/// of this project's own words and never holds what another system said.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{system}: {cause}")]
pub struct Unavailable {
    /// Which system.
    pub system: System,
    /// What happened, by name.
    pub cause: String,
}

impl Unavailable {
    /// `system` failed for the named cause.
    #[must_use]
    pub fn new(system: System, cause: impl Into<String>) -> Self {
        Self { system, cause: cause.into() }
    }
}

/// A needed system answered, but not with what can be used: the same question
/// would get the same answer until somebody puts that system right. The cause
/// names the field in this project's own words and never holds what the system
/// said.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{system}: {cause}")]
pub struct Unusable {
    /// Which system.
    pub system: System,
    /// What is wrong with its answer.
    pub cause: String,
}

/// Why a look-up in another system gave nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LookUpError {
    /// There was no answer, or one that says to ask again.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// There was an answer that cannot be used.
    #[error(transparent)]
    Unusable(#[from] Unusable),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_is_called_by_its_name() {
        let systems = [System::Users, System::Courses, System::Database, System::Configuration];
        let lines = systems.map(|system| Unavailable::new(system, "timeout").to_string());
        assert_eq!(lines, ["users: timeout", "courses: timeout", "database: timeout", "configuration: timeout"]);
        let unusable = Unusable { system: System::Courses, cause: "name is empty".to_owned() };
        assert_eq!(Error::from(LookUpError::from(unusable)).to_string(), "courses: name is empty");
    }
}
