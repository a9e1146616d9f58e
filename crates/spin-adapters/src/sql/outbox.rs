//! The table `outbox`: jobs. No other module writes it.

pub(crate) mod erase;
mod events;
pub(crate) mod finish;
pub(crate) mod insert;
pub(crate) mod operators;
pub(crate) mod payload;
pub(crate) mod worker;
