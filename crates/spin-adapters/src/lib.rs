//! The ports of `domain` on Spin's interfaces, and the entry of every component.
//!
//! A component reads its [`config`], makes the adapters that it needs and hands
//! them to a use case. What a host or another system says stays in this crate:
//! errors leave it as names (see [`log`]).

mod adapters;
mod condition;
pub mod config;
mod courses;
mod database;
mod documents;
mod enrolments;
mod enums;
mod environment;
mod erasure;
mod event_queue;
mod events;
mod fakturownia;
mod finish;
mod idempotency;
pub mod inbound;
mod jobs;
pub mod log;
mod lookup;
mod mail;
mod operations;
mod outbound;
mod outbox;
mod outcome;
mod paces;
mod page;
mod payload;
mod resolutions;
mod retention;
mod run;
mod timer;
mod trouble;
mod users;
mod webhooks;

pub use adapters::{Adapters, NotAsked};
pub use courses::CoursesService;
pub use database::Store;
pub use environment::Environment;
pub use fakturownia::Fakturownia;
pub use mail::Relay;
pub use outbound::Deadline;
pub use run::{deliver_after, run_deliveries};
pub use users::UsersService;
pub use webhooks::Receiver;
