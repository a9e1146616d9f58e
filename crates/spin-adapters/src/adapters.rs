//! What the requests work with that leave a mail owed.

use crate::{Configured, CoursesService, Deadline, Environment, Relay, Store, UsersService};
use domain::ports::{Courses, Services, Users};
use domain::{Course, CourseId, LookUpError, Unavailable, User, UserId};

/// The database, the services that are asked and the relay.
pub struct Adapters {
    pub(crate) store: Store,
    pub(crate) relay: Configured<Relay>,
}

impl Adapters {
    /// A request needs the database; where the relay's variables cannot be used, its mail
    /// waits.
    ///
    /// # Errors
    ///
    /// When a variable of the database is missing or unreadable.
    pub fn from_variables() -> Result<Self, Unavailable> {
        let relay = Configured::new(Relay::from_variables(Deadline::BACKGROUND));
        Ok(Self { store: Store::from_variables()?, relay })
    }

    /// For a use case.
    #[must_use]
    pub fn services(&self) -> Services<'_, Store, WhenAsked, WhenAsked, Environment> {
        Services { store: &self.store, users: &WhenAsked, courses: &WhenAsked, env: &Environment }
    }
}

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
