//! The table `outbox`: jobs. No other module writes it.

pub(crate) mod billed;
pub(crate) mod erase;
mod events;
pub(crate) mod finish;
pub(crate) mod insert;
pub(crate) mod lease;
pub(crate) mod notices;
pub(crate) mod operators;
pub(crate) mod payload;
pub(crate) mod prune;
pub(crate) mod worker;

use crate::sql::Sql;

/// Needs all that a change needs, but changes and locks no row: the check is open
/// to everybody and must not hold up those who write.
pub(crate) const WRITABLE: Sql = Sql::both("UPDATE outbox SET attempts = attempts WHERE 1 = 0");
