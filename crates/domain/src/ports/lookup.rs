//! The users and courses services.

use crate::{Course, CourseId, LookUpError, User, UserId};

/// The users service.
pub trait Users {
    /// Looks a user up; none if the service knows no such active user.
    ///
    /// # Errors
    ///
    /// When the service gives no answer within its deadline, or none that can be
    /// used.
    async fn user(&self, id: &UserId) -> Result<Option<User>, LookUpError>;
}

/// The courses service.
pub trait Courses {
    /// Looks a course up; none if the service knows no such course.
    ///
    /// # Errors
    ///
    /// When the service gives no answer within its deadline, or none that can be
    /// used.
    async fn course(&self, id: CourseId) -> Result<Option<Course>, LookUpError>;
}
