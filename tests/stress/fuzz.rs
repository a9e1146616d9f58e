//! Fuzz: every answer is as `openapi.json` describes it. Schemathesis with all its checks
//! and phases and no configuration, once for each database.

use crate::arguments::Fuzz;
use anyhow::{Context, Result, anyhow, ensure};
use host::Runtime;
use reqwest::Method;
use sandbox::fault::Active;
use sandbox::{Fault, Target};
use serde_json::{Value, json};
use std::process::{Command, Stdio};
use tests::{Database, MariaDb, Settings, TestApp};

const TOKEN: &str = "fuzz";

/// The users of the first enrolments.
const OWNER: &str = "63a1f1234abc5678def12345";

pub(crate) fn run(arguments: &Fuzz) -> Result<bool> {
    let (examples, seed) = (arguments.examples.unwrap_or(10), arguments.seed.unwrap_or(1));
    println!("seed {seed}");
    let tokio = tokio::runtime::Runtime::new()?;
    let runtime = Runtime::load(tests::root().join("spin.toml"))?;
    let server = tokio.block_on(MariaDb::start())?;
    let start = async |database| -> Result<TestApp> {
        let settings =
            Settings { variables: [("service_token".to_owned(), TOKEN.to_owned())].into(), ..Settings::default() };
        let app = TestApp::start(&runtime, database, Some(&server), settings).await?;
        fill(&app).await?;
        // Jobs for operators.
        for (target, status, probability) in
            [(Target::InvoicesCreate, 422, 0.3), (Target::Emails, 503, 0.1), (Target::Emails, 422, 0.1)]
        {
            let (fault, probability) = (Fault::status(status), Some(probability));
            app.sandbox.fault_when(Active { target, fault, times: None, probability, matching: None });
        }
        Ok(app)
    };
    let mut apps = Vec::new();
    for database in [Database::Sqlite, Database::MariaDb] {
        apps.push((database, tokio.block_on(start(database))?));
    }
    // At once, because each uses one core.
    std::thread::scope(|scope| {
        let runs: Vec<_> =
            apps.iter().map(|(database, app)| (database, app, scope.spawn(|| fuzz(app, examples, seed)))).collect();
        for (database, app, run) in runs {
            let summary = run.join().map_err(|_| anyhow!("the run of {database:?} panicked"))??;
            println!("{database:?}: {summary}");
            println!("  what it left: {}", tokio.block_on(left(app))?);
        }
        Ok::<_, anyhow::Error>(())
    })?;
    Ok(true)
}

/// Makes the enrolments that hooks.py uses in requests, in every state.
async fn fill(app: &TestApp) -> Result<()> {
    const EACH: i64 = 40;
    const MOVES: [&[&str]; 6] = [&[], &["failed"], &["paid"], &["canceled"], &["paid", "refunded"], &["paid", "ended"]];
    for (id, moves) in (1..=EACH * 6).zip(MOVES.into_iter().cycle()) {
        let body = json!({"course_id": 20 + id, "user_id": OWNER});
        asked(app, Method::POST, "", &body, 201).await?;
        for what in moves {
            let body = json!({"enrolment_id": id, "user_id": OWNER});
            match *what {
                "ended" => {
                    let ended = format!("UPDATE enrolments SET status = 'COMPLETED' WHERE id = {id}");
                    app.database.execute(&ended).await?;
                }
                what => asked(app, Method::PATCH, &format!("/{what}"), &body, 200).await?,
            }
        }
    }
    app.idle().await;
    Ok(())
}

async fn asked(app: &TestApp, method: Method, path: &str, body: &Value, status: u16) -> Result<()> {
    let answer = app.send(app.request(method, path).bearer_auth(TOKEN).json(body)).await;
    ensure!(answer.status == status, "{path} {body}: {} {}", answer.status, answer.text);
    Ok(())
}

/// Returns the line that counts the requests.
fn fuzz(app: &TestApp, examples: u32, seed: u64) -> Result<String> {
    let root = tests::root();
    let folder = tempfile::tempdir()?;
    let output = Command::new(root.join("target/schemathesis/bin/schemathesis"))
        .arg("run")
        .arg(format!("http://{}/api/enrolment/openapi.json", app.app.address()))
        .args(["--header", &format!("Authorization: Bearer {TOKEN}")])
        // It takes the history of a deleted enrolment for a mistake: the history outlives it.
        .args(["--checks", "all", "--exclude-checks", "use_after_free"])
        .args(["--max-examples", &examples.to_string(), "--seed", &seed.to_string()])
        .args(["--generation-database", "none", "--no-color", "--continue-on-failure"])
        .env("SCHEMATHESIS_HOOKS", root.join("tests/stress/fuzz/hooks.py"))
        // It writes a folder with its findings.
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

/// Counts the enrolments in each state and the documents of each kind.
async fn left(app: &TestApp) -> Result<String> {
    let states = "SELECT CASE WHEN refunded_at IS NULL THEN '' ELSE 'refunded' END, status, payment_status, COUNT(*) \
                  FROM enrolments GROUP BY 1, 2, 3 ORDER BY 2, 3, 1";
    let documents = "SELECT kind, COUNT(*) FROM documents GROUP BY kind ORDER BY kind DESC";
    let rows = [app.database.rows(states).await?, app.database.rows(documents).await?].concat();
    Ok(rows.into_iter().map(|row| row.join(" ").trim().to_owned()).collect::<Vec<_>>().join(", "))
}
