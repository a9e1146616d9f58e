//! A private MariaDB server on a free port, in a temporary folder.

use anyhow::{Context, Result, ensure};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts, OptsBuilder};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A password of characters that must be encoded in a URL.
pub(crate) const PASSWORD: &str = "p@ss/w:rd?#ż";
/// The user that the service connects as.
pub(crate) const USER: &str = "enrol ments";

/// How long a server may take to start.
const START: Duration = Duration::from_secs(30);

/// A running server. It is stopped and its folder deleted when it is dropped.
pub struct MariaDb {
    folder: TempDir,
    port: u16,
    arguments: Vec<String>,
    server: Option<Child>,
}

impl MariaDb {
    /// Makes a new server.
    ///
    /// # Errors
    ///
    /// When MariaDB is not installed or does not start.
    pub async fn start() -> Result<Self> {
        Self::start_with(Vec::new()).await
    }

    /// Makes a new server with these further arguments.
    ///
    /// # Errors
    ///
    /// As for [`MariaDb::start`].
    pub async fn start_with(arguments: Vec<String>) -> Result<Self> {
        let folder = folder()?;
        let data = folder.path().join("data");
        // A server that starts deletes the temporary tables of others in the same folder.
        let temporary = format!("--tmpdir={}", folder.path().display());
        let installed = Command::new(program("mariadb-install-db")?)
            .args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"])
            .args(as_root())
            .arg(format!("--datadir={}", data.display()))
            .arg(temporary)
            .output()
            .context("mariadb-install-db")?;
        let said = || [&installed.stdout[..], &installed.stderr[..]].concat();
        ensure!(installed.status.success(), "mariadb-install-db: {}", String::from_utf8_lossy(&said()));
        let mut server = Self { folder, port: free_port()?, arguments, server: None };
        server.run().await?;
        let mut root = Conn::new(server.options("root", "", None)).await?;
        root.query_drop(format!("CREATE USER '{USER}'@'%' IDENTIFIED BY '{PASSWORD}'")).await?;
        root.query_drop(format!("GRANT ALL ON *.* TO '{USER}'@'%' WITH GRANT OPTION")).await?;
        root.disconnect().await?;
        Ok(server)
    }

    /// Starts the server on its folder, if it does not run.
    ///
    /// # Errors
    ///
    /// When it does not answer within 30 s.
    pub async fn run(&mut self) -> Result<()> {
        if self.server.is_some() {
            return Ok(());
        }
        self.server = Some(self.command()?.spawn().context("mariadbd")?);
        let end = Instant::now() + START;
        loop {
            match Conn::new(self.options("root", "", None)).await {
                Ok(connection) => return Ok(connection.disconnect().await?),
                Err(_) if Instant::now() < end => tokio::time::sleep(Duration::from_millis(50)).await,
                Err(error) => return Err(error).with_context(|| format!("MariaDB did not start: {}", self.log())),
            }
        }
    }

