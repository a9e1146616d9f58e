//! `migrate [--no-way-back]` brings the configured MySQL database up to date;
//! `migrate --check` only says what it would do and what it found.

use anyhow::ensure;
use std::io::Write as _;
use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Err(error) = run().await else { return ExitCode::SUCCESS };
    eprintln!("migrate: {error:#}");
    ExitCode::FAILURE
}

async fn run() -> anyhow::Result<()> {
    let mut arguments = pico_args::Arguments::from_env();
    let check = arguments.contains("--check");
    let no_way_back = arguments.contains("--no-way-back");
    ensure!(arguments.finish().is_empty(), "usage: migrate [--no-way-back | --check]");

    let options = migrate::options_from_environment()?;
    if check {
        let findings = migrate::examine(options).await?;
        return Ok(write!(std::io::stdout(), "{findings}")?);
    }
    let place = format!("{}:{}", options.ip_or_hostname(), options.tcp_port());
    let applied = migrate::run(options, no_way_back).await?;
    for name in &applied.names {
        println!("applied {name}");
    }
    println!("The database at {place} is up to date ({} migrations applied now).", applied.names.len());
    if applied.way_back {
        println!(
            "It is the Flask service's, which can still run on it. Exact user ids, without which alice and ALICE are\n\
             one user, come with the step that has no way back: make migrate NO_WAY_BACK=1"
        );
    }
    Ok(())
}
