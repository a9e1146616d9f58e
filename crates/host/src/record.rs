//! A record of the runs of guests, for tests that check more than responses.

use std::fmt;
use std::sync::{Mutex, PoisonError};

/// A finished run of a guest, with its work after the response.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// The component's id in the manifest.
    pub component: String,
    /// The trigger.
    pub trigger: Trigger,
    /// The number of reads of variables.
    pub variables: usize,
    /// The number of database connections, MySQL and SQLite.
    pub connections: usize,
    /// The SQL statements, in order.
    pub statements: Vec<String>,
    /// The allowed outbound HTTP requests, in order: `POST 127.0.0.1:3001/emails`.
    pub outbound_calls: Vec<String>,
    /// The peak of linear memory, in bytes.
    pub peak_memory: usize,
    /// How often linear memory grew.
    pub growths: usize,
    /// The number of WebAssembly instructions, on a metered runtime.
    pub instructions: Option<u64>,
    /// Why it failed, if it did: a trap, or an error of a cron handler.
    pub failure: Option<String>,
}

/// The trigger of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// An HTTP request.
    Http {
        /// The method.
        method: String,
        /// The path, without the query.
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

/// The record, if recording is on.
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
