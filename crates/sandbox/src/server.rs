//! The server.

mod respond;

use crate::fault::{Active, Fault};
use crate::settings::Settings;
use crate::systems::invoices::Outcome;
use crate::systems::{Config, Snapshot, Systems, Target};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use respond::respond;
use serde_json::{Map, Value};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// A running sandbox. It stops when it is dropped.
pub struct Sandbox {
    systems: Arc<Systems>,
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
        let systems =
            Systems::new(config).map_err(|error| std::io::Error::new(std::io::ErrorKind::InvalidInput, error))?;
        let mut sandbox = Self { systems: Arc::new(systems), address, accepting: None };
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
        self.accepting = Some(tokio::spawn(accept(listener, Arc::clone(&self.systems))));
        Ok(())
    }

    /// The received data.
    #[must_use]
    pub fn state(&self) -> Snapshot {
        self.systems.state.memory().seen.clone()
    }

    /// Deletes all data, faults and changes.
    pub fn reset(&self) {
        self.systems.state.reset();
    }

    /// Adds a fault for calls of `target`: for a number of times, or until it is cleared.
    pub fn fault(&self, target: Target, fault: impl Into<Fault>, times: Option<u32>) {
        self.fault_when(Active { target, fault: fault.into(), times, probability: None, matching: None });
    }

    /// Adds a fault with conditions.
    pub fn fault_when(&self, active: Active) {
        self.systems.state.memory().faults.push(active);
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.systems.state.memory().faults.clear();
    }

    /// Changes the record of a user.
    pub fn set_user(&self, id: &str, changes: Value) {
        self.systems.state.memory().users.insert(id.to_owned(), changes);
    }

    /// Changes the record of a course.
    pub fn set_course(&self, id: i64, changes: Value) {
        self.systems.state.memory().courses.insert(id, changes);
    }

    /// Changes settings.
    pub fn set(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.systems.state.memory().settings);
    }

    /// Changes a document, as a person can at Fakturownia.
    pub fn change_document(&self, id: u64, changes: &Value) {
        self.systems.state.memory().change_document(id, changes);
    }

    /// Adds documents of another system that uses the same account. They get new ids and links.
    pub fn add_documents(&self, documents: impl IntoIterator<Item = Value>) {
        self.systems.state.memory().add_documents(documents);
    }

    /// Adds a client to the account at Fakturownia: its `name` and other fields.
    pub fn add_client(&self, fields: Map<String, Value>) {
        let name = fields.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        self.systems.state.memory().add_client(&name, fields);
    }

    /// Sets the outcomes of the next documents that are sent to KSeF, in order. All others are
    /// accepted.
    pub fn set_ksef(&self, outcomes: &[Outcome]) {
        self.systems.state.memory().set_ksef(outcomes.iter().copied());
    }

    /// Makes the idempotency keys at the mail relay older.
    pub fn pass_mail_minutes(&self, minutes: u32) {
        self.systems.state.memory().relay.pass_minutes(minutes);
    }

    /// Waits until `done` is true for the received data; false if that takes longer than
    /// `patience`.
    pub async fn wait_until(&self, done: impl Fn(&Snapshot) -> bool, patience: Duration) -> bool {
        self.systems.state.wait_until(done, Instant::now() + patience).await
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
async fn accept(listener: TcpListener, systems: Arc<Systems>) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let _ = stream.set_nodelay(true);
        let systems = Arc::clone(&systems);
        connections.spawn(async move {
            let service = service_fn(|request| respond(Arc::clone(&systems), request));
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
        while connections.try_join_next().is_some() {}
    }
}
