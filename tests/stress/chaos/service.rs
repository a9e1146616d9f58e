//! The service in its own process, so that it can be killed.

use crate::arguments::Serve;
use crate::chaos::terms::{History, Terms};
use anyhow::{Context, Result, ensure};
use host::{Options, Output, Runtime};
use sandbox::Sandbox;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tests::TestDatabase;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// Runs the service until it is killed.
pub(crate) fn serve(arguments: Serve) -> Result<bool> {
    let options = Options {
        listen: arguments.listen,
        state_dir: Some(arguments.state_dir),
        env_variables: true,
        sqlite_scripts: vec![tests::root().join("migrations/sqlite/schema.sql")],
        cron: true,
        output: Output::Discard,
        ..Options::default()
    };
    let runtime = Runtime::load(tests::root().join("spin.toml"))?;
    tokio::runtime::Runtime::new()?.block_on(async {
        let _app = runtime.start(options).await?;
        std::future::pending().await
    })
}

pub(crate) struct Service {
    command: Command,
    address: SocketAddr,
    process: Option<Child>,
    /// The terms of sale in the variables.
    pub(crate) terms: History,
}

impl Service {
    pub(crate) fn new(folder: &Path, database: &TestDatabase, sandbox: &Sandbox, receiver: &Sandbox) -> Result<Self> {
        // A port that is free now.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("serve").arg("--listen").arg(address.to_string()).arg("--state-dir").arg(folder);
        for name in ["USERS_URL", "COURSES_URL", "INVOICES_URL", "MAIL_URL"] {
            command.env(format!("SPIN_VARIABLE_{name}"), sandbox.origin());
        }
        command.env("SPIN_VARIABLE_EVENTS_URL", receiver.origin());
        command.env("SPIN_VARIABLE_INVOICES_KSEF", "companies");
        command.env("SPIN_VARIABLE_EVENTS_SECRET", sandbox::webhooks::SECRET);
        for (name, value) in database.variables() {
            command.env(format!("SPIN_VARIABLE_{}", name.to_uppercase()), value);
        }
        command.stdout(Stdio::null()).kill_on_drop(true);
        Ok(Self { command, address, process: None, terms: History::default() })
    }

    pub(crate) fn base(&self) -> String {
        format!("http://{}/api/enrolment", self.address)
    }

    /// Starts a run of deliveries, and answers with its status: 200, or 503 if the database is
    /// busy.
    pub(crate) async fn deliver(&self) -> Result<u16> {
        let client = reqwest::Client::builder().no_proxy().build()?;
        let answer = client.post(format!("{}/deliveries", self.base())).send().await?;
        let status = answer.status().as_u16();
        ensure!(matches!(status, 200 | 503), "POST /deliveries: {}", answer.text().await?);
        Ok(status)
    }

    /// Sets a variable from the next start on.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.command.env(format!("SPIN_VARIABLE_{name}"), value);
    }

    /// Sets the terms of sale for the next start, which must follow at once.
    pub(crate) fn sell_under(&mut self, terms: Terms) {
        for (name, value) in terms.variables() {
            self.set(name, value);
        }
        self.terms.begin(terms);
    }

    /// Starts it and waits until it listens.
    pub(crate) async fn start(&mut self) -> Result<()> {
        let mut process = self.command.spawn().context("the host does not start")?;
        let end = Instant::now() + Duration::from_secs(120);
        while TcpStream::connect(self.address).await.is_err() {
            ensure!(process.try_wait()?.is_none(), "the host has ended by itself");
            ensure!(Instant::now() < end, "the host does not listen");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.process = Some(process);
        Ok(())
    }

    /// Kills it with -9.
    pub(crate) async fn kill(&mut self) -> Result<()> {
        if let Some(mut process) = self.process.take() {
            process.kill().await?;
        }
        Ok(())
    }

    pub(crate) fn runs(&self) -> bool {
        self.process.is_some()
    }
}
