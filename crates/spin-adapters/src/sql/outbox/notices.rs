//! Notices of many enrolments at once.

use super::payload;
use crate::sql::{Connection, DbError, Param, Sql};
use chrono::{DateTime, TimeDelta, Utc};
use domain::jobs::{Notice, Payload};

/// To the users on a waiting list who are enrolled now. It locks the rows, as the events do.
const TO_OFFERED: Sql = Sql {
    mysql: "INSERT INTO outbox (job_key, enrolment_id, kind, payload, payload_version, state, attempts, due_at,
                created_at)
            SELECT CONCAT('notice:', e.id, ':', ?), e.id, 'notice', ?, 1, 'due', 0, {now} + ?, ?
            FROM waiting AS w
            JOIN enrolments AS e ON e.user_id = w.user_id AND e.course_id = w.course_id AND e.is_open = 1
            WHERE w.course_id = ? AND w.id <= ?
            ORDER BY w.id
            FOR UPDATE",
    sqlite: "INSERT INTO outbox (job_key, enrolment_id, kind, payload, payload_version, state, attempts, due_at,
                 created_at)
             SELECT 'notice:' || e.id || ':' || ?, e.id, 'notice', ?, 1, 'due', 0, {now} + ?, ?
             FROM waiting AS w
             JOIN enrolments AS e ON e.user_id = w.user_id AND e.course_id = w.course_id AND e.is_open = 1
             WHERE w.course_id = ? AND w.id <= ?
             ORDER BY w.id",
};

/// To the users of the rows that the transaction is about to cancel.
const TO_LAPSED: Sql = Sql {
    mysql: "INSERT INTO outbox (job_key, enrolment_id, kind, payload, payload_version, state, attempts, due_at,
                created_at)
            SELECT CONCAT('notice:', id, ':', ?), id, 'notice', ?, 1, 'due', 0, {now} + ?, ?
            FROM enrolments FORCE INDEX (ix_enrolments_course_unpaid)
            WHERE course_id = ? AND (unpaid_until < ? OR unpaid_until = ? AND id <= ?)
            ORDER BY id
            FOR UPDATE",
    sqlite: "INSERT INTO outbox (job_key, enrolment_id, kind, payload, payload_version, state, attempts, due_at,
                 created_at)
             SELECT 'notice:' || id || ':' || ?, id, 'notice', ?, 1, 'due', 0, {now} + ?, ?
             FROM enrolments
             WHERE course_id = ? AND unpaid_until <= ? AND (unpaid_until < ? OR id <= ?)
             ORDER BY id",
};

/// Adds a notice that is due after some time, for those who waited for a course, up to this entry.
pub(crate) fn insert_for_offered(
    connection: &Connection,
    notice: (Notice, TimeDelta),
    now: DateTime<Utc>,
    range: &[Param<'_>; 2],
) -> Result<(), DbError> {
    insert(connection, TO_OFFERED, notice, now, range)
}

/// The same for the enrolments of a course that lapse next: up to this time and this number.
pub(crate) fn insert_for_lapsed(
    connection: &Connection,
    notice: Notice,
    now: DateTime<Utc>,
    range: &[Param<'_>; 4],
) -> Result<(), DbError> {
    insert(connection, TO_LAPSED, (notice, TimeDelta::zero()), now, range)
}

fn insert(
    connection: &Connection,
    sql: Sql,
    (notice, after): (Notice, TimeDelta),
    now: DateTime<Utc>,
    range: &[Param<'_>],
) -> Result<(), DbError> {
    let (suffix, payload) = (notice.suffix(), payload::to_json(&Payload::Notice(notice)));
    let (after, at) = (after.num_milliseconds().into(), now.timestamp_millis().into());
    connection.execute(sql, &[&[suffix.as_str().into(), payload.as_str().into(), after, at], range].concat())
}
