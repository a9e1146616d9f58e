//! A service in its own process, and the CPU and memory that it uses.

use anyhow::{Context, Result, ensure};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
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
        let command = command.env("RUST_BACKTRACE", "0").stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.process_group(0).spawn();
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

    /// The most memory that it, or a process that it started, held, in KiB.
    pub(crate) fn peak_memory(&self) -> Option<u64> {
        let peak = |process: u32| {
            let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
            status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.split_whitespace().next()?.parse().ok()
        };
        with_children(self.child.id()).into_iter().filter_map(peak).max()
    }
}

/// Microseconds of CPU that a process and those that it started have taken so far; none where there is no
/// `/proc`.
pub(crate) fn cpu(process: u32) -> Option<u64> {
    let ticks = |process: u32| {
        let fields = stat(process)?;
        Some(fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?)
    };
    let ticks = with_children(process).into_iter().map(ticks).sum::<Option<u64>>()?;
    // Linux counts in hundredths of a second.
    Some(ticks * 10_000)
}

/// The fields of `/proc/{process}/stat` behind the name.
fn stat(process: u32) -> Option<Vec<String>> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    Some(stat.rsplit_once(')')?.1.split_whitespace().map(str::to_owned).collect())
}

/// A process, and those that it started: `spin up` runs each kind of trigger in one of its own.
fn with_children(process: u32) -> Vec<u32> {
    let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let is_child = |id: &u32| stat(*id).is_some_and(|stat| stat.get(1) == Some(&process.to_string()));
    std::iter::once(process).chain(ids.filter(is_child)).collect()
}

impl Drop for Process {
    fn drop(&mut self) {
        // With those that it started.
        let _ = Command::new("kill").args(["-9", "--", &format!("-{}", self.child.id())]).status();
        let _ = self.child.wait();
    }
}
