//! A service in its own process, and the CPU and memory that it uses.

use anyhow::{Context, Result, ensure};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub(crate) struct Process {
    child: Child,
}

/// A port that is free now.
pub(crate) fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

impl Process {
    /// Starts `command` and waits until it listens at `address`.
    pub(crate) fn start(command: &mut Command, address: SocketAddr) -> Result<Self> {
        // A developer's shell may turn backtraces on; they cost time at every error.
        let child = command.env("RUST_BACKTRACE", "0").stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let mut process = Self { child: child.with_context(|| format!("{command:?}"))? };
        let end = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(address).is_err() {
            ensure!(process.child.try_wait()?.is_none(), "{command:?} has ended by itself");
            ensure!(Instant::now() < end, "{command:?} does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(process)
    }

    /// Its id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The most memory that it held, in KiB.
    pub(crate) fn peak_memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.split_whitespace().next()?.parse().ok()
    }
}

/// Microseconds of CPU that a process has taken so far; none where there is no
/// `/proc`.
pub(crate) fn cpu(process: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let fields: Vec<_> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    // Linux counts in hundredths of a second.
    Some(ticks * 10_000)
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
