//! The table `paces`. Its times are milliseconds since 1970 by the database's clock.

use crate::sql::{Columns, Connection, DbError, Row, Sql, Store};
use crate::sql::{millis, unreadable};
use chrono::{DateTime, Utc};
use domain::Unavailable;
use domain::jobs::Target;
use domain::model::pace::Pace;
use domain::ports::Paces;
use std::time::Duration;

const ONE: Sql =
    Sql::both("SELECT {now}, free_at, gap_ms, learnt_at, doubts, runner, runner_until FROM paces WHERE name = ?");

const ONE_LOCKED: Sql = Sql {
    mysql: "SELECT {now}, free_at, gap_ms, learnt_at, doubts, runner, runner_until
            FROM paces
            WHERE name = ?
            FOR UPDATE",
    sqlite: "SELECT {now}, free_at, gap_ms, learnt_at, doubts, runner, runner_until FROM paces WHERE name = ?",
};

/// Of a system that was never asked to wait there is no row.
const ADD: Sql = Sql {
    mysql: "INSERT IGNORE INTO paces (name) VALUES (?)",
    sqlite: "INSERT OR IGNORE INTO paces (name) VALUES (?)",
};

const WRITE: Sql = Sql::both(
    "UPDATE paces
     SET free_at = ?, gap_ms = ?, learnt_at = ?, doubts = ?, runner = ?, runner_until = ?
     WHERE name = ?",
);

impl Paces for Store {
    async fn pace(&self, system: Target, now: DateTime<Utc>) -> Result<(Pace, DateTime<Utc>), Unavailable> {
        self.read(|connection| {
            let row = connection.query(ONE, &[system.pace_name().into()])?.into_iter().next();
            row.map_or_else(|| Ok((Pace::default(), now)), read)
        })
    }

    async fn change_pace<T>(
        &self,
        system: Target,
        _: DateTime<Utc>,
        change: impl Fn(&mut Pace, DateTime<Utc>) -> T,
    ) -> Result<T, Unavailable> {
        let name = system.pace_name();
        self.transaction(|connection| {
            let (before, now) = locked(connection, name)?;
            let mut pace = before.clone();
            let changed = change(&mut pace, now);
            if pace != before {
                write(connection, name, &pace)?;
            }
            Ok(changed)
        })
    }
}

fn locked(connection: &Connection, name: &str) -> Result<(Pace, DateTime<Utc>), DbError> {
    if let Some(row) = connection.query(ONE_LOCKED, &[name.into()])?.into_iter().next() {
        return read(row);
    }
    connection.execute(ADD, &[name.into()])?;
    connection.query(ONE_LOCKED, &[name.into()])?.into_iter().next().ok_or_else(unreadable).and_then(read)
}

/// The pace, and the time by the database's clock.
fn read(row: Row) -> Result<(Pace, DateTime<Utc>), DbError> {
    let mut columns = Columns::new(row);
    let now = millis(columns.int()?)?;
    let pace = Pace {
        free_at: millis(columns.int()?)?,
        gap: Duration::from_millis(u64::try_from(columns.int()?).map_err(|_| unreadable())?),
        learnt_at: millis(columns.int()?)?,
        doubts: u32::try_from(columns.int()?).map_err(|_| unreadable())?,
        runner: columns.text()?,
        runner_until: millis(columns.int()?)?,
    };
    Ok((pace, now))
}

fn write(connection: &Connection, name: &str, pace: &Pace) -> Result<(), DbError> {
    let Pace { free_at, gap, learnt_at, doubts, runner, runner_until } = pace;
    let row = [
        free_at.timestamp_millis().into(),
        i64::try_from(gap.as_millis()).map_err(|_| unreadable())?.into(),
        learnt_at.timestamp_millis().into(),
        i64::from(*doubts).into(),
        runner.as_str().into(),
        runner_until.timestamp_millis().into(),
        name.into(),
    ];
    connection.execute(WRITE, &row)
}
