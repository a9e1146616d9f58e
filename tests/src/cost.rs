//! The costs of each request, apart from time.

use crate::{Database, Effect, MariaDb, ROUTES, Settings, TestApp};
use anyhow::{Context, Result, bail, ensure};
use host::{Invocation, Runtime};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The cost of one request.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Cost {
    /// WebAssembly instructions; 0 on a runtime that does not count them.
    pub instructions: u64,
    /// The most linear memory that the instance held, in KiB.
    pub memory: usize,
    /// How often that memory grew.
    pub growths: usize,
    /// Variables read.
    pub variables: usize,
    /// Database connections opened.
    pub connections: usize,
    /// Statements sent.
    pub statements: usize,
    /// Round trips to the database server, with those to connect; 0 on SQLite.
    pub round_trips: usize,
    /// Requests to other systems.
    pub calls: usize,
    /// The statements; they are not in values.json.
    #[serde(skip)]
    pub texts: Vec<String>,
}

impl Cost {
    /// The cost of an invocation with this number of round trips.
    #[must_use]
    pub fn new(run: &Invocation, round_trips: usize) -> Self {
        Self {
            instructions: run.instructions.unwrap_or_default(),
            memory: run.peak_memory / 1024,
            growths: run.growths,
            variables: run.variables,
            connections: run.connections,
            statements: run.statements.len(),
            round_trips,
            calls: run.outbound_calls.len(),
            texts: run.statements.clone(),
        }
    }
}

/// Costs by request.
pub type Costs = BTreeMap<String, Cost>;

/// Measures every route on `database` with each of its queries, after one request that does
/// not count; the cron components; and the long lists.
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

    let known = app.enrolled("user-a", 1).await;
    let paid = app.pay(known).await;
    ensure!(paid.status == 200, "not paid: {}", paid.text);
    let known = (known.to_string(), "user-a".to_owned());
    for component in ["delivery-cron", "expiry-cron"] {
        for _ in 0..2 {
            drop(take(&app).await);
            app.app.run_cron(component).await?;
            add(component, run(&app, component).await?);
        }
    }
    let mut users = (0..).map(|number| format!("user-{number:05}"));
    let mut another = || users.next().context("a user");
    for route in ROUTES {
        for asked in route.asked {
            for _ in 0..2 {
                let (id, user) = match route.effect {
                    Effect::Nothing => known.clone(),
                    Effect::Makes => (String::new(), another()?),
                    Effect::UsesUp => {
                        let user = another()?;
                        (app.enrolled(&user, 1).await.to_string(), user)
                    }
                };
                if !route.before.is_empty() {
                    app.idle().await;
                    app.database.execute(&route.before(&id)).await?;
                }
                let body = (!route.body.is_empty()).then(|| serde_json::from_str(&route.body(&id, &user)));
                let target = route.target(asked, &id, &user);
                let cost = request(&app, route.status, route.method, &target, body.transpose()?).await?;
                add(&route.name_of(asked), cost);
            }
        }
    }
    active_rows(&app, 1000).await?;
    add("GET /active, 1,000 rows", request(&app, 200, "GET", "/active", None).await?);
    app.database.execute(&format!("UPDATE enrolments SET {IN_FULL}")).await?;
    for query in ["?limit=1000", "?limit=1000&view=full"] {
        add(&format!("GET /{query}, 1,000 rows"), request(&app, 200, "GET", query, None).await?);
    }
    add("PATCH /expired, 1,000 rows", request(&app, 200, "PATCH", "/expired", None).await?);
    Ok(costs)
}

/// What rows of [`active_rows`] lack. Their courses have ended.
const IN_FULL: &str = r#"reference = 'ORDER/7', metadata = '{"seat":"A 7"}', course_end_date = '2026-01-01 00:00:00',
    terms = '{"name":"Rust","price_hundredths":14950,"currency":"PLN","tax":{"rate":"23"},"language":"pl"}'"#;

/// The cost of a request.
async fn request(app: &TestApp, status: u16, method: &str, target: &str, body: Option<Value>) -> Result<Cost> {
    drop(take(app).await);
    let answer = match body {
        Some(body) => app.call_json(method, target, &body).await,
        None => app.call(method, target).await,
    };
    ensure!(answer.status == status, "{method} {target}: {} {}", answer.status, answer.text);
    run(app, target).await
}

/// The cost of the only invocation since the last one, with the work after its answer.
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

/// Replaces all enrolments with `number` active ones.
async fn active_rows(app: &TestApp, number: usize) -> Result<()> {
    let rows: Vec<_> = (1..=number).map(|row| format!("('row-{row:06}', 1, 'ACTIVE', 'PENDING', NULL)")).collect();
    let columns = "user_id, course_id, status, payment_status, course_end_date";
    let insert = format!("INSERT INTO enrolments ({columns}) VALUES {}", rows.join(","));
    app.database.execute(&format!("DELETE FROM enrolments; {insert}")).await
}
