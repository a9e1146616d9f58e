//! A report on a database of the Flask service. Reads only.

use crate::{NO_WAY_BACK, applied, connect, embedded, exists, keeps_way_back};
use anyhow::{Context, Result, ensure};
use mysql_async::prelude::{FromRow, Queryable};
use mysql_async::{Conn, Opts};
use std::fmt;

/// The maximum number of printed items of a list.
const SHOWN: usize = 50;

/// The exact user ids, independent of the character set of the table.
const IDS: &str = "GROUP_CONCAT(DISTINCT CONCAT('\"', CONVERT(user_id USING utf8mb4) COLLATE utf8mb4_bin, '\"') \
     ORDER BY CONVERT(user_id USING utf8mb4) COLLATE utf8mb4_bin SEPARATOR ', ')";

/// User ids that are equal for the Flask service, as far as that is known after the collation
/// of the column was changed.
const LOOSE: &str = "CONVERT(user_id USING utf8mb4) COLLATE utf8mb4_unicode_ci";

/// The report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// The version of the server.
    pub server: String,
    /// A warning if several nodes accept writes.
    pub cluster: Option<&'static str>,
    /// The last migration of the Flask service, if its table exists.
    pub alembic: Option<String>,
    /// Whether the table `enrolments` exists.
    pub enrolments: bool,
    /// The character set and the collation of `user_id`.
    pub text: Option<(String, String)>,
    /// Columns that are missing or have another type than in the Flask service.
    pub unexpected: Vec<String>,
    /// Rows by status and payment status.
    pub rows: Vec<(String, String, u64)>,
    /// Ids of rows with the link `N/A`.
    pub without_link: Vec<u64>,
    /// Ids of paid rows without a link.
    pub paid_without_link: Vec<u64>,
    /// Groups of user ids that were equal and become different.
    pub split: Vec<String>,
    /// Rows of the same course whose user ids differ only in case, accents or blanks.
    pub apart: Vec<String>,
    /// The number of active rows whose course has ended: the first expiry completes them.
    pub ended: u64,
    /// The number of active rows without an end date: they never expire.
    pub endless: u64,
    /// The number of rows with a time in the future: they have local time instead of UTC.
    pub ahead: u64,
    /// The number of rows whose end date is their time of creation, the default of the column.
    pub default_ends: u64,
    /// The difference of the session's time to UTC, in seconds.
    pub offset: i64,
    /// Pending migrations.
    pub pending: Vec<String>,
    /// Migrations that are applied only on request.
    pub no_way_back: Vec<String>,
}

/// Reads the database and makes a report.
///
/// # Errors
///
/// If the database cannot be reached or read.
pub async fn examine(options: Opts) -> Result<Findings> {
    let mut connection = connect(options).await?;
    connection.query_drop("SET SESSION TRANSACTION READ ONLY").await?;
    connection.query_drop("START TRANSACTION").await?;
    let findings = look(&mut connection).await;
    connection.query_drop("ROLLBACK").await.ok();
    connection.disconnect().await.ok();
    findings
}

async fn look(connection: &mut Conn) -> Result<Findings> {
    let mut findings = Findings {
        server: one(connection, "SELECT VERSION()").await?,
        cluster: crate::cluster::warning(connection).await?,
        offset: one(connection, "SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), NOW())").await?,
        enrolments: exists(connection, "enrolments").await?,
        ..Findings::default()
    };
    if exists(connection, "alembic_version").await? {
        findings.alembic = connection.query_first("SELECT version_num FROM alembic_version").await?;
    }
    let done = applied(connection).await?;
    let way_back = keeps_way_back(connection, &done).await?;
    let mut migrations = embedded::migrations::runner().get_migrations().clone();
    migrations.sort_by_key(refinery::Migration::version);
    for migration in migrations {
        if done.contains(&migration.version()) {
            continue;
        }
        let asked_for = way_back && migration.version() == NO_WAY_BACK;
        let list = if asked_for { &mut findings.no_way_back } else { &mut findings.pending };
        list.push(migration.to_string());
    }
    if findings.enrolments {
        rows(connection, &mut findings, done.contains(&NO_WAY_BACK)).await?;
    }
    Ok(findings)
}

