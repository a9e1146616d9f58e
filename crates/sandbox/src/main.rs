//! `sandbox [--listen 127.0.0.1:3001] [--events-secret whsec_…]…`

use anyhow::{Context, Result};
use sandbox::{AutoSend, Config, Sandbox};
use std::net::SocketAddr;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

mod arguments {
    use sandbox::webhooks::Receiver;
    use std::net::SocketAddr;

    /// A secret for the signatures of webhooks.
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
        /// Simulates the users and courses services, Fakturownia, the mail relay and the receiver
        /// of webhooks.
        cmd sandbox {
            /// The address to listen on (127.0.0.1:3001).
            optional --listen address: SocketAddr
            /// A secret for the signatures of webhooks (by default the sandbox's own).
            repeated --events-secret secret: Secret
        }
    }
}

fn main() -> ExitCode {
    let arguments = arguments::Sandbox::from_env_or_exit();
    let listen = arguments.listen.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 3001)));
    let mut config = Config::default();
    // The vendor's recommendation (KSeF.md, "Konfiguracja automatycznej wysyłki"): invoices to
    // companies get their KSeF numbers.
    config.settings.invoices.gov_auto_send_mode = Some(AutoSend::PlCompanies);
    // The limit of a new account at Resend.
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
        .with_context(|| format!("cannot listen on {listen}; is another program running there?"))?;
    println!("The sandbox simulates users, courses, Fakturownia, the mail relay and the receiver of webhooks.");
    println!("  {}  shows the received data, also as JSON at /sandbox/state", sandbox.origin());
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        () = sandbox.forever() => {}
        _ = tokio::signal::ctrl_c() => {}
        _ = terminated.recv() => {}
    }
    Ok(())
}
