//! What the guests did: for tests that judge by more than answers.

use std::fmt;
use std::sync::{Mutex, PoisonError};

/// One finished run of a guest, its work after the response included.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// The component's id in the manifest.
    pub component: String,
    /// What started it.
    pub trigger: Trigger,
    /// How often it read a variable.
    pub variables: usize,
    /// How many database connections it opened, MySQL and SQLite together.
    pub connections: usize,
    /// The text of every statement it sent to a database, in order.
    pub statements: Vec<String>,
    /// Every HTTP request it was allowed to send, in order: `POST 127.0.0.1:3001/emails`.
    pub outbound_calls: Vec<String>,
    /// The most linear memory it held, in bytes.
    pub peak_memory: usize,
    /// How often it had its linear memory grown.
    pub growths: usize,
    /// How many instructions of WebAssembly it took, on a metered runtime.
    pub instructions: Option<u64>,
    /// Why it failed, if it did: a trap, or a cron handler's error.
    pub failure: Option<String>,
}

/// What started a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// A request.
    Http {
        /// Its method.
        method: String,
        /// Its path, without the query.
        path: String,
    },
    /// A schedule, or [`App::run_cron`](crate::App::run_cron).
    Cron,
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http { method, path } => write!(f, "{method} {path}"),
            Self::Cron => f.write_str("cron"),
        }
    }
}

/// Keeps invocations if it was asked to.
#[derive(Debug)]
pub(crate) struct Recorder(Option<Mutex<Vec<Invocation>>>);

impl Recorder {
    pub(crate) fn new(enabled: bool) -> Self {
        Self(enabled.then(Mutex::default))
    }

    pub(crate) fn enabled(&self) -> bool {
        self.0.is_some()
    }

    pub(crate) fn push(&self, invocation: Invocation) {
        if let Some(kept) = &self.0 {
            kept.lock().unwrap_or_else(PoisonError::into_inner).push(invocation);
        }
    }

    pub(crate) fn all(&self) -> Vec<Invocation> {
        self.0.as_ref().map_or_else(Vec::new, |kept| kept.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    pub(crate) fn clear(&self) {
        if let Some(kept) = &self.0 {
            kept.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
    }
}
