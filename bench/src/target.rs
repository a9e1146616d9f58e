//! The measured services: this one, the floor and the native one, each with its own process
//! and database.

use crate::process::{Process, free_address};
use anyhow::{Context, Result};
use serde::Serialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use tests::{MariaDb, TestDatabase};

/// Enrolments that can be paid or deleted, for each service.
const PENDING: usize = 60_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Service,
    Floor,
    Native,
}

/// A measured service.
pub(crate) struct Target {
    pub(crate) kind: Kind,
    /// Its database, as the tables name it.
    pub(crate) store: &'static str,
    pub(crate) base: String,
    pub(crate) process: Option<Process>,
    pub(crate) database: Option<TestDatabase>,
    /// The process of its database server.
    pub(crate) server: Option<u32>,
    /// An enrolment that stays, and its user.
    pub(crate) known: (i64, String),
    /// The next unused id.
    pub(crate) next: i64,
    /// The first id that does not exist yet.
    pub(crate) end: i64,
    /// Enrolments per second.
    pub(crate) pace: f64,
}

/// Servers that must live as long as the targets.
pub(crate) struct Setup {
    pub(crate) sandbox: String,
    _sandbox: Process,
    server: MariaDb,
    folder: tempfile::TempDir,
    /// What runs components.
    host: PathBuf,
}

impl Setup {
    pub(crate) async fn start(spin: Option<PathBuf>) -> Result<Self> {
        let address = free_address()?;
        let mut command = Command::new(program("sandbox"));
        let sandbox = Process::start(command.args(["--listen", &address.to_string()]), address)?;
        let server = MariaDb::start().await?;
        Ok(Self {
            sandbox: format!("http://{address}"),
            _sandbox: sandbox,
            server,
            folder: tempfile::tempdir()?,
            host: spin.unwrap_or_else(|| program("host")),
        })
    }

    pub(crate) async fn targets(&self) -> Result<Vec<Target>> {
        Ok(vec![
            self.service(true).await?,
            self.floor(true).await?,
            self.native().await?,
            self.service(false).await?,
            self.floor(false).await?,
        ])
    }

    async fn service(&self, mysql: bool) -> Result<Target> {
        let (mut command, address, database) = self.host("spin.toml", mysql).await?;
        for name in ["USERS_URL", "COURSES_URL", "INVOICES_URL", "MAIL_URL"] {
            command.env(format!("SPIN_VARIABLE_{name}"), &self.sandbox);
        }
        for (name, value) in database.variables() {
            command.env(format!("SPIN_VARIABLE_{}", name.to_uppercase()), value);
        }
        self.target(Kind::Service, &mut command, address, database).await
    }

    async fn floor(&self, mysql: bool) -> Result<Target> {
        let (mut command, address, database) = self.host("bench/floor/spin.toml", mysql).await?;
        if let TestDatabase::MariaDb { name, .. } = &database {
            command.env("SPIN_VARIABLE_MYSQL_URL", floor_url(&self.server, name));
        }
        self.target(Kind::Floor, command.env("SPIN_VARIABLE_SANDBOX", &self.sandbox), address, database).await
    }

    async fn native(&self) -> Result<Target> {
        let database = TestDatabase::mariadb(&self.server, false).await?;
        let address = free_address()?;
        let mut command = Command::new(program("native"));
        command.args(["--listen", &address.to_string(), "--sandbox", &self.sandbox]);
        if let TestDatabase::MariaDb { name, .. } = &database {
            command.arg("--database").arg(self.server.root_url(name));
        }
        self.target(Kind::Native, &mut command, address, database).await
    }

