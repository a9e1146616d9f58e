//! `sandbox [--listen 127.0.0.1:3001]`

use anyhow::Context;
use sandbox::{Config, Sandbox};
use std::net::SocketAddr;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = pico_args::Arguments::from_env();
    let listen: Option<SocketAddr> = arguments.opt_value_from_str("--listen")?;
    let listen = listen.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 3001)));
    anyhow::ensure!(arguments.finish().is_empty(), "usage: sandbox [--listen ADDRESS:PORT]");

    let sandbox = Sandbox::start(listen, Config::default())
        .await
        .with_context(|| format!("cannot listen on {listen}; is something else running there?"))?;
    println!("The sandbox stands in for users, courses, Fakturownia and the mail relay.");
    println!("  {}  what it received, also as JSON at /sandbox/state", sandbox.origin());
    let mut terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        () = sandbox.forever() => {}
        _ = tokio::signal::ctrl_c() => {}
        _ = terminated.recv() => {}
    }
    Ok(())
}
