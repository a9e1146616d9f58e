//! Brings an SQLite database up to date: `schema.sql` makes version 1, and the files beside it
//! are applied here, each once and in their order. MySQL has a command for that.
//!
//! The version of the database is not read with each request. A database that is behind fails
//! a statement that names what it lacks, or the check of `GET /health`, which reads the version:
//! then what is missing is applied, and the request goes on.

use super::{Columns, DbError, Param, Row, Sql, sqlite};
use domain::ports::Clock as _;

/// A version, and the text of its file: statements, each with its semicolon at the end of a
/// line.
type Migration = (i64, &'static str);

/// In their order, from version 2. An applied one is never changed.
const MIGRATIONS: &[Migration] = &[
    (2, include_str!("../../../../migrations/sqlite/V2__invoices_provider.sql")),
    (3, include_str!("../../../../migrations/sqlite/V3__records.sql")),
    (4, include_str!("../../../../migrations/sqlite/V4__references.sql")),
    (5, include_str!("../../../../migrations/sqlite/V5__mail_texts.sql")),
    (6, include_str!("../../../../migrations/sqlite/V6__who_and_when.sql")),
    (7, include_str!("../../../../migrations/sqlite/V7__indexes_of_times.sql")),
    (8, include_str!("../../../../migrations/sqlite/V8__payments.sql")),
    (9, include_str!("../../../../migrations/sqlite/V9__books.sql")),
    (10, include_str!("../../../../migrations/sqlite/V10__chain_of_documents.sql")),
    (11, include_str!("../../../../migrations/sqlite/V11__seats.sql")),
    (12, include_str!("../../../../migrations/sqlite/V12__operators.sql")),
    (13, include_str!("../../../../migrations/sqlite/V13__drop_index_of_unpaid_until.sql")),
    (14, include_str!("../../../../migrations/sqlite/V14__index_of_payments.sql")),
    (15, include_str!("../../../../migrations/sqlite/V15__noticed_events.sql")),
];

/// What `GET /health` asks: a page of each table that the routes read. SQLite opens its file
/// only then, and treats a missing file as an empty database. On SQLite it begins with the
/// schema's version. On MySQL it names each column that a later migration added.
pub(super) const READABLE: Sql = Sql {
    mysql: "SELECT EXISTS (SELECT invoices_provider, user_record, terms, ended_with_user, reference, metadata, paid_on,
                                  canceled_at, canceled_by, refunded_hundredths, chain_end, pay_until,
                                  lapsed, unpaid_until
                           FROM enrolments WHERE id = 1),
                   EXISTS (SELECT 1 FROM outbox WHERE id = 1),
                   EXISTS (SELECT tax, chain_no FROM documents WHERE id = 1),
                   EXISTS (SELECT done_by, chain_no FROM events WHERE id = 1),
                   EXISTS (SELECT counted, noticed FROM event_positions WHERE id = 1),
                   EXISTS (SELECT 1 FROM event_totals WHERE kind = ''),
                   EXISTS (SELECT 1 FROM schedules WHERE name = ''),
                   EXISTS (SELECT 1 FROM resolutions WHERE id = 1),
                   EXISTS (SELECT 1 FROM mail_texts WHERE id = 1),
                   EXISTS (SELECT 1 FROM payments WHERE id = 1),
                   EXISTS (SELECT 1 FROM refunds WHERE id = 1),
                   EXISTS (SELECT seats, terms, opens_at, closes_at FROM course_seats WHERE course_id = 1),
                   EXISTS (SELECT 1 FROM waiting WHERE id = 1),
                   EXISTS (SELECT 1 FROM paces WHERE name = ''),
                   EXISTS (SELECT 1 FROM idempotency WHERE idempotency_key = '')",
    sqlite: "SELECT (SELECT MAX(version) FROM schema_migrations),
                    EXISTS (SELECT 1 FROM enrolments WHERE id = 1),
                    EXISTS (SELECT 1 FROM outbox WHERE id = 1),
                    EXISTS (SELECT 1 FROM documents WHERE id = 1),
                    EXISTS (SELECT 1 FROM event_positions WHERE id = 1),
                    EXISTS (SELECT 1 FROM event_totals WHERE kind = ''),
                    EXISTS (SELECT 1 FROM schedules WHERE name = ''),
                    EXISTS (SELECT 1 FROM resolutions WHERE id = 1),
                    EXISTS (SELECT 1 FROM mail_texts WHERE id = 1),
                    EXISTS (SELECT 1 FROM payments WHERE id = 1),
                    EXISTS (SELECT 1 FROM refunds WHERE id = 1),
                    EXISTS (SELECT 1 FROM course_seats WHERE course_id = 1),
                    EXISTS (SELECT 1 FROM waiting WHERE id = 1),
                    EXISTS (SELECT 1 FROM paces WHERE name = ''),
                    EXISTS (SELECT 1 FROM idempotency WHERE idempotency_key = '')",
};

