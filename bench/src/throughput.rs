//! The routes under load, beside what Spin itself costs and beside a native
//! service, alternating in one run.

use crate::load::{self, Kind, Outcome};
use crate::process::{Process, free_address};
use anyhow::{Context, Result, ensure};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use tests::{MariaDb, TestDatabase};

const CONNECTIONS: [u32; 3] = [1, 16, 64];
/// Enrolments that can be paid, for each service.
const PENDING: i64 = 60_000;

/// A line of the table.
#[derive(Debug, Serialize)]
pub(crate) struct Line {
    pub(crate) route: &'static str,
    pub(crate) service: String,
    pub(crate) connections: u32,
    pub(crate) per_second: f64,
    /// Microseconds.
    pub(crate) p50: u64,
    pub(crate) p99: u64,
    /// Microseconds of CPU for a request, in the service's process.
    pub(crate) cpu: Option<u64>,
    pub(crate) errors: u64,
}

/// Something to ask.
struct Target {
    name: String,
    base: String,
    process: Option<Process>,
    /// The next id that can be paid.
    next: i64,
    /// What it does not do.
    without: &'static [Kind],
}

/// The lines, and the most memory that each service held, in KiB.
pub(crate) async fn measure(seconds: u32) -> Result<(Vec<Line>, BTreeMap<String, u64>)> {
    let server = MariaDb::start().await?;
    let sandbox = free_address()?;
    let _sandbox = Process::start(Command::new(program("sandbox")).args(["--listen", &sandbox.to_string()]), sandbox)?;
    let origin = format!("http://{sandbox}");
    let folder = tempfile::tempdir()?;
    let state = |name: &str| -> Result<PathBuf> {
        let state = folder.path().join(name);
        std::fs::create_dir(&state)?;
        Ok(state)
    };
    let mut targets = vec![
        service(&server, &origin, &state("mysql")?, true).await?,
        floor(&server, &origin, &state("floor")?).await?,
        native(&server, &origin).await?,
        service(&server, &origin, &state("sqlite")?, false).await?,
    ];
    let mut lines = Vec::new();
    for kind in Kind::ALL {
        for connections in CONNECTIONS {
            let reset = reqwest::Client::new().post(format!("{origin}/sandbox/reset")).send().await?;
            ensure!(reset.status().is_success(), "the sandbox is not reset");
            lines.extend(compare(&mut targets, kind, connections, seconds)?);
        }
    }
    let memory =
        targets.iter().filter_map(|target| Some((target.name.clone(), target.process.as_ref()?.peak_memory()?)));
    Ok((lines, memory.collect()))
}

/// The table of an instance that runs already.
pub(crate) async fn instance(base: &str, seconds: u32) -> Result<Vec<Line>> {
    let client = reqwest::Client::new();
    let first = pending(&client, base).await?;
    let base = base.trim_end_matches('/').to_owned();
    let mut targets = [Target { name: base.clone(), base, process: None, next: first, without: &[] }];
    let mut lines = Vec::new();
    for kind in Kind::ALL {
        // What can be paid has to be made first, over the same API.
        let connections = if kind == Kind::Pay { &[16][..] } else { &CONNECTIONS };
        for connections in connections {
            lines.extend(compare(&mut targets, kind, *connections, seconds)?);
        }
    }
    Ok(lines)
}

/// The first of the ids that the load before has made, over a running instance.
async fn pending(client: &reqwest::Client, base: &str) -> Result<i64> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_nanos();
    let body = serde_json::json!({"course_id": 1, "user_id": format!("bench-{now}")});
    let mut request = client.post(base).json(&body);
    if let Ok(authorization) = std::env::var("AUTHORIZATION") {
        request = request.header("authorization", authorization);
    }
    let answer: serde_json::Value = request.send().await?.json().await?;
    answer.get("id").and_then(serde_json::Value::as_i64).with_context(|| format!("{base} answers {answer}"))
}

