//! A replacement for `spin up` where the Spin CLI is not installed: CI, machines without
//! network access, the end-to-end tests. It runs the app of a `spin.toml` on wasmtime. It
//! is not for production, which uses Spin.
//!
//! It runs the same `.wasm` files from the same manifest, and refuses what Spin refuses.
//! Otherwise a test here would prove nothing about Spin. Where it differs on purpose, the
//! module documents it.
//!
//! [`Runtime::load`] reads the manifest and compiles every component once.
//! [`Runtime::start`] starts an [`App`]; several can run at the same time.

mod app;
mod bindings;
mod cache;
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