/// What `schema.sql` makes. It writes down no version.
const FIRST: i64 = 1;

/// A database that was never made, or is gone, stays an error.
const ENROLMENTS: &str = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'enrolments'";

/// As in `schema.sql`, which is not run where a platform keeps the database.
const NOTES: &str = "CREATE TABLE IF NOT EXISTS schema_migrations \
                     (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL)";

const APPLIED: &str = "SELECT version FROM schema_migrations";

const NOTE: &str = "INSERT INTO schema_migrations (version, applied_at) VALUES (?, ?)";

/// Fails if the highest applied version, none for the first, is behind.
pub(super) fn check(version: Option<i64>) -> Result<(), DbError> {
    is_newest(MIGRATIONS, version)
}

fn is_newest(migrations: &[Migration], version: Option<i64>) -> Result<(), DbError> {
    let newest = migrations.last().map_or(FIRST, |(version, _)| *version);
    if version.unwrap_or(FIRST) < newest { Err(DbError::Schema("outdated schema")) } else { Ok(()) }
}

/// Applies what is missing: all of it or, with an error, after which the connection is to be
/// dropped, nothing. Another request that comes at the same time waits for the lock and finds
/// nothing to do. None if there is no schema at all.
pub(super) fn bring_up_to_date(connection: &sqlite::Connection) -> Result<Option<()>, DbError> {
    apply(MIGRATIONS, crate::Environment.now().timestamp_millis(), |sql, params| connection.run(sql, params))
}

