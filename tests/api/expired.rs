//! `PATCH /expired` and `expiry-cron`.

use futures::future::join_all;
use serde_json::json;
use std::collections::BTreeSet;
use tests::{TestApp, TestDatabase};

crate::cases![
    ended_enrolments_are_completed_once,
    the_cron_component_does_the_same,
    end_dates_are_in_utc,
    the_body_is_ignored,
    two_callers_share_the_work,
    a_fixed_number_of_statements_for_a_thousand_rows,
    a_batch_reads_no_row_behind_its_last,
];

/// Adds `rows` active enrolments that end at `end`, an SQL expression.
pub(crate) async fn insert_rows(app: &TestApp, rows: usize, end: &str) {
    for first in (0..rows).step_by(5000) {
        let values: Vec<_> = (first..rows.min(first + 5000))
            .map(|row| format!("('user-{row}', 1, 'ACTIVE', 'PENDING', {end})"))
            .collect();
        let sql = format!(
            "INSERT INTO enrolments (user_id, course_id, status, payment_status, course_end_date) VALUES {}",
            values.join(",")
        );
        app.database.execute(&sql).await.unwrap();
    }
}

fn ids(answer: &tests::Answer) -> Vec<i64> {
    answer.enrolments().iter().map(|enrolment| enrolment["id"].as_i64().unwrap()).collect()
}

async fn ended_enrolments_are_completed_once(app: TestApp) {
    for course in [1, 2, 4] {
        app.enrolled("a", course).await;
    }
    app.end_course_of(2).await;
    app.enrolled_until_end("canceled", 2).await;
    app.database.execute("UPDATE enrolments SET status = 'CANCELED' WHERE user_id = 'canceled'").await.unwrap();
    let answer = app.call("PATCH", "/expired").await;
    assert_eq!(answer.status, 200);
    assert_eq!(ids(&answer), [2]);
    assert_eq!(answer.enrolments()[0], app.get("/2").await.json());
    assert_eq!(answer.enrolments()[0]["status"], "completed");
    assert_eq!(app.call("PATCH", "/expired/").await.text, r#"{"enrolments":[],"lapsed":0,"offered":0}"#);
}

async fn the_cron_component_does_the_same(app: TestApp) {
    app.enrolled_until_end("a", 1).await;
    app.cron("expiry-cron").await;
    assert_eq!(app.get("/1").await.json()["status"], "completed");
    assert_eq!(app.call("PATCH", "/expired").await.enrolments().len(), 0);
}

async fn end_dates_are_in_utc(app: TestApp) {
    let now = chrono::Utc::now();
    let text = |offset: i64, format: &str| (now + chrono::TimeDelta::minutes(offset)).format(format).to_string();
    // An hour ahead of UTC: half an hour from now is half an hour ago.
    app.sandbox.set_course(20, json!({"end_date": text(30, "%Y-%m-%dT%H:%M:%S+01:00")}));
    app.sandbox.set_course(21, json!({"end_date": text(-30, "%Y-%m-%dT%H:%M:%S-01:00")}));
    app.sandbox.set_course(22, json!({"end_date": text(-1, "%Y-%m-%dT%H:%M:%S")}));
    app.sandbox.set_course(23, json!({"end_date": text(30, "%Y-%m-%dT%H:%M:%S")}));
    for course in [20, 22] {
        assert_eq!(app.enrol("a", course).await.error(), "course_closed", "{course}");
    }
    for course in [21, 23] {
        let id = app.enrolled("a", course).await;
        let end = app.value(&format!("SELECT course_end_date FROM enrolments WHERE id = {id}")).await;
        assert_eq!(end, text(30, "%Y-%m-%d %H:%M:%S"));
    }
    assert!(ids(&app.call("PATCH", "/expired").await).is_empty());
    for (id, minutes) in [(1, -1), (2, 1)] {
        let end = text(minutes, "%Y-%m-%d %H:%M:%S");
        app.database
            .execute(&format!("UPDATE enrolments SET course_end_date = '{end}' WHERE id = {id}"))
            .await
            .unwrap();
    }
    assert_eq!(ids(&app.call("PATCH", "/expired").await), [1]);
}

async fn the_body_is_ignored(app: TestApp) {
    app.enrolled_until_end("a", 1).await;
    let request = app.request("PATCH".parse().unwrap(), "/expired").header("content-type", "text/plain").body("{");
    assert_eq!(ids(&app.send(request).await), [1]);
}

async fn two_callers_share_the_work(app: TestApp) {
    insert_rows(&app, 2500, "'2020-01-01 00:00:00'").await;
    let answers = join_all((0..4).map(|_| app.call("PATCH", "/expired"))).await;
    let all: Vec<_> = answers.iter().flat_map(ids).collect();
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert_eq!(all.len(), 2500);
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 2500, "each in exactly one answer");
}

async fn a_fixed_number_of_statements_for_a_thousand_rows(app: TestApp) {
    insert_rows(&app, 10_000, "'2020-01-01 00:00:00'").await;
    assert_eq!(app.call("PATCH", "/expired").await.enrolments().len(), 10_000);
    let invocation = app.take_invocations().await.pop().unwrap();
    assert_eq!(invocation.connections, 1);
    // Begin (on SQLite each time, after the lock timeout), read, events, change, commit; and
    // once more, which finds no rows. Four look for seats to free, in a
    // transaction, and to offer.
    // The last one notes the end of the run.
    assert!(invocation.statements.len() <= 4 + 1 + 5 * 10 + 3 + 1, "{}", invocation.statements.len());
    assert!(invocation.peak_memory < 8 << 20, "{}", invocation.peak_memory);
}

/// Also where all courses end at one time: else each batch would walk all the rows of those behind it.
async fn a_batch_reads_no_row_behind_its_last(app: TestApp) {
    let end = "2020-01-01 00:00:00";
    insert_rows(&app, 1, &format!("'{end}'")).await;
    assert_eq!(app.call("PATCH", "/expired").await.enrolments().len(), 1);
    let invocation = app.take_invocations().await.pop().unwrap();
    app.database.execute("DELETE FROM enrolments").await.unwrap();
    insert_rows(&app, 20_000, &format!("'{end}'")).await;
    if matches!(app.database, TestDatabase::MariaDb { .. }) {
        app.database.execute("ANALYZE TABLE enrolments").await.unwrap();
    }
    let statement = |part: &str| invocation.statements.iter().find(|sql| sql.contains(part)).unwrap();
    crate::plans::walks(&app, statement("course_end_date <= ?"), &[end, "1000"], "ix_enrolments_expiry").await;
    for (part, values) in [
        ("SET status = ?", ["[1000]", "COMPLETED", end].as_slice()),
        ("INSERT INTO events", &["completed", "1", "ops", "[1000]"]),
    ] {
        crate::plans::reads(&app, statement(part), values, "PRIMARY").await;
    }
}
