//! Chaos: nothing is lost or done twice while everything fails.
//!
//! Callers enrol, pay, cancel and refund. At random moments the run kills the service, its
//! connections and its database, restores older copies of the database, and makes the other
//! systems and the webhook receiver fail. In the end it delivers all jobs, and compares the
//! acknowledged requests with the database, the events and the webhooks. A restored copy
//! may have forgotten the requests after it. The seed decides the order of requests and
//! faults, but not their exact times.

mod after;
mod ask;
mod check;
mod courses;
mod life;
mod load;
mod person;
mod seen;
mod service;
mod terms;
mod trouble;

pub(crate) use service::serve;

use crate::arguments::Chaos;
use crate::drain::{Due, drain};
use anyhow::Result;
use ask::Asker;
use fastrand::Rng;
use load::Load;
use sandbox::{Config, Sandbox};
use seen::Seen;
use service::Service;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use terms::Terms;
use tests::{Database, MariaDb, TestDatabase};
use tokio::task::JoinSet;
use trouble::Trouble;

/// How many callers there are at a time.
const CALLERS: usize = 8;

pub(crate) fn run(arguments: &Chaos) -> Result<bool> {
    let seed = arguments.seed.unwrap_or_else(|| fastrand::u64(..1 << 32));
    let databases = arguments.database.map_or(vec![Database::Sqlite, Database::MariaDb], |database| vec![database]);
    println!("seed {seed}");
    let runtime = tokio::runtime::Runtime::new()?;
    let each = Duration::from_secs(arguments.seconds.unwrap_or(30)) / u32::try_from(databases.len())?;
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
    courses::prepare(&sandbox);
    // Events go to a receiver of their own, which the run kills alone.
    let config = Config { seed: rng.u64(..), ..Config::default() };
    let receiver = Sandbox::start(([127, 0, 0, 1], 0).into(), config).await?;
    let mut service = Service::new(folder.path(), &database, &sandbox, &receiver)?;
    service.sell_under(Terms::any(&mut rng));
    service.start().await?;
    // A copy needs the schema that it was made with: the newest from the beginning.
    reqwest::get(format!("{}/health", service.base())).await?;

    let begin = Instant::now();
    let end = begin + duration;
    let restores = Arc::new(AtomicU64::new(0));
    let seen = Arc::new(Mutex::new(Seen::default()));
    let asker = Asker::new(service.base(), end, Arc::clone(&restores), seen);
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        callers.spawn(Load::new(caller, asker.clone(), rng.fork()).run());
    }
    callers.spawn(Load::deliver(asker.clone(), rng.fork()));
    let mut trouble = Trouble::new(rng.fork(), (Arc::clone(&sandbox), receiver), server, restores);
    trouble.make(&mut service, &database, end).await?;
    while let Some(ended) = callers.join_next().await {
        ended?;
    }
    trouble.stop(&mut service).await?;
    check::seats::settle(&asker, &database).await?;
    check::seats::fill(&asker, &database, rng.fork()).await?;
    trouble.end_leases(&mut service, &database).await?;
    after::long_outage((&asker, &mut rng), (&service, &database), (&sandbox, &trouble)).await?;
    let deliver = async || {
        service.deliver().await?;
        person::put_right(&asker, &database, &sandbox, &trouble).await
    };
    drain(&database, Due::Free, 1000, deliver).await?;
    let terms = &service.terms;
    let mut report = check::check((kind, &database), &sandbox, (begin, &asker), (&trouble, terms), rng.fork()).await?;
    report.add(after::keyless_relay((&asker, &mut rng), (&mut service, &database), &sandbox).await?);
    println!("{report}");
    Ok(report.is_well())
}
