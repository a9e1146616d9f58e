//! `bench [--seconds N] [--rows N] [--base URL]`: the service beside what Spin
//! itself costs (`floor`) and beside a native service, in one run. Prints tables
//! and writes them to `target/bench.json`, with a plot in `target/active.svg`.
//!
//! With `--scaling` it only simulates how many replicas a load takes.
//! With `--base` only the instance there is measured, for example on Spin itself;
//! `AUTHORIZATION` in the environment is sent along.

mod cost;
mod load;
mod process;
mod report;
mod route;
mod scale;
mod scaling;
mod target;
mod throughput;

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use std::process::ExitCode;

fn main() -> ExitCode {
    let Err(error) = run() else { return ExitCode::SUCCESS };
    eprintln!("bench: {error:#}");
    ExitCode::FAILURE
}

fn run() -> Result<()> {
    let mut arguments = pico_args::Arguments::from_env();
    let seconds: u32 = arguments.opt_value_from_str("--seconds")?.unwrap_or(1);
    let rows: usize = arguments.opt_value_from_str("--rows")?.unwrap_or(1_000_000);
    let base: Option<String> = arguments.opt_value_from_str("--base")?;
    let scaling = arguments.contains("--scaling");
    ensure!(arguments.finish().is_empty(), "usage: bench [--seconds N] [--rows N] [--base URL | --scaling]");
    if scaling {
        scaling::print();
        return Ok(());
    }
    let report = tokio::runtime::Runtime::new()?.block_on(async {
        println!("{}\n", machine());
        match base {
            Some(base) => instance(&base, seconds).await,
            None => everything(seconds, rows).await,
        }
    })?;
    let file = tests::root().join("target/bench.json");
    std::fs::write(&file, serde_json::to_string_pretty(&report)?)?;
    println!("\nWritten to {}", file.display());
    Ok(())
}

/// A running instance alone.
async fn instance(base: &str, seconds: u32) -> Result<Value> {
    let lines = throughput::instance(base, seconds).await?;
    Ok(json!({"machine": machine(), "throughput": lines}))
}

async fn everything(seconds: u32, rows: usize) -> Result<Value> {
    let costs = cost::measure().await?;
    println!();
    let (lines, memory) = throughput::measure(seconds).await?;
    println!();
    for (service, kibibytes) in &memory {
        println!("{service}: {} MiB at most", kibibytes / 1024);
    }
    println!();
    let points = scale::measure(rows).await?;
    report::plot(&points, &tests::root().join("target/active.svg"))?;
    println!("\n{}", report::ratios(&lines));
    Ok(json!({"machine": machine(), "costs": costs, "throughput": lines, "memory_kib": memory, "scale": points}))
}

/// What absolute figures depend on.
fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or(": unknown");
    format!(
        "{cores} cores,{}; services, database, sandbox and load on the same ones",
        model.trim_start_matches(['\t', ':'])
    )
}
