//! What there is in a database of the Flask service. Only reads.

use crate::{NO_WAY_BACK, applied, connect, embedded, exists, keeps_way_back};
use anyhow::{Context, Result, ensure};
use mysql_async::prelude::{FromRow, Queryable};
use mysql_async::{Conn, Opts};
use std::fmt;

/// How many ids of a list are shown.
const SHOWN: usize = 50;

/// User ids as they stand, whatever character set the table has them in.
const IDS: &str = "GROUP_CONCAT(DISTINCT CONCAT('\"', CONVERT(user_id USING utf8mb4) COLLATE utf8mb4_bin, '\"') \
     ORDER BY CONVERT(user_id USING utf8mb4) COLLATE utf8mb4_bin SEPARATOR ', ')";

/// One user for the Flask service, as far as that can be known when the column has
/// another collation than its own.
const LOOSE: &str = "CONVERT(user_id USING utf8mb4) COLLATE utf8mb4_unicode_ci";

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// The server's own version.
    pub server: String,
    /// What is to be seen to where several nodes may take writes.
    pub cluster: Option<&'static str>,
    /// The Flask service's last migration, if its table is there.
    pub alembic: Option<String>,
    /// Whether the table `enrolments` is there.
    pub enrolments: bool,
    /// What `user_id` is written in and compared by: its character set and its
    /// collation.
    pub text: Option<(String, String)>,
    /// Columns that are missing or of another type than the Flask service's.
    pub unexpected: Vec<String>,
    /// Rows by status and payment status.
    pub rows: Vec<(String, String, u64)>,
    /// Ids of rows whose link is `N/A`.
    pub without_link: Vec<u64>,
    /// Ids of paid rows with no link at all.
    pub paid_without_link: Vec<u64>,
    /// User ids that were one user and become several.
    pub split: Vec<String>,
    /// Rows of one course whose user ids differ only in case, accents or blanks.
    pub apart: Vec<String>,
    /// Active rows whose course is over: the first expiry completes them.
    pub ended: u64,
    /// Active rows without an end: they never expire.
    pub endless: u64,
    /// Rows written later than now in UTC: the writer's clock was local.
    pub ahead: u64,
    /// Rows whose end is the moment of their writing: the column's default.
    pub default_ends: u64,
    /// How many seconds the session's time is ahead of UTC.
    pub offset: i64,
    /// Migrations that would be applied now.
    pub pending: Vec<String>,
    /// Migrations that are applied only on request.
    pub no_way_back: Vec<String>,
}

/// Looks at the database at `options`.
///
/// # Errors
///
/// When it cannot be reached or read.
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
    let way_back = keeps_way_back(connection).await?;
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

/// `exact`: user ids are compared byte for byte by now.
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

/// The columns that the service needs, with the types that it reads them as.
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
    connection.query_first(query).await?.context("no answer")
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Server: {}", self.server)?;
        if let Some(warning) = self.cluster {
            writeln!(f, "Warning: {warning}; see deploy/scaling.md.")?;
        }
        match (&self.alembic, self.enrolments) {
            (Some(version), _) => writeln!(f, "The Flask service's database, at its migration {version}.")?,
            (None, true) => writeln!(f, "A table enrolments, but no alembic_version.")?,
            (None, false) => writeln!(f, "No table enrolments: the migrations make everything.")?,
        }
        if self.enrolments {
            self.write_rows(f)?;
        }
        list(f, "\nmake migrate would apply", "nothing", &self.pending)?;
        if !self.no_way_back.is_empty() {
            list(f, "Only with NO_WAY_BACK=1, once the Flask service need not come back", "", &self.no_way_back)?;
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
        writeln!(f, "  {} active ones are over and will be completed; {} have no end", self.ended, self.endless)?;
        list(f, "\nLinks N/A, shown as null; for a person to look up", "none", &self.without_link)?;
        list(f, "Paid without a link, never invoiced again", "none", &self.paid_without_link)?;
        if let Some((characters, collation)) = &self.text {
            writeln!(f, "User ids are kept in {characters} and compared by {collation}.")?;
            if characters != "utf8mb4" {
                writeln!(f, "  Until they are exact, one with a character outside of {characters} is refused (400).")?;
            }
        }
        list(f, "User ids that were one user and become several", "none", &self.split)?;
        list(f, "Rows of one course that only exact user ids keep apart", "none", &self.apart)?;
        writeln!(f, "\nThe session's time is {} s ahead of UTC.", self.offset)?;
        writeln!(f, "  {} rows were written later than now in UTC: their writer's clock was local", self.ahead)?;
        writeln!(f, "  {} rows end when they were written: the column's default, in local time", self.default_ends)
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
