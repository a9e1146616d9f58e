//! Applies the MySQL migrations, and reports on a database before it is taken over from the
//! Flask service.

mod cluster;
mod takeover;

pub use takeover::{Findings, examine};

use anyhow::Context;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts, OptsBuilder, Pool};
use refinery::Runner;

#[allow(missing_docs, reason = "generated")]
mod embedded {
    refinery::embed_migrations!("../../migrations/mysql");
}

/// The migration after which the Flask service cannot come back. On its database it is applied
/// only on request, which can be after migrations with a higher number: its file is a `U`,
/// which refinery applies out of order.
const NO_WAY_BACK: i32 = 3;

/// The database in the variables `mysql_*`, which are parsed as in the service. `given` returns
/// the value of a variable that is set.
///
/// # Errors
///
/// If a variable is invalid.
pub fn options(given: impl Fn(&str) -> Option<String>) -> anyhow::Result<Opts> {
    let raw = |name: &str, default: &str| given(name).unwrap_or_else(|| default.to_owned());
    let variable = |name: &str, default: &str| raw(name, default).trim().to_owned();
    let address = variable("mysql_address", "127.0.0.1:3306");
    let (host, port) = address.rsplit_once(':').unwrap_or((&address, "3306"));
    let tls = match variable("mysql_tls", "disabled").as_str() {
        "disabled" => None,
        "required" => Some(mysql_tls::verified()),
        _ => anyhow::bail!("variable mysql_tls is unreadable"),
    };
    let password = raw("mysql_password", "");
    anyhow::ensure!(password.is_empty() || !password.trim().is_empty(), "variable mysql_password is unreadable");
    Ok(OptsBuilder::default()
        .ip_or_hostname(host)
        .tcp_port(port.parse().context("variable mysql_address is unreadable")?)
        .db_name(Some(variable("mysql_database", "enrolments")))
        .user(Some(variable("mysql_user", "enrolments")))
        .pass(Some(password.trim_end_matches(['\r', '\n'])))
        .prefer_socket(false)
        .ssl_opts(tls)
        .into())
}

/// The result of [`run`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The names of the applied migrations.
    pub names: Vec<String>,
    /// Whether the Flask service can still use the database, because the irreversible migration
    /// was not requested.
    pub way_back: bool,
}

/// Applies the pending migrations. On a database of the Flask service, `no_way_back` requests
/// the irreversible one.
///
/// # Errors
///
/// If the database cannot be reached or refuses a migration. Earlier migrations stay applied.
pub async fn run(options: Opts, no_way_back: bool) -> anyhow::Result<Applied> {
    let mut connection = connect(options.clone()).await?;
    let applied = applied(&mut connection).await?;
    let way_back = !no_way_back && keeps_way_back(&mut connection, &applied).await?;
    connection.disconnect().await.ok();
    let mut pool = Pool::new(options);
    let report = runner(way_back, &applied).run_async(&mut pool).await;
    pool.disconnect().await.ok();
    let report = report.context("the migrations could not be applied")?;
    Ok(Applied { names: report.applied_migrations().iter().map(ToString::to_string).collect(), way_back })
}

async fn connect(options: Opts) -> anyhow::Result<Conn> {
    // The text of the driver's error includes its causes.
    Conn::new(options).await.map_err(|error| anyhow::anyhow!("the database cannot be reached: {error}"))
}

/// The runner must know all applied migrations.
fn runner(way_back: bool, applied: &[i32]) -> Runner {
    let mut migrations = embedded::migrations::runner().get_migrations().clone();
    let taken = |version: i32| !way_back || version != NO_WAY_BACK || applied.contains(&version);
    migrations.retain(|migration| taken(migration.version()));
    Runner::new(&migrations)
}

/// Whether the irreversible migration needs a request: it is not applied, and the database
/// belongs to the Flask service.
async fn keeps_way_back(connection: &mut Conn, applied: &[i32]) -> mysql_async::Result<bool> {
    if applied.contains(&NO_WAY_BACK) {
        return Ok(false);
    }
    if exists(connection, "alembic_version").await? {
        return Ok(true);
    }
    if !exists(connection, "enrolments").await? {
        return Ok(false);
    }
    Ok(connection.query_first::<i64, _>("SELECT id FROM enrolments LIMIT 1").await?.is_some())
}

/// The versions of the applied migrations.
async fn applied(connection: &mut Conn) -> mysql_async::Result<Vec<i32>> {
    if !exists(connection, "refinery_schema_history").await? {
        return Ok(Vec::new());
    }
    connection.query("SELECT version FROM refinery_schema_history ORDER BY version").await
}

async fn exists(connection: &mut Conn, table: &str) -> mysql_async::Result<bool> {
    let count = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?";
    Ok(connection.exec_first::<i64, _, _>(count, (table,)).await? == Some(1))
}

#[cfg(test)]
mod tests {
    /// Blanks and line breaks from a file or a secret store are removed.
    #[test]
    fn variables_are_parsed_as_in_the_service() {
        let options = |name: &'static str, value: &'static str| {
            super::options(move |own| (own == name).then(|| value.to_owned()))
        };
        assert_eq!(options("mysql_password", " p q \r\n").unwrap().pass(), Some(" p q "));
        assert_eq!(options("mysql_address", "db.example:3307").unwrap().tcp_port(), 3307);
        assert_eq!(options("mysql_address", " db.example:3307\n").unwrap().tcp_port(), 3307);
        assert_eq!(options("mysql_user", "app\n").unwrap().user(), Some("app"));
        assert!(options("mysql_tls", "disabled\n").unwrap().ssl_opts().is_none());
        assert!(options("mysql_tls", "required").unwrap().ssl_opts().is_some_and(|tls| tls.disable_built_in_roots()));
        for (name, value) in [("mysql_password", " \n"), ("mysql_tls", "maybe"), ("mysql_address", "db:x")] {
            let error = options(name, value).unwrap_err();
            assert_eq!(error.to_string(), format!("variable {name} is unreadable"));
        }
    }

    /// After a higher version, refinery applies a lower one only if its file is a `U`.
    #[test]
    fn the_irreversible_migration_can_follow_any_other() {
        for migration in super::embedded::migrations::runner().get_migrations() {
            let out_of_order = migration.to_string().starts_with('U');
            assert_eq!(out_of_order, migration.version() == super::NO_WAY_BACK, "{migration}");
        }
    }

    /// Only MariaDB supports these.
    #[test]
    fn migrations_are_valid_for_mysql() {
        let migrations = super::embedded::migrations::runner();
        assert!(!migrations.get_migrations().is_empty());
        for migration in migrations.get_migrations() {
            let sql = migration.sql().unwrap_or_default().to_uppercase();
            for only in ["COLUMN IF ", "INDEX IF ", "KEY IF ", "RETURNING", "SEQUENCE", "SYSTEM VERSIONING"] {
                assert!(!sql.contains(only), "{migration}: {only}");
            }
        }
    }
}
