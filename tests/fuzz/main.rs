//! Whether the service keeps to `openapi.json` whatever it is sent:
//! Schemathesis with all its checks and phases, once for each database.

use anyhow::{Context, Result, ensure};
use arguments::Fuzz;
use host::Runtime;
use sandbox::fault::Active;
use sandbox::{Fault, Target};
use std::process::{Command, ExitCode, Stdio};
use tests::{Database, MariaDb, Settings, TestApp};

const TOKEN: &str = "fuzz";

mod arguments {
    xflags::xflags! {
        /// Whether the service keeps to openapi.json whatever it is sent.
        cmd fuzz {
            /// About how many requests are tried for each operation and fault (10).
            optional --examples number: u32
            /// Decides which ones (1).
            optional --seed number: u64
        }
    }
}

fn main() -> ExitCode {
    match run(&Fuzz::from_env_or_exit()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fuzz: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Fuzz) -> Result<()> {
    let (examples, seed) = (arguments.examples.unwrap_or(10), arguments.seed.unwrap_or(1));
    println!("seed {seed}");
    let tokio = tokio::runtime::Runtime::new()?;
    let runtime = Runtime::load(tests::root().join("spin.toml"))?;
    let server = tokio.block_on(MariaDb::start())?;
    for database in [Database::Sqlite, Database::MariaDb] {
        let settings =
            Settings { variables: [("service_token".to_owned(), TOKEN.to_owned())].into(), ..Settings::default() };
        let app = tokio.block_on(TestApp::start(&runtime, database, Some(&server), settings))?;
        // Something for operators to look at.
        for (target, status, probability) in
            [(Target::InvoicesCreate, 422, 0.3), (Target::Emails, 503, 0.1), (Target::Emails, 422, 0.1)]
        {
            let (fault, probability) = (Fault::status(status), Some(probability));
            app.sandbox.fault_when(Active { target, fault, times: None, probability, matching: None });
        }
        let summary = fuzz(&app, examples, seed)?;
        println!("{database:?}: {summary}");
    }
    Ok(())
}

/// Gives the line that counts the requests.
fn fuzz(app: &TestApp, examples: u32, seed: u64) -> Result<String> {
    let root = tests::root();
    let folder = tempfile::tempdir()?;
    let output = Command::new(root.join("target/schemathesis/bin/schemathesis"))
        .arg("--config-file")
        .arg(root.join("tests/fuzz/schemathesis.toml"))
        .arg("run")
        .arg(format!("http://{}/api/enrolment/openapi.json", app.app.address()))
        .args(["--header", &format!("Authorization: Bearer {TOKEN}")])
        .args(["--checks", "all", "--phases", "examples,coverage,fuzzing,stateful"])
        .args(["--max-examples", &examples.to_string(), "--seed", &seed.to_string()])
        .args(["--generation-database", "none", "--no-color", "--continue-on-failure"])
        // It leaves a folder of what it found behind.
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("Schemathesis: `make test` installs it")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let failed = app.app.invocations().iter().filter(|invocation| invocation.failure.is_some()).count();
    ensure!(output.status.success(), "Schemathesis found something:\n{text}");
    ensure!(failed == 0, "{failed} requests ended in a trap");
    let count = text.lines().find(|line| line.contains(" generated,")).context("no count")?;
    Ok(count.trim().to_owned())
}
