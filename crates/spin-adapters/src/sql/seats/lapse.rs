//! Cancels enrolments that were not paid in time.

use super::standing::course_id;
use super::{lock, offer};
use crate::sql::enrolments::row::to_json;
use crate::sql::{Columns, Connection, DbError, Row, Sql, events, sql_time};
use chrono::{DateTime, Utc};
use domain::CourseId;
use domain::model::asked::Author;
use domain::model::event::EventKind;
use domain::ports::Settled;

/// The reason of the cancellation, for callers.
const NOT_PAID_IN_TIME: &str = "not_paid_in_time";

/// Those that another transaction holds are left to the next run.
const OVER: Sql = Sql {
    mysql: "SELECT id, course_id
            FROM enrolments FORCE INDEX (ix_enrolments_unpaid_until)
            WHERE unpaid_until <= ?
            ORDER BY unpaid_until
            LIMIT ?
            FOR UPDATE SKIP LOCKED",
    sqlite: "SELECT id, course_id FROM enrolments WHERE unpaid_until <= ? ORDER BY unpaid_until LIMIT ?",
};

const STILL_OVER: Sql = Sql {
    mysql: "SELECT enrolments.id, course_id
            FROM JSON_TABLE(?, '$[*]' COLUMNS (id INT PATH '$')) AS wanted
            STRAIGHT_JOIN enrolments ON enrolments.id = wanted.id
            WHERE unpaid_until <= ?
            FOR UPDATE",
    sqlite: "SELECT enrolments.id, course_id
             FROM json_each(?) AS wanted
             CROSS JOIN enrolments ON enrolments.id = wanted.value
             WHERE unpaid_until <= ?",
};

const LAPSE: Sql = Sql {
    mysql: "UPDATE JSON_TABLE(?, '$[*]' COLUMNS (id INT PATH '$')) AS wanted
            STRAIGHT_JOIN enrolments ON enrolments.id = wanted.id
            SET status = 'CANCELED', lapsed = 1, canceled_at = ?, canceled_by = NULL, reason = ?, updated_at = ?",
    sqlite: "WITH wanted AS (SELECT value AS id FROM json_each(?))
             UPDATE enrolments
             SET status = 'CANCELED', lapsed = 1, canceled_at = ?, canceled_by = NULL, reason = ?, updated_at = ?
             WHERE id IN (SELECT id FROM wanted)",
};

/// Up to `limit` enrolments whose time is over, the earliest ones, in the order of their courses.
pub(super) fn over(connection: &Connection, now: DateTime<Utc>, limit: u32) -> Result<Vec<(CourseId, i64)>, DbError> {
    let rows = connection.query(OVER, &[now.timestamp_millis().into(), i64::from(limit).into()])?;
    let mut over = rows.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
    over.sort_unstable();
    Ok(over)
}

/// Cancels those of the `chosen` enrolments whose time is still over, and offers the free seats of their courses.
pub(super) fn lapse(
    connection: &Connection,
    chosen: &[(CourseId, i64)],
    (now, by): (DateTime<Utc>, Option<&Author>),
) -> Result<Settled, DbError> {
    let (mut courses, ids): (Vec<_>, Vec<_>) = chosen.iter().copied().unzip();
    courses.dedup();
    courses.iter().try_for_each(|course| lock(connection, *course))?;
    let at = now.timestamp_millis().into();
    let rows = connection.query(STILL_OVER, &[to_json(&ids).as_str().into(), at])?;
    let mut over = rows.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
    // One may be in another course by now.
    over.retain(|(course, _)| courses.contains(course));
    let ids: Vec<_> = over.into_iter().map(|(_, id)| id).collect();
    if !ids.is_empty() {
        let (json, written) = (to_json(&ids), sql_time(now));
        connection.execute(LAPSE, &[json.as_str().into(), at, NOT_PAID_IN_TIME.into(), written.as_str().into()])?;
        events::insert_of_all(connection, EventKind::Lapsed, &json, (now, by))?;
    }
    let (offered, _) = offer::offer_each(connection, &courses, now)?;
    Ok(Settled { lapsed: u32::try_from(ids.len()).unwrap_or(u32::MAX), offered })
}

fn read(row: Row) -> Result<(CourseId, i64), DbError> {
    let mut columns = Columns::new(row);
    let id = columns.int()?;
    Ok((course_id(&mut columns)?, id))
}
