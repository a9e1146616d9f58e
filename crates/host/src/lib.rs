//! Runs the Spin app described by a `spin.toml` on wasmtime, for machines
//! where the Spin CLI is not installed: CI, air-gapped development, the
//! end-to-end tests. Production is Spin; this crate stands in for `spin up`.
//!
//! It runs the same `.wasm` files from the same manifest, and refuses what
//! Spin refuses: a host that let a component do more than Spin does would
//! prove nothing. Where the two differ on purpose, the module says so.
//!
//! [`Runtime::load`] reads the manifest and compiles every component once;
//! [`Runtime::start`] starts an [`App`] on it, as many side by side as wanted.

mod app;
mod bindings;
mod cron;
mod guest;
mod http;
mod manifest;
mod mysql;
mod outbound;
mod output;
mod record;
mod route;
mod runtime;
mod sqlite;
mod summary;
mod template;
mod variables;

pub use app::{App, Options};
pub use output::Output;
pub use record::{Invocation, Trigger};
pub use runtime::Runtime;
