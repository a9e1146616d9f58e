//! What every request costs, compared with `values.json`: the size of the
//! components, and for each request its instructions, its memory, how often that
//! grew, its connections and its statements. Nothing here depends on a clock.
//!
//! A value that has changed by more than a small tolerance fails, for better or
//! worse; `--update` writes the new ones down.

use anyhow::{Context, Result, ensure};
use host::{Invocation, Runtime};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use tests::{Database, MariaDb, Settings, TestApp};

/// How far a size or a number of instructions may be off: what a patch release of
/// a dependency moves, and how often a guest is woken while it waits.
const TOLERANCE: f64 = 0.05;

#[derive(Debug, Default, Deserialize, Serialize)]
struct Values {
    /// Bytes of each component.
    components: BTreeMap<String, u64>,
    /// By database, then by request.
    requests: BTreeMap<String, BTreeMap<String, Cost>>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Cost {
    instructions: u64,
    /// KiB.
    memory: usize,
    growths: usize,
    connections: usize,
    statements: usize,
}

impl From<&Invocation> for Cost {
    fn from(run: &Invocation) -> Self {
        Self {
            instructions: run.instructions.unwrap_or_default(),
            memory: run.peak_memory / 1024,
            growths: run.growths,
            connections: run.connections,
            statements: run.statements.len(),
        }
    }
}

fn main() -> ExitCode {
    let update = pico_args::Arguments::from_env().contains("--update");
    match run(update) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("guard: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(update: bool) -> Result<()> {
    let runtime = Runtime::load_metered(tests::root().join("spin.toml"))?;
    let found = tokio::runtime::Runtime::new()?.block_on(measure(&runtime))?;
    print(&found);
    let file = tests::root().join("tests/guard/values.json");
    if update {
        return Ok(std::fs::write(file, serde_json::to_string_pretty(&found)? + "\n")?);
    }
    let known: Values = serde_json::from_str(&std::fs::read_to_string(file)?)?;
    let changed = compare(&known, &found);
    ensure!(changed.is_empty(), "{}\nIf that is meant, write it down: make guard UPDATE=1", changed.join("\n"));
    Ok(())
}

async fn measure(runtime: &Runtime) -> Result<Values> {
    let mut values = Values { components: components()?, requests: BTreeMap::new() };
    let server = MariaDb::start().await?;
    for (name, database) in [("mariadb", Database::MariaDb), ("sqlite", Database::Sqlite)] {
        let app = TestApp::start(runtime, database, Some(&server), Settings::default()).await?;
        values.requests.insert(name.to_owned(), requests(&app).await?);
    }
    Ok(values)
}

fn components() -> Result<BTreeMap<String, u64>> {
    let manifest: toml::Table = std::fs::read_to_string(tests::root().join("spin.toml"))?.parse()?;
    let components = manifest.get("component").and_then(toml::Value::as_table).context("components")?;
    let size = |component: &toml::Value| -> Result<u64> {
        let source: PathBuf = component.get("source").and_then(toml::Value::as_str).context("source")?.into();
        Ok(std::fs::metadata(tests::root().join(source))?.len())
    };
    components.iter().map(|(name, component)| Ok((name.clone(), size(component)?))).collect()
}

/// Every kind of request once, after one of its kind that does not count.
async fn requests(app: &TestApp) -> Result<BTreeMap<String, Cost>> {
    let mut costs = BTreeMap::new();
    let mut take = async |name: &str| -> Result<()> {
        let runs = app.take_invocations().await;
        let run = runs.last().with_context(|| format!("{name} was not seen"))?;
        ensure!(run.failure.is_none(), "{name}: {:?}", run.failure);
        costs.insert(name.to_owned(), Cost::from(run));
        Ok(())
    };
    for user in ["ann", "bob"] {
        app.enrolled(user, 1).await;
    }
    take("POST /").await?;
    for id in [1, 2] {
        ensure!(app.pay(id).await.status == 200, "not paid");
        app.idle().await;
    }
    take("PATCH /paid").await?;
    for (name, method, path) in [
        ("GET /{id}", "GET", "/1"),
        ("GET /{id}/details", "GET", "/1/details?user_id=ann"),
        ("GET /health", "GET", "/health"),
        ("GET /metrics", "GET", "/metrics"),
        ("POST /deliveries, nothing due", "POST", "/deliveries"),
        ("PATCH /expired, nothing over", "PATCH", "/expired"),
        ("GET /docs", "GET", "/docs"),
    ] {
        for _ in 0..2 {
            let status = app.call(method, path).await.status;
            ensure!(status == 200, "{name}: {status}");
        }
        take(name).await?;
    }
    rows(app, 1000).await?;
    app.get("/active").await;
    take("GET /active, 1,000 rows").await?;
    app.database.execute("UPDATE enrolments SET course_end_date = '2026-01-01 00:00:00'").await?;
    app.call("PATCH", "/expired").await;
    take("PATCH /expired, 1,000 rows").await?;
    Ok(costs)
}

/// So many active enrolments, with those that are there.
async fn rows(app: &TestApp, number: usize) -> Result<()> {
    let rows: Vec<_> = (3..=number).map(|row| format!("('user-{row:05}', 1, 'ACTIVE', 'PENDING', NULL)")).collect();
    let columns = "user_id, course_id, status, payment_status, course_end_date";
    app.database.execute(&format!("INSERT INTO enrolments ({columns}) VALUES {}", rows.join(","))).await
}

fn print(values: &Values) {
    for (component, bytes) in &values.components {
        println!("{component:14} {bytes:>9} bytes");
    }
    for (database, requests) in &values.requests {
        for (name, Cost { instructions, memory, growths, connections, statements }) in requests {
            println!(
                "{database:8} {name:30} {instructions:>9} instructions, {memory:>5} KiB, {growths} growths, \
                 {connections} connections, {statements} statements"
            );
        }
    }
}

/// What is not as it was, a line each.
fn compare(known: &Values, found: &Values) -> Vec<String> {
    let mut changed = Vec::new();
    let mut near = |what: String, known: Option<u64>, found: u64| {
        #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
        let off = known.map(|known| (found as f64 - known as f64).abs() / (known as f64).max(1.0));
        if off.is_none_or(|off| off > TOLERANCE) {
            changed.push(format!("{what}: {found}, was {known:?}"));
        }
    };
    for (component, bytes) in &found.components {
        near(format!("bytes of {component}"), known.components.get(component).copied(), *bytes);
    }
    let mut exact = Vec::new();
    for (database, requests) in &found.requests {
        for (name, cost) in requests {
            let was = known.requests.get(database).and_then(|requests| requests.get(name));
            near(format!("{database}: instructions of {name}"), was.map(|was| was.instructions), cost.instructions);
            let counts = |cost: &Cost| (cost.memory, cost.growths, cost.connections, cost.statements);
            if was.map(counts) != Some(counts(cost)) {
                exact.push(format!("{database}: {name}: {cost:?}, was {was:?}"));
            }
        }
    }
    changed.extend(exact);
    changed
}
