//! The load, by wrk.

use anyhow::{Context, Result};
use serde::Deserialize;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

/// A load.
#[derive(Clone, Debug)]
pub(crate) struct Load<'a> {
    pub(crate) base: &'a str,
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) body: &'a str,
    pub(crate) connections: u32,
    pub(crate) seconds: u32,
    /// The first id for `{id}`.
    pub(crate) first: i64,
}

/// The results of a load.
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

/// Sends requests over `connections` for `seconds`.
pub(crate) fn run(load: &Load<'_>) -> Result<Outcome> {
    // A single thread uses the ids in order, without gaps.
    let ids = load.path.contains("{id}") || load.body.contains("{id}");
    let threads = if ids { 1 } else { load.connections.min(2) }.to_string();
    // Each run has its own user ids.
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_millis();
    let stamp = format!("{now}-{}", STAMP.fetch_add(1, Ordering::Relaxed));
    let url = format!("{}{}", load.base, load.path);
    // `wrk` uses only the host of the URL; the script has the path.
    let path = url.splitn(4, '/').nth(3).unwrap_or_default();
    let output = Command::new("wrk")
        .args(["--threads", &threads, "--connections", &load.connections.to_string()])
        .args(["--duration", &format!("{}s", load.seconds), "--timeout", "30s"])
        .arg("--script")
        .arg(tests::root().join("bench/load.lua"))
        .args([load.base, "--", load.method, &format!("/{path}"), load.body])
        .args([&load.first.to_string(), &threads, &stamp])
        .output()
        .context("wrk: `make bench` installs it or says how")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let result = text
        .lines()
        .find_map(|line| line.strip_prefix("RESULT "))
        .with_context(|| format!("wrk: {text}{}", String::from_utf8_lossy(&output.stderr)))?;
    Ok(serde_json::from_str(result)?)
}
