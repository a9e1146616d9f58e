//! `sandbox [--listen 127.0.0.1:3001] [--events-secret whsec_…]…`

use anyhow::{Context, Result};
use sandbox::{AutoSend, Config, Sandbox};
use std::net::SocketAddr;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

mod arguments {
    use sandbox::webhooks::Receiver;
    use std::net::SocketAddr;

    /// What events can be signed with.
    #[derive(Debug)]
    pub(crate) struct Secret(pub(crate) String);

    impl std::str::FromStr for Secret {
        type Err = anyhow::Error;

        fn from_str(text: &str) -> anyhow::Result<Self> {
            let secret = text.to_owned();
            Receiver::new(std::slice::from_ref(&secret))?;
            Ok(Self(secret))
        }
    }

    xflags::xflags! {
        /// Stands in for the users and courses services, Fakturownia, the mail relay and the
        /// receiver of events.
        cmd sandbox {
            /// Where to listen (127.0.0.1:3001).
            optional --listen address: SocketAddr
            /// What events may be signed with (a secret of the sandbox's own).
            repeated --events-secret secret: Secret
        }
    }
}

fn main() -> ExitCode {
    let arguments = arguments::Sandbox::from_env_or_exit();
    let listen = arguments.listen.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 3001)));
    // As a new account at Resend.
    let mut config = Config::default();
    // As the vendor recommends (KSeF.md, "Konfiguracja automatycznej wysyłki"): who tries the
    // service sees companies' invoices get their numbers.
    config.settings.invoices.gov_auto_send_mode = Some(AutoSend::PlCompanies);
    config.settings.emails.requests_per_second = Some(2);
    if !arguments.events_secret.is_empty() {
        config.events_secrets = arguments.events_secret.into_iter().map(|secret| secret.0).collect();
    }
    let Err(error) = run(listen, config) else { return ExitCode::SUCCESS };
    eprintln!("sandbox: {error:#}");
    ExitCode::FAILURE
}

#[tokio::main]
async fn run(listen: SocketAddr, config: Config) -> Result<()> {
    let sandbox = Sandbox::start(listen, config)
        .await
        .with_context(|| format!("cannot listen on {listen}; is something else running there?"))?;
    println!("The sandbox stands in for users, courses, Fakturownia, the mail relay and the receiver of events.");
    println!("  {}  what it received, also as JSON at /sandbox/state", sandbox.origin());
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        () = sandbox.forever() => {}
        _ = tokio::signal::ctrl_c() => {}
        _ = terminated.recv() => {}
    }
    Ok(())
}
