//! A running app.

use chrono::TimeDelta;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use tokio::net::TcpListener;

use crate::guest::{Configured, Runs};
use crate::manifest::Component;
use crate::outbound::AllowedHosts;
use crate::output::{Output, Sink};
use crate::record::{Invocation, Recorder};
use crate::runtime::Runtime;
use crate::variables::{self, Values};
use crate::{cron, http, sqlite, summary};

/// How to start an app.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The directory of the SQLite database; by default `.spin` beside the manifest.
    pub state_dir: Option<PathBuf>,
    /// Values of variables. They take precedence over the environment.
    pub variables: BTreeMap<String, String>,
    /// Whether to read `SPIN_VARIABLE_<NAME>` from the environment.
    pub env_variables: bool,
    /// Scripts to run on the SQLite database before anything else.
    pub sqlite_scripts: Vec<PathBuf>,
    /// Whether cron components run on their schedule.
    pub cron: bool,
    /// What to do with the output of guests.
    pub output: Output,
    /// The offset of the guests' clock from this machine's clock.
    pub clock_ahead: TimeDelta,
    /// Whether to record every run of a guest for [`App::invocations`]. The record grows
    /// until it is cleared.
    pub record: bool,
}

impl Default for Options {
    /// The options of `host up`.
    fn default() -> Self {
        Self {
            listen: ([127, 0, 0, 1], 3000).into(),
            state_dir: None,
            variables: BTreeMap::new(),
            env_variables: true,
            sqlite_scripts: Vec::new(),
            cron: true,
            output: Output::Inherit,
            clock_ahead: TimeDelta::zero(),
            record: false,
        }
    }
}

/// A running app. Dropping it stops it and aborts running guests.
pub struct App {
    shared: Arc<Shared>,
    address: SocketAddr,
    values: Values,
    state_dir: PathBuf,
    server: tokio::task::JoinHandle<()>,
}

/// The state that the triggers of an app share.
pub(crate) struct Shared {
    pub(crate) runtime: Runtime,
    pub(crate) runs: Arc<Runs>,
    components: BTreeMap<String, Arc<Configured>>,
}

impl Shared {
    pub(crate) fn configured(&self, component: &str) -> Result<Arc<Configured>> {
        self.components.get(component).cloned().with_context(|| format!("no component {component:?}"))
    }
}

impl App {
    pub(crate) async fn start(runtime: Runtime, options: Options) -> Result<Self> {
        let manifest = runtime.manifest();
        let environment = |key: &str| if options.env_variables { variables::from_environment(key) } else { Ok(None) };
        let values = variables::assign(manifest, &options.variables, environment)?;
        let state_dir = options.state_dir.unwrap_or_else(|| runtime.directory().join(".spin"));
        let mut components = BTreeMap::new();
        for (id, component) in &manifest.component {
            let configured =
                configure(id, component, &values, &state_dir).with_context(|| format!("component {id:?}"))?;
            components.insert(id.clone(), Arc::new(configured));
        }
        let uses_sqlite = manifest.component.values().any(|component| !component.sqlite_databases.is_empty());
        if uses_sqlite || !options.sqlite_scripts.is_empty() {
            prepare_sqlite(&state_dir, options.sqlite_scripts).await?;
        }
        let listener = listen(options.listen).await?;
        let address = listener.local_addr()?;

        let sink = Sink::new(options.output);
        for (id, component) in &components {
            if let Some(fault) = component.allowed_hosts.fault() {
                sink.log(format_args!("{id}: all outbound requests are denied: {fault}"));
            }
        }
        let runs = Arc::new(Runs::new(sink, Recorder::new(options.record), options.clock_ahead));
        let shared = Arc::new(Shared { runtime, runs, components });
        if options.cron {
            for schedule in shared.runtime.schedules() {
                tokio::spawn(cron::follow(Arc::clone(&shared), schedule.clone()));
            }
        }
        let server = tokio::spawn(http::serve(Arc::clone(&shared), listener));
        Ok(Self { shared, address, values, state_dir, server })
    }

    /// The address on which it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Runs a cron component once and waits for its end, also if schedules are off.
    ///
    /// # Errors
    /// If there is no such cron component, or its run fails.
    pub async fn run_cron(&self, component: &str) -> Result<()> {
        cron::run(&self.shared, component).await
    }

    /// All finished runs, in the order in which they finished. Empty unless
    /// [`Options::record`] is set.
    pub fn invocations(&self) -> Vec<Invocation> {
        self.shared.runs.recorder.all()
    }

    /// Clears the record.
    pub fn clear_invocations(&self) {
        self.shared.runs.recorder.clear();
    }

    /// Waits until no guest runs. Work after a response counts as running.
    pub async fn idle(&self) {
        self.shared.runs.idle().await;
    }

    /// Waits until at least `guests` guests run. Work after a response counts as running.
    pub async fn until_running(&self, guests: usize) {
        self.shared.runs.until(|running| running >= guests).await;
    }

    /// The output of guests and this host's log lines, with [`Output::Capture`].
    pub fn captured_output(&self) -> String {
        self.shared.runs.sink.captured()
    }

    /// A description of the app for people, without secrets.
    pub fn summary(&self) -> String {
        summary::of(&self.shared.runtime, self.address, &self.values, &self.state_dir)
    }

    /// Stops the server and the schedules, aborts guests and waits until all have ended.
    pub async fn shutdown(mut self) {
        self.shared.runs.stop();
        let _ = (&mut self.server).await;
        self.idle().await;
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.shared.runs.stop();
    }
}

fn configure(id: &str, component: &Component, values: &Values, state_dir: &Path) -> Result<Configured> {
    Ok(Configured {
        id: id.to_owned(),
        variables: variables::of_component(component, values)?,
        environment: component.environment.clone().into_iter().collect(),
        allowed_hosts: Arc::new(AllowedHosts::parse(&component.allowed_outbound_hosts, values)?),
        sqlite_databases: component.sqlite_databases.clone(),
        sqlite_file: sqlite::file(state_dir),
    })
}

async fn prepare_sqlite(state_dir: &Path, scripts: Vec<PathBuf>) -> Result<()> {
    let state_dir = state_dir.to_owned();
    tokio::task::spawn_blocking(move || {
        std::fs::create_dir_all(&state_dir)
            .with_context(|| format!("cannot create the state directory {}", state_dir.display()))?;
        scripts.iter().try_for_each(|script| sqlite::run_script(&sqlite::file(&state_dir), script))
    })
    .await?
}

async fn listen(address: SocketAddr) -> Result<TcpListener> {
    match TcpListener::bind(address).await {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            bail!("{address} is already in use: stop the other program, or choose another address")
        }
        Err(error) => Err(error).with_context(|| format!("cannot listen on {address}")),
    }
}
