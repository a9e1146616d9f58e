//! The routes under load: the service, the floor and the native service take turns.

use crate::load::{self, Load, Outcome};
use crate::process::{Process, cpu};
use crate::route::{self, CREATE, Route};
use crate::target::{self, Kind, Setup, Target};
use anyhow::{Result, ensure};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A line of the table.
#[derive(Debug, Serialize)]
pub(crate) struct Line {
    pub(crate) route: String,
    pub(crate) service: Kind,
    pub(crate) store: &'static str,
    pub(crate) connections: u32,
    pub(crate) per_second: f64,
    /// Microseconds.
    pub(crate) p50: u64,
    pub(crate) p99: u64,
    /// Microseconds of CPU for a request, of the service and of the database server.
    pub(crate) cpu: Option<u64>,
    pub(crate) database_cpu: Option<u64>,
    pub(crate) errors: u64,
    /// The throughput of the service divided by this one.
    pub(crate) ratio: Option<f64>,
}

/// The lines, and the peak memory of each service in KiB.
pub(crate) async fn measure(seconds: u32, spin: Option<PathBuf>) -> Result<(Vec<Line>, BTreeMap<String, u64>)> {
    let setup = Setup::start(spin).await?;
    let mut targets = setup.targets().await?;
    let mut lines = Vec::new();
    for route in route::routes() {
        for connections in route.connections {
            let reset = reqwest::Client::new().post(format!("{}/sandbox/reset", setup.sandbox)).send().await?;
            ensure!(reset.status().is_success(), "the sandbox is not reset");
            lines.extend(compare(&mut targets, &route, *connections, seconds)?);
        }
    }
    let mut memory = peaks(&targets);
    // Native has no lists.
    targets.retain(|target| target.kind != Kind::Native);
    for target in &targets {
        let Some(database) = &target.database else { continue };
        database.execute("UPDATE events SET position = id; UPDATE event_positions SET last = 1000000000").await?;
    }
    let route = route::events();
    for connections in route.connections {
        lines.extend(compare(&mut targets, &route, *connections, seconds)?);
    }
    let mut there = 0;
    for rows in [100, 1_000, 10_000, 100_000] {
        for target in &targets {
            let Some(database) = &target.database else { continue };
            if there == 0 {
                database.execute("UPDATE enrolments SET status = 'COMPLETED'").await?;
            }
            let values = "'PAID', 'https://account.fakturownia.pl/invoice/01234567890123456789', NULL";
            target::insert(database, rows - there, values).await?;
        }
        there = rows;
        let route = route::active(rows);
        for connections in route.connections {
            lines.extend(compare(&mut targets, &route, *connections, seconds)?);
        }
    }
    memory.extend(peaks(&targets));
    Ok((lines, memory))
}

fn peaks(targets: &[Target]) -> BTreeMap<String, u64> {
    let peak = |target: &Target| {
        let name = format!("{:?}, {}", target.kind, target.store).to_lowercase();
        Some((name, target.process.as_ref()?.peak_memory()?))
    };
    targets.iter().filter_map(peak).collect()
}

/// The table of a running instance.
pub(crate) async fn instance(base: &str, seconds: u32) -> Result<Vec<Line>> {
    let mut targets = [target::instance(base).await?];
    let mut lines = Vec::new();
    for route in route::routes() {
        for connections in route.connections {
            lines.extend(compare(&mut targets, &route, *connections, seconds)?);
        }
    }
    Ok(lines)
}

