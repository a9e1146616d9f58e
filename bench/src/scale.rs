//! Time and memory by number of rows, with one request or run at a time.

use crate::route::OF_USER;
use crate::target::{floor_url, insert, user};
use anyhow::{Result, ensure};
use host::Runtime;
use serde::Serialize;
use std::time::Instant;
use tests::{Database, MariaDb, NewJob, Settings, TestApp, TestDatabase};

/// A measured request or run.
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

pub(crate) const ACTIVE: &str = "GET /active";

const PUSHES: &str = "delivery-cron, events";

pub(crate) async fn measure(most: usize) -> Result<Vec<Point>> {
    let runtime = Runtime::load(tests::root().join("spin.toml"))?;
    let floor = Runtime::load(tests::root().join("bench/floor/spin.toml"))?;
    let server = MariaDb::start().await?;
    let mut points = Vec::new();
    for (name, database) in [("MariaDB", Database::MariaDb), ("SQLite", Database::Sqlite)] {
        let app = TestApp::start(&runtime, database, Some(&server), Settings::default()).await?;
        add_jobs(&app, 2_000).await?;
        points.push(point(&app, "delivery-cron", name, 2_000).await?);
        for rows in [1_000, 10_000] {
            insert(&app.database, rows, "'PAID', NULL, '2026-01-01 00:00:00'").await?;
            points.push(point(&app, "PATCH /expired", name, rows).await?);
        }
        app.database.execute("DELETE FROM enrolments").await?;
        points.push(events(&runtime, database, &server, name).await?);
        let mut there = 0;
        for rows in [100, 1_000, 10_000, 100_000, 1_000_000].into_iter().filter(|rows| *rows <= most) {
            insert(&app.database, rows - there, "'PAID', 'https://account.fakturownia.pl/invoice/0123456789', NULL")
                .await?;
            there = rows;
            // The first answer warms the database's buffers.
            point(&app, ACTIVE, name, rows).await?;
            points.push(point(&app, ACTIVE, name, rows).await?);
            if [1_000, 1_000_000].contains(&rows) {
                points.extend(of_one_user(&app, &floor, &server, name, rows).await?);
                points.extend(filters(&app, name, rows).await?);
            }
        }
    }
    Ok(points)
}

async fn point(app: &TestApp, what: &'static str, database: &'static str, rows: usize) -> Result<Point> {
    app.take_invocations().await;
    let start = Instant::now();
    if let Some((method, path)) = what.split_once(" /") {
        let path = format!("/{path}");
        let mut answer = app.request(method.parse()?, &path).send().await?;
        while answer.chunk().await?.is_some() {}
        ensure!(answer.status() == 200, "{what}: {}", answer.status());
    } else {
        let component = what.split_once(',').map_or(what, |(component, _)| component);
        app.app.run_cron(component).await?;
    }
    let milliseconds = start.elapsed().as_secs_f64() * 1e3;
    let runs = app.take_invocations().await;
    let run = runs.last();
    let point = Point {
        what,
        database,
        rows,
        milliseconds,
        kibibytes: run.map_or(0, |run| run.peak_memory / 1024),
        statements: run.map_or(0, |run| run.statements.len()),
    };
    println!("{}", crate::report::point(&point));
    Ok(point)
}

/// Measures the list of a user's enrolments, of the service and the floor in turns, on the same
/// rows. Returns the medians.
async fn of_one_user(
    app: &TestApp,
    floor: &Runtime,
    server: &MariaDb,
    database: &'static str,
    rows: usize,
) -> Result<[Point; 2]> {
    const TIMES: usize = 500;
    let url = match &app.database {
        TestDatabase::MariaDb { name, .. } => floor_url(server, name),
        TestDatabase::Sqlite(_) => String::new(),
    };
    let floor = app.start_beside_with(floor, [("mysql_url".to_owned(), url)].into()).await?;
    let path = format!("/?user_id={}", user(rows / 2));
    let client = reqwest::Client::new();
    let mut taken = [Vec::new(), Vec::new()];
    for _ in 0..TIMES {
        for (address, taken) in [app.app.address(), floor.address()].into_iter().zip(&mut taken) {
            let start = Instant::now();
            let answer = client.get(format!("http://{address}/api/enrolment{path}")).send().await?;
            ensure!(answer.status() == 200, "{path}: {}", answer.status());
            answer.bytes().await?;
            taken.push(start.elapsed().as_secs_f64() * 1e3);
        }
    }
    app.take_invocations().await;
    let [own, floor] = taken.map(|mut taken| {
        taken.sort_by(f64::total_cmp);
        taken.get(TIMES / 2).copied().unwrap_or_default()
    });
    let point = |what, milliseconds| {
        let point = Point { what, database, rows, milliseconds, kibibytes: 0, statements: 1 };
        println!("{}", crate::report::point(&point));
        point
    };
    Ok([point(OF_USER, own), point("floor of it", floor)])
}