/// Twice each, alternating; of both rounds together.
fn compare(targets: &mut [Target], kind: Kind, connections: u32, seconds: u32) -> Result<Vec<Line>> {
    let mut rounds: Vec<Vec<(Outcome, Option<u64>)>> = targets.iter().map(|_| Vec::new()).collect();
    for _ in 0..2 {
        for (target, rounds) in targets.iter_mut().zip(&mut rounds) {
            if target.without.contains(&kind) {
                continue;
            }
            let cpu = || target.process.as_ref().and_then(Process::cpu);
            let before = cpu();
            let outcome = load::run(&target.base, kind, connections, seconds, target.next)?;
            let spent = before.zip(cpu()).map(|(before, after)| after - before);
            if kind == Kind::Pay {
                // Beyond what any connection has asked for.
                target.next += i64::try_from(outcome.requests)? * 2 + i64::from(connections) * 2;
            }
            rounds.push((outcome, spent));
        }
    }
    let mut lines = Vec::new();
    for (target, rounds) in targets.iter().zip(&rounds) {
        let Some((last, _)) = rounds.last() else { continue };
        let requests: u64 = rounds.iter().map(|(outcome, _)| outcome.requests).sum();
        let cpu: Option<u64> = rounds.iter().map(|(_, cpu)| *cpu).sum();
        #[allow(clippy::cast_precision_loss, reason = "two")]
        let per_second = rounds.iter().map(|(outcome, _)| outcome.per_second()).sum::<f64>() / rounds.len() as f64;
        let line = Line {
            route: kind.route(),
            service: target.name.clone(),
            connections,
            per_second,
            p50: last.p50,
            p99: rounds.iter().map(|(outcome, _)| outcome.p99).max().unwrap_or_default(),
            cpu: cpu.map(|cpu| cpu / requests.max(1)),
            errors: rounds.iter().map(|(outcome, _)| outcome.errors).sum(),
        };
        println!("{}", crate::report::row(&line, &lines));
        lines.push(line);
    }
    Ok(lines)
}

async fn service(server: &MariaDb, origin: &str, folder: &std::path::Path, mysql: bool) -> Result<Target> {
    let database = if mysql { TestDatabase::mariadb(server, false).await? } else { TestDatabase::sqlite(folder) };
    let address = free_address()?;
    let mut command = host(&tests::root().join("spin.toml"), address, folder);
    for name in ["USERS_URL", "COURSES_URL", "INVOICES_URL", "MAIL_URL"] {
        command.env(format!("SPIN_VARIABLE_{name}"), origin);
    }
    for (name, value) in database.variables() {
        command.env(format!("SPIN_VARIABLE_{}", name.to_uppercase()), value);
    }
    let process = Process::start(command.arg("--sqlite").arg("@migrations/sqlite/schema.sql"), address)?;
    fill(&database).await?;
    let name = if mysql { "service" } else { "service, SQLite" };
    Ok(target(name, address, Some(process), &[]))
}

async fn floor(server: &MariaDb, origin: &str, folder: &std::path::Path) -> Result<Target> {
    let database = TestDatabase::mariadb(server, false).await?;
    fill(&database).await?;
    let address = free_address()?;
    let mut command = host(&tests::root().join("bench/floor/spin.toml"), address, folder);
    let url = format!(
        "{}?ssl-mode=DISABLED&prefer_socket=false&max_allowed_packet=16777216&wait_timeout=28800",
        server.root_url(schema(&database))
    );
    command.env("SPIN_VARIABLE_MYSQL_URL", url).env("SPIN_VARIABLE_SANDBOX", origin);
    Ok(target("floor", address, Some(Process::start(&mut command, address)?), &[]))
}

async fn native(server: &MariaDb, origin: &str) -> Result<Target> {
    let database = TestDatabase::mariadb(server, false).await?;
    fill(&database).await?;
    let address = free_address()?;
    let mut command = Command::new(program("native"));
    command.args(["--listen", &address.to_string(), "--sandbox", origin]);
    command.arg("--database").arg(server.root_url(schema(&database)));
    Ok(target("native", address, Some(Process::start(&mut command, address)?), &[Kind::Health]))
}

fn target(name: &str, address: std::net::SocketAddr, process: Option<Process>, without: &'static [Kind]) -> Target {
    Target { name: name.to_owned(), base: format!("http://{address}/api/enrolment"), process, next: 1, without }
}

fn host(manifest: &std::path::Path, address: std::net::SocketAddr, folder: &std::path::Path) -> Command {
    let mut command = Command::new(program("host"));
    command.arg("up").arg("--from").arg(manifest).arg("--listen").arg(address.to_string());
    command.arg("--state-dir").arg(folder).arg("--quiet").current_dir(tests::root());
    command
}

/// Enrolments that can be paid.
async fn fill(database: &TestDatabase) -> Result<()> {
    for first in (1..=PENDING).step_by(10_000) {
        let rows: Vec<_> = (first..first + 10_000)
            .map(|row| format!("('user-{row}', 1, 'ACTIVE', 'PENDING', '2199-01-01 00:00:00')"))
            .collect();
        let columns = "user_id, course_id, status, payment_status, course_end_date";
        database.execute(&format!("INSERT INTO enrolments ({columns}) VALUES {}", rows.join(","))).await?;
    }
    Ok(())
}

fn schema(database: &TestDatabase) -> &str {
    match database {
        TestDatabase::MariaDb { name, .. } => name,
        TestDatabase::Sqlite(_) => "",
    }
}

/// Programs stand beside this one.
fn program(name: &str) -> PathBuf {
    let own = std::env::current_exe().unwrap_or_default();
    own.with_file_name(name)
}
