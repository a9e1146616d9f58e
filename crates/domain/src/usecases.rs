//! What the service does: each use case is one file and one function, on the ports.

pub(crate) mod addressee;
pub mod after;
pub mod cancel;
pub mod deliver;
pub mod enrol;
pub mod erase;
pub mod events;
pub mod expire;
pub mod fail;
pub mod find;
pub mod history;
pub mod once;
pub mod pay;
pub mod refund;
pub mod remove;
pub mod retry;
pub mod run;
pub mod settle;