    /// The command of the host for a manifest.
    async fn host(&self, manifest: &str, mysql: bool) -> Result<(Command, SocketAddr, TestDatabase)> {
        let address = free_address()?;
        let state = self.folder.path().join(address.port().to_string());
        std::fs::create_dir(&state)?;
        let database =
            if mysql { TestDatabase::mariadb(&self.server, false).await? } else { TestDatabase::sqlite(&state) };
        let mut command = Command::new(&self.host);
        command.args(["up", "--quiet", "--from", manifest, "--listen", &address.to_string()]);
        command.arg("--state-dir").arg(state);
        let scripts = tests::sqlite_schema()?;
        // The service migrates its database itself.
        let steps = if manifest.contains("floor") { scripts.len() } else { 1 };
        for script in scripts.iter().take(steps) {
            command.arg("--sqlite").arg(format!("@{}", script.display()));
        }
        command.current_dir(tests::root());
        Ok((command, address, database))
    }

    /// Starts it and adds enrolments that can be paid.
    async fn target(
        &self,
        kind: Kind,
        command: &mut Command,
        address: SocketAddr,
        database: TestDatabase,
    ) -> Result<Target> {
        let process = Process::start(command, address)?;
        insert(&database, PENDING, "'PENDING', NULL, '2199-01-01 00:00:00'").await?;
        let embedded = matches!(database, TestDatabase::Sqlite(_));
        Ok(Target {
            kind,
            store: if embedded { "SQLite" } else { "MariaDB" },
            base: format!("http://{address}/api/enrolment"),
            process: Some(process),
            database: Some(database),
            server: self.server.process().filter(|_| !embedded),
            known: (1, user(1)),
            next: 2,
            end: i64::try_from(PENDING)? + 1,
            pace: 0.0,
        })
    }
}

/// The address of a schema for the floor, with the settings of the service's own connections.
pub(crate) fn floor_url(server: &MariaDb, schema: &str) -> String {
    let keys = "ssl-mode=DISABLED&prefer_socket=false&max_allowed_packet=16777216&wait_timeout=28800";
    format!("{}?{keys}", server.root_url(schema))
}

/// A running instance. Creates the enrolment that stays.
pub(crate) async fn instance(base: &str) -> Result<Target> {
    let base = base.trim_end_matches('/').to_owned();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_nanos();
    let user = format!("bench-{now}");
    let body = serde_json::json!({"course_id": 1, "user_id": user});
    let mut request = reqwest::Client::new().post(&base).json(&body);
    if let Ok(authorization) = std::env::var("AUTHORIZATION") {
        request = request.header("authorization", authorization);
    }
    let answer: serde_json::Value = request.send().await?.json().await?;
    let known = answer.get("id").and_then(serde_json::Value::as_i64);
    let known = known.with_context(|| format!("{base} answers {answer}"))?;
    Ok(Target {
        kind: Kind::Service,
        store: "instance",
        base,
        process: None,
        database: None,
        server: None,
        known: (known, user),
        next: known + 1,
        end: known + 1,
        pace: 0.0,
    })
}

/// Adds `rows` active enrolments with these values for payment, invoice and end.
pub(crate) async fn insert(database: &TestDatabase, rows: usize, values: &str) -> Result<()> {
    let there = database.rows("SELECT COALESCE(MAX(id), 0) FROM enrolments").await?;
    let there: usize = there.into_iter().flatten().next().unwrap_or_default().parse()?;
    let columns = "enrolments (user_id, course_id, status, payment_status, invoice_url, course_end_date)";
    let row = |row| format!("('{}', 1, 'ACTIVE', {values})", user(row));
    insert_rows(database, columns, (there + 1..=there + rows).map(row)).await
}

/// Adds these rows to a table, whose name comes with its columns.
pub(crate) async fn insert_rows(
    database: &TestDatabase,
    columns: &str,
    rows: impl Iterator<Item = String>,
) -> Result<()> {
    let mut rows = rows.peekable();
    while rows.peek().is_some() {
        let part: Vec<_> = rows.by_ref().take(10_000).collect();
        database.execute(&format!("INSERT INTO {columns} VALUES {}", part.join(","))).await?;
    }
    Ok(())
}

pub(crate) fn user(row: usize) -> String {
    format!("63a1f1234abc5678def{row:07}")
}

/// A program in the folder of this one.
fn program(name: &str) -> PathBuf {
    let own: PathBuf = std::env::current_exe().unwrap_or_default();
    Path::new(&own).with_file_name(name)
}
