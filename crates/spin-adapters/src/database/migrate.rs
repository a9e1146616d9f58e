//! Brings an SQLite database up to date, which nobody else does: `schema.sql` makes
//! version 1, and the files beside it are applied here, each once and in their
//! order. MySQL has a command for that.
//!
//! An up-to-date database is not asked what it is. One that is behind shows itself
//! by a statement that names what it has not, or to `/health`, which looks; whoever
//! meets it first applies what is missing and goes on.

use super::{Columns, DbError, Param, sqlite};
use domain::ports::Clock as _;

/// What a version changes.
struct Migration {
    version: i64,
    /// Statements, each with its semicolon at the end of a line.
    sql: &'static str,
}

/// In their order. An applied one is never changed.
const MIGRATIONS: [Migration; 8] = [
    Migration { version: 2, sql: include_str!("../../../../migrations/sqlite/V2__job_keys.sql") },
    Migration { version: 3, sql: include_str!("../../../../migrations/sqlite/V3__life_of_an_enrolment.sql") },
    Migration { version: 4, sql: include_str!("../../../../migrations/sqlite/V4__events.sql") },
    Migration { version: 5, sql: include_str!("../../../../migrations/sqlite/V5__ksef.sql") },
    Migration { version: 6, sql: include_str!("../../../../migrations/sqlite/V6__people.sql") },
    Migration { version: 7, sql: include_str!("../../../../migrations/sqlite/V7__pruned_events.sql") },
    Migration { version: 8, sql: include_str!("../../../../migrations/sqlite/V8__paces.sql") },
    Migration { version: 9, sql: include_str!("../../../../migrations/sqlite/V9__removed_events.sql") },
];

/// What `schema.sql` makes. It writes down no version.
const FIRST: i64 = 1;

/// A database that was never made, or is gone, stays an error.
const ENROLMENTS: &str = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'enrolments'";

/// As in `schema.sql`, which is not run where a platform keeps the database.
const NOTES: &str = "CREATE TABLE IF NOT EXISTS schema_migrations \
                     (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL)";

const APPLIED: &str = "SELECT version FROM schema_migrations";

const NOTE: &str = "INSERT INTO schema_migrations (version, applied_at) VALUES (?, ?)";

/// Fails if the highest version applied, none if it is the first one, is behind.
pub(super) fn check(version: Option<i64>) -> Result<(), DbError> {
    let latest = MIGRATIONS.last().map_or(FIRST, |migration| migration.version);
    if version.unwrap_or(FIRST) < latest { Err(DbError::Schema("outdated schema")) } else { Ok(()) }
}

/// Applies what is missing, all of it or, with an error, after which the connection
/// is to be dropped, nothing. Whoever comes meanwhile waits for the lock and finds
/// nothing to do. None if there is no schema at all.
pub(super) fn bring_up_to_date(connection: &sqlite::Connection) -> Result<Option<()>, DbError> {
    if connection.run(ENROLMENTS, &[])?.is_empty() {
        return Ok(None);
    }
    connection.run("BEGIN IMMEDIATE", &[])?;
    connection.run(NOTES, &[])?;
    let applied = connection.run(APPLIED, &[])?;
    let applied = applied.into_iter().map(|row| Columns::new(row).int()).collect::<Result<Vec<_>, _>>()?;
    for Migration { version, sql } in MIGRATIONS {
        if applied.contains(&version) {
            continue;
        }
        for statement in statements(sql) {
            connection.run(statement, &[])?;
        }
        let now = crate::Environment.now().timestamp_millis();
        connection.run(NOTE, &[Param::Int(version), Param::Int(now)])?;
    }
    connection.run("COMMIT", &[]).map(|_| Some(()))
}

/// A script's statements: the interface takes one at a time.
fn statements(script: &str) -> impl Iterator<Item = &str> {
    script.split_inclusive(";\n").map(str::trim).filter(|statement| !statement.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_taken_apart_at_the_ends_of_lines() {
        let script = "-- One; of two.\nCREATE TABLE t (\n    a TEXT -- b; c\n);\n\nINSERT INTO t VALUES ('; ');\n\n";
        let expected = ["-- One; of two.\nCREATE TABLE t (\n    a TEXT -- b; c\n);", "INSERT INTO t VALUES ('; ');"];
        assert_eq!(statements(script).collect::<Vec<_>>(), expected);
        assert_eq!(statements("SELECT 1").collect::<Vec<_>>(), ["SELECT 1"]);
        assert_eq!(statements("\n").count(), 0);
    }

    /// Each begins with a word of SQL, behind its comment, and is whole.
    #[test]
    fn every_file_is_a_list_of_statements() {
        for Migration { version, sql } in MIGRATIONS {
            for statement in statements(sql) {
                let code = statement.lines().find(|line| !line.starts_with("--")).unwrap_or_default();
                let first = code.split(' ').next().unwrap_or_default();
                assert!(
                    ["CREATE", "ALTER", "DROP", "INSERT", "UPDATE", "DELETE", "PRAGMA"].contains(&first),
                    "{statement}"
                );
                assert!(statement.ends_with(';'), "{version}: {statement}");
            }
        }
    }

    #[test]
    fn every_file_is_applied_in_its_order() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/sqlite");
        let mut files = Vec::new();
        for entry in folder.read_dir().unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let Some(version) = name.strip_prefix('V') else { continue };
            let (version, _) = version.split_once("__").unwrap();
            files.push((version.parse().unwrap(), std::fs::read_to_string(folder.join(name)).unwrap()));
        }
        files.sort();
        let applied: Vec<_> = MIGRATIONS.map(|Migration { version, sql }| (version, sql.to_owned())).into();
        assert_eq!(applied, files);
        let versions: Vec<_> = applied.iter().map(|(version, _)| *version).collect();
        assert_eq!(versions, (FIRST + 1..).take(versions.len()).collect::<Vec<_>>());
    }

    #[test]
    fn what_is_behind_is_outdated() {
        let latest = MIGRATIONS.last().unwrap().version;
        for version in [None, Some(FIRST), Some(latest - 1)] {
            assert_eq!(check(version), Err(DbError::Schema("outdated schema")), "{version:?}");
        }
        // A later release has been here.
        for version in [Some(latest), Some(latest + 1)] {
            assert_eq!(check(version), Ok(()), "{version:?}");
        }
    }
}
