//! SQLite for guests, as in Spin: one file for the label `default`, a new connection for every
//! `open`, and the library's error texts.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::types::ValueRef;
use wasmtime::component::Resource;

use crate::bindings::spin::sqlite::{Error, Host, HostConnection, QueryResult, RowResult, Value};
use crate::guest::State;

/// The maximum size of a result, as in Spin.
const MAX_RESULT_BYTES: usize = 128 << 20;

/// The file of the label `default` in a state directory.
pub(crate) fn file(state_dir: &Path) -> PathBuf {
    state_dir.join("sqlite_db.db")
}

/// A connection of a guest. As in Spin, the first statement opens the file.
#[expect(unreachable_pub, reason = "the generated bindings export it again")]
pub struct Connection {
    file: PathBuf,
    opened: Arc<Mutex<Option<rusqlite::Connection>>>,
}

/// Opens the database. A statement waits up to 5 s for a lock, which is the library's
/// default, and cannot attach another file.
fn open(file: &Path) -> rusqlite::Result<rusqlite::Connection> {
    let mut connection = rusqlite::Connection::open(file)?;
    connection.authorizer(Some(|context: AuthContext<'_>| match context.action {
        AuthAction::Attach { filename } if !matches!(filename, "" | ":memory:") => Authorization::Deny,
        _ => Authorization::Allow,
    }))?;
    Ok(connection)
}

/// Runs a script on the database, as `spin up --sqlite @script` does.
pub(crate) fn run_script(file: &Path, script: &Path) -> Result<()> {
    let sql = std::fs::read_to_string(script).with_context(|| format!("cannot read {}", script.display()))?;
    let run = || open(file)?.execute_batch(&sql);
    run().with_context(|| format!("the SQLite script {} failed", script.display()))
}

fn execute(
    connection: &rusqlite::Connection,
    statement: &str,
    parameters: Vec<Value>,
) -> rusqlite::Result<Result<QueryResult, Error>> {
    let mut statement = connection.prepare_cached(statement)?;
    let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut found = statement.query(rusqlite::params_from_iter(parameters.into_iter().map(parameter)))?;
    let mut rows = Vec::new();
    let mut size = 0;
    while let Some(row) = found.next()? {
        let mut values = Vec::with_capacity(columns.len());
        for index in 0..columns.len() {
            match value(row.get_ref(index)?) {
                Ok(value) => values.push(value),
                Err(error) => return Ok(Err(error)),
            }
        }
        size += values.iter().map(held_bytes).sum::<usize>();
        if size > MAX_RESULT_BYTES {
            return Ok(Err(Error::Io(format!("query result exceeds limit of {MAX_RESULT_BYTES} bytes"))));
        }
        rows.push(RowResult { values });
    }
    Ok(Ok(QueryResult { columns, rows }))
}

fn parameter(value: Value) -> rusqlite::types::Value {
    match value {
        Value::Integer(v) => v.into(),
        Value::Real(v) => v.into(),
        Value::Text(v) => v.into(),
        Value::Blob(v) => v.into(),
        Value::Null => rusqlite::types::Value::Null,
    }
}

fn value(value: ValueRef<'_>) -> Result<Value, Error> {
    Ok(match value {
        ValueRef::Integer(v) => Value::Integer(v),
        ValueRef::Real(v) => Value::Real(v),
        // Spin's error for text that is not UTF-8.
        ValueRef::Text(v) => match String::from_utf8(v.to_vec()) {
            Ok(text) => Value::Text(text),
            Err(_) => return Err(Error::Io("internal runtime error".to_owned())),
        },
        ValueRef::Blob(v) => Value::Blob(v.to_vec()),
        ValueRef::Null => Value::Null,
    })
}

fn held_bytes(value: &Value) -> usize {
    let beside = match value {
        Value::Text(text) => text.len(),
        Value::Blob(bytes) => bytes.len(),
        Value::Integer(_) | Value::Real(_) | Value::Null => 0,
    };
    size_of::<Value>() + beside
}

impl Host for State {}

impl HostConnection for State {
    async fn open(&mut self, database: String) -> Result<Resource<Connection>, Error> {
        if !self.component.sqlite_databases.contains(&database) {
            return Err(Error::AccessDenied);
        }
        if database != "default" {
            return Err(Error::NoSuchDatabase);
        }
        self.trace.connections += 1;
        let connection = Connection { file: self.component.sqlite_file.clone(), opened: Arc::default() };
        self.table.push(connection).map_err(|error| Error::Io(error.to_string()))
    }

