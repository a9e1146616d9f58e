//! All ports together, for use cases that need several of them.

use super::{
    Clock, Courses, Documents, Enrolments, Erasure, EventQueue, Events, IdempotencyKeys, Invoices, Journal, Mail,
    Outbox, Paces, Random, Resolutions, Retention, Timer, Users, Webhooks,
};
use crate::Unavailable;
use crate::model::terms::Billing;

/// The database.
pub trait Database:
    Enrolments + Documents + Events + EventQueue + Outbox + Paces + IdempotencyKeys + Resolutions + Retention + Erasure
{
}

impl<T> Database for T where
    T: Enrolments
        + Documents
        + Events
        + EventQueue
        + Outbox
        + Paces
        + IdempotencyKeys
        + Resolutions
        + Retention
        + Erasure
{
}

/// Time, randomness and the log of operators.
pub trait Environment: Clock + Timer + Random + Journal {}

impl<T: Clock + Timer + Random + Journal> Environment for T {}

/// All ports. A system that delivers jobs is an error if it cannot be used: a variable is missing
/// or invalid, the component does not use the system, or payments get no invoices. Its jobs then
/// wait.
pub trait Ports {
    /// The database.
    type Database: Database;
    /// The users service.
    type Users: Users;
    /// The courses service.
    type Courses: Courses;
    /// The invoicing service.
    type Invoices: Invoices;
    /// The mail relay.
    type Mail: Mail;
    /// The receiver of webhooks.
    type Webhooks: Webhooks;
    /// Time, randomness and the log of operators.
    type Environment: Environment;

    /// The database.
    fn store(&self) -> &Self::Database;

    /// The users service.
    fn users(&self) -> &Self::Users;

    /// The courses service.
    fn courses(&self) -> &Self::Courses;

    /// The invoicing service.
    ///
    /// # Errors
    ///
    /// Why it cannot be used; the same below.
    fn invoices(&self) -> Result<&Self::Invoices, &Unavailable>;

    /// What is agreed with a payment that is recorded now.
    ///
    /// # Errors
    ///
    /// When a variable for it is missing or invalid.
    fn billing(&self) -> Result<Billing, Unavailable>;

    /// The mail relay.
    ///
    /// # Errors
    ///
    /// As for [`Ports::invoices`].
    fn mail(&self) -> Result<&Self::Mail, &Unavailable>;

    /// The receiver of webhooks.
    ///
    /// # Errors
    ///
    /// As for [`Ports::invoices`].
    fn webhooks(&self) -> Result<&Self::Webhooks, &Unavailable>;

    /// Time, randomness and the log of operators.
    fn env(&self) -> &Self::Environment;
}
