//! The users and courses services.

mod courses;
mod lookup;
mod users;

pub use courses::CoursesService;
pub use users::UsersService;
