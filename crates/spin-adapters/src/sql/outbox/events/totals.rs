//! How many events of each kind there were: the table `event_totals`.

use super::{POSITIONS_LOCKED, Positions, positions};
use crate::sql::{Connection, DbError, Sql};

/// The most events in one transaction, and the most transactions in one run.
const AT_ONCE: i64 = 10_000;
pub(super) const TRANSACTIONS: usize = 10;

const ADD: Sql = Sql {
    mysql: "INSERT INTO event_totals (kind, number)
            SELECT kind, COUNT(*)
            FROM events
            WHERE position > ? AND position <= ?
            GROUP BY kind
            ON DUPLICATE KEY UPDATE number = number + VALUES(number)",
    sqlite: "INSERT INTO event_totals (kind, number)
             SELECT kind, COUNT(*)
             FROM events
             WHERE position > ? AND position <= ?
             GROUP BY kind
             ON CONFLICT (kind) DO UPDATE SET number = number + excluded.number",
};

const SET_COUNTED: Sql = Sql::both("UPDATE event_positions SET counted = ? WHERE id = 1");

/// Counts the next events, of those that have their mails: retention deletes what is counted. Whether there are more.
pub(super) fn count(connection: &Connection) -> Result<bool, DbError> {
    let Positions { noticed, counted, .. } = positions(connection, POSITIONS_LOCKED)?;
    let until = noticed.min(counted + AT_ONCE);
    if counted < until {
        connection.execute(ADD, &[counted.into(), until.into()])?;
        connection.execute(SET_COUNTED, &[until.into()])?;
    }
    Ok(until < noticed)
}
