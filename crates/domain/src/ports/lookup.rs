//! The users and courses services.

use crate::{Course, CourseId, LookUpError, User, UserId};

/// The users service.
pub trait Users {
    /// Looks a user up; `None` if the service has no active user with this id.
    ///
    /// # Errors
    ///
    /// When the service does not answer in time, or its answer cannot be used.
    async fn user(&self, id: &UserId) -> Result<Option<User>, LookUpError>;
}

/// The courses service.
pub trait Courses {
    /// Looks a course up; `None` if the service has no course with this id.
    ///
    /// # Errors
    ///
    /// When the service does not answer in time, or its answer cannot be used.
    async fn course(&self, id: CourseId) -> Result<Option<Course>, LookUpError>;
}
