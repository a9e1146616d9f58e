//! A server that simulates the five systems around Enrolments: the users and courses
//! services, Fakturownia, the mail relay (the API of every supported provider) and the
//! platform's receiver of webhooks. It is for people who try the service, and for its tests.
//!
//! Any user and any course exists, except some documented ones ([`users`], [`courses`]).
//! `/sandbox/…` shows the received data, makes the systems fail ([`fault`]) and changes their
//! behaviour ([`settings`]). All data are in memory.

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
