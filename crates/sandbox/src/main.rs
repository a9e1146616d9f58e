//! `sandbox [--listen 127.0.0.1:3001]`

use anyhow::{Context, Result};
use sandbox::{Config, Sandbox};
use std::net::SocketAddr;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

mod arguments {
    use std::net::SocketAddr;

    xflags::xflags! {
        /// Stands in for the users and courses services, Fakturownia and the mail relay.
        cmd sandbox {
            /// Where to listen (127.0.0.1:3001).
            optional --listen address: SocketAddr
        }
    }
}

fn main() -> ExitCode {
    let arguments = arguments::Sandbox::from_env_or_exit();
    let listen = arguments.listen.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 3001)));
    let Err(error) = run(listen) else { return ExitCode::SUCCESS };
    eprintln!("sandbox: {error:#}");
    ExitCode::FAILURE
}

#[tokio::main]
async fn run(listen: SocketAddr) -> Result<()> {
    let sandbox = Sandbox::start(listen, Config::default())
        .await
        .with_context(|| format!("cannot listen on {listen}; is something else running there?"))?;
    println!("The sandbox stands in for users, courses, Fakturownia and the mail relay.");
    println!("  {}  what it received, also as JSON at /sandbox/state", sandbox.origin());
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        () = sandbox.forever() => {}
        _ = tokio::signal::ctrl_c() => {}
        _ = terminated.recv() => {}
    }
    Ok(())
}