fn apply(
    migrations: &[Migration],
    now: i64,
    run: impl Fn(&str, &[Param<'_>]) -> Result<Vec<Row>, DbError>,
) -> Result<Option<()>, DbError> {
    if run(ENROLMENTS, &[])?.is_empty() {
        return Ok(None);
    }
    run("BEGIN IMMEDIATE", &[])?;
    run(NOTES, &[])?;
    let applied = run(APPLIED, &[])?;
    let applied = applied.into_iter().map(|row| Columns::new(row).int()).collect::<Result<Vec<_>, _>>()?;
    for (version, sql) in migrations {
        if applied.contains(version) {
            continue;
        }
        for statement in statements(sql) {
            run(statement, &[])?;
        }
        run(NOTE, &[Param::Int(*version), Param::Int(now)])?;
    }
    run("COMMIT", &[]).map(|_| Some(()))
}

/// A script's statements: the interface takes one at a time.
fn statements(script: &str) -> impl Iterator<Item = &str> {
    script.split_inclusive(";\n").map(str::trim).filter(|statement| !statement.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::Value;
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
        for (version, sql) in MIGRATIONS {
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
            files.push((version.parse::<i64>().unwrap(), std::fs::read_to_string(folder.join(name)).unwrap()));
        }
        files.sort();
        let applied: Vec<_> = MIGRATIONS.iter().map(|(version, sql)| (*version, (*sql).to_owned())).collect();
        assert_eq!(applied, files);
        let versions: Vec<_> = applied.iter().map(|(version, _)| *version).collect();
        assert_eq!(versions, (FIRST + 1..).take(versions.len()).collect::<Vec<_>>());
    }

    const SCHEMA: &str = include_str!("../../../../migrations/sqlite/schema.sql");

    const LATER: [Migration; 2] = [
        (2, "-- Notes; of jobs.\nALTER TABLE outbox ADD COLUMN note TEXT NULL;\nUPDATE outbox SET note = 'a;b';\n"),
        (3, "CREATE TABLE notes (id INTEGER PRIMARY KEY);\n"),
    ];

    const FAILS: Migration = (4, "CREATE TABLE more (id INTEGER);\nALTER TABLE nowhere ADD COLUMN note TEXT NULL;\n");

    /// The database in `file`, through a connection of its own.
    fn upgrade(file: &std::path::Path, migrations: &[Migration], now: i64) -> Result<Option<()>, DbError> {
        let connection = rusqlite::Connection::open(file).unwrap();
        apply(migrations, now, |sql, params| {
            let failed = |error: rusqlite::Error| DbError::Failed(error.to_string());
            let mut statement = connection.prepare(sql).map_err(failed)?;
            let params: Vec<rusqlite::types::Value> = params
                .iter()
                .map(|param| match param {
                    Param::Int(value) => (*value).into(),
                    Param::Text(value) => (*value).to_owned().into(),
                    Param::Null => rusqlite::types::Value::Null,
                })
                .collect();
            let mut rows = statement.query(rusqlite::params_from_iter(params)).map_err(failed)?;
            let mut found = Vec::new();
            while let Some(row) = rows.next().map_err(failed)? {
                found.push(vec![Value::Int(row.get(0).map_err(failed)?)]);
            }
            Ok(found)
        })
    }

    fn versions(file: &std::path::Path) -> Vec<(i64, i64)> {
        let connection = rusqlite::Connection::open(file).unwrap();
        let mut statement = connection.prepare("SELECT version, applied_at FROM schema_migrations").unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    }

    fn on_a_file(test: impl FnOnce(&std::path::Path)) {
        let folder = tempfile::tempdir().unwrap();
        test(&folder.path().join("database"));
    }

    fn make(file: &std::path::Path) {
        rusqlite::Connection::open(file).unwrap().execute_batch(SCHEMA).unwrap();
    }

    #[test]
    fn each_version_is_applied_once_and_the_next_start_changes_nothing() {
        on_a_file(|file| {
            make(file);
            assert_eq!((upgrade(file, &LATER[..1], 10), versions(file)), (Ok(Some(())), vec![(2, 10)]));
            assert_eq!((upgrade(file, &LATER, 20), versions(file)), (Ok(Some(())), vec![(2, 10), (3, 20)]));
            make(file);
            assert_eq!((upgrade(file, &LATER, 30), versions(file)), (Ok(Some(())), vec![(2, 10), (3, 20)]));
        });
    }

    #[test]
    fn a_failure_leaves_nothing() {
        on_a_file(|file| {
            make(file);
            let migrations = [LATER.as_slice(), &[FAILS]].concat();
            let failed = upgrade(file, &migrations, 10).unwrap_err();
            assert!(matches!(failed, DbError::Failed(text) if text.contains("nowhere")));
            assert_eq!(versions(file), []);
            assert_eq!((upgrade(file, &LATER, 20), versions(file)), (Ok(Some(())), vec![(2, 20), (3, 20)]));
        });
    }

    #[test]
    fn many_at_once_apply_it_once() {
        on_a_file(|file| {
            make(file);
            std::thread::scope(|scope| {
                for now in 0..8 {
                    scope.spawn(move || assert_eq!(upgrade(file, &LATER, now), Ok(Some(()))));
                }
            });
            assert_eq!(versions(file).len(), LATER.len());
        });
    }

    #[test]
    fn an_empty_file_stays_empty() {
        on_a_file(|file| {
            assert_eq!(upgrade(file, &LATER, 10), Ok(None));
            let tables = "SELECT COUNT(*) FROM sqlite_master";
            let count: i64 = rusqlite::Connection::open(file).unwrap().query_row(tables, [], |row| row.get(0)).unwrap();
            assert_eq!(count, 0);
        });
    }

    #[test]
    fn what_is_behind_is_outdated() {
        for version in [None, Some(FIRST), Some(2)] {
            assert_eq!(is_newest(&LATER, version), Err(DbError::Schema("outdated schema")), "{version:?}");
        }
        // A later release has been here.
        for version in [Some(3), Some(4)] {
            assert_eq!(is_newest(&LATER, version), Ok(()), "{version:?}");
        }
        assert_eq!(is_newest(&[], None), Ok(()));
    }
}
