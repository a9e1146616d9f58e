//! `migrate [--no-way-back]` migrates the configured MySQL database; `migrate --check` only
//! reports on it.

use arguments::Migrate;
use std::io::Write as _;
use std::process::ExitCode;

mod arguments {
    xflags::xflags! {
        /// Migrates the MySQL or MariaDB database of the service. `make migrate` builds and runs it.
        ///
        /// The environment says which database, as for the service, with these defaults:
        /// SPIN_VARIABLE_MYSQL_ADDRESS=127.0.0.1:3306
        /// SPIN_VARIABLE_MYSQL_DATABASE=enrolments
        /// SPIN_VARIABLE_MYSQL_USER=enrolments
        /// SPIN_VARIABLE_MYSQL_PASSWORD=
        /// SPIN_VARIABLE_MYSQL_TLS=disabled (or required)
        ///
        /// Run it before a new version starts: the release before also works with its result. It can
        /// run again. The service itself migrates SQLite.
        cmd migrate {
            /// Only report on the database and the pending migrations.
            optional --check
            /// Also apply the migration after which the Flask service cannot use the database.
            optional --no-way-back
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Migrate::from_env_or_exit();
    if arguments.check && arguments.no_way_back {
        xflags::Error::new("use either `--check` or `--no-way-back`").exit();
    }
    let Err(error) = run(&arguments).await else { return ExitCode::SUCCESS };
    eprintln!("migrate: {error:#}");
    ExitCode::FAILURE
}

async fn run(arguments: &Migrate) -> anyhow::Result<()> {
    let options = migrate::options(|name| std::env::var(format!("SPIN_VARIABLE_{}", name.to_uppercase())).ok())?;
    if arguments.check {
        let findings = migrate::examine(options).await?;
        return Ok(write!(std::io::stdout(), "{findings}")?);
    }
    let place = format!("{}:{}", options.ip_or_hostname(), options.tcp_port());
    let applied = migrate::run(options, arguments.no_way_back).await?;
    for name in &applied.names {
        println!("applied {name}");
    }
    println!("The database at {place} is up to date ({} migrations applied).", applied.names.len());
    if applied.way_back {
        println!(
            "The Flask service can still use it. Until the last migration, alice and ALICE are one user. After it, the\n\
             Flask service cannot use the database again: make migrate NO_WAY_BACK=1"
        );
    }
    Ok(())
}
