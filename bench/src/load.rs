//! The load, by wrk.

use anyhow::{Context, Result};
use serde::Deserialize;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Health,
    Get,
    Create,
    Pay,
}

impl Kind {
    pub(crate) const ALL: [Self; 4] = [Self::Health, Self::Get, Self::Create, Self::Pay];

    pub(crate) fn route(self) -> &'static str {
        match self {
            Self::Health => "GET /health",
            Self::Get => "GET /{id}",
            Self::Create => "POST /",
            Self::Pay => "PATCH /paid",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Health => "health",
            Self::Get => "get",
            Self::Create => "create",
            Self::Pay => "pay",
        }
    }
}

/// What came of it.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(crate) struct Outcome {
    pub(crate) requests: u64,
    microseconds: u64,
    /// Microseconds.
    pub(crate) p50: u64,
    pub(crate) p99: u64,
    pub(crate) errors: u64,
}

impl Outcome {
    #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
    pub(crate) fn per_second(self) -> f64 {
        self.requests as f64 * 1e6 / (self.microseconds as f64).max(1.0)
    }
}

static STAMP: AtomicU64 = AtomicU64::new(0);

/// Asks `base` for so many seconds over so many connections. Payments are for
/// `first` and the ids behind it.
pub(crate) fn run(base: &str, kind: Kind, connections: u32, seconds: u32, first: i64) -> Result<Outcome> {
    let threads = connections.min(2);
    // No user comes twice, whoever asks.
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_millis();
    let stamp = format!("{now}-{}", STAMP.fetch_add(1, Ordering::Relaxed));
    let output = Command::new("wrk")
        .args(["--threads", &threads.to_string(), "--connections", &connections.to_string()])
        .args(["--duration", &format!("{seconds}s"), "--timeout", "10s"])
        .arg("--script")
        .arg(tests::root().join("bench/load.lua"))
        .arg(format!("{base}/"))
        .args(["--", kind.name(), &first.to_string(), &threads.to_string(), &stamp])
        .output()
        .context("wrk: `make bench` installs it or says how")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let result = text
        .lines()
        .find_map(|line| line.strip_prefix("RESULT "))
        .with_context(|| format!("wrk: {text}{}", String::from_utf8_lossy(&output.stderr)))?;
    Ok(serde_json::from_str(result)?)
}
