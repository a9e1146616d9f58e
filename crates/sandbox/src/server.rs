//! The server and its configuration.

mod respond;

use crate::fault::{Active, Fault, Target};
use crate::invoices::Outcome;
use crate::settings::Settings;
use crate::state::{Snapshot, State};
use crate::webhooks::{self, Receiver};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use respond::respond;
use serde_json::{Map, Value};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// The configuration of the sandbox.
#[derive(Clone, Debug)]
pub struct Config {
    /// Fakturownia's token.
    pub invoices_token: String,
    /// The relay's token.
    pub mail_token: String,
    /// The token of the users and courses services, on the paths that require one.
    pub records_token: String,
    /// After how many reads of a document its outcome at KSeF is known; 0: at once.
    pub ksef_looks: u32,
    /// The secrets for the signatures of webhooks.
    pub events_secrets: Vec<String>,
    /// The settings at start and after a reset.
    pub settings: Settings,
    /// The seed of random decisions.
    pub seed: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            invoices_token: "sandbox".to_owned(),
            mail_token: "sandbox".to_owned(),
            records_token: "sandbox".to_owned(),
            ksef_looks: 2,
            events_secrets: vec![webhooks::SECRET.to_owned()],
            settings: Settings::default(),
            seed: fastrand::u64(..),
        }
    }
}

struct Shared {
    config: Config,
    receiver: Receiver,
    state: State,
}

/// A running sandbox. It stops when it is dropped.
pub struct Sandbox {
    shared: Arc<Shared>,
    address: SocketAddr,
    accepting: Option<tokio::task::JoinHandle<()>>,
}

impl Sandbox {
    /// Listens on `address`; port 0 means a free one.
    ///
    /// # Errors
    ///
    /// If the address cannot be used, or a secret is invalid.
    pub async fn start(address: SocketAddr, config: Config) -> std::io::Result<Self> {
        let receiver = Receiver::new(&config.events_secrets)
            .map_err(|error| std::io::Error::new(std::io::ErrorKind::InvalidInput, error))?;
        let state = State::new(config.seed, config.settings.clone());
        let mut sandbox = Self { shared: Arc::new(Shared { config, receiver, state }), address, accepting: None };
        sandbox.resume().await?;
        Ok(sandbox)
    }

    /// The origin, such as `http://127.0.0.1:3001`.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Makes the sandbox unreachable: closes connections and refuses new ones.
    pub async fn pause(&mut self) {
        if let Some(accepting) = self.accepting.take() {
            accepting.abort();
            let _ = accepting.await;
        }
    }

    /// Makes the sandbox reachable again, with the same address and data.
    ///
    /// # Errors
    ///
    /// If the address cannot be used.
    pub async fn resume(&mut self) -> std::io::Result<()> {
        if self.accepting.is_some() {
            return Ok(());
        }
        let listener = TcpListener::bind(self.address).await?;
        self.address = listener.local_addr()?;
        self.accepting = Some(tokio::spawn(accept(listener, Arc::clone(&self.shared))));
        Ok(())
    }

    /// The received data.
    #[must_use]
    pub fn state(&self) -> Snapshot {
        self.shared.state.memory().seen.clone()
    }

    /// Deletes all data, faults and changes.
    pub fn reset(&self) {
        self.shared.state.reset();
    }

    /// Adds a fault for calls of `target`: for a number of times, or until it is cleared.
    pub fn fault(&self, target: Target, fault: impl Into<Fault>, times: Option<u32>) {
        self.fault_when(Active { target, fault: fault.into(), times, probability: None, matching: None });
    }

    /// Adds a fault with conditions.
    pub fn fault_when(&self, active: Active) {
        self.shared.state.memory().faults.push(active);
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.shared.state.memory().faults.clear();
    }

    /// Changes the record of a user.
    pub fn set_user(&self, id: &str, changes: Value) {
        self.shared.state.memory().users.insert(id.to_owned(), changes);
    }

    /// Changes the record of a course.
    pub fn set_course(&self, id: i64, changes: Value) {
        self.shared.state.memory().courses.insert(id, changes);
    }

    /// Changes settings.
    pub fn set(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.shared.state.memory().settings);
    }

    /// Changes a document, as a person can at Fakturownia.
    pub fn change_document(&self, id: u64, changes: &Value) {
        self.shared.state.memory().change_document(id, changes);
    }

    /// Adds documents of another system that uses the same account. They get new ids and links.
    pub fn add_documents(&self, documents: impl IntoIterator<Item = Value>) {
        self.shared.state.memory().add_documents(documents);
    }

    /// Adds a client to the account at Fakturownia: its `name` and other fields.
    pub fn add_client(&self, fields: Map<String, Value>) {
        let name = fields.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        self.shared.state.memory().add_client(&name, fields);
    }

    /// Sets the outcomes of the next documents that are sent to KSeF, in order. All others are
    /// accepted.
    pub fn set_ksef(&self, outcomes: &[Outcome]) {
        self.shared.state.memory().set_ksef(outcomes.iter().copied());
    }

    /// Makes the idempotency keys at the mail relay older.
    pub fn pass_mail_minutes(&self, minutes: u32) {
        self.shared.state.memory().relay.pass_minutes(minutes);
    }

    /// Waits until `done` is true for the received data; false if that takes longer than
    /// `patience`.
    pub async fn wait_until(&self, done: impl Fn(&Snapshot) -> bool, patience: Duration) -> bool {
        self.shared.state.wait_until(done, Instant::now() + patience).await
    }

    /// Runs until the process ends.
    pub async fn forever(mut self) {
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.await;
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        if let Some(accepting) = &self.accepting {
            accepting.abort();
        }
    }
}

/// Serves until it is aborted, which closes all connections.
async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let _ = stream.set_nodelay(true);
        let shared = Arc::clone(&shared);
        connections.spawn(async move {
            let service = service_fn(|request| respond(Arc::clone(&shared), request));
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
        while connections.try_join_next().is_some() {}
    }
}