    async fn execute(
        &mut self,
        connection: Resource<Connection>,
        statement: String,
        parameters: Vec<Value>,
    ) -> Result<QueryResult, Error> {
        self.trace_statement(&statement);
        let connection = self.table.get(&connection).map_err(|_| Error::InvalidConnection)?;
        let (file, opened) = (connection.file.clone(), Arc::clone(&connection.opened));
        let run = move || {
            let mut opened = opened.lock().unwrap_or_else(PoisonError::into_inner);
            let connection = match &mut *opened {
                Some(connection) => connection,
                none => none.insert(open(&file)?),
            };
            execute(connection, &statement, parameters)
        };
        match tokio::task::spawn_blocking(run).await {
            Ok(Ok(result)) => result,
            Ok(Err(error)) => Err(Error::Io(error.to_string())),
            Err(_) => Err(Error::Io("internal runtime error".to_owned())),
        }
    }

    async fn drop(&mut self, connection: Resource<Connection>) -> wasmtime::Result<()> {
        self.table.delete(connection)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(connection: &rusqlite::Connection, statement: &str, parameters: Vec<Value>) -> QueryResult {
        execute(connection, statement, parameters).unwrap().unwrap()
    }

    #[test]
    fn values_survive_a_round_trip() {
        let connection = open(Path::new(":memory:")).unwrap();
        run(&connection, "CREATE TABLE t (a, b, c, d, e)", vec![]);
        let sent = vec![
            Value::Integer(i64::MIN),
            Value::Real(1.5),
            Value::Text("zażółć".to_owned()),
            Value::Blob(vec![0, 255]),
            Value::Null,
        ];
        let inserted = run(&connection, "INSERT INTO t VALUES (?, ?, ?, ?, ?) RETURNING a", sent);
        assert!(matches!(inserted.rows[0].values[..], [Value::Integer(i64::MIN)]));
        let result = run(&connection, "SELECT * FROM t", vec![]);
        assert_eq!(result.columns, ["a", "b", "c", "d", "e"]);
        let [Value::Integer(i64::MIN), Value::Real(real), Value::Text(text), Value::Blob(blob), Value::Null] =
            &result.rows[0].values[..]
        else {
            panic!("{result:?}");
        };
        assert_eq!((*real, text.as_str(), &blob[..]), (1.5, "zażółć", &[0, 255][..]));
    }

    #[test]
    fn an_error_has_the_text_of_the_library() {
        let connection = open(Path::new(":memory:")).unwrap();
        run(&connection, "CREATE TABLE t (a UNIQUE)", vec![]);
        run(&connection, "INSERT INTO t VALUES (1)", vec![]);
        let error = execute(&connection, "INSERT INTO t VALUES (1)", vec![]).unwrap_err();
        assert_eq!(error.to_string(), "UNIQUE constraint failed: t.a");
        let error = execute(&connection, "SELECT CAST(x'ff' AS TEXT)", vec![]).unwrap().unwrap_err();
        assert!(matches!(error, Error::Io(text) if text == "internal runtime error"));
    }

    #[test]
    fn no_other_file_can_be_attached() {
        let dir = tempfile::tempdir().unwrap();
        let connection = open(&file(dir.path())).unwrap();
        let other = dir.path().join("other.db");
        execute(&connection, &format!("ATTACH '{}' AS o", other.display()), vec![]).unwrap_err();
        run(&connection, "ATTACH ':memory:' AS m", vec![]);
    }

    #[test]
    fn a_script_runs_on_the_database() {
        let dir = tempfile::tempdir().unwrap();
        let script = dir.path().join("schema.sql");
        std::fs::write(&script, "CREATE TABLE t (a); INSERT INTO t VALUES (1), (2);").unwrap();
        let database = file(dir.path());
        run_script(&database, &script).unwrap();
        let rows = run(&open(&database).unwrap(), "SELECT a FROM t", vec![]).rows;
        assert_eq!(rows.len(), 2);
        assert!(run_script(&database, &script).unwrap_err().to_string().contains("schema.sql"));
    }
}