    /// The command that starts it.
    fn command(&self) -> Result<Command> {
        let path = |name: &str| self.folder.path().join(name).display().to_string();
        let mut command = Command::new(program("mariadbd")?);
        command
            .arg("--no-defaults")
            .args(as_root())
            .arg(format!("--datadir={}", path("data")))
            .arg(format!("--tmpdir={}", self.folder.path().display()))
            .arg(format!("--socket={}", path("socket")))
            .arg(format!("--pid-file={}", path("pid")))
            .arg(format!("--log-error={}", path("log")))
            .arg(format!("--port={}", self.port))
            .args(["--bind-address=127.0.0.1", "--skip-name-resolve", "--skip-log-bin", "--max-connections=400"])
            .args(["--innodb-buffer-pool-size=128M", "--innodb-flush-log-at-trx-commit=2"])
            .args(&self.arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        Ok(command)
    }

    /// The last position of a killed Galera node, `uuid:number`. The node gets it at its next
    /// start; without it, it would copy the whole database.
    ///
    /// # Errors
    ///
    /// When the server does not say so.
    pub async fn recovered(&mut self) -> Result<String> {
        ensure!(self.server.is_none(), "a running server has nothing to recover");
        let log = self.folder.path().join("recovered.err");
        let _ = std::fs::remove_file(&log);
        let mut command = self.command()?;
        command.arg("--wsrep-recover").arg(format!("--log-error={}", log.display()));
        self.server = Some(command.spawn().context("mariadbd")?);
        let end = Instant::now() + START;
        loop {
            let said = std::fs::read(&log).unwrap_or_default();
            let said = String::from_utf8_lossy(&said);
            let position = said.rsplit_once("Recovered position: ").and_then(|(_, rest)| rest.split_once('\n'));
            if let Some((position, _)) = position {
                // It should end by itself; 10.11.19 takes memory without end instead.
                self.kill();
                return Ok(position.trim().to_owned());
            }
            ensure!(Instant::now() < end, "no recovered position: {said}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Shuts the server down and waits until it ends; its folder stays.
    ///
    /// # Errors
    ///
    /// When it does not shut down.
    pub async fn shut_down(&mut self) -> Result<()> {
        if let Some(mut server) = self.server.take() {
            let mut root = Conn::new(self.root()).await?;
            root.query_drop("SHUTDOWN").await?;
            server.wait()?;
        }
        Ok(())
    }

    /// A server on a copy of this one's folder, which does not run yet; nor may this one.
    ///
    /// # Errors
    ///
    /// When this one runs, or the copy cannot be made.
    pub fn copy(&self, arguments: Vec<String>) -> Result<Self> {
        ensure!(self.server.is_none(), "a running server cannot be copied");
        let folder = folder()?;
        let copied = Command::new("cp").arg("-R").arg(self.data()).arg(folder.path()).status()?;
        ensure!(copied.success(), "cp: {copied}");
        Ok(Self { folder, port: free_port()?, arguments, server: None })
    }

    /// Sets the arguments of its next start.
    pub fn set_arguments(&mut self, arguments: Vec<String>) {
        self.arguments = arguments;
    }

    /// Where its data are.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The end of its log.
    fn log(&self) -> String {
        let log = std::fs::read(self.folder.path().join("log.err")).unwrap_or_default();
        let begin = log.len().saturating_sub(2000);
        String::from_utf8_lossy(log.get(begin..).unwrap_or_default()).into_owned()
    }

    /// Kills the server; its folder stays.
    pub fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            let _ = server.kill();
            let _ = server.wait();
        }
    }

    /// The id of its process, if it runs.
    #[must_use]
    pub fn process(&self) -> Option<u32> {
        self.server.as_ref().map(Child::id)
    }

    /// `host:port`
    #[must_use]
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The connection options of the service.
    #[must_use]
    pub fn service(&self, database: &str) -> Opts {
        self.options(USER, PASSWORD, Some(database))
    }

    /// The connection options of root.
    #[must_use]
    pub fn root(&self) -> Opts {
        self.options("root", "", None)
    }

    /// The URL of root for a schema.
    #[must_use]
    pub fn root_url(&self, schema: &str) -> String {
        format!("mysql://root:@127.0.0.1:{}/{schema}", self.port)
    }

    fn options(&self, user: &str, password: &str, database: Option<&str>) -> Opts {
        OptsBuilder::default()
            .ip_or_hostname("127.0.0.1")
            .tcp_port(self.port)
            .user(Some(user))
            .pass(Some(password))
            .db_name(database)
            .prefer_socket(false)
            .into()
    }
}

impl Drop for MariaDb {
    fn drop(&mut self) {
        self.kill();
    }
}

fn folder() -> std::io::Result<TempDir> {
    tempfile::Builder::new().prefix("enrolments-mariadb-").tempdir()
}

/// A port that is free now.
///
/// # Errors
///
/// When there is none.
pub fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Where a program is.
///
/// # Errors
///
/// When it is not installed.
pub fn program(name: &str) -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/usr/local/sbin".into()])
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
        .with_context(|| format!("{name} is not installed: `make test` says how"))
}

/// The server refuses to run as root without this option.
fn as_root() -> Option<&'static str> {
    let output = Command::new("id").arg("-u").output().ok()?;
    (output.stdout == b"0\n").then_some("--user=root")
}
