//! What the requests work with that leave a mail owed.

use crate::{CoursesService, Deadline, Environment, Relay, Store, UsersService};
use domain::Unavailable;
use domain::ports::Services;

/// The database, the services that are asked and the relay.
pub struct Adapters {
    pub(crate) store: Store,
    pub(crate) relay: Relay,
    users: UsersService,
    courses: CoursesService,
}

impl Adapters {
    /// All of them, so that what keeps the mail from being delivered later is found before
    /// anything is changed.
    ///
    /// # Errors
    ///
    /// When a variable is missing or unreadable, or the database is unreachable.
    pub fn from_variables() -> Result<Self, Unavailable> {
        Ok(Self {
            store: Store::from_variables()?,
            relay: Relay::from_variables(Deadline::BACKGROUND)?,
            users: UsersService::from_variables()?,
            courses: CoursesService::from_variables()?,
        })
    }

    /// For a use case.
    #[must_use]
    pub fn services(&self) -> Services<'_, Store, UsersService, CoursesService, Environment> {
        Services { store: &self.store, users: &self.users, courses: &self.courses, env: &Environment }
    }
}
