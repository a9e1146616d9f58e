//! Finished jobs that are kept no longer.

use crate::sql::Sql;

/// The last of the oldest 1,000 that is old enough: no more rows are read. Without the hint
/// MariaDB reads the whole table, or sorts it.
pub(crate) const LAST_FINISHED: Sql = Sql {
    mysql: "SELECT MAX(place)
            FROM (SELECT id AS place, finished_at AS at
                  FROM outbox FORCE INDEX (ix_outbox_state)
                  WHERE state = 'done'
                  ORDER BY id
                  LIMIT 1000) AS oldest
            WHERE at < ?",
    sqlite: "SELECT MAX(place)
             FROM (SELECT id AS place, finished_at AS at
                   FROM outbox
                   WHERE state = 'done'
                   ORDER BY id
                   LIMIT 1000) AS oldest
             WHERE at < ?",
};

pub(crate) const DELETE_FINISHED: Sql =
    Sql::both("DELETE FROM outbox WHERE state = 'done' AND id <= ? AND finished_at < ?");
