//! The two databases, with the statements of the service.

use crate::Result;
use spin_sdk::mysql::{self, DbValue, ParameterValue};
use spin_sdk::sqlite;

pub(crate) enum Connection {
    MySql(mysql::Connection),
    Sqlite(sqlite::Connection),
}

#[derive(Clone, Copy)]
pub(crate) enum Param<'a> {
    Int(i64),
    Text(&'a str),
    Null,
}

const SETTINGS: &str = "SET SESSION autocommit = ?, SESSION innodb_lock_wait_timeout = 2, \
                        SESSION lock_wait_timeout = 2, SESSION sql_mode = 'TRADITIONAL' \
                        /*!80000 , SESSION transaction_isolation = 'READ-COMMITTED' */\
                        /*M!100600 , SESSION tx_isolation = 'READ-COMMITTED' */";

/// The start of a read outside of a transaction.
const BOUNDED_SELECT: &str = "/*M!100100 SET STATEMENT lock_wait_timeout = 2, max_statement_time = 2 FOR */ \
                              SELECT /*+ SET_VAR(lock_wait_timeout = 2) MAX_EXECUTION_TIME(2000) */";

impl Connection {
    /// SQLite where there is no `url`.
    pub(crate) fn open(url: &str) -> Result<Self> {
        if url.is_empty() {
            let connection = sqlite::Connection::open_default().map_err(drop)?;
            // The service waits in its own steps; here the engine waits.
            connection.execute("PRAGMA busy_timeout = 3000", &[]).map_err(drop)?;
            Ok(Self::Sqlite(connection))
        } else {
            mysql::Connection::open(url).map(Self::MySql).map_err(drop)
        }
    }

    pub(crate) fn begin(&self) -> Result<()> {
        match self {
            Self::MySql(_) => self.execute(SETTINGS, &[Param::Text("OFF")]),
            Self::Sqlite(_) => self.execute("BEGIN IMMEDIATE", &[]),
        }
    }

    /// Each statement after it is a transaction of its own.
    pub(crate) fn commit(&self) -> Result<()> {
        match self {
            Self::MySql(_) => self.execute(SETTINGS, &[Param::Text("ON")]),
            Self::Sqlite(_) => self.execute("COMMIT", &[]),
        }
    }

    /// An INSERT and the id of its row. MySQL finds the id with `id_of` and `key`.
    pub(crate) fn insert(&self, sql: &str, params: &[Param<'_>], id_of: &str, key: &[Param<'_>]) -> Result<i64> {
        match self {
            Self::MySql(_) => {
                self.execute(sql, params)?;
                self.number(id_of, key)
            }
            Self::Sqlite(_) => self.number(&format!("{sql} RETURNING id"), params),
        }
    }

    pub(crate) fn execute(&self, sql: &str, params: &[Param<'_>]) -> Result<()> {
        match self {
            Self::MySql(connection) => connection.execute(sql, &to_mysql(params)).map_err(drop),
            Self::Sqlite(connection) => connection.execute(sql, &to_sqlite(params)).map(drop).map_err(drop),
        }
    }

    /// Reads rows outside of a transaction, and drops them.
    pub(crate) fn read(&self, sql: &str, params: &[Param<'_>]) -> Result<()> {
        match self {
            Self::MySql(_) => self.query(&bounded(sql), params),
            Self::Sqlite(_) => self.query(&without_index(sql), params),
        }
    }

    /// Reads rows and drops them.
    pub(crate) fn query(&self, sql: &str, params: &[Param<'_>]) -> Result<()> {
        match self {
            Self::MySql(connection) => connection.query(sql, &to_mysql(params)).map(drop).map_err(drop),
            Self::Sqlite(_) => self.execute(sql, params),
        }
    }

    /// The same with a lock; SQLite has locked the database.
    pub(crate) fn locked(&self, sql: &str, params: &[Param<'_>]) -> Result<()> {
        self.query(&format!("{sql}{}", self.for_update()), params)
    }

    /// The clause that locks the rows of a statement.
    pub(crate) fn for_update(&self) -> &'static str {
        match self {
            Self::MySql(_) => " FOR UPDATE",
            Self::Sqlite(_) => "",
        }
    }

    /// The first number of the first row.
    fn number(&self, sql: &str, params: &[Param<'_>]) -> Result<i64> {
        match self {
            Self::MySql(connection) => {
                let rows = connection.query(sql, &to_mysql(params)).map_err(drop)?.rows;
                Ok(rows.first().and_then(|row| row.first()).map_or(0, mysql_number))
            }
            Self::Sqlite(connection) => {
                let rows = connection.execute(sql, &to_sqlite(params)).map_err(drop)?.rows;
                Ok(rows.first().and_then(|row| row.values.first()).map_or(0, sqlite_number))
            }
        }
    }

    /// The last number of a page of rows, and how many rows it has.
    pub(crate) fn page(&self, sql: &str, after: i64, limit: usize) -> Result<(i64, usize)> {
        let params = [Param::Int(after), Param::Int(i64::try_from(limit).map_err(drop)?)];
        match self {
            Self::MySql(connection) => {
                let rows = connection.query(&bounded(sql), &to_mysql(&params)).map_err(drop)?.rows;
                Ok((rows.last().and_then(|row| row.first()).map_or(after, mysql_number), rows.len()))
            }
            Self::Sqlite(connection) => {
                let rows = connection.execute(&without_index(sql), &to_sqlite(&params)).map_err(drop)?.rows;
                Ok((rows.last().and_then(|row| row.values.first()).map_or(after, sqlite_number), rows.len()))
            }
        }
    }
}

/// SQLite finds it by itself.
fn without_index(sql: &str) -> String {
    match (sql.split_once("FORCE INDEX ("), sql.split_once(") WHERE")) {
        (Some((before, _)), Some((_, after))) => format!("{before}WHERE{after}"),
        _ => sql.to_owned(),
    }
}

fn bounded(sql: &str) -> String {
    sql.replacen("SELECT", BOUNDED_SELECT, 1)
}

fn to_mysql(params: &[Param<'_>]) -> Vec<ParameterValue> {
    let value = |param: &Param<'_>| match param {
        Param::Int(value) => ParameterValue::Int64(*value),
        Param::Text(value) => ParameterValue::Str((*value).to_owned()),
        Param::Null => ParameterValue::DbNull,
    };
    params.iter().map(value).collect()
}

fn to_sqlite(params: &[Param<'_>]) -> Vec<sqlite::Value> {
    let value = |param: &Param<'_>| match param {
        Param::Int(value) => sqlite::Value::Integer(*value),
        Param::Text(value) => sqlite::Value::Text((*value).to_owned()),
        Param::Null => sqlite::Value::Null,
    };
    params.iter().map(value).collect()
}

fn mysql_number(value: &DbValue) -> i64 {
    match value {
        DbValue::Int32(value) => i64::from(*value),
        DbValue::Int64(value) => *value,
        _ => 0,
    }
}

fn sqlite_number(value: &sqlite::Value) -> i64 {
    if let sqlite::Value::Integer(value) = value { *value } else { 0 }
}
