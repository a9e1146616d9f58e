//! The ports of `domain` on Spin's interfaces, and the entry of every component.
//!
//! A component reads its [`config`], makes the adapters that it needs and hands
//! them to a use case. What a host or another system says stays in this crate:
//! errors leave it as names (see [`log`]).
//!
//! `sql` is the database, with `sql::outbox` as the only place that writes the table of jobs;
//! `systems` are the other systems: a file each, and [`Adapters`], which has all of them;
//! `outbound` is the HTTP client of these; `server` takes HTTP requests and answers them. It is
//! here and not in the crate `api`, which has no Spin.

pub mod config;
mod environment;
pub mod log;
mod outbound;
mod run;
pub mod server;
mod sql;
mod systems;
mod timer;

pub use environment::Environment;
pub use outbound::Deadline;
pub use run::{deliver_after, run_deliveries, test_receiver};
pub use sql::Store;
pub use systems::{Adapters, Fakturownia};
