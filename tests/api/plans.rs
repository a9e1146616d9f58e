//! Query plans: which index each statement uses.

use serde_json::json;
use tests::{TestApp, TestDatabase};

crate::cases![no_request_of_an_enrolments_life_reads_a_whole_table];

/// How a statement reads a table of the service.
#[derive(Debug)]
struct Step {
    /// `PRIMARY` for the table itself.
    index: String,
    /// Whether it reads a part of the index only.
    bounded: bool,
}

/// Checks that a statement with these values walks a part of this index, in its order.
pub(crate) async fn walks(app: &TestApp, statement: &str, values: &[&str], index: &str) {
    let (steps, sorts) = plan(app, statement, values).await;
    assert!(!sorts && is_bounded(&steps, index), "{statement}: {steps:?}");
}

/// The same, but the few rows that it finds may be sorted.
pub(crate) async fn reads(app: &TestApp, statement: &str, values: &[&str], index: &str) {
    let (steps, _) = plan(app, statement, values).await;
    assert!(is_bounded(&steps, index), "{statement}: {steps:?}");
}

/// Checks that a statement reads only parts of indexes. Returns whether it reads any.
pub(crate) async fn reads_no_whole_table(app: &TestApp, statement: &str) -> bool {
    let sql = statement.replace("LIMIT ?", "LIMIT 5").replace('?', "'1'");
    let (steps, _) = plan(app, &sql, &[]).await;
    assert!(steps.iter().all(|step| step.bounded), "{statement}: {steps:?}");
    !steps.is_empty()
}

/// With many rows in every table.
async fn no_request_of_an_enrolments_life_reads_a_whole_table(app: TestApp) {
    app.sandbox.set_course(20, json!({"max_participants": 5}));
    let id = app.enrolled("first", 20).await;
    crate::expired::insert_rows(&app, 3000, "NULL").await;
    let rows = |row: &dyn Fn(usize) -> String| (1000..4000).map(row).collect::<Vec<_>>().join(",");
    let jobs = rows(&|id| format!("('invoice:{id}', {id}, 'invoice', '{{}}', 1, 'done', 1, 1)"));
    let documents = rows(&|id| format!("({id}, 'invoice', 1)"));
    let keys = rows(&|id| format!("('old-{id}', 'pay {id}', 1, 9999999999999)"));
    for insert in [
        format!(
            "outbox (job_key, enrolment_id, kind, payload, payload_version, state, attempts, created_at) VALUES {jobs}"
        ),
        format!("documents (enrolment_id, kind, created_at) VALUES {documents}"),
        format!("idempotency (idempotency_key, request, lease_until, created_at) VALUES {keys}"),
    ] {
        app.database.execute(&format!("INSERT INTO {insert}")).await.unwrap();
    }
    if matches!(app.database, TestDatabase::MariaDb { .. }) {
        app.database.execute("ANALYZE TABLE enrolments, outbox, documents, idempotency").await.unwrap();
    }
    app.idle().await;
    app.take_invocations().await;
    let body = json!({"course_id": 20, "user_id": "ann"});
    let second = app.call_with_key("k-0", "POST", "", &body).await.json()["id"].clone();
    for (key, id, path) in [
        ("k-1", json!(id), "/failed"),
        ("k-2", json!(id), "/paid"),
        ("k-3", json!(id), "/refunded"),
        ("k-4", second, "/canceled"),
    ] {
        let body = json!({"enrolment_id": id, "reason": "moved"});
        for _ in 0..2 {
            assert_eq!(app.call_with_key(key, "PATCH", path, &body).await.status, 200, "{path}");
            app.idle().await;
        }
    }
    assert_eq!(app.documents(id).await.len(), 2);
    assert_eq!(app.call("DELETE", "/2").await.status, 204);
    let runs = app.take_invocations().await;
    let mut explained = 0;
    let reads = |sql: &&String| ["SELECT", "UPDATE", "DELETE", "/*M!"].iter().any(|word| sql.starts_with(word));
    for statement in runs.iter().flat_map(|run| &run.statements).filter(reads) {
        explained += usize::from(reads_no_whole_table(&app, statement).await);
    }
    assert!(explained > 30, "{explained}");
}

fn is_bounded(steps: &[Step], index: &str) -> bool {
    // SQLite names the index of a constraint by a number.
    let is_index =
        |step: &Step| step.index == index || index.starts_with("uq_") && step.index.starts_with("sqlite_autoindex_");
    // What is joined is looked up.
    steps.first().is_some_and(is_index) && steps.iter().all(|step| step.bounded)
}

/// The steps in which a statement is answered, and whether it sorts.
async fn plan(app: &TestApp, statement: &str, values: &[&str]) -> (Vec<Step>, bool) {
    let filled = filled(statement, values);
    match &app.database {
        TestDatabase::Sqlite(_) => {
            let rows = app.database.rows(&format!("EXPLAIN QUERY PLAN {filled}")).await.expect("a plan");
            let steps = rows.iter().filter_map(|row| {
                let (how, rest) = row[3].split_once(' ')?;
                let (table, rest) = rest.split_once(' ').unwrap_or((rest, ""));
                let owns = [
                    "enrolments",
                    "outbox",
                    "documents",
                    "events",
                    "resolutions",
                    "idempotency",
                    "payments",
                    "refunds",
                ]
                .contains(&table);
                let mut words = rest.split_once("INDEX ").unwrap_or(("", "PRIMARY")).1.split(' ');
                let index = words.next().unwrap_or_default().to_owned();
                owns.then_some(Step { index, bounded: how == "SEARCH" })
            });
            (steps.collect(), rows.iter().any(|row| row[3].contains("TEMP B-TREE")))
        }
        TestDatabase::MariaDb { .. } => {
            // id, select_type, table, type, possible_keys, key, key_len, ref, rows, Extra
            let rows = app.database.rows(&crate::explain(&filled)).await.expect("a plan");
            // For a missing row the server shows only this. A list of ids is no table of the service.
            let is_step = |row: &&Vec<String>| !row[2].starts_with('<') && row[3] != "null" && row[2] != "wanted";
            let steps = rows.iter().filter(is_step).map(|row| {
                let bounded = matches!(row[3].as_str(), "const" | "eq_ref" | "ref" | "range");
                Step { index: row[5].clone(), bounded }
            });
            (steps.collect(), rows.iter().any(|row| row[9].contains("filesort")))
        }
    }
}

/// A statement with its values.
pub(crate) fn filled(statement: &str, values: &[&str]) -> String {
    let mut parts = statement.split('?');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    let mut values = values.iter();
    for part in parts {
        let value = values.next().expect("a value for each question mark");
        let number = value.parse::<i64>().is_ok();
        filled.push_str(&if number { (*value).to_owned() } else { format!("'{value}'") });
        filled.push_str(part);
    }
    assert_eq!(values.next(), None, "{statement}");
    filled
}
