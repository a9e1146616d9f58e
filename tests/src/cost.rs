//! What each kind of request costs, apart from time.

use crate::{Database, MariaDb, Settings, TestApp};
use anyhow::{Result, bail, ensure};
use host::{Invocation, Runtime};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What one request took.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Cost {
    /// Of WebAssembly; 0 on a runtime that does not count them.
    pub instructions: u64,
    /// The most linear memory that the instance held, in KiB.
    pub memory: usize,
    /// How often that memory grew.
    pub growths: usize,
    /// Database connections opened.
    pub connections: usize,
    /// Statements sent.
    pub statements: usize,
    /// How often it waited for a database server, connecting included; 0 on SQLite.
    pub round_trips: usize,
    /// Requests sent to outside systems.
    pub calls: usize,
}

impl Cost {
    /// Of a run that waited so often for a database server.
    #[must_use]
    pub fn new(run: &Invocation, round_trips: usize) -> Self {
        Self {
            instructions: run.instructions.unwrap_or_default(),
            memory: run.peak_memory / 1024,
            growths: run.growths,
            connections: run.connections,
            statements: run.statements.len(),
            round_trips,
            calls: run.outbound_calls.len(),
        }
    }
}

/// Costs by request.
pub type Costs = BTreeMap<String, Cost>;

/// What can be asked again and again: name, method, path.
const PLAIN: [(&str, &str, &str); 11] = [
    ("GET /{id}", "GET", "/1"),
    ("GET /{id}/details", "GET", "/1/details?user_id=user-a"),
    ("GET /active?limit=1", "GET", "/active?limit=1"),
    ("GET /health", "GET", "/health"),
    ("GET /health?deep=1", "GET", "/health?deep=1"),
    ("GET /metrics", "GET", "/metrics"),
    ("GET /deliveries", "GET", "/deliveries?state=due"),
    ("GET /docs", "GET", "/docs"),
    ("GET /openapi.json", "GET", "/openapi.json"),
    ("POST /deliveries, nothing due", "POST", "/deliveries"),
    ("PATCH /expired, nothing over", "PATCH", "/expired"),
];

/// Every kind of request on `database`, each after one of its kind that does not
/// count.
///
/// # Errors
///
/// When the service does not start or an answer is not as it should be.
pub async fn costs(runtime: &Runtime, database: Database, server: &MariaDb) -> Result<Costs> {
    let settings = Settings { wired: database == Database::MariaDb, ..Settings::default() };
    let mut app = TestApp::start(runtime, database, Some(server), settings).await?;
    if let Some(wire) = &mut app.wire {
        wire.mend().await?;
    }
    let mut costs = Costs::new();
    let mut add = |name: &str, cost: Cost| costs.insert(name.to_owned(), cost);

    for user in ["user-a", "user-b"] {
        let body = json!({"course_id": 1, "user_id": user});
        add("POST /", request(&app, 201, "POST", "", Some(body)).await?);
    }
    for id in [1, 2] {
        add("PATCH /paid", request(&app, 200, "PATCH", "/paid", Some(json!({"enrolment_id": id}))).await?);
    }
    for (name, method, path) in PLAIN {
        for _ in 0..2 {
            add(name, request(&app, 200, method, path, None).await?);
        }
    }
    for component in ["delivery-cron", "expiry-cron"] {
        for _ in 0..2 {
            drop(take(&app).await);
            app.app.run_cron(component).await?;
            add(component, run(&app, component).await?);
        }
    }
    add("DELETE /{id}", request(&app, 204, "DELETE", "/2", None).await?);
    active_rows(&app, 1000).await?;
    add("GET /active, 1,000 rows", request(&app, 200, "GET", "/active", None).await?);
    app.database.execute("UPDATE enrolments SET course_end_date = '2026-01-01 00:00:00'").await?;
    add("PATCH /expired, 1,000 rows", request(&app, 200, "PATCH", "/expired", None).await?);
    Ok(costs)
}

/// What a request takes.
async fn request(app: &TestApp, status: u16, method: &str, path: &str, body: Option<Value>) -> Result<Cost> {
    drop(take(app).await);
    let answer = match body {
        Some(body) => app.call_json(method, path, &body).await,
        None => app.call(method, path).await,
    };
    ensure!(answer.status == status, "{method} {path}: {} {}", answer.status, answer.text);
    run(app, path).await
}

/// What the only run since the last one took, work after the answer included.
async fn run(app: &TestApp, what: &str) -> Result<Cost> {
    let (runs, round_trips) = take(app).await;
    let [run] = runs.as_slice() else { bail!("{what}: {} runs", runs.len()) };
    ensure!(run.failure.is_none(), "{what}: {:?}", run.failure);
    Ok(Cost::new(run, round_trips))
}

async fn take(app: &TestApp) -> (Vec<Invocation>, usize) {
    let runs = app.take_invocations().await;
    (runs, app.wire.as_ref().map_or(0, crate::Wire::take_round_trips))
}

/// So many active enrolments, with the one that is there.
async fn active_rows(app: &TestApp, number: usize) -> Result<()> {
    let rows: Vec<_> = (2..=number).map(|row| format!("('user-{row:05}', 1, 'ACTIVE', 'PENDING', NULL)")).collect();
    let columns = "user_id, course_id, status, payment_status, course_end_date";
    app.database.execute(&format!("INSERT INTO enrolments ({columns}) VALUES {}", rows.join(","))).await
}
