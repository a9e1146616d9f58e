//! Long runs under load and faults. Each is a command: `cargo test --test stress -- chaos
//! --seconds 600`. Without a command, each runs in its short form in its own process, because
//! the instances of the engine and the limit of open files belong to a process.

mod chaos;
mod drain;
mod fuzz;
mod galera;
mod order;
mod stalled;

use anyhow::Result;
use arguments::{Stress, StressCmd};
use std::collections::BTreeMap;
use std::process::{Command, ExitCode};

mod arguments {
    use std::net::SocketAddr;
    use std::path::PathBuf;
    use tests::Database;

    xflags::xflags! {
        /// Long runs under load and faults.
        cmd stress {
            /// Runs each other command in its short form.
            default cmd all {}
            /// Causes faults and kills; compares the acknowledged requests with the database.
            cmd chaos {
                /// For how long (30).
                optional --seconds number: u64
                /// The seed of requests and faults (random).
                optional --seed number: u64
                /// Either `sqlite` or `mariadb` (both).
                optional --database name: Database
            }
            /// Kills the node of a Galera cluster that writes.
            cmd galera {
                /// How long nodes are killed (until two were).
                optional --seconds number: u64
                /// The seed of the requests (random).
                optional --seed number: u64
            }
            /// Reads events while many transactions write them and commit late.
            cmd order {
                /// How many events are written on each database (5000).
                optional --events number: u64
                /// The seed of the writers (random).
                optional --seed number: u64
                /// Either `sqlite` or `mariadb` (both).
                optional --database name: Database
            }
            /// Opens connections that neither send nor read.
            cmd stalled {
                /// Only the cases with this in their name.
                optional name: String
            }
            /// Sends requests that Schemathesis makes from openapi.json.
            cmd fuzz {
                /// About how many requests are tried for each operation and fault (10).
                optional --examples number: u32
                /// The seed of the requests (1).
                optional --seed number: u64
            }
            /// Runs the service until it is killed; `chaos` starts it.
            cmd serve {
                /// Where to listen.
                required --listen address: SocketAddr
                /// Where SQLite keeps its database.
                required --state-dir folder: PathBuf
            }
        }
    }
}

fn main() -> ExitCode {
    let result = match Stress::from_env_or_exit().subcommand {
        StressCmd::All(_) => all(),
        StressCmd::Chaos(arguments) => chaos::run(&arguments),
        StressCmd::Galera(arguments) => galera::run(&arguments),
        StressCmd::Order(arguments) => order::run(&arguments),
        StressCmd::Stalled(arguments) => Ok(stalled::run(arguments.name)),
        StressCmd::Fuzz(arguments) => fuzz::run(&arguments),
        StressCmd::Serve(arguments) => chaos::serve(arguments),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("stress: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs all, even after a failure.
fn all() -> Result<bool> {
    let mut failed = Vec::new();
    for name in ["chaos", "fuzz", "galera", "order", "stalled"] {
        println!("\nstress {name}");
        if !Command::new(std::env::current_exe()?).arg(name).status()?.success() {
            failed.push(name);
        }
    }
    if !failed.is_empty() {
        println!("\nfailed: {}", failed.join(", "));
    }
    Ok(failed.is_empty())
}

/// How often each item occurs.
fn count<T: Ord>(items: impl IntoIterator<Item = T>) -> BTreeMap<T, usize> {
    let mut counts = BTreeMap::new();
    for item in items {
        *counts.entry(item).or_default() += 1;
    }
    counts
}
