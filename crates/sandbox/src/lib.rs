//! One server that behaves like the five systems around Enrolments: the users
//! and courses services, Fakturownia, a mail relay in the form of every provider
//! that the service speaks, and the platform's receiver of events. For people who
//! try the service, and for its tests.
//!
//! Any user and any course exists, but for the documented ones that do not
//! ([`users`], [`courses`]). `/sandbox/…` shows what was received and makes the
//! systems fail on demand ([`fault`]) or behave otherwise ([`settings`]). Everything is
//! in memory.

pub mod control;
pub mod courses;
pub mod fault;
pub mod http;
pub mod invoices;
pub mod mail;
pub mod page;
mod server;
pub mod settings;
pub mod state;
pub mod users;
pub mod webhooks;

pub use fault::{Fault, Target};
pub use invoices::{Account, AutoSend, Outcome, Refusal};
pub use server::{Config, Sandbox};
pub use settings::Settings;
pub use state::{Arrival, Snapshot};
