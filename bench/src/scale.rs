//! Time and memory against the number of rows, one request at a time.

use anyhow::{Result, ensure};
use host::Runtime;
use serde::Serialize;
use std::time::Instant;
use tests::{Database, MariaDb, Settings, TestApp};

/// A measured request.
#[derive(Debug, Serialize)]
pub(crate) struct Point {
    pub(crate) what: &'static str,
    pub(crate) database: &'static str,
    pub(crate) rows: usize,
    pub(crate) milliseconds: f64,
    /// The instance's linear memory.
    pub(crate) kibibytes: usize,
    pub(crate) statements: usize,
}

pub(crate) async fn measure(most: usize) -> Result<Vec<Point>> {
    let runtime = Runtime::load(tests::root().join("spin.toml"))?;
    let server = MariaDb::start().await?;
    let mut points = Vec::new();
    for (name, database) in [("MariaDB", Database::MariaDb), ("SQLite", Database::Sqlite)] {
        let app = TestApp::start(&runtime, database, Some(&server), Settings::default()).await?;
        owe(&app, 2_000).await?;
        points.push(point(&app, "POST /deliveries", name, 2_000, 1).await?);
        for rows in [1_000, 10_000] {
            insert(&app, 0, rows).await?;
            app.database.execute("UPDATE enrolments SET course_end_date = '2026-01-01 00:00:00'").await?;
            points.push(point(&app, "PATCH /expired", name, rows, 1).await?);
            app.database.execute("DELETE FROM enrolments").await?;
        }
        let mut there = 0;
        for rows in [100, 1_000, 10_000, 100_000, 1_000_000].into_iter().filter(|rows| *rows <= most) {
            insert(&app, there, rows).await?;
            there = rows;
            points.push(point(&app, "GET /active", name, rows, 3).await?);
        }
    }
    Ok(points)
}

/// The fastest of so many tries.
async fn point(app: &TestApp, what: &'static str, database: &'static str, rows: usize, tries: u32) -> Result<Point> {
    let (method, path) = what.split_once(' ').unwrap_or_default();
    let mut best = f64::INFINITY;
    for _ in 0..tries {
        app.take_invocations().await;
        let start = Instant::now();
        let mut answer = app.request(method.parse()?, path).send().await?;
        while answer.chunk().await?.is_some() {}
        best = best.min(start.elapsed().as_secs_f64() * 1e3);
        ensure!(answer.status() == 200, "{what}: {}", answer.status());
    }
    let runs = app.take_invocations().await;
    let run = runs.last();
    let point = Point {
        what,
        database,
        rows,
        milliseconds: best,
        kibibytes: run.map_or(0, |run| run.peak_memory / 1024),
        statements: run.map_or(0, |run| run.statements.len()),
    };
    println!("{}", crate::report::point(&point));
    Ok(point)
}

async fn insert(app: &TestApp, from: usize, to: usize) -> Result<()> {
    for first in (from..to).step_by(10_000) {
        let rows: Vec<_> = (first..to.min(first + 10_000))
            .map(|row| format!("('63a1f1234abc5678def{row:07}', 1, 'ACTIVE', 'PAID', 'https://account.fakturownia.pl/invoice/{row:020}', NULL)"))
            .collect();
        let columns = "user_id, course_id, status, payment_status, invoice_url, course_end_date";
        app.database.execute(&format!("INSERT INTO enrolments ({columns}) VALUES {}", rows.join(","))).await?;
    }
    Ok(())
}

async fn owe(app: &TestApp, mails: usize) -> Result<()> {
    let payload = r#"{"recipient":{"first_name":"A","last_name":"B","email":"a@example.com"},"course_name":"C"}"#;
    let rows: Vec<_> =
        (1..=mails).map(|row| format!("({row}, 'enrolment_email', '{payload}', 'due', 0, {row}, {row})")).collect();
    let columns = "enrolment_id, kind, payload, state, attempts, due_at, created_at";
    app.database.execute(&format!("INSERT INTO outbox ({columns}) VALUES {}", rows.join(","))).await
}