/// `exact`: user ids are already compared byte by byte.
async fn rows(connection: &mut Conn, findings: &mut Findings, exact: bool) -> Result<()> {
    findings.unexpected = unexpected(connection).await?;
    ensure!(
        findings.unexpected.is_empty(),
        "this is not the Flask service's table: {}",
        findings.unexpected.join(", ")
    );
    let counts = "SELECT CONCAT(status), CONCAT(payment_status), COUNT(*) FROM enrolments \
                  GROUP BY status, payment_status ORDER BY status, payment_status";
    findings.rows = connection.query(counts).await?;
    findings.without_link = connection.query("SELECT id FROM enrolments WHERE invoice_url = 'N/A' ORDER BY id").await?;
    let bare = "SELECT id FROM enrolments WHERE payment_status = 'PAID' AND COALESCE(invoice_url, '') = '' ORDER BY id";
    findings.paid_without_link = connection.query(bare).await?;
    let text = "SELECT character_set_name, collation_name FROM information_schema.columns \
                WHERE table_schema = DATABASE() AND table_name = 'enrolments' AND column_name = 'user_id'";
    findings.text = connection.query_first(text).await?;
    let user = if exact { LOOSE } else { "user_id" };
    let split =
        format!("SELECT {IDS} FROM enrolments GROUP BY {user} HAVING COUNT(DISTINCT CAST(user_id AS BINARY)) > 1");
    findings.split = connection.query(split).await?;
    let apart = format!(
        "SELECT GROUP_CONCAT(id ORDER BY id SEPARATOR ', ') FROM enrolments GROUP BY {user}, course_id HAVING COUNT(*) > 1"
    );
    findings.apart = connection.query(apart).await?;
    let active = "SELECT COUNT(*) FROM enrolments WHERE status = 'ACTIVE' AND course_end_date";
    findings.ended = one(connection, &format!("{active} <= UTC_TIMESTAMP()")).await?;
    findings.endless = one(connection, &format!("{active} IS NULL")).await?;
    let ahead = "SELECT COUNT(*) FROM enrolments WHERE created_at > UTC_TIMESTAMP() OR updated_at > UTC_TIMESTAMP()";
    findings.ahead = one(connection, ahead).await?;
    let ends = "SELECT COUNT(*) FROM enrolments WHERE course_end_date = created_at";
    findings.default_ends = one(connection, ends).await?;
    Ok(())
}

/// The required columns that are missing or have another type.
async fn unexpected(connection: &mut Conn) -> Result<Vec<String>> {
    let columns = "SELECT LOWER(column_name), LOWER(data_type) FROM information_schema.columns \
                   WHERE table_schema = DATABASE() AND table_name = 'enrolments'";
    let columns: Vec<(String, String)> = connection.query(columns).await?;
    let expected = [
        ("id", "int"),
        ("course_id", "int"),
        ("user_id", "varchar"),
        ("invoice_url", "varchar"),
        ("status", "enum"),
        ("payment_status", "enum"),
        ("created_at", "datetime"),
        ("updated_at", "datetime"),
        ("course_end_date", "datetime"),
    ];
    let fits = |(name, kind): &(&str, &str)| columns.iter().any(|(own, is)| own == name && is == kind);
    Ok(expected.iter().filter(|column| !fits(column)).map(|(name, kind)| format!("{name} {kind}")).collect())
}

async fn one<T: FromRow + Send + 'static>(connection: &mut Conn, query: &str) -> Result<T> {
    connection.query_first(query).await?.context("no row")
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Server: {}", self.server)?;
        if let Some(warning) = self.cluster {
            writeln!(f, "Warning: {warning}; see deploy/scaling.md.")?;
        }
        match (&self.alembic, self.enrolments) {
            (Some(version), _) => {
                writeln!(f, "The database belongs to the Flask service, at its migration {version}.")?
            }
            (None, true) => writeln!(f, "There is a table enrolments, but no alembic_version.")?,
            (None, false) => writeln!(f, "There is no table enrolments: the migrations create all tables.")?,
        }
        if self.enrolments {
            self.write_rows(f)?;
        }
        list(f, "\nPending migrations", "none", &self.pending)?;
        if !self.no_way_back.is_empty() {
            list(
                f,
                "Only with NO_WAY_BACK=1: the Flask service cannot use the database after it",
                "",
                &self.no_way_back,
            )?;
        }
        writeln!(f, "Nothing was changed.")
    }
}

impl Findings {
    fn write_rows(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\nRows: {}", self.rows.iter().map(|(.., number)| number).sum::<u64>())?;
        for (status, payment, number) in &self.rows {
            writeln!(f, "  {status:9}  {payment:7}  {number}")?;
        }
        writeln!(
            f,
            "  {} active ones have ended and will be completed; {} have no end date",
            self.ended, self.endless
        )?;
        list(f, "\nLink N/A, which the API returns as null", "none", &self.without_link)?;
        list(f, "Paid without a link (the service issues no invoice for them)", "none", &self.paid_without_link)?;
        if let Some((characters, collation)) = &self.text {
            writeln!(f, "User ids have the character set {characters} and the collation {collation}.")?;
            if characters != "utf8mb4" {
                writeln!(
                    f,
                    "  Until the last migration, ids with other characters than those of {characters} get 400."
                )?;
            }
        }
        list(f, "User ids that are equal now and different after the last migration", "none", &self.split)?;
        list(f, "Rows of the same course whose user ids differ only in case, accents or blanks", "none", &self.apart)?;
        writeln!(f, "\nThe session's time is {} s ahead of UTC.", self.offset)?;
        writeln!(f, "  {} rows have a time in the future: local time instead of UTC", self.ahead)?;
        writeln!(
            f,
            "  {} rows have their time of creation as end date, which is the default in local time",
            self.default_ends
        )
    }
}

fn list(f: &mut fmt::Formatter<'_>, title: &str, none: &str, items: &[impl fmt::Display]) -> fmt::Result {
    if items.is_empty() {
        return writeln!(f, "{title}: {none}");
    }
    writeln!(f, "{title}: {}", items.len())?;
    for item in items.iter().take(SHOWN) {
        writeln!(f, "  {item}")?;
    }
    if items.len() > SHOWN { writeln!(f, "  and {} more", items.len() - SHOWN) } else { Ok(()) }
}
