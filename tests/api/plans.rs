//! How the databases would answer statements: out of which index.

use tests::{TestApp, TestDatabase};

/// How a statement reads a table of the service.
#[derive(Debug)]
struct Step {
    /// `PRIMARY` for the table itself.
    index: String,
    /// Whether it reads a part of the index only.
    bounded: bool,
}

/// Checks that a statement, with these in the place of its question marks, walks a part
/// of this index, in its order.
pub(crate) async fn walks(app: &TestApp, statement: &str, values: &[&str], index: &str) {
    let (steps, sorts) = plan(app, statement, values).await;
    assert!(!sorts && is_bounded(&steps, index), "{statement}: {steps:?}");
}

/// The same, but the few rows that it finds may be sorted.
pub(crate) async fn reads(app: &TestApp, statement: &str, values: &[&str], index: &str) {
    let (steps, _) = plan(app, statement, values).await;
    assert!(is_bounded(&steps, index), "{statement}: {steps:?}");
}

fn is_bounded(steps: &[Step], index: &str) -> bool {
    // SQLite names the index of a constraint by a number.
    let is_index =
        |step: &Step| step.index == index || index.starts_with("uq_") && step.index.starts_with("sqlite_autoindex_");
    steps.len() == 1 && steps.iter().all(|step| step.bounded && is_index(step))
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
                let owns = ["enrolments", "outbox", "documents"].contains(&table);
                let mut words = rest.split_once("INDEX ").unwrap_or(("", "PRIMARY")).1.split(' ');
                let index = words.next().unwrap_or_default().to_owned();
                owns.then_some(Step { index, bounded: how == "SEARCH" })
            });
            (steps.collect(), rows.iter().any(|row| row[3].contains("TEMP B-TREE")))
        }
        TestDatabase::MariaDb { .. } => {
            // id, select_type, table, type, possible_keys, key, key_len, ref, rows, Extra
            let rows = app.database.rows(&crate::explain(&filled)).await.expect("a plan");
            let steps = rows.iter().filter(|row| !row[2].starts_with('<')).map(|row| {
                let bounded = matches!(row[3].as_str(), "const" | "ref" | "range");
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
