//! Galera: nothing is lost or done twice when the writing node of a cluster is killed and
//! another node takes its place.
//!
//! Two services reach three nodes through HAProxy, with the file of `deploy/`. Eight callers
//! enrol, pay and cancel, at either service, and repeat each request until there is an answer.
//! The run kills the node that writes with -9. HAProxy turns to another node and stays there
//! when the killed node comes back. Then the next one is killed. In the end every node is
//! compared with the acknowledged requests.

mod check;
mod load;
mod proxy;

use crate::arguments::Galera;
use crate::drain::{Due, drain};
use anyhow::{Context, Result, ensure};
use check::Report;
use host::Runtime;
use load::Load;
use proxy::HaProxy;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tests::{Database, NODES, Settings, TestApp, TestDatabase};
use tokio::task::JoinSet;

/// How many callers there are at a time.
const CALLERS: usize = 8;

/// How many answers there are between two kills.
const BETWEEN: usize = 60;

/// How many nodes are killed at least.
const KILLS: usize = 2;

pub(crate) fn run(arguments: &Galera) -> Result<bool> {
    Ok(tokio::runtime::Runtime::new()?.block_on(on_a_cluster(arguments))?.is_well())
}

async fn on_a_cluster(arguments: &Galera) -> Result<Report> {
    let seed = arguments.seed.unwrap_or_else(|| fastrand::u64(..1 << 32));
    println!("seed {seed}");
    let mut rng = fastrand::Rng::with_seed(seed);
    let components = Runtime::load(tests::root().join("spin.toml"))?;
    let begin = Instant::now();
    let mut cluster = tests::Galera::start().await?;
    let started = begin.elapsed();
    let proxy = HaProxy::before(&cluster).await?;
    let variables = [("mysql_address".to_owned(), proxy.address())].into();
    let settings = Settings { variables, ..Settings::default() };
    let app = TestApp::start(&components, Database::MariaDb, Some(cluster.node(0)?), settings).await?;
    let beside = app.start_beside(&components).await?;
    warned_of(&cluster, &app).await?;

    let load = Arc::new(Load::new(app, beside));
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        callers.spawn(Arc::clone(&load).call(caller, rng.fork()));
    }
    callers.spawn(Arc::clone(&load).deliver());
    let end = Instant::now() + Duration::from_secs(arguments.seconds.unwrap_or(0));
    let (mut writing, mut kills, mut slowest) = (proxy.writing(&cluster).await?, 0, Duration::ZERO);
    while kills < KILLS || Instant::now() < end {
        load.until_answered(BETWEEN).await?;
        // During the load.
        cluster.kill(writing)?;
        kills += 1;
        let killed = Instant::now();
        let next = proxy.until_not(writing, &cluster).await?;
        slowest = slowest.max(killed.elapsed());
        load.until_answered(BETWEEN).await?;
        cluster.bring_back(writing).await?;
        for index in 0..NODES {
            cluster.until_ready(index, NODES).await?;
        }
        load.until_answered(BETWEEN).await?;
        writing = proxy.writing(&cluster).await?;
        ensure!(writing == next, "node {writing} writes instead of {next}, which was up");
    }
    load.stop();
    while let Some(ended) = callers.join_next().await {
        ended??;
    }
    let app = &load.app;
    let databases = (0..NODES).map(|index| on(&cluster, index, app)).collect::<Result<Vec<_>>>()?;
    let database = databases.get(writing).context("a node")?;
    app.idle().await;
    load.beside.idle().await;
    // Runs that lost their node keep leases.
    drain(database, Due::All, 200, async || app.app.run_cron("delivery-cron").await.map(drop)).await?;
    let report = check::check(&load, database, &databases).await?;
    println!(
        "{kills} kills, HAProxy at another node after {} ms at most, cluster up in {} s, all in {} s: {report}",
        slowest.as_millis(),
        started.as_secs(),
        begin.elapsed().as_secs()
    );
    Ok(report)
}

/// The service's database, as a node has it.
fn on(cluster: &tests::Galera, index: usize, app: &TestApp) -> Result<TestDatabase> {
    let TestDatabase::MariaDb { name, .. } = &app.database else { None.context("a server")? };
    let node = cluster.node(index)?;
    Ok(TestDatabase::MariaDb { name: name.clone(), address: node.address(), options: node.service(name) })
}

/// `migrate --check` warns that only one node may write.
async fn warned_of(cluster: &tests::Galera, app: &TestApp) -> Result<()> {
    let TestDatabase::MariaDb { name, .. } = &app.database else { return Ok(()) };
    let findings = migrate::examine(cluster.node(0)?.service(name)).await?.to_string();
    ensure!(findings.contains("Warning: Galera with several nodes"), "`migrate --check` says: {findings}");
    Ok(())
}
