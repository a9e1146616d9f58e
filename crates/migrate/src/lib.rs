//! The MySQL migrations, applied in their order, each once.

use anyhow::Context;
use mysql_async::{Opts, OptsBuilder, Pool, SslOpts};

#[allow(missing_docs, reason = "generated")]
mod embedded {
    refinery::embed_migrations!("../../migrations/mysql");
}

/// The database that the variables `mysql_*` of the service name, as the
/// service itself reads them from the environment.
///
/// # Errors
///
/// When a variable cannot be read.
pub fn options_from_environment() -> anyhow::Result<Opts> {
    let variable = |name: &str, default: &str| {
        std::env::var(format!("SPIN_VARIABLE_{}", name.to_uppercase())).unwrap_or_else(|_| default.to_owned())
    };
    let address = variable("mysql_address", "127.0.0.1:3306");
    let (host, port) = address.rsplit_once(':').unwrap_or((&address, "3306"));
    let tls = match variable("mysql_tls", "disabled").as_str() {
        "disabled" => None,
        "required" => Some(SslOpts::default()),
        _ => anyhow::bail!("variable mysql_tls is unreadable"),
    };
    Ok(OptsBuilder::default()
        .ip_or_hostname(host)
        .tcp_port(port.parse().context("variable mysql_address is unreadable")?)
        .db_name(Some(variable("mysql_database", "enrolments")))
        .user(Some(variable("mysql_user", "enrolments")))
        .pass(Some(variable("mysql_password", "")))
        .prefer_socket(false)
        .ssl_opts(tls)
        .into())
}

/// Applies what is not applied yet and gives the names of what was.
///
/// # Errors
///
/// When the database cannot be reached or refuses a migration; those before it
/// stay applied.
pub async fn run(options: Opts) -> anyhow::Result<Vec<String>> {
    let mut pool = Pool::new(options);
    let report = embedded::migrations::runner().run_async(&mut pool).await;
    pool.disconnect().await.ok();
    let report = report.context("the migrations could not be applied")?;
    Ok(report.applied_migrations().iter().map(ToString::to_string).collect())
}
