//! The ports of `domain` on Spin's interfaces, and the entry of every component.
//!
//! A component reads its [`config`], makes the adapters that it needs and hands
//! them to a use case. What a host or another system says stays in this crate:
//! errors leave it as names (see [`log`]).
//!
//! `sql` is the database, with `sql::outbox` as the only place that writes the table of jobs;
//! `services` are users and courses; `fakturownia`, `mail` and `webhooks` deliver; `outbound`
//! is the HTTP client of these; `server` takes HTTP requests and answers them. It is here and
//! not in the crate `api`, which has no Spin.

mod adapters;
pub mod config;
mod environment;
mod fakturownia;
pub mod log;
mod mail;
mod outbound;
mod run;
pub mod server;
mod services;
mod sql;
mod timer;
mod webhooks;

pub use adapters::{Adapters, NotAsked};
pub use environment::Environment;
pub use fakturownia::Fakturownia;
pub use mail::Relay;
pub use outbound::Deadline;
pub use run::{deliver_after, run_deliveries};
pub use services::{CoursesService, UsersService};
pub use sql::Store;
pub use webhooks::Receiver;
