//! The users and courses services.

mod courses;
mod lookup;
pub(crate) mod template;
mod users;

pub use courses::CoursesService;
pub use users::UsersService;
