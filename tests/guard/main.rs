//! What every request costs, compared with `values.json`: the size of the
//! components, and for each request its instructions, its memory, how often that
//! grew, its connections, statements and round trips, and its calls to outside
//! systems. Nothing here depends on a clock.
//!
//! A value that has changed by more than a small tolerance fails, for better or
//! worse; `--update` writes the new ones down.

use anyhow::{Context, Result, ensure};
use host::Runtime;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use tests::{Cost, Costs, Database, MariaDb};

/// How far a size or a number of instructions may be off: what a patch release of
/// a dependency moves, and how often a guest is woken while it waits.
const TOLERANCE: f64 = 0.05;

#[derive(Debug, Default, Deserialize, Serialize)]
struct Values {
    /// Bytes of each component.
    components: BTreeMap<String, u64>,
    /// By database, then by request.
    requests: BTreeMap<String, Costs>,
}

mod arguments {
    xflags::xflags! {
        /// Compares what every request costs with tests/guard/values.json.
        cmd guard {
            /// Write it down instead.
            optional --update
        }
    }
}

fn main() -> ExitCode {
    match run(arguments::Guard::from_env_or_exit().update) {
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
        values.requests.insert(name.to_owned(), tests::costs(runtime, database, &server).await?);
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

fn print(values: &Values) {
    for (component, bytes) in &values.components {
        println!("{component:14} {bytes:>9} bytes");
    }
    for (database, requests) in &values.requests {
        for (name, cost) in requests {
            let Cost { instructions, memory, growths, connections, statements, round_trips, calls } = cost;
            println!(
                "{database:8} {name:30} {instructions:>9} instructions, {memory:>5} KiB, {growths} growths, \
                 {connections} connections, {statements} statements, {round_trips} round trips, {calls} calls"
            );
        }
    }
}

/// Names that were measured and are not any more.
fn vanished<T>(of: &str, known: &BTreeMap<String, T>, found: &BTreeMap<String, T>) -> Vec<String> {
    let gone = known.keys().filter(|name| !found.contains_key(*name));
    gone.map(|name| format!("{of}: {name} is not measured any more")).collect()
}

/// What is not as it was, a line each; what is no longer there, too.
fn compare(known: &Values, found: &Values) -> Vec<String> {
    let mut changed = vanished("component", &known.components, &found.components);
    for (database, requests) in &known.requests {
        match found.requests.get(database) {
            Some(found) => changed.extend(vanished(database, requests, found)),
            None => changed.push(format!("{database} is not measured any more")),
        }
    }
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
            let exact_part = |cost: &Cost| Cost { instructions: 0, ..cost.clone() };
            if was.map(exact_part) != Some(exact_part(cost)) {
                exact.push(format!("{database}: {name}: {cost:?}, was {was:?}"));
            }
        }
    }
    changed.extend(exact);
    changed
}
