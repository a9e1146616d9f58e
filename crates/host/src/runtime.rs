//! A manifest with its compiled components.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, ensure};
use wasmtime::component::{HasSelf, InstancePre, Linker};
use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};
use wasmtime_wasi_http::p2::bindings::ProxyPre;

use crate::app::{App, Options};
use crate::bindings::{CronGuest, CronGuestPre};
use crate::cache::Cache;
use crate::cron::Schedule;
use crate::guest::State;
use crate::manifest::Manifest;
use crate::route::Routes;

/// The maximum number of concurrent guests, as in Spin.
const MAX_GUESTS: u32 = 1000;

/// A manifest with its compiled components. It is cheap to clone and can start any number of
/// [`App`]s.
#[derive(Clone)]
pub struct Runtime(Arc<Inner>);

struct Inner {
    manifest: Manifest,
    directory: PathBuf,
    routes: Routes,
    schedules: Vec<Schedule>,
    http: BTreeMap<String, ProxyPre<State>>,
    cron: BTreeMap<String, CronGuestPre<State>>,
}

impl Runtime {
    /// Reads the manifest and compiles every component, or reads it compiled from the cache
    /// `target/host-cache` beside the manifest.
    ///
    /// # Errors
    /// If the manifest is invalid, a component is not built, or it needs a feature that this
    /// host does not support.
    pub fn load(manifest: impl AsRef<Path>) -> Result<Self> {
        Self::load_as(manifest.as_ref(), false)
    }

    /// The same, but it counts the instructions of guests, which makes them slower.
    ///
    /// # Errors
    /// As for [`Runtime::load`].
    pub fn load_metered(manifest: impl AsRef<Path>) -> Result<Self> {
        Self::load_as(manifest.as_ref(), true)
    }

    fn load_as(path: &Path, metered: bool) -> Result<Self> {
        // This fails if the process has a provider already, which is fine.
        let _ = rustls::crypto::ring::default_provider().install_default();

        let manifest = Manifest::load(path)?;
        let path = path.canonicalize()?;
        let directory = path.parent().context("the manifest has no parent directory")?.to_owned();
        let routes = Routes::new(&manifest.trigger.http)?;
        let schedules = manifest.trigger.cron.iter().map(Schedule::parse).collect::<Result<_>>()?;

        let engine = engine(metered)?;
        let cache = Cache::new(directory.join("target/host-cache"), metered);
        let linker = linker(&engine)?;
        let compiled = compile((&engine, &cache), &linker, &manifest, &directory)?;
        let guest = |id: &str| compiled.get(id).with_context(|| format!("component {id:?} was not compiled"));
        let mut http = BTreeMap::new();
        for trigger in &manifest.trigger.http {
            let pre = ProxyPre::new(guest(&trigger.component)?.clone())
                .map_err(anyhow::Error::from)
                .with_context(|| format!("component {:?} does not handle HTTP", trigger.component))?;
            http.insert(trigger.component.clone(), pre);
        }
        let mut cron = BTreeMap::new();
        for trigger in &manifest.trigger.cron {
            let pre = CronGuestPre::new(guest(&trigger.component)?.clone())
                .map_err(anyhow::Error::from)
                .with_context(|| format!("component {:?} does not handle cron events", trigger.component))?;
            cron.insert(trigger.component.clone(), pre);
        }
        Ok(Self(Arc::new(Inner { manifest, directory, routes, schedules, http, cron })))
    }

    /// Starts the app.
    ///
    /// # Errors
    /// If a variable or the address is invalid, or the state directory cannot be used.
    pub async fn start(&self, options: Options) -> Result<App> {
        App::start(self.clone(), options).await
    }

    /// Whether the manifest declares this variable.
    #[must_use]
    pub fn has_variable(&self, name: &str) -> bool {
        self.0.manifest.variables.contains_key(name)
    }

    pub(crate) fn manifest(&self) -> &Manifest {
        &self.0.manifest
    }

    /// The directory of the manifest.
    pub(crate) fn directory(&self) -> &Path {
        &self.0.directory
    }

    pub(crate) fn routes(&self) -> &Routes {
        &self.0.routes
    }

    pub(crate) fn schedules(&self) -> &[Schedule] {
        &self.0.schedules
    }

    pub(crate) fn http_guest(&self, component: &str) -> Option<&ProxyPre<State>> {
        self.0.http.get(component)
    }

    pub(crate) fn cron_guest(&self, component: &str) -> Option<&CronGuestPre<State>> {
        self.0.cron.get(component)
    }
}

fn engine(metered: bool) -> Result<Engine> {
    let mut config = Config::new();
    config.consume_fuel(metered);

    // Memories are reserved at start, so that a guest starts in microseconds.
    // A component in Rust has three core instances and two tables.
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(MAX_GUESTS)
        .total_core_instances(4 * MAX_GUESTS)
        .total_memories(MAX_GUESTS)
        .total_tables(2 * MAX_GUESTS)
        .total_stacks(MAX_GUESTS)
        .table_elements(100_000)
        .max_memory_size(4 << 30)
        .linear_memory_keep_resident(1 << 20)
        .table_keep_resident(64 << 10);
    let mut pooled = config.clone();
    pooled.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    // Without a pool where the address space is limited.
    Engine::new(&pooled).or_else(|_| Engine::new(&config)).map_err(|error| anyhow!(error))
}

fn linker(engine: &Engine) -> Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    CronGuest::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
    Ok(linker)
}

/// Compiles all components in parallel.
fn compile(
    (engine, cache): (&Engine, &Cache),
    linker: &Linker<State>,
    manifest: &Manifest,
    directory: &Path,
) -> Result<BTreeMap<String, InstancePre<State>>> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = manifest
            .component
            .iter()
            .map(|(id, component)| {
                (id, scope.spawn(move || prepare((engine, cache), linker, &directory.join(&component.source))))
            })
            .collect();
        threads
            .into_iter()
            .map(|(id, thread)| {
                let prepared = thread.join().map_err(|_| anyhow!("the compiler panicked")).flatten();
                Ok((id.clone(), prepared.with_context(|| format!("component {id:?}"))?))
            })
            .collect()
    })
}

fn prepare((engine, cache): (&Engine, &Cache), linker: &Linker<State>, source: &Path) -> Result<InstancePre<State>> {
    ensure!(source.is_file(), "{} is missing: run `make build`", source.display());
    let component = cache.component(engine, source)?;
    Ok(linker.instantiate_pre(&component)?)
}
