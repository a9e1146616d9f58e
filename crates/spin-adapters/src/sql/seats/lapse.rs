//! Cancels enrolments that were not paid in time.

use super::standing::course_id;
use super::{lock, offer_free};
use crate::sql::outbox::notices;
use crate::sql::{Columns, Connection, DbError, Param, Sql, events, sql_time};
use chrono::{DateTime, Utc};
use domain::CourseId;
use domain::jobs::{Notice, Topic};
use domain::model::asked::Author;
use domain::ports::Settled;

/// The reason of the cancellation, for callers.
const NOT_PAID_IN_TIME: &str = "not_paid_in_time";

/// Those that another transaction holds are left to the next run. About the locks see `events/bulk.rs`.
const COURSES: Sql = Sql {
    mysql: "SELECT course_id
            FROM enrolments FORCE INDEX (ix_enrolments_unpaid_until)
            WHERE unpaid_until <= ?
            ORDER BY unpaid_until
            LIMIT 1000
            FOR UPDATE SKIP LOCKED",
    sqlite: "SELECT course_id FROM enrolments WHERE unpaid_until <= ? ORDER BY unpaid_until LIMIT 1000",
};

/// The last row names the end of the range that the statements below change.
const OVER: Sql = Sql {
    mysql: "SELECT unpaid_until, id
            FROM enrolments FORCE INDEX (ix_enrolments_course_unpaid)
            WHERE course_id = ? AND unpaid_until <= ?
            ORDER BY unpaid_until, id
            LIMIT ?
            FOR UPDATE",
    sqlite: "SELECT unpaid_until, id
             FROM enrolments
             WHERE course_id = ? AND unpaid_until <= ?
             ORDER BY unpaid_until, id
             LIMIT ?",
};

const LAPSE: Sql = Sql {
    mysql: "UPDATE enrolments FORCE INDEX (ix_enrolments_course_unpaid)
            SET status = 'CANCELED', lapsed = 1, canceled_at = ?, canceled_by = NULL, reason = ?, updated_at = ?
            WHERE course_id = ? AND (unpaid_until < ? OR unpaid_until = ? AND id <= ?)",
    sqlite: "UPDATE enrolments
             SET status = 'CANCELED', lapsed = 1, canceled_at = ?, canceled_by = NULL, reason = ?, updated_at = ?
             WHERE course_id = ? AND unpaid_until <= ? AND (unpaid_until < ? OR id <= ?)",
};

/// Some courses with enrolments that were not paid in time.
pub(super) fn courses(connection: &Connection, now: DateTime<Utc>) -> Result<Vec<CourseId>, DbError> {
    let rows = connection.query(COURSES, &[now.timestamp_millis().into()])?;
    let mut courses = rows.into_iter().map(|row| course_id(&mut Columns::new(row))).collect::<Result<Vec<_>, _>>()?;
    courses.sort_unstable();
    courses.dedup();
    Ok(courses)
}

/// Cancels enrolments of courses in their order, and offers their seats, until there are `limit` of either.
pub(super) fn lapse(
    connection: &Connection,
    courses: &[CourseId],
    done: (DateTime<Utc>, Option<&Author>),
    limit: u32,
) -> Result<Settled, DbError> {
    let mut all = Settled::default();
    for course in courses {
        let left = limit.saturating_sub(all.lapsed.max(all.offered));
        if left == 0 {
            break;
        }
        lock(connection, *course)?;
        let lapsed = lapse_of_one(connection, *course, done, left)?;
        all += Settled { lapsed, offered: offer_free(connection, *course, done.0)? };
    }
    Ok(all)
}

/// Cancels up to `limit` enrolments of a course whose row is held. Returns how many.
fn lapse_of_one(
    connection: &Connection,
    course: CourseId,
    (now, by): (DateTime<Utc>, Option<&Author>),
    limit: u32,
) -> Result<u32, DbError> {
    let (course, at): (Param<'_>, Param<'_>) = (course.get().into(), now.timestamp_millis().into());
    let mut rows = connection.query(OVER, &[course, at, i64::from(limit).into()])?;
    let lapsed = u32::try_from(rows.len()).unwrap_or(limit);
    let Some(last) = rows.pop() else { return Ok(0) };
    let mut columns = Columns::new(last);
    let (until, id): (Param<'_>, Param<'_>) = (columns.int()?.into(), columns.int()?.into());
    let range = [course, until, until, id];
    events::insert_of_lapsed(connection, (now, by), &range)?;
    notices::insert_for_lapsed(connection, Notice::new(Topic::Lapse, None), now, &range)?;
    let written = sql_time(now);
    let row = [at, NOT_PAID_IN_TIME.into(), written.as_str().into()];
    connection.execute(LAPSE, &[row.as_slice(), &range].concat())?;
    Ok(lapsed)
}
