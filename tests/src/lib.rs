//! The harness of the end-to-end tests: each test starts a database, a sandbox and the real
//! components in the host, and ends them.

mod access;
mod app;
mod backup;
mod certificates;
mod contract;
mod cost;
mod database;
mod galera;
mod mariadb;
mod new_job;
mod release_before;
mod routes;
mod tools;
mod traces;
mod values;
mod wire;

pub use access::{ROLES, access};
pub use app::{Answer, Settings, TestApp};
pub use backup::Backup;
pub use certificates::{Certificates, Validity};
pub use contract::{CONTRACT, Contract};
pub use cost::{Cost, Costs, costs};
pub use database::{Database, TestDatabase, sqlite_schema};
pub use galera::{Galera, NODES};
pub use mariadb::{MariaDb, free_port, program};
pub use new_job::NewJob;
pub use release_before::release_before;
pub use routes::{Asked, Effect, ROUTES, Route, filled, patterns};
pub use tools::run_tool;
pub use traces::Traces;
pub use values::Values;
pub use wire::Wire;

use std::path::{Path, PathBuf};
use std::time::Duration;

/// Longer than any deadline takes on a busy machine, and shorter than a wait without one.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The root of the repository.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new(".")).to_owned()
}
