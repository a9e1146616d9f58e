//! `bench [--seconds N] [--rows N] [--base URL]`: the service beside what Spin
//! itself costs (`floor`) and beside a native service, in one run. Prints tables
//! and writes them to `target/bench.json`, with the plot beside it.
//!
//! With `--scaling` it only simulates how many replicas a load takes.
//! With `--base` only the instance there is measured, for example on Spin itself;
//! `AUTHORIZATION` in the environment is sent along.

mod load;
mod process;
mod report;
mod scale;
mod scaling;
mod throughput;

use anyhow::{Result, ensure};
use serde_json::json;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Err(error) = run() else { return ExitCode::SUCCESS };
    eprintln!("bench: {error:#}");
    ExitCode::FAILURE
}

fn run() -> Result<()> {
    let mut arguments = pico_args::Arguments::from_env();
    let seconds: u32 = arguments.opt_value_from_str("--seconds")?.unwrap_or(2);
    let rows: usize = arguments.opt_value_from_str("--rows")?.unwrap_or(1_000_000);
    let base: Option<String> = arguments.opt_value_from_str("--base")?;
    let scaling = arguments.contains("--scaling");
    ensure!(arguments.finish().is_empty(), "usage: bench [--seconds N] [--rows N] [--base URL | --scaling]");
    if scaling {
        scaling::print();
        return Ok(());
    }
    let runtime = tokio::runtime::Runtime::new()?;
    println!("{}\n", machine());
    if let Some(base) = base {
        runtime.block_on(throughput::instance(&base, seconds))?;
        return Ok(());
    }
    let (lines, memory) = runtime.block_on(throughput::measure(seconds))?;
    for (service, kibibytes) in &memory {
        println!("{service}: {} MiB at most", kibibytes / 1024);
    }
    let points = runtime.block_on(scale::measure(rows))?;
    let target = tests::root().join("target");
    report::plot(&points, &target.join("active.svg"))?;
    let report = json!({"machine": machine(), "throughput": lines, "memory_kib": memory, "scale": points});
    std::fs::write(target.join("bench.json"), serde_json::to_string_pretty(&report)?)?;
    println!("\nWritten to target/bench.json and target/active.svg");
    Ok(())
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