/// Loads all targets that have the route, in turns. Returns a line for each.
fn compare(targets: &mut [Target], route: &Route, connections: u32, seconds: u32) -> Result<Vec<Line>> {
    let mut targets: Vec<_> = targets
        .iter_mut()
        .filter(|target| target.kind == Kind::Service || route.beside.contains(&target.kind))
        .collect();
    let mut rounds: Vec<Vec<Round>> = targets.iter().map(|_| Vec::new()).collect();
    for _ in 0..route.rounds {
        for (target, rounds) in targets.iter_mut().zip(&mut rounds) {
            rounds.push(ask(target, route, connections, seconds * route.windows)?);
        }
    }
    let mut lines: Vec<Line> = Vec::new();
    for (target, rounds) in targets.iter().zip(&rounds) {
        let mut line = line(target, route, connections, rounds);
        let service = lines.iter().find(|own| own.service == Kind::Service && own.store == target.store);
        line.ratio = service.map(|service| service.per_second / line.per_second.max(f64::MIN_POSITIVE));
        println!("{}", crate::report::row(&line));
        lines.push(line);
    }
    Ok(lines)
}

/// The results of one load and its CPU time in µs.
struct Round {
    outcome: Outcome,
    cpu: Option<u64>,
    database_cpu: Option<u64>,
}

fn ask(target: &mut Target, route: &Route, connections: u32, seconds: u32) -> Result<Round> {
    stock(target, f64::from(route.appetite * seconds), connections)?;
    let processes = [target.process.as_ref().map(Process::id), target.server];
    let before = processes.map(|process| process.and_then(cpu));
    let (known, user) = &target.known;
    let path = route.path.replace("{known}", &known.to_string()).replace("{known_user}", user);
    let outcome = load::run(&Load {
        base: &target.base,
        method: route.method,
        path: &path,
        body: &route.body,
        connections,
        seconds,
        first: target.next,
    })?;
    let after = processes.map(|process| process.and_then(cpu));
    let spent = |index: usize| Some(after.get(index).copied()?? - before.get(index).copied()??);
    let used = i64::try_from(outcome.requests)?;
    if route.appetite > 0 {
        // The last requests may be done without an answer.
        target.next += used + i64::from(connections);
    }
    if route.name == CREATE {
        target.end += used;
        target.pace = target.pace.max(outcome.per_second());
    }
    Ok(Round { outcome, cpu: spent(0), database_cpu: spent(1) })
}

/// Makes as many enrolments as the target can make in `seconds`.
fn stock(target: &mut Target, seconds: f64, connections: u32) -> Result<()> {
    #[allow(clippy::cast_possible_truncation, reason = "thousands")]
    let wanted = (target.pace * seconds) as i64 + i64::from(connections);
    while seconds > 0.0 && target.end - target.next < wanted {
        let (base, body) = (&*target.base, &*route::new());
        let load = Load { base, method: "POST", path: "", body, connections: 16, seconds: 1, first: 0 };
        let made = load::run(&load)?.requests;
        ensure!(made > 0, "{base} makes no enrolments");
        target.end += i64::try_from(made)?;
    }
    Ok(())
}

fn line(target: &Target, route: &Route, connections: u32, rounds: &[Round]) -> Line {
    let outcomes = || rounds.iter().map(|round| round.outcome);
    let requests: u64 = outcomes().map(|outcome| outcome.requests).sum();
    let each = |spent: fn(&Round) -> Option<u64>| {
        let all: Option<u64> = rounds.iter().map(spent).sum();
        all.map(|all| all / requests.max(1))
    };
    let mut middles: Vec<_> = outcomes().map(|outcome| outcome.p50).collect();
    middles.sort_unstable();
    #[allow(clippy::cast_precision_loss, reason = "a few")]
    let per_second = outcomes().map(Outcome::per_second).sum::<f64>() / rounds.len().max(1) as f64;
    Line {
        route: route.name.clone(),
        service: target.kind,
        store: target.store,
        connections,
        per_second,
        p50: middles.get(middles.len() / 2).copied().unwrap_or_default(),
        p99: outcomes().map(|outcome| outcome.p99).max().unwrap_or_default(),
        cpu: each(|round| round.cpu),
        database_cpu: each(|round| round.database_cpu),
        errors: outcomes().map(|outcome| outcome.errors).sum(),
        ratio: None,
    }
}
