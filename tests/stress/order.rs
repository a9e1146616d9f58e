//! Order: a reader gets each event once, and the events of an enrolment in their order,
//! even if transactions commit late.
//!
//! Sixteen writers hold transactions open for random times. They write events with the
//! service's own statements, under the locks of the enrolments; some roll back. Other callers
//! change enrolments through the service. Two readers read page after page. In the end their
//! events are compared with the committed ones. `cargo test --test stress -- order --events
//! 100000` takes twenty minutes and holds transactions for up to three seconds; without an
//! argument the run is short.

mod callers;
mod check;
mod reader;
mod transaction;
mod writers;

use crate::arguments::Order;
use anyhow::Result;
use check::check;
use fastrand::Rng;
use host::Runtime;
use reader::follow;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tests::{Database, MariaDb, Settings, TestApp};
use transaction::Held;
use writers::Writers;

/// Runs with at least this many events hold transactions for seconds.
const MANY: u64 = 50_000;

pub(crate) fn run(arguments: &Order) -> Result<bool> {
    let seed = arguments.seed.unwrap_or_else(|| fastrand::u64(..1 << 32));
    let databases = arguments.database.map_or(vec![Database::Sqlite, Database::MariaDb], |database| vec![database]);
    println!("seed {seed}");
    let components = Runtime::load(tests::root().join("spin.toml"))?;
    let runtime = tokio::runtime::Runtime::new()?;
    let mut well = true;
    for database in databases {
        let events = arguments.events.unwrap_or(5000);
        well &= runtime.block_on(on(&components, database, events, Rng::with_seed(seed)))?;
    }
    Ok(well)
}

/// How long transactions are held. On SQLite one blocks all other writers, so few are held
/// long.
fn held(database: Database, events: u64) -> Held {
    let many = events >= MANY;
    let rareness = match (database, many) {
        (Database::MariaDb, _) => 3,
        (Database::Sqlite, true) => 200,
        (Database::Sqlite, false) => 60,
    };
    Held { longest: Duration::from_millis(if many { 3000 } else { 300 }), rareness }
}

async fn on(components: &Runtime, database: Database, events: u64, mut rng: Rng) -> Result<bool> {
    let server = match database {
        Database::Sqlite => None,
        // Ids are drawn as MySQL 8 does.
        Database::MariaDb => Some(MariaDb::start_with(vec!["--innodb-autoinc-lock-mode=2".to_owned()]).await?),
    };
    let app = Arc::new(TestApp::start(components, database, server.as_ref(), Settings::default()).await?);
    let begin = Instant::now();
    let writers = Writers::prepare(&app, events, held(database, events)).await?;
    let (left, committed, pages) = (writers.left(), writers.committed(), writers.pages());
    let mut reader = || follow(Arc::clone(&app), committed.clone(), pages.clone(), rng.fork());
    let readers = [(); 2].map(|()| tokio::spawn(reader()));
    let callers = tokio::spawn(callers::call(Arc::clone(&app), left, writers.commits()));
    let written = writers.write(&mut rng).await?;
    let called = callers.await?;
    let mut read = Vec::new();
    for reader in readers {
        read.push(reader.await?);
    }
    // A reader that starts after the writers.
    read.push(follow(Arc::clone(&app), committed, pages, rng.fork()).await);
    let took = begin.elapsed().as_secs();
    let report = check(&app, &written, &called, &read).await?;
    println!("{database:?}, {took} s: {report}");
    Ok(report.is_well())
}
