//! The use cases: each is one file with one main function, which uses the ports.

pub(crate) mod addressee;
pub mod after;
pub mod cancel;
pub mod check;
pub mod deliver;
pub mod enrol;
pub mod erase;
pub mod events;
pub mod expire;
pub mod extend;
pub mod fail;
pub mod find;
pub mod history;
pub mod mail_texts;
pub mod move_to;
pub mod once;
pub mod pay;
pub mod rebill;
pub mod refund;
pub mod remove;
pub mod resolve;
pub mod retry;
pub mod run;
pub mod seats;
