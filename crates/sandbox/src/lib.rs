//! A server that simulates the systems around Enrolments: the users and courses
//! services, Fakturownia, the mail relay (the API of every supported provider) and the
//! platform's receiver of webhooks. It is for people who try the service, and for its tests.
//!
//! Any user and any course exists, except some documented ones ([`systems::users`],
//! [`systems::courses`]).
//! `/sandbox/…` shows the received data, makes the systems fail ([`fault`]) and changes their
//! behaviour ([`settings`]). All data are in memory.

pub mod control;
pub mod fault;
pub mod http;
pub mod page;
mod server;
pub mod settings;
pub mod state;
pub mod systems;

pub use fault::Fault;
pub use server::Sandbox;
pub use settings::Settings;
pub use systems::invoices::{Account, AutoSend, Outcome, Refusal};
pub use systems::webhooks::Arrival;
pub use systems::{Config, Snapshot, Target, mail, webhooks};
