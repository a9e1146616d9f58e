//! A run of a guest: its store, its state and its record.

use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use hyper::http::Uri;
use tokio::sync::watch;
use wasmtime::component::ResourceTable;
use wasmtime::{ResourceLimiter, Store};
use wasmtime_wasi::{HostWallClock, WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView};

use crate::mysql;
use crate::outbound::AllowedHosts;
use crate::output::{GuestStream, Sink, Stream};
use crate::record::{Invocation, Recorder, Trigger};
use crate::variables::Values;

/// More instructions than a run can execute.
const FUEL: u64 = 1 << 60;

/// A component with the configuration of an app.
#[derive(Debug)]
pub(crate) struct Configured {
    pub(crate) id: String,
    pub(crate) variables: Values,
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) allowed_hosts: Arc<AllowedHosts>,
    pub(crate) sqlite_databases: BTreeSet<String>,
    pub(crate) sqlite_file: PathBuf,
}

/// The state that the runs of an app share.
#[derive(Debug)]
pub(crate) struct Runs {
    pub(crate) sink: Arc<Sink>,
    pub(crate) recorder: Recorder,
    clock_ahead: TimeDelta,
    running: watch::Sender<usize>,
    stopped: watch::Sender<bool>,
}

impl Runs {
    pub(crate) fn new(sink: Sink, recorder: Recorder, clock_ahead: TimeDelta) -> Self {
        Self {
            sink: Arc::new(sink),
            recorder,
            clock_ahead,
            running: watch::Sender::new(0),
            stopped: watch::Sender::new(false),
        }
    }

    /// Starts a run.
    pub(crate) fn start(self: &Arc<Self>, trigger: Trigger, component: Arc<Configured>) -> Run {
        self.running.send_modify(|runs| *runs += 1);
        Run { trigger, component, runs: Arc::clone(self) }
    }

    /// Waits until no guest runs.
    pub(crate) async fn idle(&self) {
        self.until(|running| running == 0).await;
    }

    /// Waits until the number of running guests meets the condition.
    pub(crate) async fn until(&self, condition: impl Fn(usize) -> bool) {
        // `self` has the sender, so this cannot fail.
        let _ = self.running.subscribe().wait_for(|running| condition(*running)).await;
    }

    /// Aborts every run.
    pub(crate) fn stop(&self) {
        self.stopped.send_replace(true);
    }

    /// Waits until [`stop`](Self::stop) was called.
    pub(crate) async fn stopped(&self) {
        let _ = self.stopped.subscribe().wait_for(|stopped| *stopped).await;
    }
}

/// A run. It counts as running until it is dropped.
pub(crate) struct Run {
    trigger: Trigger,
    component: Arc<Configured>,
    runs: Arc<Runs>,
}

impl Drop for Run {
    fn drop(&mut self) {
        self.runs.running.send_modify(|runs| *runs -= 1);
    }
}

/// This machine's clock plus an offset.
struct Ahead(TimeDelta);

impl HostWallClock for Ahead {
    fn resolution(&self) -> Duration {
        Duration::from_nanos(1)
    }

    fn now(&self) -> Duration {
        let since = Utc::now() + self.0 - DateTime::UNIX_EPOCH;
        since.to_std().unwrap_or_default()
    }
}

impl Run {
    /// A new store for this run.
    pub(crate) fn store(&self, engine: &wasmtime::Engine) -> Store<State> {
        let stream = |stream| GuestStream::new(Arc::clone(&self.runs.sink), stream);
        let wasi = WasiCtx::builder()
            .envs(&self.component.environment)
            .stdout(stream(Stream::Out))
            .stderr(stream(Stream::Err))
            .wall_clock(Ahead(self.runs.clock_ahead))
            .build();
        let hooks = Outbound {
            allowed: Arc::clone(&self.component.allowed_hosts),
            calls: self.runs.recorder.enabled().then(Vec::new),
        };
        let state = State {
            component: Arc::clone(&self.component),
            table: ResourceTable::new(),
            trace: Trace { statements: self.runs.recorder.enabled().then(Vec::new), ..Trace::default() },
            wasi,
            http: WasiHttpCtx::new(),
            hooks,
            memory: Memory::default(),
        };
        let mut store = Store::new(engine, state);
        store.limiter(|state| &mut state.memory);
        // This fails on an engine that does not count instructions, which is fine.
        let _ = store.set_fuel(FUEL);
        store
    }

