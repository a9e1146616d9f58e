//! The database of a test, and direct access to it.

use crate::mariadb::{MariaDb, PASSWORD, USER};
use anyhow::{Context, Result};
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// Which database a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    /// Embedded in the host.
    Sqlite,
    /// A server that all tests share, each with a schema of its own.
    MariaDb,
}

impl std::str::FromStr for Database {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "sqlite" => Ok(Self::Sqlite),
            "mariadb" => Ok(Self::MariaDb),
            _ => Err("neither sqlite nor mariadb"),
        }
    }
}

/// The database of a test.
#[derive(Clone)]
pub enum TestDatabase {
    /// The file.
    Sqlite(PathBuf),
    /// The schema, and how to connect to it.
    MariaDb {
        /// Its name.
        name: String,
        /// Where it is.
        address: String,
        /// As the service connects.
        options: mysql_async::Opts,
    },
}

static SCHEMAS: AtomicU32 = AtomicU32::new(0);

/// The scripts that make a current SQLite database, for programs that do not migrate it.
///
/// # Errors
///
/// When they cannot be listed.
pub fn sqlite_schema() -> Result<Vec<PathBuf>> {
    let folder = crate::root().join("migrations/sqlite");
    let mut versions = Vec::new();
    for entry in std::fs::read_dir(&folder)? {
        let file = entry?.path();
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if let Some((number, _)) = name.strip_prefix('V').and_then(|name| name.split_once("__")) {
            versions.push((number.parse::<u32>()?, file));
        }
    }
    versions.sort();
    Ok([folder.join("schema.sql")].into_iter().chain(versions.into_iter().map(|(_, file)| file)).collect())
}

impl TestDatabase {
    /// The file that the host will make in `state_dir`.
    #[must_use]
    pub fn sqlite(state_dir: &Path) -> Self {
        Self::Sqlite(state_dir.join("sqlite_db.db"))
    }

    /// A new schema on `server`, brought up to date unless it shall stay `empty`.
    ///
    /// # Errors
    ///
    /// When a statement fails.
    pub async fn mariadb(server: &MariaDb, empty: bool) -> Result<Self> {
        let name = format!("test_{}", SCHEMAS.fetch_add(1, Ordering::Relaxed));
        let mut root = Conn::new(server.root()).await?;
        root.query_drop(format!("CREATE DATABASE {name}")).await?;
        root.disconnect().await?;
        let options = server.service(&name);
        if !empty {
            migrate::run(options.clone(), false).await?;
        }
        Ok(Self::MariaDb { name, address: server.address(), options })
    }

    /// The variables of the service for this database.
    #[must_use]
    pub fn variables(&self) -> BTreeMap<String, String> {
        let pairs = match self {
            Self::Sqlite(_) => vec![("database", "sqlite")],
            Self::MariaDb { name, address, .. } => vec![
                ("database", "mysql"),
                ("mysql_address", address.as_str()),
                ("mysql_database", name.as_str()),
                ("mysql_user", USER),
                ("mysql_password", PASSWORD),
            ],
        };
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// A connection of the test to the server.
    ///
    /// # Errors
    ///
    /// When there is no server, or it refuses.
    pub async fn connect(&self) -> Result<Conn> {
        match self {
            Self::Sqlite(_) => anyhow::bail!("SQLite has no server"),
            Self::MariaDb { options, .. } => Ok(Conn::new(options.clone()).await?),
        }
    }

    /// Runs statements, separated by semicolons.
    ///
    /// # Errors
    ///
    /// When the database refuses one.
    pub async fn execute(&self, sql: &str) -> Result<()> {
        match self {
            Self::Sqlite(file) => rusqlite::Connection::open(file)?.execute_batch(sql).context("SQLite"),
            Self::MariaDb { options, .. } => {
                let mut connection = Conn::new(options.clone()).await?;
                loop {
                    match connection.query_iter(sql).await {
                        // A deadlock with the service: the server has rolled this statement back.
                        Err(mysql_async::Error::Server(error)) if error.code == 1213 => {}
                        result => break result?.drop_result().await?,
                    }
                }
                Ok(connection.disconnect().await?)
            }
        }
    }

    /// The rows of a query, every value as text; NULL is `null`.
    ///
    /// # Errors
    ///
    /// When the database refuses it.
    pub async fn rows(&self, sql: &str) -> Result<Vec<Vec<String>>> {
        match self {
            Self::Sqlite(file) => {
                let connection = rusqlite::Connection::open(file)?;
                let mut statement = connection.prepare(sql)?;
                let columns = statement.column_count();
                let read = |row: &rusqlite::Row<'_>| {
                    (0..columns).map(|column| Ok(sqlite_text(row.get_ref(column)?))).collect()
                };
                Ok(statement.query_map([], read)?.collect::<rusqlite::Result<_>>()?)
            }
            Self::MariaDb { options, .. } => {
                let mut connection = Conn::new(options.clone()).await?;
                let rows: Vec<mysql_async::Row> = connection.query(sql).await?;
                connection.disconnect().await?;
                Ok(rows.into_iter().map(|row| row.unwrap().iter().map(mysql_text).collect()).collect())
            }
        }
    }
}

fn sqlite_text(value: rusqlite::types::ValueRef<'_>) -> String {
    use rusqlite::types::ValueRef;
    match value {
        ValueRef::Null => "null".to_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => String::from_utf8_lossy(bytes).into_owned(),
    }
}

fn mysql_text(value: &mysql_async::Value) -> String {
    match value {
        mysql_async::Value::NULL => "null".to_owned(),
        mysql_async::Value::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        other => other.as_sql(true).trim_matches('\'').to_owned(),
    }
}
