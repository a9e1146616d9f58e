//! What the use cases need from outside, as traits.
//!
//! Each port is a small trait. Futures do not have to be `Send`, because a component runs one
//! request on one thread.
#![allow(async_fn_in_trait)]

mod billed;
mod books;
pub mod change;
mod documents;
mod enrolments;
mod environment;
mod erasure;
mod events;
mod idempotency;
mod invoices;
mod lookup;
mod mail;
mod mail_texts;
mod outbox;
mod paces;
mod resolutions;
mod retries;
mod schedules;
mod seats;
mod webhooks;

pub use billed::{Billed, OwedInvoice, Rebillings};
pub use books::Books;
pub use documents::Documents;
pub use enrolments::{Answer, Commit, Enrolments};
pub use environment::{Clock, Journal, Random, Timer, new_lease};
pub use erasure::{ErasedJob, Erasure, OfUser, Pseudonym};
pub use events::Events;
pub use idempotency::IdempotencyKeys;
pub use invoices::{Content, Invoices, Order};
pub use lookup::{Courses, Users};
pub use mail::{Mail, Repeats};
pub use mail_texts::MailTexts;
pub use outbox::{Claimed, Outbox, Retention};
pub use paces::Paces;
pub use resolutions::{JobToResolve, NewResolution, Resolutions, ResolveError};
pub use retries::{JobToRetry, Retries, Retry};
pub use schedules::{Schedule, Schedules};
pub use seats::{Move, Moved, Seats, Settled, WaitingFilter};
pub use webhooks::{EventQueue, Webhook, Webhooks};

use crate::Unavailable;
use crate::model::language::Language;
use crate::model::seats::HoldTimes;
use crate::model::terms::{Billing, Currency};

/// The database.
pub trait Database:
    Enrolments
    + Rebillings
    + Seats
    + Documents
    + Events
    + EventQueue
    + Outbox
    + Paces
    + IdempotencyKeys
    + Resolutions
    + Retention
    + Schedules
    + Erasure
    + MailTexts
{
}

impl<T> Database for T where
    T: Enrolments
        + Rebillings
        + Seats
        + Documents
        + Events
        + EventQueue
        + Outbox
        + Paces
        + IdempotencyKeys
        + Resolutions
        + Retention
        + Schedules
        + Erasure
        + MailTexts
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

    /// The currency of a course that does not say one.
    ///
    /// # Errors
    ///
    /// When the variable is missing or invalid.
    fn currency(&self) -> Result<Currency, Unavailable>;

    /// What is agreed with a payment that is recorded now.
    ///
    /// # Errors
    ///
    /// When a variable for it is missing or invalid.
    fn billing(&self) -> Result<Billing, Unavailable>;

    /// How long seats are held that are not paid.
    ///
    /// # Errors
    ///
    /// When a variable for it is missing or invalid.
    fn hold_times(&self) -> Result<HoldTimes, Unavailable>;

    /// The language of a mail if neither the user nor the course has one.
    fn language(&self) -> Language;

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
