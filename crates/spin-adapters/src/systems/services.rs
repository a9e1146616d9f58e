//! The users and courses services.

mod courses;
mod lookup;
pub(crate) mod template;
mod users;

use courses::CoursesService;
use domain::ports::{Courses, Users};
use domain::{Course, CourseId, LookUpError, User, UserId};
use users::UsersService;

/// The users and courses services, whose variables are read when one is asked for: few runs
/// do, and not every request.
pub struct WhenAsked;

impl Users for WhenAsked {
    async fn user(&self, id: &UserId) -> Result<Option<User>, LookUpError> {
        UsersService::from_variables()?.user(id).await
    }
}

impl Courses for WhenAsked {
    async fn course(&self, id: CourseId) -> Result<Option<Course>, LookUpError> {
        CoursesService::from_variables()?.course(id).await
    }
}
