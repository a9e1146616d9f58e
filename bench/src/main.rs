//! `bench` compares the service with the cost of Spin itself (`floor`) and with a native
//! service. It prints tables and writes them to `target/bench.json`, with a plot in
//! `target/active.svg`. `--help` lists its options.

mod cost;
mod lapses;
mod load;
mod process;
mod report;
mod route;
mod scale;
mod scaling;
mod target;
mod throughput;

use anyhow::Result;
use arguments::Bench;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::ExitCode;

mod arguments {
    use std::path::PathBuf;

    xflags::xflags! {
        /// Measures the service beside what Spin itself costs and beside a native service.
        cmd bench {
            /// How long each load lasts (1).
            optional --seconds number: u32
            /// Up to how many rows GET /active is measured with (1000000).
            optional --rows number: usize
            /// Measure on Spin: its program. Without it a stand-in of Spin is the host. The trigger plugin
            /// for cron must be installed.
            optional --spin program: PathBuf
            /// Only measure the instance there, for example on Spin itself;
            /// AUTHORIZATION in the environment is sent along.
            optional --base url: String
            /// Only count what requests cost, and check that the floor's cost as much.
            optional --costs
            /// Only simulate how many replicas a load takes.
            optional --scaling
        }
    }
}

fn main() -> ExitCode {
    let arguments = Bench::from_env_or_exit();
    let only = [arguments.base.is_some(), arguments.costs, arguments.scaling];
    if only.into_iter().filter(|only| *only).count() > 1 {
        xflags::Error::new("either `--base` or `--costs` or `--scaling`").exit();
    }
    let Err(error) = run(arguments) else { return ExitCode::SUCCESS };
    eprintln!("bench: {error:#}");
    ExitCode::FAILURE
}

fn run(arguments: Bench) -> Result<()> {
    if arguments.scaling {
        scaling::print();
        return Ok(());
    }
    if arguments.costs {
        return tokio::runtime::Runtime::new()?.block_on(cost::measure()).map(drop);
    }
    let (seconds, rows) = (arguments.seconds.unwrap_or(1), arguments.rows.unwrap_or(1_000_000));
    let report = tokio::runtime::Runtime::new()?.block_on(async {
        println!("{}\n", machine());
        match arguments.base {
            Some(base) => instance(&base, seconds).await,
            None => everything(seconds, rows, arguments.spin).await,
        }
    })?;
    let file = tests::root().join("target/bench.json");
    std::fs::write(&file, serde_json::to_string_pretty(&report)?)?;
    println!("\nWritten to {}", file.display());
    Ok(())
}

/// Measures only a running instance.
async fn instance(base: &str, seconds: u32) -> Result<Value> {
    let lines = throughput::instance(base, seconds).await?;
    Ok(json!({"machine": machine(), "throughput": lines}))
}

async fn everything(seconds: u32, rows: usize, spin: Option<PathBuf>) -> Result<Value> {
    let costs = cost::measure().await?;
    println!();
    let (lines, memory) = throughput::measure(seconds, spin).await?;
    println!();
    for (service, kibibytes) in &memory {
        println!("{service}: {} MiB at most", kibibytes / 1024);
    }
    println!();
    let mut points = scale::measure(rows).await?;
    points.extend(lapses::measure().await?);
    report::plot(&points, &tests::root().join("target/active.svg"))?;
    println!("\n{}", report::ratios(&lines));
    Ok(json!({"machine": machine(), "costs": costs, "throughput": lines, "memory_kib": memory, "scale": points}))
}

/// The machine, on which absolute figures depend.
fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or(": unknown");
    format!(
        "{cores} cores,{}; services, database, sandbox and load on the same ones",
        model.trim_start_matches(['\t', ':'])
    )
}
