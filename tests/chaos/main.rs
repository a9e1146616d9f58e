//! Whether anything is lost or done twice while everything fails.
//!
//! With `--seconds N` (30), `--seed N` (random) and `--database sqlite|mariadb`
//! (both) it keeps a load of enrolments and payments on the service, kills the
//! service, its connections and its database at random moments and makes the
//! outside systems fail; then
//! it lets the outbox drain and compares what was acknowledged with what is
//! there. The seed decides what is done when; how far the service has got at
//! that moment it cannot decide.

mod check;
mod load;
mod service;
mod trouble;

use anyhow::{Result, bail};
use fastrand::Rng;
use load::Load;
use sandbox::{Config, Sandbox};
use service::Service;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tests::{Database, MariaDb, TestDatabase};
use tokio::task::JoinSet;
use trouble::Trouble;

/// How many callers there are at a time.
const CALLERS: usize = 8;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("chaos: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<bool> {
    let mut arguments = pico_args::Arguments::from_env();
    if arguments.contains(service::SERVE) {
        return service::serve(&mut arguments).map(|()| true);
    }
    let seconds: u64 = arguments.opt_value_from_str("--seconds")?.unwrap_or(30);
    let seed: u64 = arguments.opt_value_from_str("--seed")?.unwrap_or_else(|| fastrand::u64(..1 << 32));
    let databases = match arguments.opt_value_from_str::<_, String>("--database")?.as_deref() {
        None => vec![Database::Sqlite, Database::MariaDb],
        Some("sqlite") => vec![Database::Sqlite],
        Some("mariadb") => vec![Database::MariaDb],
        Some(other) => bail!("unknown database {other:?}"),
    };
    println!("seed {seed}");
    let runtime = tokio::runtime::Runtime::new()?;
    let each = Duration::from_secs(seconds) / u32::try_from(databases.len())?;
    let mut well = true;
    for database in databases {
        well &= runtime.block_on(on(database, each, Rng::with_seed(seed)))?;
    }
    Ok(well)
}

async fn on(kind: Database, duration: Duration, mut rng: Rng) -> Result<bool> {
    let folder = tempfile::Builder::new().prefix("enrolments-chaos-").tempdir()?;
    let server = match kind {
        Database::Sqlite => None,
        Database::MariaDb => Some(MariaDb::start().await?),
    };
    let database = match &server {
        None => TestDatabase::sqlite(folder.path()),
        Some(server) => TestDatabase::mariadb(server, false).await?,
    };
    let sandbox =
        Arc::new(Sandbox::start(([127, 0, 0, 1], 0).into(), Config { seed: rng.u64(..), ..Config::default() }).await?);
    let mut service = Service::new(folder.path(), &database, &sandbox)?;
    service.start().await?;

    let end = Instant::now() + duration;
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        let load = Load::new(caller, service.base(), Rng::with_seed(rng.u64(..)));
        callers.spawn(load.run(end));
    }
    let mut trouble = Trouble::new(rng, Arc::clone(&sandbox), server);
    trouble.make(&mut service, end).await?;
    let mut load = load::Seen::default();
    while let Some(seen) = callers.join_next().await {
        load.add(seen?);
    }
    trouble.stop(&mut service).await?;
    check::drain(&database, &service).await?;
    let report = check::check(kind, &database, &sandbox, &load, &trouble.counts).await?;
    println!("{report}");
    Ok(report.is_well())
}
