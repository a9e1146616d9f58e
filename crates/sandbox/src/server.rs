//! The server: what is asked of callers, and the connections.

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

/// What the stand-ins ask of their callers.
#[derive(Clone, Debug)]
pub struct Config {
    /// Fakturownia's token.
    pub invoices_token: String,
    /// The relay's token.
    pub mail_token: String,
    /// How many looks at a document that was sent to KSeF it takes until one shows what came
    /// of it; 0: it is known at once.
    pub ksef_looks: u32,
    /// The secrets that events may be signed with.
    pub events_secrets: Vec<String>,
    /// How the systems behave at first.
    pub settings: Settings,
    /// Decides what happens by chance.
    pub seed: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            invoices_token: "sandbox".to_owned(),
            mail_token: "sandbox".to_owned(),
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
    /// Listens on `address`; with port 0 on a free one.
    ///
    /// # Errors
    ///
    /// When the address cannot be listened on, or a secret is none.
    pub async fn start(address: SocketAddr, config: Config) -> std::io::Result<Self> {
        let receiver = Receiver::new(&config.events_secrets)
            .map_err(|error| std::io::Error::new(std::io::ErrorKind::InvalidInput, error))?;
        let state = State::new(config.seed, config.settings.clone());
        let mut sandbox = Self { shared: Arc::new(Shared { config, receiver, state }), address, accepting: None };
        sandbox.resume().await?;
        Ok(sandbox)
    }

    /// Where it listens: `http://127.0.0.1:3001`.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Is out of reach from now on: connections are dropped and refused.
    pub async fn pause(&mut self) {
        if let Some(accepting) = self.accepting.take() {
            accepting.abort();
            let _ = accepting.await;
        }
    }

    /// Is back, at the same address and with all it remembers.
    ///
    /// # Errors
    ///
    /// When the address cannot be listened on.
    pub async fn resume(&mut self) -> std::io::Result<()> {
        if self.accepting.is_some() {
            return Ok(());
        }
        let listener = TcpListener::bind(self.address).await?;
        self.address = listener.local_addr()?;
        self.accepting = Some(tokio::spawn(accept(listener, Arc::clone(&self.shared))));
        Ok(())
    }

    /// What was received so far.
    #[must_use]
    pub fn state(&self) -> Snapshot {
        self.shared.state.memory().seen.clone()
    }

    /// Forgets what was received, the faults and the changed records.
    pub fn reset(&self) {
        self.shared.state.reset();
    }

    /// Lets calls of `target` meet `fault`: so many times, or until it is cleared.
    pub fn fault(&self, target: Target, fault: impl Into<Fault>, times: Option<u32>) {
        self.fault_when(Active { target, fault: fault.into(), times, probability: None, matching: None });
    }

    /// Lets calls meet a fault under conditions.
    pub fn fault_when(&self, active: Active) {
        self.shared.state.memory().faults.push(active);
    }

    /// Ends all faults.
    pub fn clear_faults(&self) {
        self.shared.state.memory().faults.clear();
    }

    /// Changes what is known of a user.
    pub fn set_user(&self, id: &str, changes: Value) {
        self.shared.state.memory().users.insert(id.to_owned(), changes);
    }

    /// Changes what is known of a course.
    pub fn set_course(&self, id: i64, changes: Value) {
        self.shared.state.memory().courses.insert(id, changes);
    }

    /// Changes how the systems behave.
    pub fn set(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.shared.state.memory().settings);
    }

    /// Changes a document, as a person would at Fakturownia.
    pub fn change_document(&self, id: u64, changes: &Value) {
        self.shared.state.memory().change_document(id, changes);
    }

    /// Adds documents to the account, as another system issues them. They get ids and pages
    /// of their own.
    pub fn add_documents(&self, documents: impl IntoIterator<Item = Value>) {
        self.shared.state.memory().add_documents(documents);
    }

    /// Adds a client to the account at Fakturownia: `name` and other fields of a client.
    pub fn add_client(&self, fields: Map<String, Value>) {
        let name = fields.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        self.shared.state.memory().add_client(&name, fields);
    }

    /// Lets the next documents that are sent to KSeF come to this, one after the other;
    /// all others are accepted.
    pub fn set_ksef(&self, outcomes: &[Outcome]) {
        self.shared.state.memory().set_ksef(outcomes.iter().copied());
    }

    /// Lets so many minutes pass for the idempotency keys that the mail relay remembers.
    pub fn pass_mail_minutes(&self, minutes: u32) {
        self.shared.state.memory().relay.pass_minutes(minutes);
    }

    /// Waits until `done` says so of what was received; false if that takes
    /// longer than `patience`.
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

/// Serves until it is aborted, which drops every connection.
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
