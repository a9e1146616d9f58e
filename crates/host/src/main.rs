//! `host up`: runs `spin.toml` where the Spin CLI is not installed.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use arguments::{Host, HostCmd, Up};
use host::{Options, Output, Runtime};
use tokio::signal::unix::{SignalKind, signal};

mod arguments {
    use std::net::SocketAddr;
    use std::path::PathBuf;

    use super::Script;

    xflags::xflags! {
        /// Runs a Spin app where the Spin CLI is not installed. Production is Spin.
        ///
        /// SPIN_VARIABLE_<NAME> in the environment sets a variable of the app.
        cmd host {
            /// Starts the app.
            cmd up {
                /// The manifest (spin.toml).
                optional --from file: PathBuf
                /// The address to listen on (127.0.0.1:3000).
                optional --listen address: SocketAddr
                /// The directory of the SQLite database (.spin beside the manifest).
                optional --state-dir folder: PathBuf
                /// A script to run on the SQLite database first, as @FILE.
                repeated --sqlite script: Script
                /// Discard the output of components.
                optional --quiet
            }
        }
    }
}

/// `@FILE`
#[derive(Debug)]
struct Script(PathBuf);

impl std::str::FromStr for Script {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.strip_prefix('@').map(|file| Self(file.into())).ok_or("the file needs a leading @")
    }
}

fn main() -> ExitCode {
    let HostCmd::Up(arguments) = Host::from_env_or_exit().subcommand;
    let Err(error) = run(arguments) else { return ExitCode::SUCCESS };
    eprintln!("host: {error:#}");
    ExitCode::FAILURE
}

fn run(arguments: Up) -> Result<()> {
    let manifest = arguments.from.unwrap_or_else(|| "spin.toml".into());
    let mut options = Options { state_dir: arguments.state_dir, ..Options::default() };
    if let Some(listen) = arguments.listen {
        options.listen = listen;
    }
    options.sqlite_scripts.extend(arguments.sqlite.into_iter().map(|Script(file)| file));
    if arguments.quiet {
        options.output = Output::Discard;
    }
    let runtime = tokio::runtime::Runtime::new()?;
    let result = runtime.block_on(up(manifest, options));
    // A guest in an endless loop must not keep the process alive.
    runtime.shutdown_timeout(Duration::from_secs(1));
    result
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
    // Running requests are aborted, as in Spin.
    let _ = tokio::time::timeout(Duration::from_secs(2), app.shutdown()).await;
    Ok(())
}
