//! A run of expiry over 10,000 enrolments that end, beside one where half of them lapse and offer their
//! seats to those who wait: at most twice the time.

use crate::scale::Point;
use crate::target::insert_rows;
use anyhow::{Context, Result, ensure};
use host::Runtime;
use std::time::Instant;
use tests::{Database, MariaDb, Settings, TestApp};

/// How many enrolments a run finds.
const ROWS: usize = 10_000;

/// How often each run is measured, in turns.
const TURNS: usize = 5;

const TERMS: &str = r#"{"name":"Rust","price_hundredths":100,"currency":"PLN","ends_at":4077836800000}"#;

const ENROLMENTS: &str = "enrolments (user_id, course_id, status, payment_status, course_end_date, pay_until)";

/// The medians.
pub(crate) async fn measure() -> Result<Vec<Point>> {
    let runtime = Runtime::load(tests::root().join("spin.toml"))?;
    let server = MariaDb::start().await?;
    let mut points = Vec::new();
    for (database, kind) in [("MariaDB", Database::MariaDb), ("SQLite", Database::Sqlite)] {
        let app = TestApp::start(&runtime, kind, Some(&server), Settings::default()).await?;
        let mut first_course = 0;
        for courses in [10, 100] {
            let (mut end, mut half) = (Vec::new(), Vec::new());
            for turn in 0..2 * TURNS {
                let lapses = turn % 2 == 1;
                let taken = run(&app, first_course, courses, if lapses { ROWS / 2 } else { 0 }).await?;
                if lapses {
                    half.push(taken)
                } else {
                    end.push(taken)
                }
                first_course += 2 * courses;
            }
            let (end, half) = (median(end)?, median(half)?);
            println!("expiry, {database}, {courses} courses: half lapse {:.2} of all end", half.0 / end.0);
            for (what, (milliseconds, statements)) in [("all end", end), ("half lapse", half)] {
                points.push(Point { what, database, rows: ROWS, milliseconds, kibibytes: 0, statements });
            }
        }
    }
    Ok(points)
}

fn median(mut taken: Vec<(f64, usize)>) -> Result<(f64, usize)> {
    taken.sort_by(|one, other| one.0.total_cmp(&other.0));
    taken.get(taken.len() / 2).copied().context("a run")
}

/// Milliseconds and statements of a run that finds `lapse` enrolments whose time to pay is over, and whose
/// seats others wait for; the rest of [`ROWS`] ends.
async fn run(app: &TestApp, first_course: usize, courses: usize, lapse: usize) -> Result<(f64, usize)> {
    let course = |row: usize| 1_000 + first_course + row % courses;
    let user = |kind: char, row: usize| format!("{kind}{first_course}-{row}");
    let ended =
        |row| format!("('{}', {}, 'ACTIVE', 'PENDING', '2020-01-01 00:00:00', NULL)", user('e', row), course(row));
    insert_rows(&app.database, ENROLMENTS, (0..ROWS - lapse).map(ended)).await?;
    // Other courses, which have not ended.
    let open = |row| course(row) + courses;
    let held = |row| format!("('{}', {}, 'ACTIVE', 'PENDING', NULL, 1)", user('l', row), open(row));
    insert_rows(&app.database, ENROLMENTS, (0..lapse).map(held)).await?;
    let full = |row| format!("({}, {}, '{TERMS}')", open(row), lapse / courses);
    insert_rows(&app.database, "course_seats (course_id, seats, terms)", (0..courses.min(lapse)).map(full)).await?;
    let waits = |row| format!("({}, '{}', 1)", open(row), user('w', row));
    insert_rows(&app.database, "waiting (course_id, user_id, created_at)", (0..lapse).map(waits)).await?;

    app.take_invocations().await;
    let start = Instant::now();
    let answer = app.call("PATCH", "/expired").await;
    let milliseconds = start.elapsed().as_secs_f64() * 1e3;
    let counts = ["lapsed", "offered"].map(|name| answer.json().get(name).and_then(serde_json::Value::as_u64));
    ensure!(counts == [Some(u64::try_from(lapse)?); 2], "{}", answer.text);
    ensure!(answer.enrolments().len() == ROWS - lapse, "{} have ended", answer.enrolments().len());
    let run = app.take_invocations().await.pop().context("the run")?;
    Ok((milliseconds, run.statements.len()))
}
