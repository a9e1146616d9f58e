//! What is kept for so long and no longer: events, finished jobs, and the users' records of
//! enrolments that ended. Each run takes away a bounded part of what is older.

use crate::sql::outbox::prune;
use crate::sql::{Columns, Connection, DbError, Param, Sql, Store, sql_time};
use chrono::{DateTime, Utc};
use domain::Unavailable;
use domain::ports::Retention;

/// The last of the oldest 1,000 events that is old enough, among those that are counted and have a job or need
/// none: no more rows are read. Without the hint MariaDB reads the whole table, or sorts it. A run
/// begins where the one before ended, so that events that stay do not keep it from the rest.
const LAST_EVENT: Sql = Sql {
    mysql: "SELECT MAX(place)
            FROM (SELECT position AS place, occurred_at AS at
                  FROM events FORCE INDEX (ix_events_position)
                  WHERE position > ? AND position <= (SELECT LEAST(owed, counted) FROM event_positions
                                                      WHERE event_positions.id = 1)
                  ORDER BY position
                  LIMIT 1000) AS oldest
            WHERE at < ?",
    sqlite: "SELECT MAX(place)
             FROM (SELECT position AS place, occurred_at AS at
                   FROM events
                   WHERE position > ? AND position <= (SELECT MIN(owed, counted) FROM event_positions
                                                       WHERE event_positions.id = 1)
                   ORDER BY position
                   LIMIT 1000) AS oldest
             WHERE at < ?",
};

const PRUNED: Sql = Sql::both("SELECT pruned FROM event_positions WHERE id = 1");

const SET_PRUNED: Sql = Sql::both("UPDATE event_positions SET pruned = ? WHERE id = 1");

/// Events stay as long as their enrolment has a job that is not done. Those of a deleted
/// enrolment stay as long as a resolution has a note: they alone name its user.
const DELETE_EVENTS: Sql = Sql {
    mysql: "DELETE FROM events
            WHERE position > ? AND position <= ? AND occurred_at < ?
              AND NOT EXISTS (SELECT 1 FROM outbox
                              WHERE outbox.enrolment_id = events.enrolment_id AND outbox.state <> 'done')
              AND (EXISTS (SELECT 1 FROM enrolments WHERE enrolments.id = events.enrolment_id)
                   OR NOT EXISTS (SELECT 1 FROM resolutions FORCE INDEX (ix_resolutions_enrolment)
                                  WHERE resolutions.enrolment_id = events.enrolment_id AND resolutions.note <> ''))",
    sqlite: "DELETE FROM events
             WHERE position > ? AND position <= ? AND occurred_at < ?
               AND NOT EXISTS (SELECT 1 FROM outbox
                               WHERE outbox.enrolment_id = events.enrolment_id AND outbox.state <> 'done')
               AND (EXISTS (SELECT 1 FROM enrolments WHERE enrolments.id = events.enrolment_id)
                    OR NOT EXISTS (SELECT 1 FROM resolutions
                                   WHERE resolutions.enrolment_id = events.enrolment_id AND resolutions.note <> ''))",
};

/// As many as were looked at, at most.
const LEFT_EVENTS: Sql =
    Sql::both("SELECT position FROM events WHERE position > ? AND position <= ? ORDER BY position DESC");

/// Readers that are behind learn from it that there is a gap before them.
const SET_REMOVED: Sql = Sql::both("UPDATE event_positions SET removed = ? WHERE id = 1 AND removed < ?");

const ANY_ENDED: Sql = Sql::both("SELECT id FROM enrolments WHERE ended_with_user = 1 AND updated_at < ? LIMIT 1");

/// 1,000 rows at a time. An enrolment ended when it was changed for the last time, or before.
const EMPTY_ENDED: Sql = Sql {
    mysql: "UPDATE enrolments SET user_record = NULL WHERE ended_with_user = 1 AND updated_at < ? LIMIT 1000",
    sqlite: "UPDATE enrolments
             SET user_record = NULL
             WHERE id IN (SELECT id FROM enrolments WHERE ended_with_user = 1 AND updated_at < ? LIMIT 1000)",
};

impl Retention for Store {
    async fn prune_before(&self, before: DateTime<Utc>) -> Result<(), Unavailable> {
        let written = sql_time(before);
        if self.number(ANY_ENDED, &[written.as_str().into()])?.is_some() {
            self.write(EMPTY_ENDED, &[written.as_str().into()])?;
        }
        let before = before.timestamp_millis();
        if let Some(last) = self.number(prune::LAST_FINISHED, &[before.into()])? {
            self.write(prune::DELETE_FINISHED, &[last.into(), before.into()])?;
        }
        let mut from = self.number(PRUNED, &[])?.unwrap_or(0);
        let mut last = self.number(LAST_EVENT, &[from.into(), before.into()])?;
        if last.is_none() && from > 0 {
            // From the oldest on: a row that was kept before may be old enough now.
            from = 0;
            last = self.number(LAST_EVENT, &[from.into(), before.into()])?;
        }
        let Some(last) = last else { return Ok(()) };
        self.transaction(|connection| {
            connection.execute(DELETE_EVENTS, &[from.into(), last.into(), before.into()])?;
            let removed = last_removed(connection, from, last)?;
            connection.execute(SET_REMOVED, &[removed.into(), removed.into()])?;
            connection.execute(SET_PRUNED, &[last.into()])
        })
    }
}

impl Store {
    fn number(&self, sql: Sql, params: &[Param<'_>]) -> Result<Option<i64>, Unavailable> {
        self.read(|connection| number(connection, sql, params))
    }
}

/// The one that a statement gives, if it gives one.
fn number(connection: &Connection, sql: Sql, params: &[Param<'_>]) -> Result<Option<i64>, DbError> {
    let row = connection.query(sql, params)?.into_iter().next();
    row.map_or(Ok(None), |row| Columns::new(row).optional_int())
}

/// The highest removed position from `from` up to `last`. Positions have no gaps, so it is the
/// first missing one, counted back from `last`.
fn last_removed(connection: &Connection, from: i64, last: i64) -> Result<i64, DbError> {
    let mut removed = last;
    for row in connection.query(LEFT_EVENTS, &[from.into(), last.into()])? {
        if Columns::new(row).int()? != removed {
            break;
        }
        removed -= 1;
    }
    Ok(removed)
}
