//! The output of guests, line by line, and this host's log lines.

use std::fmt;
use std::io::Write as _;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use hyper::body::Bytes;
use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

/// What to do with the output of guests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Output {
    /// Write it to this process's stdout and stderr.
    #[default]
    Inherit,
    /// Keep it, with this host's log lines, for [`App::captured_output`](crate::App::captured_output).
    Capture,
    /// Discard it. This host's log lines still go to stderr.
    Discard,
}

/// The destination of an app's output.
#[derive(Debug)]
pub(crate) struct Sink {
    output: Output,
    captured: Mutex<Vec<u8>>,
}

/// Stdout or stderr of a guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    Out,
    Err,
}

impl Sink {
    pub(crate) fn new(output: Output) -> Self {
        Self { output, captured: Mutex::default() }
    }

    /// Writes a log line of this host.
    pub(crate) fn log(&self, line: fmt::Arguments<'_>) {
        let line = format!("{line}\n");
        match self.output {
            Output::Capture => lock(&self.captured).extend_from_slice(line.as_bytes()),
            Output::Inherit | Output::Discard => drop(std::io::stderr().write_all(line.as_bytes())),
        }
    }

    pub(crate) fn captured(&self) -> String {
        String::from_utf8_lossy(&lock(&self.captured)).into_owned()
    }

    /// Writes complete lines of a guest.
    fn write(&self, stream: Stream, lines: &[u8]) {
        // If the terminal is closed, there is nowhere to report that.
        match (self.output, stream) {
            (Output::Discard, _) => {}
            (Output::Capture, _) => lock(&self.captured).extend_from_slice(lines),
            (Output::Inherit, Stream::Out) => drop(std::io::stdout().lock().write_all(lines)),
            (Output::Inherit, Stream::Err) => drop(std::io::stderr().lock().write_all(lines)),
        }
    }
}

/// A stream of a guest. Its copies share the incomplete line.
#[derive(Clone)]
pub(crate) struct GuestStream(Arc<Lines>);

struct Lines {
    sink: Arc<Sink>,
    stream: Stream,
    incomplete: Mutex<Vec<u8>>,
}

impl GuestStream {
    pub(crate) fn new(sink: Arc<Sink>, stream: Stream) -> Self {
        Self(Arc::new(Lines { sink, stream, incomplete: Mutex::default() }))
    }

    fn take(&self, bytes: &[u8]) {
        let mut incomplete = lock(&self.0.incomplete);
        incomplete.extend_from_slice(bytes);
        if let Some(end) = incomplete.iter().rposition(|byte| *byte == b'\n') {
            let lines: Vec<u8> = incomplete.drain(..=end).collect();
            self.0.sink.write(self.0.stream, &lines);
        }
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        let mut incomplete = lock(&self.incomplete);
        if !incomplete.is_empty() {
            incomplete.push(b'\n');
            self.sink.write(self.stream, &incomplete);
        }
    }
}

impl IsTerminal for GuestStream {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for GuestStream {
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }

    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for GuestStream {
    async fn ready(&mut self) {}
}

impl OutputStream for GuestStream {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.take(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(1024 * 1024)
    }
}

impl AsyncWrite for GuestStream {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        self.take(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_two_guests_do_not_mix() {
        let sink = Arc::new(Sink::new(Output::Capture));
        let first = GuestStream::new(Arc::clone(&sink), Stream::Out);
        let second = GuestStream::new(Arc::clone(&sink), Stream::Err);
        first.take(b"a b");
        second.take(b"one\ntwo\nthr");
        first.take(b" c\n");
        sink.log(format_args!("the host"));
        drop((first, second));
        assert_eq!(sink.captured(), "one\ntwo\na b c\nthe host\nthr\n");
    }
}
