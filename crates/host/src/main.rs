//! `host up`: runs `spin.toml` where the Spin CLI is not installed.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use host::{Options, Output, Runtime};
use tokio::signal::unix::{SignalKind, signal};

const HELP: &str = "\
Runs a Spin app where the Spin CLI is not installed. Production is Spin.

Usage: host up [options]

  --from FILE        the manifest (spin.toml)
  --listen ADDRESS   where to listen (127.0.0.1:3000)
  --state-dir DIR    where SQLite keeps its database (.spin beside the manifest)
  --sqlite @FILE     run a script on the SQLite database first; may be repeated
  --quiet            leave out what components print
  --help             this text

SPIN_VARIABLE_<NAME> in the environment sets a variable of the app.
";

fn main() -> ExitCode {
    let Err(error) = run() else { return ExitCode::SUCCESS };
    eprintln!("host: {error:#}");
    ExitCode::FAILURE
}

fn run() -> Result<()> {
    let mut arguments = pico_args::Arguments::from_env();
    if arguments.contains(["-h", "--help"]) {
        print!("{HELP}");
        return Ok(());
    }
    match arguments.subcommand()?.as_deref() {
        Some("up") => {}
        Some(other) => bail!("unknown command {other:?}: see host --help"),
        None => bail!("no command: see host --help"),
    }
    let manifest: PathBuf = arguments.opt_value_from_str("--from")?.unwrap_or_else(|| "spin.toml".into());
    let options = options(&mut arguments)?;
    if let Some(unknown) = arguments.finish().first() {
        bail!("unknown argument {unknown:?}: see host --help");
    }

    let runtime = tokio::runtime::Runtime::new()?;
    let result = runtime.block_on(up(manifest, options));
    // A guest that computes without end must not keep the process alive.
    runtime.shutdown_timeout(Duration::from_secs(1));
    result
}

fn options(arguments: &mut pico_args::Arguments) -> Result<Options> {
    let mut options = Options::default();
    if let Some(listen) = arguments.opt_value_from_str::<_, String>("--listen")? {
        options.listen = listen.parse().with_context(|| format!("--listen {listen}: not an address with a port"))?;
    }
    options.state_dir = arguments.opt_value_from_str("--state-dir")?;
    for script in arguments.values_from_str::<_, String>("--sqlite")? {
        let file = script.strip_prefix('@').with_context(|| format!("--sqlite {script}: put an @ before the file"))?;
        options.sqlite_scripts.push(file.into());
    }
    if arguments.contains("--quiet") {
        options.output = Output::Discard;
    }
    Ok(options)
}

async fn up(manifest: PathBuf, options: Options) -> Result<()> {
    let runtime = tokio::task::spawn_blocking(move || Runtime::load(manifest)).await??;
    let app = runtime.start(options).await?;
    print!("{}", app.summary());
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupt = tokio::signal::ctrl_c() => interrupt?,
        _ = terminate.recv() => {}
    }
    // Requests under way are cut, as Spin does.
    let _ = tokio::time::timeout(Duration::from_secs(2), app.shutdown()).await;
    Ok(())
}