    /// Waits for the end of a guest or until the app is stopped.
    pub(crate) async fn unless_stopped<T>(&self, guest: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::select! {
            result = guest => result,
            () = self.runs.stopped() => Err(anyhow::anyhow!("the host was stopped")),
        }
    }

    /// Closes the guest's open connections and records the run.
    pub(crate) async fn end(self, mut store: Store<State>, result: &Result<()>) {
        for resource in store.data_mut().table.iter_mut() {
            if let Some(connection) = resource.downcast_mut::<mysql::Connection>() {
                connection.close().await;
            }
        }
        let failure = result.as_ref().err().map(reason);
        if let Some(failure) = &failure {
            self.runs.sink.log(format_args!("{}: {} failed: {failure}", self.component.id, self.trigger));
        }
        let instructions = store.get_fuel().ok().map(|left| FUEL - left);
        let state = store.into_data();
        if self.runs.recorder.enabled() {
            self.runs.recorder.push(Invocation {
                component: self.component.id.clone(),
                trigger: self.trigger.clone(),
                variables: state.trace.variables,
                connections: state.trace.connections,
                statements: state.trace.statements.unwrap_or_default(),
                outbound_calls: state.hooks.calls.unwrap_or_default(),
                peak_memory: state.memory.peak,
                growths: state.memory.growths,
                instructions,
                failure,
            });
        }
    }
}

/// The root cause on one line. The rest of the error is a backtrace of addresses, which is
/// useless for a stripped component.
fn reason(error: &anyhow::Error) -> String {
    error.root_cause().to_string().lines().next().unwrap_or_default().to_owned()
}

/// The data of a store.
pub(crate) struct State {
    pub(crate) component: Arc<Configured>,
    pub(crate) table: ResourceTable,
    pub(crate) trace: Trace,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    hooks: Outbound,
    memory: Memory,
}

/// The record of a guest's use of variables and databases.
#[derive(Default)]
pub(crate) struct Trace {
    pub(crate) variables: usize,
    pub(crate) connections: usize,
    statements: Option<Vec<String>>,
}

impl State {
    /// Records a statement, on one line, if recording is on.
    pub(crate) fn trace_statement(&mut self, statement: &str) {
        if let Some(statements) = &mut self.trace.statements {
            statements.push(statement.split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.hooks }
    }
}

/// Checks every outbound request before it is sent.
struct Outbound {
    allowed: Arc<AllowedHosts>,
    calls: Option<Vec<String>>,
}

type Worker = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Sent = Result<(hyper::Response<WasiBody>, Worker), Error>;

impl WasiHttpHooks for Outbound {
    fn send_request(
        &mut self,
        request: hyper::Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Worker,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        if !self.allowed.allow(&request.uri().to_string(), "https") {
            return Box::new(std::future::ready(Err(Error::HttpRequestDenied)));
        }
        if let Some(calls) = &mut self.calls {
            calls.push(format!("{} {}", request.method(), without_scheme(request.uri())));
        }
        Box::new(async move {
            let (response, worker) = wasmtime_wasi_http::default_send_request(request, options).await?;
            let response = response.map(http_body_util::BodyExt::boxed_unsync);
            Ok((response, Box::new(worker) as Worker))
        })
    }
}

fn without_scheme(uri: &Uri) -> String {
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    format!("{authority}{path}")
}

/// Records the memory of a guest, without a limit.
#[derive(Default)]
struct Memory {
    held: usize,
    peak: usize,
    growths: usize,
}

impl ResourceLimiter for Memory {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        // The first call creates the memory.
        self.growths += usize::from(current > 0);
        self.held = self.held.saturating_add(desired.saturating_sub(current));
        self.peak = self.peak.max(self.held);
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(true)
    }
}