/// Pages of 100 by each filter; `{user}` and `{after}` are in the middle of the table.
const FILTERS: [&str; 10] = [
    "GET /?limit=100&after={after}",
    "GET /?view=full&after={after}",
    "GET /?course_id=1&after={after}",
    "GET /?course_id=1&status=active&after={after}",
    "GET /?status=active&after={after}",
    "GET /?payment_status=paid&after={after}",
    "GET /?reference=ORDER",
    "GET /?created_from=2020-01-01T00:00:00Z&after={time}-{after}",
    "GET /?updated_from=2020-01-01T00:00:00Z&after={time}-{after}",
    "GET /?user_id={user}&created_from=2020-01-01T00:00:00Z",
];

/// Measures each filter. All rows of a table have a few seconds of creation, and 100 have the
/// reference. Returns the medians.
async fn filters(app: &TestApp, database: &'static str, rows: usize) -> Result<Vec<Point>> {
    const TIMES: usize = 300;
    app.database
        .execute(&format!("UPDATE enrolments SET reference = 'ORDER' WHERE id % {} = 0", (rows / 100).max(1)))
        .await?;
    let page = app.get("/?created_from=2020-01-01T00:00:00Z&limit=1").await.json();
    let next = page.get("next").and_then(|next| next.as_str()).unwrap_or_default();
    let time = next.split_once('-').map_or("0", |(time, _)| time).to_owned();
    let mut points = Vec::new();
    for what in FILTERS {
        let path = what.trim_start_matches("GET ").replace("{after}", &(rows / 2).to_string());
        let path = path.replace("{time}", &time).replace("{user}", &user(rows / 2));
        let mut taken = Vec::new();
        for _ in 0..TIMES {
            let start = Instant::now();
            ensure!(app.get(&path).await.status == 200, "{path}");
            taken.push(start.elapsed().as_secs_f64() * 1e3);
        }
        app.take_invocations().await;
        taken.sort_by(f64::total_cmp);
        let milliseconds = taken.get(TIMES / 2).copied().unwrap_or_default();
        let point = Point { what, database, rows, milliseconds, kibibytes: 0, statements: 1 };
        println!("{}", crate::report::point(&point));
        points.push(point);
    }
    Ok(points)
}

/// Measures a run that sends as many webhooks as a run may.
async fn events(runtime: &Runtime, database: Database, server: &MariaDb, name: &'static str) -> Result<Point> {
    const EVENTS: usize = 2_000;
    let variables = [("events_secret".to_owned(), sandbox::webhooks::SECRET.to_owned())].into();
    let app = TestApp::start(runtime, database, Some(server), Settings { variables, ..Settings::default() }).await?;
    let columns = "enrolment_id, kind, occurred_at, user_id, course_id, status, payment_status";
    let row = |row| format!("({row}, 'enrolment.created', {row}, 'user-{row}', 1, 'ACTIVE', 'PENDING')");
    let rows: Vec<_> = (1..=EVENTS).map(row).collect();
    app.database.execute(&format!("INSERT INTO events ({columns}) VALUES {}", rows.join(","))).await?;
    let point = point(&app, PUSHES, name, EVENTS).await?;
    let (told, refused) = (app.sandbox.state().webhooks.len(), app.sandbox.state().webhooks_refused);
    ensure!((told, refused) == (EVENTS, 0), "{told} events were taken, {refused} refused");
    Ok(point)
}

async fn add_jobs(app: &TestApp, mails: usize) -> Result<()> {
    let mails = i64::try_from(mails)?;
    let mail = |row| {
        let mail = NewJob::mail("enrolment_email", row, "a@example.com");
        NewJob { due_at: Some(row), created_at: row, ..mail }
    };
    app.add_jobs((1..=mails).map(mail)).await
}
