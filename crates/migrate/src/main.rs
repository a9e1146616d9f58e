//! `migrate [--no-way-back]` brings the configured MySQL database up to date;
//! `migrate --check` only says what it would do and what it found.

use arguments::Migrate;
use std::io::Write as _;
use std::process::ExitCode;

mod arguments {
    xflags::xflags! {
        /// Brings the MySQL database up to date that SPIN_VARIABLE_MYSQL_* name.
        cmd migrate {
            /// Only say what would be done and what was found.
            optional --check
            /// Take the step after which the Flask service cannot come back.
            optional --no-way-back
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Migrate::from_env_or_exit();
    if arguments.check && arguments.no_way_back {
        xflags::Error::new("either `--check` or `--no-way-back`").exit();
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
    println!("The database at {place} is up to date ({} migrations applied now).", applied.names.len());
    if applied.way_back {
        println!(
            "It is the Flask service's, which can still run on it. Exact user ids, without which alice and ALICE are\n\
             one user, come with the step that has no way back: make migrate NO_WAY_BACK=1"
        );
    }
    Ok(())
}
