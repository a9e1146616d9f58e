//! The guard compares the costs of every request with `values.json`: the size of the
//! components, and for each request its instructions, memory, growths of memory, variables,
//! connections, statements, round trips and requests to other systems. It uses no clock.
//!
//! It fails if a value has changed by more than a small tolerance, up or down, or is new or
//! missing. `--update` writes the values.

use anyhow::{Context, Result, ensure};
use host::Runtime;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use tests::{Cost, Database, MariaDb, Values};

mod arguments {
    xflags::xflags! {
        /// Compares the costs of every request with tests/guard/values.json.
        cmd guard {
            /// Write the values instead.
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
    // One thread: a second one takes the pieces of an answer sooner or later, and each wait costs
    // instructions.
    let tokio = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let found = tokio.block_on(measure(&runtime))?;
    print(&found);
    let file = tests::root().join("tests/guard/values.json");
    if update {
        return Ok(std::fs::write(file, serde_json::to_string_pretty(&found)? + "\n")?);
    }
    let known: Values = serde_json::from_str(&std::fs::read_to_string(file)?)?;
    let changed = known.compare(&found);
    ensure!(
        changed.is_empty(),
        "{}\nIf that is meant, write it down: make guard UPDATE=1. The sizes are those of the compiler in \
         Cargo.toml's rust-version.",
        changed.join("\n")
    );
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
            let Cost { instructions, memory, growths, variables, connections, statements, round_trips, calls, .. } =
                cost;
            println!(
                "{database:8} {name:30} {instructions:>9} instructions, {memory:>5} KiB, {growths} growths, \
                 {variables} variables, {connections} connections, {statements} statements, {round_trips} round trips, {calls} calls"
            );
        }
    }
}
